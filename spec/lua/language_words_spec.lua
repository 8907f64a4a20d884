-- language_words_spec.lua: words.lua, which editors read, knows the words and keys that the rule language takes.

local rule_folder = require "rule_folder"
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

-- What only files in rules/tests see.
local TEST_WORDS = { test = true }

describe("the stubs for editors", function()
  it("have the words of the language, each once", function()
    local words = {}
    for word in STUBS:gmatch("\nfunction ([%w_]+)%(") do
      assert.is_nil(words[word], word)
      words[word] = true
    end
    words.gate = STUBS:find("\ngate = nil", 1, true) and true
    for word in pairs(TEST_WORDS) do
      assert.is_true(words[word])
      words[word] = nil
    end
    assert.same(sorted(vocabulary.words()), sorted(words))
  end)

  local keys_of, snippets = {}, {}
  for word, module in pairs(vocabulary.words()) do
    if module == "declare" then
      keys_of[word], snippets[word == "scoring" and "dimension" or word] = vocabulary.keys(word)
    end
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

  -- Fields of a class: key -> its types as written, and whether it may be left out.
  local function fields_of(class)
    local text = assert(STUBS:match("%-%-%-@class offerengine%.words%." .. class .. "\n(.-)\n\n"))
    local fields = {}
    for key, optional, types in text:gmatch("@field ([%w_]+)(%??) ([^\n]+)") do
      fields[key] = { types = types, optional = optional == "?" }
    end
    return fields
  end

  -- What Lua calls the values that a field takes. A curve is none that can be written without a word.
  local function kinds_of(types)
    local kinds, text = {}, types:gsub("offerengine%.Names", "string|string[]"):gsub("offerengine%.When",
      "fun|table"):gsub("%b<>", ""):gsub("%b()", ""):gsub("^(%S+) .*", "%1")
    for one in text:gmatch("[^|]+") do
      local kind = one:find("%]$") and "table" or one:find('^"') and "string" or one == "integer" and "number"
        or one:find("^fun") and "function" or one
      kinds[kind] = not one:find("^offerengine%.") or nil
    end
    return sorted(kinds), types:match('"[^"]*"')
  end

  local VALUES = { number = "5", string = '"x"', boolean = "true", table = "{}", ["function"] = "function() end" }

  local function findings_of(snippet)
    return select(2, rule_folder.load { ["schema.lua"] = snippet })
  end

  local BY_TYPE = { ["derive.default"] = true } -- is what the type says

  for name, snippet in pairs(snippets) do
    it("say of " .. name .. " which values its keys take", function()
      for key, field in pairs(fields_of(name)) do
        local taken, kinds, literal = {}, kinds_of(field.types)
        for kind, value in pairs(VALUES) do
          value = kind == "string" and literal or value
          local entry = ("%s = %s"):format(key == "until" and '["until"]' or key, value)
          taken[kind] = true
          for _, finding in ipairs(findings_of((snippet:gsub("zzzz = 1", entry)))) do
            local is_type = finding.code == "E004" or finding.code == "E022"
            taken[kind] = not (is_type and finding.message:find("^" .. key .. " of ")) and taken[kind] or nil
          end
        end
        taken = BY_TYPE[name .. "." .. key] and kinds or sorted(taken)
        assert.same(kinds, taken, ("%s of %s: %s"):format(key, name, field.types))
      end
    end)

    it("say of " .. name .. " which keys it needs", function()
      local needed, missing = {}, {}
      for key, field in pairs(fields_of(name)) do
        needed[key] = not field.optional or nil
      end
      for _, finding in ipairs(findings_of((snippet:gsub("zzzz = 1", "")))) do
        local key = finding.code == "E006" and finding.message:match(" has no ([%w_]+)$")
        if key then
          missing[key] = true
        end
      end
      assert.same(sorted(missing), sorted(needed))
    end)
  end
end)

describe(".luacheckrc", function()
  local settings = { files = {} }
  assert(load(read ".luacheckrc", "=.luacheckrc", "t", settings))()

  it("lets rule files use the words that there are, and no others", function()
    local live, given = {}, {}
    for word in pairs(vocabulary.of_files()) do
      live[word] = true
    end
    for key, value in pairs(settings.files.rules.read_globals) do
      given[type(key) == "number" and value or key] = true
      for _, field in ipairs(type(value) == "table" and value.fields or {}) do
        given[key .. "." .. field] = true
      end
    end
    assert.same(sorted(live), sorted(given))
    assert.same({ "test" }, settings.files["rules/tests"].read_globals)
  end)

  -- What luacheck says of a rule file in a tree that has the settings; nil where it is not installed.
  local function luacheck(path, text)
    local top = rule_folder.write { [".luacheckrc"] = read ".luacheckrc", [path] = text }
    local line = "command -v luacheck >/dev/null && cd '%s' && luacheck --no-color --codes -q %s"
    local pipe <close> = assert(io.popen(line:format(top, path)))
    local said = pipe:read("a")
    rule_folder.remove(top)
    return said ~= "" and said or nil
  end

  local CASES = {
    { "rules/x.lua", 'product "x" { when = { income = at_lest(5) } }\n',
      "x.lua:1:33: (W113) accessing undefined variable 'at_lest'" },
    { "rules/products/x.lua", 'prodct "x" {}\n', "x.lua:1:1: (W113) accessing undefined variable 'prodct'" },
    { "rules/x.lua", "local x = string.gsub\nreturn x\n", "(W143) accessing undefined field 'gsub' of global" },
    { "rules/x.lua", 'test "x" {}\n', "(W113) accessing undefined variable 'test'" },
    { "rules/tests/x.lua", 'tst "x" {}\n', "(W113) accessing undefined variable 'tst'" },
    { "rules/tests/x.lua", 'test "x" {}\n', "0 warnings / 0 errors" },
    { "rules/x.lua", 'product "x" { when = { income = at_least(math.abs(5)) } }\n', "0 warnings / 0 errors" },
  }
  for _, case in ipairs(CASES) do
    it("makes luacheck say of " .. case[2]:gsub("\n", " ") .. "in " .. case[1] .. ": " .. case[3], function()
      local said = luacheck(case[1], case[2])
      if not said then
        pending("luacheck is not installed")
      end
      assert.matches(case[3], said, 1, true)
    end)
  end
end)

describe(".luarc.json", function()
  it("has editors read the stubs", function()
    local settings = require("offerengine.core").decode_json(read ".luarc.json")
    assert.same({ "lua" }, settings["workspace.library"])
    assert.is_truthy(STUBS:find("^%-%-%-@meta offerengine%.words\n"))
  end)
end)
