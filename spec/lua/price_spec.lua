-- price_spec.lua: what moving a gate would change, against rules with that number changed, loaded again, and every
-- customer decided again.

local shell = require "spec.lua.shell"
local people = require "spec.lua.people"
local rule_folder = require "rule_folder"
local loader = require "offerengine.loader"
local offerengine = require "offerengine"

local AT = people.AT
local FILES = rule_folder.read(shell.source .. "/rules")
local SAMPLES = shell.source .. "/rules/samples/"
local SCF, MAP = SAMPLES .. "scf-2019-excerpt.csv", SAMPLES .. "scf-2019.map.csv"

-- Rules that have limits in every way, on top of the samples.
local LIMITED = { ["limits.lua"] = 'limit { default = 2, category = { credit = 1, investment = 1 } }\n' }

-- A gate on a derived field, and functions as condition, curve and derived field.
local ASKING = { ["asking.lua"] = [[
derive "cushion" {
  type = "number", unit = "of income", range = { -100, 100 }, step = 0.01,
  value = function(c) return c.avg_account_balance / (c.income + 1000) end,
}
product "cushion_plan" {
  name = "Cushion Plan", category = "savings", min_cushion = 0.5, min_income = 10000, min_age = 30, lever = 2,
  curve = { income = function(v) return v < 60000 and v / 60000 or 0.2 end },
  when = function(c) return c.age % 3 > 0 end,
}
]] }

-- The sample rules with files added, and one gate of one product at another value.
local function folder_of(added, product, gate, value)
  local files, changed, all = {}, 0, {}
  for _, list in ipairs { FILES, added or {} } do
    for name, text in pairs(list) do
      all[name] = text
    end
  end
  for name, text in pairs(all) do
    files[name] = not product and text or text:gsub('product "' .. product .. '" %b{}', function(block)
      local count
      block, count = block:gsub("(" .. gate .. "%s*=%s*)[%d.]+", "%1" .. value)
      changed = changed + count
      return block
    end)
  end
  assert(not product or changed == 1)
  return rule_folder.write(files)
end

local function load_rules(folder, options)
  local ruleset, message = loader.load(folder, options)
  rule_folder.remove(folder)
  return ruleset, message
end

-- The book: the households of the excerpt, and random customers.
local function book_of(ruleset)
  local population = offerengine.population(ruleset)
  assert(population:read { path = SCF, map = MAP })
  for _, values in ipairs(people.random(500)) do
    assert(population:add(values))
  end
  return population
end

-- Who gets what by these rules: id -> { best =, [product] = true }, and the segments.
local function decide(ruleset, population, options)
  local all = offerengine.population(ruleset)
  for _, values in population:each() do
    assert(all:add(values))
  end
  local answers = {}
  all:decide_all(options, function(decision)
    local offers = decision.recommended_products
    local answer = { best = offers[1] and offers[1].product_id, segments = decision.segments }
    for _, offer in ipairs(offers) do
      answer[offer.product_id] = true
    end
    answers[decision.customer_id] = answer
  end)
  all:close()
  return answers
end

local function count_up(counts, key)
  counts[key] = (counts[key] or 0) + 1
end

local function count_segments(counts, segments)
  for _, segment in ipairs(segments) do
    count_up(counts, segment)
  end
  if #segments == 0 then
    count_up(counts, "")
  end
end

-- The counts of a point, from both answers of every customer.
local function compare(now, after, product)
  local point = { offered = 0, without_offer = 0, gained = 0, lost = 0, reached = 0, emptied = 0, displaced = 0,
    displaced_products = {}, gained_segments = {}, lost_segments = {} }
  for id, a in pairs(now) do
    local b = after[id]
    point.offered = point.offered + (b[product] and 1 or 0)
    point.without_offer = point.without_offer + (b.best and 0 or 1)
    point.reached = point.reached + (b.best and not a.best and 1 or 0)
    point.emptied = point.emptied + (a.best and not b.best and 1 or 0)
    if b[product] and not a[product] then
      point.gained = point.gained + 1
      count_segments(point.gained_segments, a.segments)
    elseif a[product] and not b[product] then
      point.lost = point.lost + 1
      count_segments(point.lost_segments, a.segments)
    end
    if a.best and a.best ~= b.best then
      point.displaced = point.displaced + 1
      count_up(point.displaced_products, a.best)
    end
  end
  return point
