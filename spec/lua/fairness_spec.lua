-- fairness_spec.lua: the fairness table of books whose rates are known.

local offerengine = require "offerengine"
local rule_folder = require "rule_folder"

local SCHEMA = [[
attribute "age" { type = "integer", range = { 0, 130 }, optional = true, protected = true, groups = { 40, 62 } }
attribute "income" { type = "money", range = { 0, nil }, optional = true }
attribute "score" { type = "integer", range = { 0, 1000 }, optional = true }
attribute "region" { type = "text", optional = true, protected = true }
attribute "married" { type = "flag", optional = true, protected = true }
attribute "owned" { type = "product_set" }
category "savings" {}
scoring { income = { weight = 10, curve = ramp(0, 1), every = true } }
]]
local PRODUCT = [[
product "plan" { name = "Plan", category = "savings", reason = "A plan",
  min_income = 50000,
  min_score = 300,
}
]]

local function load(files, base)
  local folder = rule_folder.write(files)
  local ruleset, message, _, findings = offerengine.load(folder, { ruleset = base })
  rule_folder.remove(folder)
  return ruleset or error(findings and rule_folder.show(findings) or message)
end

-- Each part: how many, and their values.
local function people(ruleset, parts)
  local population, number = offerengine.population(ruleset), 0
  for _, part in ipairs(parts) do
    for _ = 1, part[1] do
      number = number + 1
      local values = { customer_id = "P" .. number, owned = {}, score = 500, income = 60000 }
      for key, value in pairs(part[2]) do
        values[key] = value
      end
      assert(population:add(values))
    end
  end
  return population
end

local function table_of(parts, options, product)
  local base = load { ["schema.lua"] = SCHEMA, ["product.lua"] = product or PRODUCT }
  local result = assert(offerengine.diff(base, base, people(base, parts), options))
  local by_attribute = {}
  for _, judged in ipairs(result.fairness) do
    by_attribute[judged.attribute] = judged
    for _, group in ipairs(judged.groups) do
      judged.groups[group.group] = group
    end
  end
  return by_attribute
end

