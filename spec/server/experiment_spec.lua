-- experiment_spec.lua: what `offerengine experiment` tells of a running service's database is what was asked of the
-- service and told to it.

local core = require "offerengine.core"
local live_rules = require "spec.support.live_rules"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"

local CUSTOMERS = 600
local CARD = [[
experiment "card_message" { arms = { control = 50, bold = 50 } }
adjust "bolder" { product = "gold_loan", when = { card_message = "bold" }, points = 1 }
]]

-- Every fifth of the control group, three fifths of the others.
local function is_converted(arm, number)
  return number % 5 < (arm == "bold" and 3 or 1)
end

describe("offerengine experiment", function()
  local folder, rules, server, client, db
  local counts = { control = { 0, 0 }, bold = { 0, 0 } } -- customers, converted

  local function decide(id)
    local answer = client:ask("POST", "/recommend/", nil, ('{"customer_id":"%s","age":40,"income":95000,'
      .. '"credit_score":735,"avg_account_balance":20000,"existing_products":[]}'):format(id))
    assert.equal(200, answer.status, answer.body)
    return core.decode_json(answer.body)
  end

  local function tell(decision, outcome)
    local answer = client:ask("POST", "/outcomes", nil, core.encode_json { decision_id = decision.decision_id,
      outcome = outcome, product_id = decision.recommended_products[1].product_id })
    assert.equal(201, answer.status, answer.body)
  end

  local function told(...)
    local code, out, err = shell.run("experiment", "card_message", "--db", db, "--json", ...)
    assert.equal("", err)
    return code, core.decode_json(out)
  end

  local function arm_of(answer, name)
    for _, arm in ipairs(answer.arms) do
      if arm.arm == name then
        return arm
      end
    end
  end

  setup(function()
    folder = service.folder()
    rules, db = live_rules.copy(folder), folder .. "/bank.db"
    rules:write("experiments.lua", CARD)
    server = assert(service.start { db = db, rules = rules.path, words = { "--no-watch", "--no-samples" } })
    client = server:connect()
  end)

  teardown(function()
    client:close()
    server:stop()
    service.remove(folder)
  end)

  it("has not enough data before anybody came", function()
    local code, answer = told()
    assert.equal(0, code)
    assert.equal("not_enough_data", answer.assignment)
    for _, arm in ipairs(answer.arms) do
      assert.same({ 0, 0, 50 }, { arm.customers, arm.count, arm.share })
      assert.is_nil(arm.rate)
      assert.is_nil(arm.difference)
    end
    local _, text = shell.run("experiment", "card_message", "--db", db)
    assert.matches("bold less control: not enough data\n", text, 1, true)
  end)

  it("counts every customer once, in the arm that the answers said", function()
    for i = 1, CUSTOMERS do
      local decision = decide("C" .. i)
      local arm = decision.experiments[1].arm
      counts[arm][1] = counts[arm][1] + 1
      tell(decision, "shown")
      if is_converted(arm, i) then
        counts[arm][2] = counts[arm][2] + 1
        tell(decision, "converted")
        tell(decide("C" .. i), "converted")
      end
    end
    client:close()
    server:stop() -- everything is in the database now
    server = assert(service.start { db = db, rules = rules.path, words = { "--no-watch", "--no-samples" } })
    client = server:connect()
    local code, answer = told()
    assert.equal(0, code)
    assert.same({ 1, "converted", "sound" }, { answer.generation, answer.outcome, answer.assignment })
    for name, expected in pairs(counts) do
      local arm = arm_of(answer, name)
      assert.same(expected, { arm.customers, arm.count })
      local rate = core.rate { customers = expected[1], converted = expected[2] }
      assert.same(rate, arm.rate)
      assert.near(expected[2] / expected[1], rate.value, 1e-12)
      assert.is_true(rate.low < rate.value and rate.value < rate.high)
    end
    local found = arm_of(answer, "bold").difference
    assert.is_true(found.decided and found.low > 0)
    assert.near(counts.bold[2] / counts.bold[1] - counts.control[2] / counts.control[1], found.value, 1e-12)
    assert.is_nil(arm_of(answer, "control").difference)
  end)

  it("counts another outcome, and is one table as text", function()
    local _, answer = told("--outcome", "shown")
    assert.equal(counts.bold[1], arm_of(answer, "bold").count)
    assert.is_nil(arm_of(answer, "bold").difference) -- everybody was shown something
    local code, text = shell.run("experiment", "card_message", "--db", db)
    assert.equal(0, code)
    for _, words in ipairs { "experiment card_message since generation 1, ", "customers who converted\n",
      ": bold is higher\n", "assignment: as it should be\n" } do
      assert.matches(words, text, 1, true)
    end
  end)

  local function reload(text)
    rules:write("experiments.lua", text)
    local answer = client:ask("POST", "/rules/reload", nil, "")
    assert.equal(200, answer.status, answer.body)
  end

  it("goes on through other changes of the rules, and begins anew with another lot", function()
    reload(CARD .. 'adjust "bolder_still" { product = "gold_loan", when = { card_message = "bold" }, points = 1 }\n')
    local _, answer = told()
    assert.same({ 1, counts.bold[1] }, { answer.generation, arm_of(answer, "bold").customers })
    reload((CARD:gsub("= 50 }", '= 50 }, salt = "anew"', 1)))
    _, answer = told()
    assert.same({ 3, 0 }, { answer.generation, arm_of(answer, "bold").customers })
  end)

  it("tells which experiments there are when it is asked for another", function()
    local code, _, err = shell.run("experiment", "card_mesage", "--db", db)
    assert.equal(1, code)
    assert.matches("the rules that serve have no experiment 'card_mesage'; they have card_message", err, 1, true)
  end)
end)

describe("statistics for programs", function()
  it("say nothing about too few", function()
    assert.is_nil(core.rate { customers = 29, converted = 3 })
    assert.is_nil(core.difference({ customers = 100, converted = 9 }, { customers = 100, converted = 50 }))
    assert.is_nil(core.sample_ratio({ 50, 49 }, { 1, 1 }))
  end)

  it("tell a broken assignment, whatever the shares add up to", function()
    assert.is_true(core.sample_ratio({ 1100, 900 }, { 50, 50 }, 0.01).broken)
    assert.is_false(core.sample_ratio({ 1010, 990 }, { 1, 1 }, 0.01).broken)
    assert.near(8.0181744709, core.sample_ratio({ 1100, 900 }, { 50, 50 }).evidence, 1e-9)
  end)

  it("refuse what cannot be", function()
    for _, wrong in ipairs { { customers = 1, converted = 2 }, { customers = -1, converted = 0 }, { customers = 1 } } do
      assert.has_error(function() core.rate(wrong) end)
    end
    assert.has_error(function() core.rate({ customers = 1, converted = 1 }, 1) end)
    assert.has_error(function() core.sample_ratio({ 1 }, { 1 }) end)
    assert.has_error(function() core.sample_ratio({ 1, 2 }, { 1, 0 }) end)
  end)
end)