end

local function by_key(list, key)
  local counts = {}
  for _, item in ipairs(list) do
    counts[item[key] or ""] = item.customers
  end
  return counts
end

-- A point of the report in the shape of compare's.
local function shape(point)
  local shaped = {}
  for key, value in pairs(point) do
    shaped[key] = value
  end
  shaped.gate, shaped.effective = nil, nil
  shaped.displaced_products = by_key(point.displaced_products, "product_id")
  shaped.gained_segments = by_key(point.gained_segments, "segment")
  shaped.lost_segments = by_key(point.lost_segments, "segment")
  return shaped
end

-- product, gate, and what is asked beside; `refused`: that many points at least are no lawful rules
local CASES = {
  { "premium_credit_card", "min_income" },
  { "premium_credit_card", "min_income", to = 170000, refused = 1 }, -- past its ideal
  { "premium_credit_card", "min_credit_score" },
  { "premium_credit_card", "min_credit_score", to = 850 }, -- where the tier lifts it out of the range
  { "credit_card", "min_income", to = 70000 },
  { "personal_loan", "min_credit_score", to = 800, limit = 2 },
  { "fixed_deposit", "min_avg_account_balance" },
  { "fixed_deposit", "min_avg_account_balance", to = 40000, added = LIMITED },
  { "secured_credit_card", "min_income", category = "credit", added = LIMITED, to = 39000 },
  { "life_insurance", "max_age" },
  { "life_insurance", "max_age", to = 22, added = LIMITED },
  { "debit_card", "min_age", to = 60 }, -- a fallback
  { "cushion_plan", "min_cushion", to = 0, added = ASKING },
  { "cushion_plan", "min_age", added = ASKING },
}

