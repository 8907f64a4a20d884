-- reports_spec.lua: reports of the running service: the numbers of the module, made on job threads, few at once.

local core = require "offerengine.core"
local offerengine = require "offerengine"
local rule_folder = require "rule_folder"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"

local PRICE = "/rules/price?product=credit_card&attribute=min_income&to=60000&steps=6"
-- Every customer takes some milliseconds.
local SLOW = [[
segment "slow" { when = function(c)
  local sum = 0
  for i = 1, 100000 do
    sum = sum + i % 7
  end
  return sum < c.income
end, boost = { credit_card = 1 } }
]]

local function body_of(answer, status)
  assert.equal(status or 200, answer.status, answer.body)
  return core.decode_json(answer.body)
end

describe("the reports of the service", function()
  local server, ruleset, population

  setup(function()
    server = assert(service.start())
    ruleset = assert(offerengine.load(shell.source .. "/rules"))
    population = offerengine.population(ruleset)
    assert(population:read { path = shell.source .. "/rules/samples/customers.csv" })
  end)
  teardown(function() server:stop() end)

  it("tell what the module tells, and of which generation", function()
    local expected = assert(offerengine.price(ruleset, population, "credit_card", "income", { to = 60000, steps = 6 }))
    local price = body_of(server:ask("GET", PRICE))
    assert.same({ "price", ruleset:hash(), 1, 18 },
      { price.report, price.ruleset, price.generation, price.population.customers })
    assert.equal(7, #price.points)
    local lost = 0
    for i, point in ipairs(price.points) do
      point.change = nil
      assert.same(expected.points[i], point)
      lost = lost + point.lost
    end
    assert.is_true(lost > 0)
    local uncovered = body_of(server:ask("GET", "/rules/uncovered?category=credit"))
    local found = assert(offerengine.uncovered(ruleset, population, { category = "credit" }))
    assert.equal(found.without_offer, uncovered.without_offer)
    assert.same(found.obstacles, uncovered.obstacles)
  end)

  it("see the customers of the moment", function()
    local given = '{"customer_id":"NEW001","age":32,"income":85000,"existing_products":[],"credit_score":710,'
      .. '"avg_account_balance":25000}'
    assert.equal(201, server:ask("PUT", "/customers/NEW001", nil, given).status)
    assert.equal(19, body_of(server:ask("GET", PRICE)).population.customers)
    assert.equal(204, server:ask("DELETE", "/customers/NEW001").status)
    assert.equal(18, body_of(server:ask("GET", PRICE)).population.customers)
  end)

  local refusals = {
    { "product=credit_card&attribute=income&steps=0", "query.steps: must be a whole number from 1 to 1000" },
    { "product=credit_card&attribute=income&steps=many", "query.steps: must be a whole number from 1 to 1000" },
    { "product=credit_card&attribute=income&to=low", "query.to: must be a number" },
    { "product=credit_card&attribute=income&to=-1", "query.to: price: the gate can be moved to" },
    { "product=credit_card&attribute=income&to=25000", "query.to: price: the gate is 25000 already" },
    { "product=life_insurance&attribute=age",
      "query.attribute: must be one of the product's gates with a number: min_age, max_age, min_income" },
    { "product=credit_card&attribute=secret",
      "query.attribute: must be one of the product's gates with a number: min_age, min_income, min_credit_score" },
    { "product=credit_card", "query.attribute: is missing" },
    { "product=credit_card&attribute=income&gate=1", "query.gate: unknown parameter" },
  }
  for _, case in ipairs(refusals) do
    it("refuse " .. case[1] .. " without saying what was sent", function()
      local answer = server:ask("GET", "/rules/price?" .. case[1])
      local fault = body_of(answer, 422).detail[1]
      local text = ("%s.%s: %s"):format(fault.loc[1], fault.loc[2], fault.msg)
      assert.equal(case[2], text:sub(1, #case[2]))
      assert.is_nil(answer.body:find("secret", 1, true))
    end)
  end
end)

describe("reports that take long", function()
  local rules, server

  setup(function()
    local files = rule_folder.read(shell.source .. "/rules")
    files["zz.lua"] = SLOW
    rules = rule_folder.write(files)
    assert(os.execute(("cp -r %s/rules/samples %s/"):format(shell.quote(shell.source), shell.quote(rules))))
    server = assert(service.start { rules = rules, workers = 1 })
  end)
  teardown(function()
    server:stop()
    rule_folder.remove(rules)
  end)

  it("hold nobody up, and more than two at once are told to come again", function()
    local clients = {}
    for i = 1, 6 do
      clients[i] = server:connect()
      assert(clients[i]:send("GET", PRICE))
    end
    assert.equal("ok\n", server:ask("GET", "/livez").body)
    local counts = {}
    for _, client in ipairs(clients) do
      local answer = client:receive()
      counts[answer.status] = (counts[answer.status] or 0) + 1
      if answer.status == 503 then
        assert.is_truthy(tonumber(answer.headers["retry-after"]))
        assert.equal("unavailable", core.decode_json(answer.body).code)
      end
      client:close()
    end
    assert.is_true((counts[200] or 0) >= 2 and (counts[503] or 0) >= 1)
    assert.equal(200, server:ask("GET", PRICE).status)
  end)

  it("may lose who asked for them", function()
    local client = server:connect()
    assert(client:send("GET", PRICE))
    client:close()
    repeat -- until its place is free again
      local answer = server:ask("GET", PRICE)
    until answer.status == 200
  end)
end)
