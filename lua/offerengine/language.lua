-- language.lua: the rule language: which words there are, and how a rule file is run. Returns a function that takes the
-- builder's words (lua/bind.c) and gives { read = , refuse = }. Runs in the rule VM; what a word means is in language/.
-- luacheck: read globals use guarded compile

local LATER = { cap = true, cool_down = true, opt_out = true, campaign = true, experiment = true, ladder = true,
  derive = true, lookup = true, include = true }
local DECLARATIONS_MAX = 100000

local positions = use "offerengine.positions"
local sandbox = use "offerengine.language.sandbox"

-- ---- tokens: what rules hold of conditions, curves and raises ----

local function sealed_error()
  error("this value of the rule language cannot be read or changed", 0)
end

local SEALED = { __index = sealed_error, __newindex = sealed_error }

-- A word that does not exist has been reported; whatever is done with it must not be reported again.
local function make_poison()
  local poison = {}
  local function same() return poison end
  local metatable = { __call = same, __index = same, __newindex = function() end }
  for _, event in ipairs { "add", "sub", "mul", "div", "mod", "idiv", "unm", "concat" } do
    metatable["__" .. event] = same
  end
  return setmetatable(poison, metatable)
end

local function add_tokens(context)
  context.tokens = setmetatable({}, { __mode = "k" })
  context.poison = make_poison()
  context.tokens[context.poison] = { kind = "poison", shown = "an unknown word" }

  function context.new_token(meaning)
    local token = setmetatable({}, SEALED)
    context.tokens[token] = meaning
    return token
  end
end

-- ---- declarations ----

local function example_of(word)
  return string.format('%s "some_id" { ... }', word)
end

-- Where the call of a word stands and where the keys of its table are.
local function place_of(context, word, id, line)
  local call = context.scan and positions.find(context.scan, word, id, line)
  return { line = call and call.line or line, fields = call and call.fields }
end

-- The table given to a declaration, or nil when something else was given.
local function given_table(context, subject, usage, ...)
  local report, line = context.report, context.report.line()
  local list = ...
  if context.check.is_poison(list) then
    return nil
  elseif select("#", ...) ~= 1 then
    report.error("arguments", line, "%s takes one table, got %d values: %s", subject, select("#", ...), usage)
    return nil
  end
  return context.check.table(list, { line = line }, subject, "; write " .. usage)
end

local function count_declaration(context)
  context.declared = context.declared + 1
  if context.declared > DECLARATIONS_MAX then
    error(string.format("more than %d declarations", DECLARATIONS_MAX), 0)
  end
end

local function open_declaration(context, word, line, pattern, ...)
  local report, id = context.report, ...
  if context.check.is_poison(id) then
    return nil
  elseif select("#", ...) ~= 1 then
    report.error("arguments", line, "%s takes one id, got %d values: %s", word, select("#", ...), example_of(word))
    return nil
  elseif type(id) == "table" then
    report.error("missing", line, "%s has no id before its table; write %s", word, example_of(word))
    return nil
  end
  return context.check.id(id, { line = line }, "the id of " .. word, pattern)
end

-- context.declare(word, handler): a word with an id and a table. The handler gets id, table, place and subject.
local function add_declare(context)
  function context.declare(word, handler, pattern)
    context.top_words[word] = true
    context.words[word] = function(...)
      local line = context.report.line()
      local id = open_declaration(context, word, line, pattern, ...)
      if not id then
        return context.poison
      end
      local subject = string.format('%s "%s"', word, id)
      local pending = { line = line, subject = subject, usage = example_of(word) }
      context.pending[pending] = true
      return function(...)
        context.pending[pending] = nil
        count_declaration(context)
        local list = given_table(context, subject, example_of(word), ...)
        if list then
          handler(id, list, place_of(context, word, id, line), subject)
        end
      end
    end
  end
end

-- context.statement(word, handler): a word with a table alone. The handler gets table, place and subject.
local function add_statement(context)
  function context.statement(word, handler)
    context.top_words[word] = true
    context.words[word] = function(...)
      count_declaration(context)
      local list = given_table(context, word, word .. " { ... }", ...)
      if list then
        handler(list, place_of(context, word, nil, context.report.line()), word)
      end
    end
  end
end

-- The engine knows the line of a declaration only; this tells it the line of a name in it.
local function add_places(context)
  function context.note_places(keys, values, at)
    local check = context.check
    for _, key in ipairs(keys) do
      local names, inside = values[key], check.inside(at, key)
      for index, name in ipairs(type(names) == "string" and { names } or names or {}) do
        context.builder.place { name = name, declared = at.line, line = check.inside(inside, index).line }
      end
    end
  end
