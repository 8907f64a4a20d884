-- offerengine: what require "offerengine" returns. Misuse raises; where data or the world is at fault, functions
-- return nil, message, code. The types and their methods are in C; meta.lua describes them.

local core = require "offerengine.core"

local LANGUAGE = "offerengine.language"

-- The text of a Lua module: inside the executable from its embedded files, else found as require finds it.
local function read_module(name)
  if core.source then
    return assert(core.source(name), "language: module '" .. name .. "' is not embedded")
  end
  local path = assert(package.searchpath(name, package.path))
  local file <close> = assert(io.open(path, "rb"))
  return assert(file:read("a"))
end

-- The rule language and every module that it uses, name -> text. The rule VM runs them, not this state.
local function language_sources()
  local sources = {}
  local function add(name)
    if not sources[name] then
      sources[name] = read_module(name)
      for used in sources[name]:gmatch('%f[%w_]use%s*%(?%s*"([%w_.]+)"') do
        add(used)
      end
    end
  end
  add(LANGUAGE)
  return sources
end

local sources

local offerengine = {
  version = core.version,
  null = core.null,
  population = core.population,
  open = core.open,
}

function offerengine.load(folder, options)
  sources = sources or language_sources()
  return core.load(folder, sources, options)
end

return offerengine
