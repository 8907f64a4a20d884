-- language_include_spec.lua: files that give values to others: in which order they run, and what cannot be had.

local rule_folder = require "rule_folder"

local SCHEMA = [[
attribute "income" { type = "money", range = { 0, nil }, words = { "income" } }
attribute "owned" { type = "product_set" }
category "savings" {}
scoring { income = { weight = 40, ideal = 100000 } }
threshold { default = 0 }
]]

local function load(files)
  files["schema.lua"] = SCHEMA
  local ruleset, findings = rule_folder.load(files)
  return ruleset, findings, rule_folder.show(findings)
end

local function card(minimum)
  return ('product "card" { name = "Card", category = "savings", min_income = %s }'):format(minimum)
end

local function minimum_of(files)
  local ruleset, _, shown = load(files)
  assert.is_truthy(ruleset, shown)
  return ruleset:product("card").min_income
end

describe("include", function()
  it("gives what a file returns that stands later", function()
    assert.equal(700, minimum_of { ["a.lua"] = card('include "z.lua".low') .. "", ["z.lua"] = "return { low = 700 }" })
  end)

  it("reaches through several files, whatever they are called", function()
    assert.equal(21, minimum_of { ["a.lua"] = card('include "folder/m.lua"'), ["folder/m.lua"] =
      'local z = include "z.lua" return z + include "b.lua"', ["z.lua"] = "return 20", ["b.lua"] = "return 1" })
  end)

  it("gives each file a copy: what one changes the other does not see", function()
    assert.equal(5, minimum_of {
      ["a.lua"] = 'local t = include "z.lua" t.low = 9 t.inner.x = 9',
      ["b.lua"] = card('include "z.lua".low + include "z.lua".inner.x'),
      ["z.lua"] = "return { low = 3, inner = { x = 2 } }",
    })
  end)

  it("runs a file once, and gives nothing where it returns nothing", function()
    local ruleset, _, shown = load {
      ["a.lua"] = 'local n = include "b.lua" local m = include "b.lua" ' .. card("n == nil and m == nil and 3 or 4"),
      ["b.lua"] = 'product "other" { name = "Other", category = "savings", min_income = 1 }',
    }
    assert.is_truthy(ruleset, shown)
    assert.equal(3, ruleset:product("card").min_income)
    assert.equal(2, #ruleset:products())
  end)

  it("gives conditions and functions as well", function()
    local ruleset, _, shown = load {
      ["a.lua"] = 'local rich = include "z.lua" product "card" { name = "Card", category = "savings", min_income = 0,'
        .. " when = all { rich.declared, rich.called } }",
      ["z.lua"] = "return { declared = { income = at_least(10) }, called = function(c) return c.income < 20 end }",
    }
    assert.is_truthy(ruleset, shown)
    for income, offers in pairs { [9] = 0, [10] = 1, [19] = 1, [20] = 0 } do
      assert.equal(offers, #ruleset:decide({ customer_id = "c", income = income, owned = {} }).recommended_products)
    end
  end)

  local wrong = {
    { { ["a.lua"] = '\nlocal x = include "limit.lua"', ["limits.lua"] = "return 1" },
      'a.lua:2: error[E031]: include: there is no rule file "limit.lua"', 'did you mean "limits.lua"?' },
    { { ["a.lua"] = 'local x = include "a.lua"' },
      'a.lua:1: error[E031]: include: file "a.lua" includes this one, directly or through others' },
    { { ["a.lua"] = 'local x = include "b.lua"', ["b.lua"] = 'return include "a.lua"' },
      'a.lua:1: error[E031]: include: file "b.lua" includes this one, directly or through others' },
    { { ["a.lua"] = 'local x = include "../secret.lua"' },
      'a.lua:1: error[E031]: include: there is no rule file "../secret.lua"' },
    { { ["a.lua"] = "local x = include(5)" }, "a.lua:1: error[E004]: the path of include must be a text, not 5" },
    { { ["a.lua"] = 'local x = include("b.lua", "c.lua")', ["b.lua"] = "", ["c.lua"] = "" },
      "a.lua:1: error[E005]: include takes one path, got 2 values" },
    { { ["a.lua"] = 'local x = include "b.lua"', ["b.lua"] = "local t = {} t.t = t return t" },
      "a.lua:1: error[E026]: include: tables in tables, too deep" },
    { { ["a.lua"] = 'local x = include "b.lua"', ["b.lua"] = "local t = {} for i = 1, 4097 do t[i] = i end return t" },
      "a.lua:1: error[E026]: include: more than 4096 values" },
  }
  for i, case in ipairs(wrong) do
    it("says what cannot be included, no. " .. i, function()
      local ruleset, _, shown = load(case[1])
      assert.is_nil(ruleset)
      assert.matches(case[2], shown, 1, true)
      if case[3] then
        assert.matches(case[3], shown, 1, true)
      end
    end)
  end

  it("of a file that is wrong leads to that file's finding alone", function()
    local _, findings, shown = load { ["a.lua"] = 'local x = include "b.lua" ' .. card("x.low"),
      ["b.lua"] = "return {" }
    assert.equal(1, #findings, shown)
    assert.equal("b.lua", findings[1].file)
  end)
end)
