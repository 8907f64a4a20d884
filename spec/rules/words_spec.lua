-- words_spec.lua: each word of the rule language, and each key of its declarations, has an example in rules/README.md
-- (readme_spec.lua runs all of them) and a wrong use in wrong_uses.lua. What there is, the language tells.

local positions = require "offerengine.positions"
local readme = require "spec.rules.readme"
local rule_folder = require "rule_folder"
local vocabulary = require "vocabulary"
local wrong_uses = require "spec.rules.wrong_uses"

local WORDS = vocabulary.words()

-- Every word and every declaration.key, sorted.
local function all_terms()
  local terms = {}
  for word, module in pairs(WORDS) do
    terms[#terms + 1] = word
    for _, key in ipairs(module == "declare" and vocabulary.keys(word) or {}) do
      terms[#terms + 1] = word .. "." .. key
    end
  end
  table.sort(terms)
  return terms
end

local PREFIXES = { "min_", "max_", "ideal_" }

-- The keys of one declaration, those in tables of its table as well: scoring names dimensions first.
local function note_keys(word, fields, used, depth)
  for key, field in pairs(fields) do
    used[word .. "." .. key] = true
    for _, prefix in ipairs(PREFIXES) do
      used[word .. "." .. (tostring(key):match("^" .. prefix) or key)] = true
    end
    if field.fields and depth < 2 then
      note_keys(word, field.fields, used, depth + 1)
    end
  end
end

-- What the examples of the README use.
local function terms_of_readme()
  local used, declarations = {}, {}
  for word, module in pairs(WORDS) do
    declarations[word] = module == "declare" or nil
  end
  for _, example in ipairs(readme.examples()) do
    local text = example.rules:gsub("%-%-[^\n]*", "")
    for word in text:gsub('"[^"\n]*"', '""'):gmatch("[%a_][%w_]*") do
      used[word] = WORDS[word] and true
    end
    for word, calls in pairs(positions.scan(text, declarations).calls) do
      for _, call in ipairs(calls) do
        note_keys(word, call.fields or {}, used, word == "scoring" and 1 or 2)
      end
    end
  end
  return used
end

local TERMS = all_terms()

describe("a word of the rule language", function()
  it("is one of many, which the language tells", function()
    assert.is_true(#TERMS >= 100, #TERMS .. " words")
  end)

  local used = terms_of_readme()
  for _, term in ipairs(TERMS) do
    it(term .. " has an example in rules/README.md", function()
      assert.is_true(used[term] or false, "no example shows " .. term .. "; add one to rules/README.md")
    end)
  end

  local refused = {}
  for _, use in ipairs(wrong_uses.uses) do
    refused[use[1]] = true
  end
  for _, term in ipairs(TERMS) do
    it(term .. " has a wrong use", function()
      assert.is_true(refused[term] or false, "add a wrong use of " .. term .. " to spec/rules/wrong_uses.lua")
    end)
  end
end)

describe("a wrong use", function()
  local known = {}
  for _, term in ipairs(TERMS) do
    known[term] = true
  end

  for _, use in ipairs(wrong_uses.uses) do
    local term, rules, code, line, message, suggestion = table.unpack(use, 1, 6)
    it("of " .. term .. " is refused: " .. rules:gsub("\n", " "), function()
      assert.is_true(known[term] or false, term .. " is no word of the language")
      local ruleset, findings = rule_folder.load { ["schema.lua"] = wrong_uses.schema, ["rules.lua"] = rules,
        ["tables/trends.csv"] = wrong_uses.trends }
      assert.is_nil(ruleset)
      assert.equal(1, #findings, rule_folder.show(findings))
      local found = findings[1]
      assert.same({ "error", code, "rules.lua", line, message, suggestion },
        { found.severity, found.code, found.file, found.line, found.message, found.suggestion })
      local number = 0
      for text in (rules .. "\n"):gmatch("([^\n]*)\n") do
        number = number + 1
        assert.is_true(number ~= line or found.source_line == text)
      end
    end)
  end
end)
