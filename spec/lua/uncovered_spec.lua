-- uncovered_spec.lua: who gets nothing and what stands in the way, against every customer decided and explained.

local shell = require "spec.lua.shell"
local people = require "spec.lua.people"
local core = require "offerengine.core"
local offerengine = require "offerengine"
local rule_folder = require "rule_folder"

local AT = { at = people.AT }

-- Without the fallback there are customers without an offer.
local function rules_folder()
  local files = rule_folder.read(shell.source .. "/rules")
  files["policies.lua"] = files["policies.lua"]:gsub("\nfallback [^\n]*", "")
  files["zz.lua"] = "threshold { default = 60 }\nlimit { default = 3 }\n"
  files["scoring.lua"] = files["scoring.lua"]:gsub("\nthreshold %b{}", "")
  return rule_folder.write(files)
end

local function sum(list, key)
  local total = 0
  for _, item in ipairs(list) do
    total = total + item[key]
  end
  return total
end

describe("customers without an offer", function()
  local folder, ruleset, population, list

  setup(function()
    folder = rules_folder()
    ruleset = assert(offerengine.load(folder))
    population = offerengine.population(ruleset)
    list = people.random(people.count())
    for i, values in ipairs(list) do
      if i % 3 == 0 then -- poor and young, with little chance
        values.income, values.avg_account_balance, values.age = values.income / 50, values.avg_account_balance / 100, 16
      end
      assert(population:add(values))
    end
  end)
  teardown(function() rule_folder.remove(folder) end)

  -- Ids of those who get nothing, and gaps by category.
  local function decide_all(options)
    local empty, gaps, without = {}, {}, {}
    local category_of = {}
    for _, product in ipairs(ruleset:products()) do
      category_of[product.id] = product.category
    end
    population:decide_all(options, function(decision)
      local offered = {}
      for _, offer in ipairs(decision.recommended_products) do
        offered[category_of[offer.product_id]] = true
      end
      local is_empty = #decision.recommended_products == 0
      empty[#empty + 1] = is_empty and decision.customer_id or nil
      for _, category in ipairs(decision.portfolio_gaps) do
        gaps[category] = (gaps[category] or 0) + (offered[category] and 0 or 1)
        without[category] = (without[category] or 0) + (is_empty and 1 or 0)
      end
    end)
    return empty, gaps, without
  end

  it("add up to those whom a decision gives nothing, each counted for one obstacle", function()
    for _, options in ipairs { AT, { at = people.AT, category = "credit" }, { at = people.AT, limit = 1 } } do
      local empty = decide_all(options)
      local found = assert(offerengine.uncovered(ruleset, population, options))
      assert.equal(#list, found.customers)
      assert.is_true(#empty > 10)
      assert.equal(#empty, found.without_offer)
      assert.equal(#empty, sum(found.obstacles, "customers"))
      for _, obstacle in ipairs(found.obstacles) do
        assert.equal(obstacle.customers, sum(obstacle.products, "customers"))
        assert.is_true(obstacle.winnable <= obstacle.customers)
      end
    end
  end)

  it("can be won where the explanation of some product says so", function()
    local winnable, cheapest = 0, {}
    for _, id in ipairs((decide_all(AT))) do
      local possible = false
      for _, product in ipairs(ruleset:explain(population:get(id), AT).products) do
        local change = product.smallest_change
        possible = possible or change and change.possible
        if change and change.possible and #change.changes == 1 then
          cheapest[id] = true
        end
      end
      winnable = winnable + (possible and 1 or 0)
    end
    local found = assert(offerengine.uncovered(ruleset, population, AT))
    assert.equal(winnable, sum(found.obstacles, "winnable"))
    local singles = 0
    for _ in pairs(cheapest) do
      singles = singles + 1
    end
    local by_one = 0
    for _, obstacle in ipairs(found.obstacles) do
      by_one = by_one + (obstacle.changes[4] and obstacle.changes[4].customers or 0)
    end
    assert.is_true(by_one > 0 and by_one <= singles)
  end)

  it("are told by how much one number has to move, in rising quarters", function()
    for _, obstacle in ipairs(assert(offerengine.uncovered(ruleset, population, AT)).obstacles) do
      local last = { at_most = 0, customers = 0 }
      for _, step in ipairs(obstacle.changes) do
        assert.is_true(step.at_most >= last.at_most and step.customers >= last.customers)
        last = step
      end
      assert.is_true(last.customers <= obstacle.winnable)
    end
  end)

  it("leave gaps in categories, counted for everybody", function()
    local _, gaps, without = decide_all(AT)
    for _, category in ipairs(assert(offerengine.uncovered(ruleset, population, AT)).categories) do
      assert.equal(gaps[category.category] or 0, category.gaps, category.category)
      assert.equal(without[category.category] or 0, category.without_offer, category.category)
    end
  end)

  it("are the same by any number of threads, and in the summary of a batch", function()
    local one = assert(offerengine.uncovered(ruleset, population, { at = people.AT, workers = 1 }))
    assert.same(one, offerengine.uncovered(ruleset, population, { at = people.AT, workers = 7 }))
    local lines = {}
    for i, values in ipairs(list) do
      lines[i] = ruleset:profile(values):json() .. "\n"
    end
    local code, out = shell.run("batch", "--in", "-", "--in-format", "ndjson", "--rules", folder, "--summary", "--json",
      "--at", people.AT, { input = table.concat(lines) })
    assert.equal(0, code)
    local summary = core.decode_json(out)
    for _, answer in ipairs { one, summary } do -- JSON has no more than 14 digits
      for _, obstacle in ipairs(answer.obstacles) do
        for _, change in ipairs(obstacle.changes) do
          change.at_most = ("%.6f"):format(change.at_most)
        end
      end
    end
    assert.same({ one.obstacles, one.categories }, { summary.obstacles, summary.categories })
  end)

  it("are none where everybody gets something, and in an empty population", function()
    local nobody = assert(offerengine.uncovered(ruleset, offerengine.population(ruleset)))
    assert.same({ 0, 0, {} }, { nobody.customers, nobody.without_offer, nobody.obstacles })
  end)
end)
