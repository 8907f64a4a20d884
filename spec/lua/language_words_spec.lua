-- language_words_spec.lua: words.lua, which editors read, knows the words and keys that the rule language takes.

local rule_folder = require "rule_folder"

local TOP = os.getenv("OE_SOURCE") or "."

local function read(path)
  local file <close> = assert(io.open(TOP .. "/" .. path))
  return file:read("a")
end

local STUBS = read "lua/offerengine/words.lua"

local function sorted(set)
  local list = {}
  for name in pairs(set) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

-- The words of the language, told by the language itself, in a state of its own: it changes what texts can do.
local function words_of_language()
  local script = os.tmpname()
  local file = assert(io.open(script, "w"))
  file:write([[
    local top, loaded, env = ..., {}, nil
    env = setmetatable({ rule_line = function() return 0 end, builder = {} }, { __index = _G })
    function env.use(name)
      if loaded[name] == nil then
        local path = top .. "/lua/" .. string.gsub(name, "%.", "/") .. ".lua"
        loaded[name] = assert(loadfile(path, "t", env))() or true
      end
      return loaded[name]
    end
    env.use "offerengine.language"
    for _, module in ipairs { "declare", "condition", "curve" } do
      for word in pairs(env.use("offerengine.language." .. module).words) do print(word) end
    end]])
  file:close()
  local pipe <close> = assert(io.popen(("lua5.4 '%s' '%s'"):format(script, TOP)))
  local words = {}
  for word in pipe:lines() do
    words[word] = true
  end
  os.remove(script)
  return words
end

-- The keys that a declaration takes, as its message about an unknown one lists them.
local function keys_of_language(snippet)
  local _, findings = rule_folder.load { ["schema.lua"] = snippet }
  for _, finding in ipairs(findings) do
    local allowed = finding.message:match('^unknown key "zzzz".*; allowed: (.*)$')
    if allowed then
      local keys = {}
      for key in allowed:gmatch("[^, ]+") do
        keys[key] = not key:find("<", 1, true) or nil
      end
      return keys
    end
  end
  error("no list of keys for " .. snippet)
end

describe("the stubs for editors", function()
  it("have the words of the language, each once", function()
    local words = {}
    for word in STUBS:gmatch("\nfunction ([%w_]+)%(") do
      assert.is_nil(words[word], word)
      words[word] = true
    end
    words.gate = STUBS:find("\ngate = nil", 1, true) and true
    assert.same(sorted(words_of_language()), sorted(words))
  end)

  local SNIPPETS = {
    attribute = 'attribute "x" { zzzz = 1 }', category = 'category "x" { zzzz = 1 }',
    product = 'product "x" { zzzz = 1 }', segment = 'segment "x" { zzzz = 1 }', exclude = 'exclude "x" { zzzz = 1 }',
    adjust = 'adjust "x" { zzzz = 1 }', dimension = "scoring { x = { zzzz = 1 } }",
    threshold = "threshold { zzzz = 1 }",
    limit = "limit { zzzz = 1 }",
    settings = "settings { zzzz = 1 }", ladder = 'ladder "x" { zzzz = 1 }',
    derive = 'derive "x" { zzzz = 1 }', lookup = 'lookup "x" { zzzz = 1 }',
  }
  for name, snippet in pairs(SNIPPETS) do
    it("have the keys of " .. name, function()
      local class = assert(STUBS:match("%-%-%-@class offerengine%.words%." .. name .. "\n(.-)\n\n"))
      local keys = {}
      for key in class:gmatch("@field ([%w_]+)") do
        keys[key] = true
      end
      assert.same(sorted(keys_of_language(snippet)), sorted(keys))
    end)
  end
end)

describe(".luacheckrc", function()
  it("lets rule files use every word", function()
    local settings = read ".luacheckrc"
    for word in pairs(words_of_language()) do
      assert.is_truthy(settings:find('"' .. word .. '"', 1, true), word)
    end
  end)
end)