describe("the price of a gate", function()
  for _, case in ipairs(CASES) do
    local product, gate = table.unpack(case)
    local options = { at = AT, limit = case.limit, category = case.category }
    local title = ("of %s of %s%s%s is what 20 reruns come to"):format(gate, product,
      case.to and " up to " .. case.to or "", case.added and " under limits" or "")
    it(title, function()
      local ruleset = assert(load_rules(folder_of(case.added)))
      local population = book_of(ruleset)
      local report = assert(offerengine.price(ruleset, population, product, gate, { at = AT, limit = case.limit,
        category = case.category, to = case.to, workers = 2 }))
      local now = decide(ruleset, population, options)
      assert.is_true(#report.points >= 17) -- ages are few
      assert.equal(#population, report.customers)
      local moved, refused = 0, 0
      for i, point in ipairs(report.points) do
        local changed = load_rules(folder_of(case.added, product, gate, point.gate), { ruleset = ruleset })
        if not changed then
          assert.is_string(point.refused)
          refused = refused + 1
        else
          assert.is_nil(point.refused)
          local expected = compare(now, decide(changed, population, options), product)
          assert.same(expected, shape(point), ("point %d, %s"):format(i, point.gate))
          moved = moved + expected.gained + expected.lost
        end
      end
      assert.is_true(moved > 0, "the case shows nothing")
      assert.is_true(refused >= (case.refused or 0) and refused < #report.points)
    end)
  end

  local ruleset = assert(offerengine.load(shell.source .. "/rules"))
  local small = offerengine.population(ruleset)
  assert(small:read { path = SCF, map = MAP })

  it("begins with the gate as it is, where nothing differs, and says where it stands", function()
    local report = assert(offerengine.price(ruleset, small, "premium_credit_card", "credit_score",
      { at = AT, steps = 4 }))
    assert.equal("min_credit_score", report.gate)
    assert.equal("products/credit.lua", report.file)
    assert.equal(11, report.line)
    local gates, effective = {}, {}
    for i, point in ipairs(report.points) do
      gates[i], effective[i] = point.gate, point.effective
    end
    assert.same({ 700, 600, 500, 400, 300 }, gates)
    assert.same({ 720, 620, 520, 420, 320 }, effective)
    local first = report.points[1]
    assert.same({ 0, 0, 0, 0, 0 }, { first.gained, first.lost, first.reached, first.emptied, first.displaced })
  end)

  it("counts the same by any number of threads", function()
    local one = assert(offerengine.price(ruleset, small, "life_insurance", "max_age", { at = AT, workers = 1 }))
    assert.same(one, offerengine.price(ruleset, small, "life_insurance", "max_age", { at = AT, workers = 7 }))
  end)

  it("moves nothing for an empty population", function()
    local report = assert(offerengine.price(ruleset, offerengine.population(ruleset), "credit_card", "income"))
    assert.equal(21, #report.points)
    assert.equal(0, report.points[21].offered)
  end)

  local refusals = {
    { "credit_crad", "income", nil, "not_found", "did you mean 'credit_card'?" },
    { "credit_card", "incme", nil, "not_found", "did you mean 'income'?" },
    { "credit_card", "min_incme", nil, "not_found", "did you mean 'income'?" },
    { "credit_card", "avg_account_balance", nil, "not_found",
      'product "credit_card" has no min_avg_account_balance; its gates with a number: min_income, min_credit_score' },
    { "credit_card", "max_age", nil, "not_found", 'product "credit_card" has no max_age; its gates' },
    { "credit_card", "region", nil, "not_found", 'has no min_region' },
    { "life_insurance", "age", nil, "invalid", 'has both min_age and max_age; name one of them' },
    { "credit_card", "credit_score", { to = 299 }, "invalid", 'the gate can be moved to 300 to 850' },
    { "credit_card", "credit_score", { to = 620 }, "invalid", 'the gate is 620 already' },
    { "credit_card", "income", { steps = 0 }, "too_large", "steps must be 1 to 1000" },
    { "credit_card", "income", { steps = 1001 }, "too_large", "steps must be 1 to 1000" },
  }
  for _, case in ipairs(refusals) do
    it(("refuses %s of %s: %s"):format(case[2], case[1], case[5]), function()
      local report, message, code = offerengine.price(ruleset, small, case[1], case[2], case[3])
      assert.is_nil(report)
      assert.equal(case[4], code)
      assert.matches(case[5], message, 1, true)
    end)
  end

  it("and a list of obstacles end when a function of the rules is stopped, which is named", function()
    if not people.is_signalled() then
      return
    end
    local added = { ["loop.lua"] = [[
product "loop" { name = "Loop", category = "savings", min_income = 1000, reason = "Loop", when = function(c)
  while c.income == 66666 do end
  return true
end }
]] }
    local hostile = assert(load_rules(folder_of(added)))
    local population = offerengine.population(hostile)
    assert(population:add(people.one { income = 66666 }))
    for _, answer in ipairs { { offerengine.price(hostile, population, "credit_card", "income") },
      { offerengine.uncovered(hostile, population) } } do
      assert.is_nil(answer[1])
      assert.equal('loop.lua:1: the function of "loop" took too long or too much memory and was stopped', answer[2])
      assert.equal("invalid", answer[3])
    end
  end)

  it("raises for a population of other rules, and for an unknown option", function()
    local other = offerengine.population(assert(offerengine.load(shell.source .. "/rules")))
    assert.error_matches(function() offerengine.price(ruleset, other, "credit_card", "income") end, "other rules")
    assert.error_matches(function()
      offerengine.price(ruleset, small, "credit_card", "income", { stepz = 3 })
    end, "unknown key 'stepz'")
  end)
end)