describe("the fairness table", function()
  local BOOK = {
    { 50, { age = 30 } }, { 20, { age = 30, income = 45000 } }, { 30, { age = 39, income = 30000 } },
    { 80, { age = 40 } }, { 20, { age = 61, income = 10000 } },
    { 10, { age = 62 } }, { 19, { age = 90, income = 0 } }, { 7, {} },
  }

  it("shows the rates and ratios of groups exactly", function()
    local age = table_of(BOOK).age
    assert.equal("plan", age.product_id)
    local young, middle, old = age.groups["under 40"], age.groups["40 to 61"], age.groups["62 and over"]
    assert.same({ 100, 50, 0.5, 0.625, "fail" },
      { young.customers, young.offered_after, young.rate_after, young.ratio_after, young.verdict })
    assert.same({ 100, 80, 0.8, 1, "pass" },
      { middle.customers, middle.offered_after, middle.rate_after, middle.ratio_after, middle.verdict })
    assert.same({ 29, 10, "too few" }, { old.customers, old.offered_after, old.verdict })
    assert.same({ 7, "not judged" }, { age.groups["not on file"].customers, age.groups["not on file"].verdict })
    assert.same({ "fail", "under 40", "40 to 61", 0.625 }, { age.verdict, age.worst, age.highest, age.ratio })
  end)

  it("judges a group of 30, not one of 29", function()
    BOOK[9] = { 1, { age = 70, income = 0 } }
    local age = table_of(BOOK).age
    BOOK[9] = nil
    assert.same({ "fail", 10 / 24 }, { age.groups["62 and over"].verdict, age.groups["62 and over"].ratio_after })
    assert.equal("too few", table_of(BOOK, { group = 101 }).age.verdict)
  end)

  it("passes a ratio of 0.8 exactly, not one below", function()
    local parts = { { 64, { age = 30 } }, { 36, { age = 30, income = 0 } }, { 80, { age = 50 } },
      { 20, { age = 50, income = 0 } } }
    assert.equal("pass", table_of(parts).age.verdict)
    assert.equal("fail", table_of(parts, { ratio = 0.801 }).age.verdict)
    parts[1][1], parts[2][1] = 63, 37
    assert.equal("fail", table_of(parts).age.verdict)
  end)

  it("names the criterion that makes the gap, and the nearest value that closes it", function()
    local criterion = table_of(BOOK).age.criterion
    assert.same({ "min_income", 50000, "product.lua", 2, 0.5, 0.2, "value", 45000 }, { criterion.check, criterion.value,
      criterion.file, criterion.line, criterion.share, criterion.share_of_highest, criterion.relief,
      criterion.relief_value })
  end)

  it("says what comes true when the gate is moved there, and not one step before", function()
    for value, verdict in pairs { [45000] = "pass", [45000.01] = "fail" } do
      assert.equal(verdict, table_of(BOOK, nil, (PRODUCT:gsub("50000", tostring(value)))).age.verdict)
    end
  end)

  it("says when no value of that gate alone would do", function()
    local parts = { { 40, { age = 30 } }, { 30, { age = 30, income = 100, score = 100 } },
      { 30, { age = 30, income = 100, score = 100 } }, { 80, { age = 50 } }, { 20, { age = 50, score = 1 } } }
    local criterion = table_of(parts).age.criterion
    assert.same({ "min_income", "none" }, { criterion.check, criterion.relief })
  end)

  it("has a group for each value of a text and of a flag", function()
    local judged = table_of { { 40, { region = "north", married = true } }, { 40, { region = "south", income = 1 } },
      { 20, { region = "south", married = false } } }
    local region, married = judged.region, judged.married
    assert.same({ 40, 1, "pass" }, { region.groups.north.customers, region.groups.north.ratio_after,
      region.groups.north.verdict })
    assert.same({ 60, 20 / 60, "fail" }, { region.groups.south.customers, region.groups.south.ratio_after,
      region.groups.south.verdict })
    assert.same({ 40, 20, 40 }, { married.groups.yes.customers, married.groups.no.customers,
      married.groups["not on file"].customers })
    assert.equal("too few", married.verdict)
  end)

  it("is the same for rules that ask functions", function()
    local plain = table_of(BOOK, nil, (PRODUCT:gsub("min_income = 50000", "when = { income = at_least(50000) }"))).age
    local asking = table_of(BOOK, nil, (PRODUCT:gsub("min_income = 50000",
      "when = function(c) return c.income ~= nil and c.income >= 50000 end"))).age
    assert.same(plain.groups, asking.groups)
    for _, judged in ipairs { plain, asking } do
      assert.same({ "when", 0.5, 0.2, "none" }, { judged.criterion.check, judged.criterion.share,
        judged.criterion.share_of_highest, judged.criterion.relief })
    end
  end)

  it("counts whom a gate alone refuses as far as functions would let them through", function()
    local asks = "min_income = 50000, curve = { income = function(v) return v >= 40000 and 1 or 0 end }"
    local criterion = table_of(BOOK, nil, (PRODUCT:gsub("min_income = 50000", asks))).age.criterion
    assert.same({ "min_income", "value", 45000 }, { criterion.check, criterion.relief, criterion.relief_value })
    asks = asks:gsub("40000", "50000")
    criterion = table_of(BOOK, nil, (PRODUCT:gsub("min_income = 50000", asks))).age.criterion
    assert.same({ "min_income", "none" }, { criterion.check, criterion.relief })
  end)

  it("looks at the new rules, and shows what was before", function()
    local base = load { ["schema.lua"] = SCHEMA, ["product.lua"] = PRODUCT }
    local new = load({ ["schema.lua"] = SCHEMA, ["product.lua"] = PRODUCT:gsub("50000", "20000") }, base)
    local age = assert(offerengine.diff(base, new, people(base, BOOK))).fairness[1]
    assert.same({ 50, 100, 0.625, 1 }, { age.groups[1].offered_before, age.groups[1].offered_after,
      age.groups[1].ratio_before, age.groups[1].ratio_after })
    assert.equal("pass", age.verdict)
    assert.same({ "40 to 61", 0.8 }, { age.groups[2].group, age.groups[2].ratio_after })
  end)
end)
