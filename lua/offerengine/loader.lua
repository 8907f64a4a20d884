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

-- load(folder [, options]): ruleset, findings (warnings and notes), the texts of all files as one string, bytes; or
-- nil, message, code, findings, bytes: how many the rule VM held at most.
-- options.ruleset: decide for the same population as that ruleset. options.texts: load such texts, not the folder.
function loader.load(folder, options)
  if not sources then
    local texts = {}
    for _, name in ipairs(MODULES) do
      texts[name] = loader.source(name)
    end
    sources = texts
  end
  return core.load(folder, sources, options)
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
