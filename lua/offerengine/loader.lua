-- loader.lua: finds the source of the rule language and has the C half load a rules folder with it. Runs in the
-- caller's Lua state, never in the rule VM. Also writes findings as people read them.

local core = require "offerengine.core"

local loader = {}

-- The modules that run inside the rule VM.
local MODULES = {
  "offerengine.scanner",
  "offerengine.positions",
  "offerengine.language",
  "offerengine.language.sandbox",
  "offerengine.language.tokens",
  "offerengine.language.report",
  "offerengine.language.check",
  "offerengine.language.condition",
  "offerengine.language.functions",
  "offerengine.language.curve",
  "offerengine.language.declare",
  "offerengine.language.schema",
  "offerengine.language.include",
  "offerengine.language.lookup",
  "offerengine.language.derive",
  "offerengine.language.product",
  "offerengine.language.policy",
  "offerengine.language.contact",
  "offerengine.language.lot",
  "offerengine.language.experiment",
  "offerengine.language.campaign",
  "offerengine.language.release",
  "offerengine.language.test",
}

-- The text of a Lua module. A program that carries its files inside sets package.loaded["offerengine.embedded"] to a
-- function from a path in the tree ("lua/offerengine/language.lua") to the text, or nil.
function loader.source(name)
  local embedded = package.loaded["offerengine.embedded"]
  local text = embedded and embedded("lua/" .. name:gsub("%.", "/") .. ".lua")
  if text then
    return text
  end
  local path, tried = package.searchpath(name, package.path)
  if not path then
    error("rules: the language's module '" .. name .. "' is not installed:" .. tried)
  end
  local file <close> = assert(io.open(path, "rb"))
  return assert(file:read("a"))
end

local sources

local function language_sources()
  if not sources then
    local texts = {}
    for _, name in ipairs(MODULES) do
      texts[name] = loader.source(name)
    end
    sources = texts
  end
  return sources
end

-- load(folder [, options]): ruleset, findings (warnings and notes), the texts of all files as one string, bytes; or
-- nil, message, code, findings, bytes: how many the rule VM held at most.
-- options.ruleset: decide for the same population as that ruleset. options.texts: load such texts, not the folder.
-- options.check: the findings hold what can be proved about sound rules, too.
function loader.load(folder, options)
  return core.load(folder, language_sources(), options)
end

-- unpack(texts): the paths in order, and the text of each by path; pack(paths, files) is the way back.
function loader.unpack(texts)
  local order, files, at = {}, {}, 1
  while at <= #texts do
    local path, length, from = ("zz"):unpack(texts, at)
    at = from + tonumber(length)
    order[#order + 1], files[path] = path, texts:sub(from, at - 1)
  end
  return order, files
end

function loader.pack(order, files)
  local pieces = {}
  for _, path in ipairs(order) do
    pieces[#pieces + 1] = ("zz"):pack(path, ("%d"):format(#files[path])) .. files[path]
  end
  return table.concat(pieces)
end

-- load_tests(folder): the cases of the test files below folder/tests as JSON, one a line, and the findings; or nil,
-- message, code.
function loader.load_tests(folder)
  return core.load_tests(folder .. "/tests", language_sources())
end

-- check(folder [, options]): all findings on a rules folder: its mistakes, or what can be proved about it; and the
-- ruleset when there is no mistake. nil, message, code: the folder cannot be read.
function loader.check(folder, options)
  local given = { check = true }
  for key, value in pairs(options or {}) do
    given[key] = value
  end
  local ruleset, second, code, found = loader.load(folder, given)
  if ruleset then
    return second, ruleset
  elseif #(found or {}) > 0 then
    return found
  end
  return nil, second, code
end

-- How many findings are of a severity.
function loader.count(found, severity)
  local count = 0
  for _, finding in ipairs(found) do
    count = count + (finding.severity == severity and 1 or 0)
  end
  return count
end

-- format(finding [, folder]): one finding as text, for example
--   rules/products/credit.lua:14: error[E012]: unknown attribute "incme"
--       min_incme = 75000,
--       did you mean "income"?
function loader.format(finding, folder)
  local place = folder and folder:gsub("/+$", "") or nil
  if finding.file then
    place = (place and place .. "/" or "") .. finding.file
    place = finding.line and place .. ":" .. finding.line or place
  end
  local head = ("%s%s[%s]: %s"):format(place and place .. ": " or "", finding.severity, finding.code, finding.message)
  local lines = { head }
  local source = finding.source_line and finding.source_line:match("^%s*(.-)%s*$")
  if source and source ~= "" then
    lines[#lines + 1] = "    " .. source
  end
  if finding.suggestion then
    lines[#lines + 1] = ('    did you mean "%s"?'):format(finding.suggestion)
  end
  return table.concat(lines, "\n")
end

return loader
