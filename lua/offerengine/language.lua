-- language.lua: the rule language: which words rule files see, and how a file is run. What a word means is in
-- language/. Runs in the rule VM, whose environment also has `builder` (lua/bind.c) and `use`, `guarded`, `compile` and
-- `rule_line` (lua/vm.c).
-- luacheck: read globals use builder guarded compile

local scanner = use "offerengine.scanner"
local positions = use "offerengine.positions"
local sandbox = use "offerengine.language.sandbox"
local tokens = use "offerengine.language.tokens"
local report = use "offerengine.language.report"
local declare = use "offerengine.language.declare"
local condition = use "offerengine.language.condition"
local curve = use "offerengine.language.curve"
local schema = use "offerengine.language.schema"
local functions = use "offerengine.language.functions"
local lookup = use "offerengine.language.lookup"
local derive = use "offerengine.language.derive"
local include = use "offerengine.language.include"
use "offerengine.language.product"
use "offerengine.language.policy"
use "offerengine.language.contact"
use "offerengine.language.experiment"
local campaign = use "offerengine.language.campaign"
use "offerengine.language.release"

-- ---- environment of rule files ----

-- A word of the language as files see it. A function that is called for a customer may hold it, and must not use it.
local is_loading = true
local function in_files(name, word)
  if type(word) ~= "function" then
    return word
  end
  return function(...)
    if not is_loading then
      error("a function cannot use the words of the rule language", 0)
    elseif functions.is_probing then
      local line = report.line() -- 0 in a tail call
      report.error("misuse", line > 0 and line or functions.is_probing.line, "%s cannot be used within a function; " ..
        "compare the customer's values instead, as in c.income > 50000", name)
      error("ended", 0)
    end
    return word(...)
  end
end

local words = sandbox.words()
for _, module in ipairs { declare, condition, curve } do
  for name, word in next, module.words do
    module.words[name] = in_files(name, word)
    words[name] = module.words[name]
    if type(word) == "function" then
      functions.words[words[name]] = name
    end
  end
end
local word_names = sandbox.sorted_keys(words)
local assigned = {} -- global names that the running file assigned to

local function on_unknown(name)
  if not is_loading then
    error("unknown word", 0)
  end
  if assigned[name] or report.is_full() then
    return tokens.poison
  end
  local shown = report.show(name)
  local message = string.format("unknown word %s", shown)
  local suggestion = type(name) == "string" and builder.suggest(name, word_names) or nil
  report.add("error", "unknown_word", report.line(), message, suggestion)
  return tokens.poison
end

local function on_assign(_, name)
  if not is_loading or functions.is_probing then
    error("a function cannot assign to a global", 0)
  end
  report.error("assignment", report.line(), words[name] and "%s is a word of the rule language and cannot be " ..
    "assigned to" or "%s is assigned to as a global; write local %s = ... instead", report.show(name), name)
  assigned[name] = true
end

local environment = sandbox.sealed(words, on_unknown, on_assign)
functions.environment = environment

-- ---- running a file ----

local function report_syntax(message)
  local line, text = string.match(message, ":(%d+): (.*)$")
  text = text or message
  if string.find(text, "expected (to close", 1, true) or string.find(text, "'}' expected", 1, true) then
    text = text .. "; is a comma missing at the end of the line before?"
  end
  report.error("syntax", tonumber(line) or 0, "%s", text)
end

local function report_failure(kind, message, line)
  if kind == "stopped" then
    report.error("endless", line, "the file runs too long and was ended; rule files are read once, top to bottom")
  elseif kind == "memory" then
    report.error("memory", line, "the file needs too much memory and was ended")
  else
    message = type(message) == "string" and message or report.show(message)
    message = string.gsub(message, "^[^\n]-:%d+: ", "", 1)
    report.error("raised", line, "%s", message)
  end
end

local function report_scan(scan)
  local seen
  for _, line in ipairs(scan.carets) do
    if line ~= seen then
      report.error("operator", line, "the operator ^ is not allowed: its result differs between machines; " ..
        "multiply instead")
      seen = line
    end
  end
  for _, key in ipairs(scan.duplicates) do
    report.error("duplicate", key.line, "key %s stands twice in one table, first in line %d",
      report.show(key.name), key.first_line)
  end
end

local function report_pending()
  local left = {}
  for pending in next, declare.pending do
    left[#left + 1] = pending
  end
  table.sort(left, function(a, b)
    return a.line ~= b.line and a.line < b.line or a.line == b.line and a.subject < b.subject
  end)
  for _, pending in ipairs(left) do
    report.error("missing", pending.line, "%s has no table after it; write %s", pending.subject,
      pending.usage)
  end
end

-- What a file that failed would have declared: references to it in other files are not wrong.
local function excuse_names()
  for _, calls in next, declare.scan.calls do
    for _, call in ipairs(calls) do
      if call.id and #call.id > 0 then
        builder.place { name = call.id, declared = 0, line = -1 }
      end
    end
  end
end

local function run_file(path, text)
  declare.scan = nil
  local scan = positions.scan(text, declare.top_words)
  declare.scan = scan
  report_scan(scan)
  local chunk, message = compile(scan.text, "@" .. path, environment)
  if not chunk then
    report_syntax(message)
    excuse_names()
    include.keep(path, tokens.poison)
    return
  end
  declare.pending = {}
  assigned = {}
  local done, kind, failure, line = guarded(function() include.keep(path, chunk()) end)
  if done then
    report_pending()
  else
    report_failure(kind, failure, line)
    excuse_names()
    include.keep(path, tokens.poison)
  end
end

-- What functions mean hangs on their own text and on what they hold; that stands in their file, in those that return
-- something to include, and in the tables of both.
local function tell_program(path, text)
  if #functions.kept == 0 and not include.returns(path) then
    return
  end
  builder.program { text = scanner.plain(text) }
  for _, table_text in ipairs(lookup.texts(path)) do
    builder.program { text = table_text }
  end
end

local language = {}

-- Runs one rule file; everything wrong with it becomes findings. false: it waits for a file that it includes, unless
-- `at_last` no other will run before it.
function language.read(path, text, at_last)
  if include.is_early(path, text) and not at_last then
    return false
  end
  schema.file = path
  report.begin_file()
  text = string.gsub(text, "^\xEF\xBB\xBF", "")
  run_file(path, text)
  tell_program(path, text)
  local done, kind, failure, line = functions.check_file()
  if not done then
    report_failure(kind, failure, line)
  end
  declare.scan, declare.pending = nil, {}
  return true
end

-- A file that could not be taken.
function language.refuse(path, problem)
  report.begin_file()
  report.error("file", 0, "file %s %s", path, problem)
end

-- To be called after the last file: from here on functions are called, and nothing is declared.
function language.finish()
  derive.finish()
  campaign.finish()
  functions.finish()
  is_loading = false
end

language.customers = functions.customers

-- For files of another kind: `own` instead of the rule words.
function language.replace_words(own)
  for _, module in ipairs { declare, condition, curve } do
    for name in next, module.words do
      words[name] = nil
    end
  end
  for name, word in next, own do
    words[name] = word
  end
  word_names = sandbox.sorted_keys(words)
end

return language
