-- reason_codes_spec.lua: for every reason code a customer who is refused with it, and of many codes the principal ones.

local rule_folder = require "rule_folder"

local TOP = os.getenv("OE_SOURCE") or "."

local RULES = [[
attribute "income" { type = "money", range = { 0, nil }, words = { "income" } }
attribute "credit_score" { type = "integer", range = { 300, 850 }, nullable = true }
attribute "age" { type = "integer", range = { 0, 130 } }
attribute "region" { type = "text", optional = true }
attribute "products" { type = "product_set" }
category "savings" {}
category "loan" {}
scoring { income = { weight = 4, ideal = 100000, every = true } }
product "first" { name = "First", category = "savings" }
product "second" { name = "Second", category = "savings" }
product "loan" {
  name = "Loan", category = "loan", from = "2026-02-01", until = "2026-11-30",
  min_income = 40000, min_credit_score = 600, min_age = 18, max_age = 70,
  requires = { region = "north" }, after = { "first" }, not_with = { "second" },
}
product "gone" { name = "Gone", category = "loan", off = true }
exclude "wealthy" { product = "loan", when = { income = above(500000) }, reason = "Too wealthy" }
adjust "teens" { product = "loan", when = { age = 18 }, points = -100 }
campaign "savers" { category = "savings", when = { income = at_least(50000) } }
product "better" { name = "Better", category = "loan", min_income = 40000, value = 9, group = "g" }
product "worse" { name = "Worse", category = "loan", min_income = 40000, group = "g" }
cap "once" { product = "loan", at_most = 1, per = "30 days" }
cool_down "rest" { days = 90 }
quiet "nights" { channel = "sms", hours = { "21:00", "08:00" } }
]]

local ruleset, findings = rule_folder.load { ["schema.lua"] = RULES }
assert(ruleset, ruleset or rule_folder.show(findings))

-- Whoever differs in nothing is offered the loan.
local function codes_of(id, changes, options)
  local values = { customer_id = "C1", income = 60000, credit_score = 700, age = 40, region = "north",
    products = { "first" } }
  for name, value in pairs(changes) do
    values[name] = value
  end
  options = options or {}
  options.at = options.at or "2026-06-01"
  local answer = assert(ruleset:explain(values, options, id)).products[1]
  return table.concat(answer.reason_codes or {}, " "), answer
end

describe("a refusal", function()
  local CASES = {
    { "loan", {}, "" },
    { "gone", {}, "switched_off" },
    { "loan", {}, "not_yet_available", { at = "2026-01-31" } },
    { "loan", {}, "no_longer_available", { at = "2026-12-01" } },
    { "loan", {}, "other_category", { category = "savings" } },
    { "loan", {}, "not_in_campaign", { campaign = "savers" } },
    { "second", { income = 49999 }, "not_targeted", { campaign = "savers" } },
    { "loan", { products = { "first", "loan" } }, "already_owned" },
    { "loan", { products = {} }, "needs_product" },
    { "loan", { products = { "first", "second" } }, "excluded_by_product" },
    { "loan", { income = 39999.99 }, "below_minimum" },
    { "loan", { age = 71 }, "above_maximum" },
    { "loan", { credit_score = require("offerengine").null }, "not_on_file" },
    { "loan", { region = "south" }, "condition_not_met" },
    { "loan", { income = 500001 }, "excluded" },
    { "loan", { age = 18 }, "below_threshold" },
    { "worse", {}, "outranked" },
    { "loan", {}, "capped", { contacts = { { kind = "shown", product = "loan", at_ms = "2026-05-31" } } } },
    { "loan", {}, "cooling_down", { contacts = { { kind = "declined", product = "loan", at_ms = "2026-05-31" } } } },
    { "loan", {}, "quiet", { contacts = {}, channel = "sms" } },
    { "loan", {}, "opted_out", { contacts = { { kind = "opt_out", category = "loan" } } } },
  }
  for _, case in ipairs(CASES) do
    it("carries " .. (case[3] ~= "" and case[3] or "no code when there is none"), function()
      assert.equal(case[3], (codes_of(case[1], case[2], case[4])))
    end)
  end

  it("can carry no code that is not among these", function()
    local file <close> = assert(io.open(TOP .. "/core/engine/ruleset.c"))
    local names = file:read("a"):match("\nconst char %*oe_cause_name.-};")
    local seen, count = {}, 0
    for _, case in ipairs(CASES) do
      seen[case[3]] = true
    end
    for code in names:gmatch('"([%l_]+)"') do
      assert.is_true(seen[code] or false, code)
      count = count + 1
    end
    assert.equal(#CASES - 1, count)
  end)

  it("carries the four principal codes in order of effect, each once, of however many", function()
    local ALL = { products = { "loan", "second" }, income = 600000, credit_score = 599, age = 90, region = "south" }
    local codes, answer = codes_of("loan", ALL, { at = "2026-01-31" })
    assert.equal("not_yet_available already_owned needs_product excluded_by_product", codes)
    assert.is_true(#answer.failures > 4)
  end)

  -- 20 of 130 years are a larger share than 1 of 550 points, 200 points than 1 year.
  local ORDER = {
    { { credit_score = 599, age = 90, region = "south" }, "above_maximum below_minimum condition_not_met" },
    { { credit_score = 400, age = 71, region = "south" }, "below_minimum above_maximum condition_not_met" },
    { { credit_score = 599, income = 0, age = 71 }, "below_minimum above_maximum" },
    { { products = {}, age = 71, region = "south" }, "needs_product above_maximum condition_not_met" },
  }
  for _, case in ipairs(ORDER) do
    it("orders them: " .. case[2], function()
      assert.equal(case[2], (codes_of("loan", case[1])))
    end)
  end
end)
