-- include.lua: the word include: what another rule file returns. A file runs once, after those that it includes; each
-- that includes it gets a copy of its own. Runs in the rule VM.
-- luacheck: read globals use builder

local positions = use "offerengine.positions"
local declare = use "offerengine.language.declare"
local check = use "offerengine.language.check"
local report = use "offerengine.language.report"
local tokens = use "offerengine.language.tokens"

local ITEMS_MAX, DEPTH_MAX = 4096, 16

local include = { paths = {} } -- a list of the rule files seen so far, and path -> true
local returned = {}            -- path -> { value = }
local items = 0                -- copied by the running file

local function copy(value, depth)
  if type(value) ~= "table" or tokens.meaning[value] then
    return value
  elseif depth > DEPTH_MAX then
    error("include: tables in tables, too deep", 0)
  end
  local own = {}
  for key, inner in next, value do
    items = items + 1
    if items > ITEMS_MAX then
      error("include: more than 4096 values", 0)
    end
    own[key] = copy(inner, depth + 1)
  end
  return own
end

function declare.words.include(...)
  local line, path = report.line(), (...)
  if check.is_poison(path) then
    return tokens.poison
  elseif select("#", ...) ~= 1 then
    report.error("arguments", line, 'include takes one path, got %d values: include "products/shared.lua"',
      select("#", ...))
    return tokens.poison
  elseif check.text(path, { line = line }, "the path of include") == nil then
    return tokens.poison
  elseif returned[path] then
    return copy(returned[path].value, 0)
  elseif include.paths[path] then
    report.error("include", line, "include: file %s includes this one, directly or through others", report.show(path))
  else
    report.add("error", "include", line, "include: there is no rule file " .. report.show(path),
      builder.suggest(path, include.paths))
  end
  return tokens.poison
end

-- Whether a file includes one that has not run yet.
function include.is_early(path, text)
  if not include.paths[path] then
    include.paths[path] = true
    include.paths[#include.paths + 1] = path
  end
  if not string.find(text, "include", 1, true) then
    return false
  end
  for _, call in ipairs(positions.scan(text, { include = true }).calls.include or {}) do
    if call.id and not returned[call.id] then
      return true
    end
  end
  return false
end

-- What a file that has run returned.
function include.keep(path, value)
  items = 0
  returned[path] = { value = value }
end

-- Whether it returned anything.
function include.returns(path)
  return returned[path] ~= nil and returned[path].value ~= nil
end

return include
