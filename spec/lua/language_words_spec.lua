-- language_words_spec.lua: words.lua, which editors read, knows the words and keys that the rule language takes.

local vocabulary = require "vocabulary"

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

describe("the stubs for editors", function()
  it("have the words of the language, each once", function()
    local words = {}
    for word in STUBS:gmatch("\nfunction ([%w_]+)%(") do
      assert.is_nil(words[word], word)
      words[word] = true
    end
    words.gate = STUBS:find("\ngate = nil", 1, true) and true
    assert.same(sorted(vocabulary.words()), sorted(words))
  end)

  local keys_of = {}
  for word, module in pairs(vocabulary.words()) do
    keys_of[word] = module == "declare" and vocabulary.keys(word) or nil
  end
  for word, allowed in pairs(keys_of) do
    local name = word == "scoring" and "dimension" or word
    it("have the keys of " .. name, function()
      local class = assert(STUBS:match("%-%-%-@class offerengine%.words%." .. name .. "\n(.-)\n\n"))
      local keys = {}
      for key in class:gmatch("@field ([%w_]+)") do
        keys[key] = true
      end
      local expected = {}
      for _, key in ipairs(allowed) do
        expected[key] = not key:find("_$") or nil -- min_ and the like stand before names
      end
      assert.same(sorted(expected), sorted(keys))
    end)
  end
end)

describe(".luacheckrc", function()
  it("lets rule files use every word", function()
    local settings = read ".luacheckrc"
    for word in pairs(vocabulary.words()) do
      assert.is_truthy(settings:find('"' .. word .. '"', 1, true), word)
    end
  end)
end)