end

-- ---- environment of rule files ----

local function make_environment(context)
  local report, words = context.report, context.words
  local names

  local function on_unknown(name)
    if context.assigned[name] then
      return context.poison
    end
    names = names or sandbox.sorted_keys(words)
    local shown = report.show(name)
    local suggestion = type(name) == "string" and context.builder.suggest(name, names) or nil
    local message = LATER[name] and string.format("unknown word %s: it comes with a later version", shown) or
      string.format("unknown word %s", shown)
    report.add("error", "unknown_word", report.line(), message, suggestion)
    return context.poison
  end

  local function on_assign(_, name)
    report.error("assignment", report.line(), words[name] and "%s is a word of the rule language and cannot be " ..
      "assigned to" or "%s is assigned to as a global; write local %s = ... instead", report.show(name), name)
    context.assigned[name] = true
  end

  return sandbox.sealed(words, on_unknown, on_assign)
end

-- ---- running a file ----

local function report_syntax(context, message)
  local line, text = string.match(message, ":(%d+): (.*)$")
  text = text or message
  if string.find(text, "expected (to close", 1, true) or string.find(text, "'}' expected", 1, true) then
    text = text .. "; is a comma missing at the end of the line before?"
  end
  context.report.error("syntax", tonumber(line) or 0, "%s", text)
end

local function report_failure(context, kind, message, line)
  local report = context.report
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

local function report_scan(context, scan)
  local seen
  for _, line in ipairs(scan.carets) do
    if line ~= seen then
      context.report.error("operator", line, "the operator ^ is not allowed: its result differs between machines; " ..
        "multiply instead")
      seen = line
    end
  end
  for _, key in ipairs(scan.duplicates) do
    context.report.error("duplicate", key.line, "key %s stands twice in one table, first in line %d",
      context.report.show(key.name), key.first_line)
  end
end

local function report_pending(context)
  local left = {}
  for pending in next, context.pending do
    left[#left + 1] = pending
  end
  table.sort(left, function(a, b)
    return a.line ~= b.line and a.line < b.line or a.line == b.line and a.subject < b.subject
  end)
  for _, pending in ipairs(left) do
    context.report.error("missing", pending.line, "%s has no table after it; write %s", pending.subject,
      pending.usage)
  end
end

-- What a file that failed would have declared: references to it in other files are not wrong.
local function excuse_names(context)
  for _, calls in next, context.scan.calls do
    for _, call in ipairs(calls) do
      if call.id and #call.id > 0 then
        context.builder.place { name = call.id, declared = 0, line = -1 }
      end
    end
  end
end

local function run_file(context, path, text)
  context.scan = nil
  if string.sub(text, 1, 3) == "\xEF\xBB\xBF" then
    text = string.sub(text, 4)
  end
  local scan = positions.scan(text, context.top_words)
  context.scan = scan
  report_scan(context, scan)
  local chunk, message = compile(scan.text, "@" .. path, context.environment)
  if not chunk then
    report_syntax(context, message)
    excuse_names(context)
    return
  end
  context.pending = {}
  context.assigned = {}
  local done, kind, failure, line = guarded(chunk)
  if not done then
    report_failure(context, kind, failure, line)
    excuse_names(context)
  end
  report_pending(context)
end

return function(builder)
  local context = { builder = builder, sandbox = sandbox, words = sandbox.words(), top_words = {}, pending = {},
    assigned = {}, declared = 0 }
  add_tokens(context)
  context.report = use "offerengine.language.report" (context)
  context.check = use "offerengine.language.check" (context)
  context.condition = use "offerengine.language.condition" (context)
  context.curve = use "offerengine.language.curve" (context)
  add_declare(context)
  add_statement(context)
  add_places(context)
  context.schema = use "offerengine.language.schema" (context)
  use "offerengine.language.product" (context)
  use "offerengine.language.policy" (context)
  for _, module in ipairs { context.condition, context.curve } do
    for name, word in next, module.words do
      context.words[name] = word
    end
  end
  context.environment = make_environment(context)

  local language = {}

  -- Runs one rule file; everything wrong with it becomes findings.
  function language.read(path, text)
    context.file = path
    context.report.begin_file()
    run_file(context, path, text)
    context.scan, context.pending = nil, {}
  end

  -- A file that could not be taken.
  function language.refuse(path, problem)
    context.report.begin_file()
    context.report.error("file", 0, "file %s %s", path, problem)
  end

  return language
end
