-- functions_spec.lua: functions in rules as the service and the command line meet them: the same bytes, a stop that
-- harms nobody else, quarantine, and runs that end instead.

local core = require "offerengine.core"
local offerengine = require "offerengine"
local people = require "spec.lua.people"
local rule_folder = require "rule_folder"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"

local RULES = [[
segment "thrifty" { when = function(c) return c.income > 4 * c.avg_account_balance end, boost = { personal_loan = 4 } }
product "hostile" { name = "Hostile", category = "savings", min_income = 1000, reason = "Hostile",
  when = function(c)
    while c.income == 66666 do end
    return c.age >= 21
  end }
]]

local CURVES = [[
product "graded" { name = "Graded", category = "savings", min_age = 18,
  curve = { income = function(v)
    while v == 66666 do end
    return math.min(1, v / 50000)
  end } }
product "spoken" { name = "Spoken", category = "savings", min_age = 18,
  message = function(c)
    while c.income == 77777 do end
    return "Hello \"" .. c.age .. "\""
  end }
]]

local function body(income)
  return core.encode_json(people.one { income = income })
end

local function ids(answer)
  local list = {}
  for i, offer in ipairs(core.decode_json(answer.body).recommended_products) do
    list[i] = offer.product_id
  end
  return " " .. table.concat(list, " ") .. " "
end

describe("functions in the rules", function()
  local rules, ruleset

  setup(function()
    local files = rule_folder.read(shell.source .. "/rules")
    files["zz.lua"] = RULES
    rules = rule_folder.write(files)
    ruleset = assert(offerengine.load(rules))
  end)
  teardown(function() rule_folder.remove(rules) end)

  it("decide over HTTP, in a batch and on the command line what they decide in the module", function()
    local server = assert(service.start { rules = rules, words = { "--no-samples" } })
    local client = server:connect()
    local folder, lines = shell.folder(), {}
    local list = people.random(people.count())
    for i, values in ipairs(list) do
      lines[i] = ruleset:profile(values):json()
    end
    shell.write(folder .. "/in.ndjson", table.concat(lines, "\n") .. "\n")
    local code, _, err = shell.run("batch", "--in", folder .. "/in.ndjson", "--out", folder .. "/out.ndjson", "--rules",
      rules)
    assert.equal(0, code, err)
    local at = 0
    for answer in shell.read(folder .. "/out.ndjson"):gmatch("[^\n]+") do
      at = at + 1
      assert.equal(ruleset:decide_json(list[at]), answer)
      assert.equal(answer, service.decision(client:ask("POST", "/recommend/", nil, lines[at])))
    end
    assert.equal(#list, at)
    shell.remove(folder)
    client:close()
    server:stop()
  end)

  local it_stops = people.is_signalled() and it or pending
  it_stops("that do not end are stopped, told, and in the end not called any more", function()
    local server = assert(service.start { rules = rules, workers = 1 })
    local client = server:connect()
    local sound = service.decision(client:ask("POST", "/recommend/", nil, body(90000)))
    assert.matches(" hostile ", ids { body = sound }, 1, true)
    for stop = 1, 3 do
      assert.same({}, core.decode_json(client:ask("GET", "/health").body).degraded, stop)
      local answer = client:ask("POST", "/recommend/", nil, body(66666))
      assert.equal(200, answer.status)
      assert.same({ "hostile" }, core.decode_json(answer.body).degraded)
      assert.is_nil(ids(answer):find(" hostile ", 1, true))
      if stop < 3 then
        assert.equal(sound, service.decision(client:ask("POST", "/recommend/", nil, body(90000))))
      end
    end
    assert.same({ "hostile" }, core.decode_json(client:ask("GET", "/health").body).degraded)
    local answer = core.decode_json(service.decision(client:ask("POST", "/recommend/", nil, body(90000))))
    assert.same({ "hostile" }, answer.degraded)
    answer.degraded = nil
    local expected = core.decode_json(sound)
    for i, offer in ipairs(expected.recommended_products) do
      if offer.product_id == "hostile" then
        table.remove(expected.recommended_products, i)
      end
    end
    expected.total_recommendations = expected.total_recommendations - 1
    assert.same(expected, answer)
    local metrics = client:ask("GET", "/metrics").body
    assert.matches('offerengine_rule_stops_total{rule="hostile",place="zz.lua:3"} 3', metrics, 1, true)
    assert.matches('offerengine_rule_quarantined{rule="hostile",place="zz.lua:3"} 1', metrics, 1, true)
    assert.matches('offerengine_rule_errors_total{rule="thrifty",place="zz.lua:1"} 0', metrics, 1, true)
    client:close()
    server:stop()
  end)

  it_stops("that are curves and messages decide, and are stopped and told as others", function()
    local files = rule_folder.read(shell.source .. "/rules")
    files["zz.lua"] = CURVES
    local folder = rule_folder.write(files)
    local server = assert(service.start { rules = folder, workers = 1 })
    local client = server:connect()
    local function offers(income)
      local answer = client:ask("POST", "/recommend/", nil, body(income))
      assert.equal(200, answer.status)
      local decoded, found = core.decode_json(answer.body), {}
      for _, offer in ipairs(decoded.recommended_products) do
        found[offer.product_id] = offer
      end
      return found, decoded.degraded
    end
    local sound = offers(60000)
    assert.matches('^Hello "%d+"$', sound.spoken.message)
    for _ = 1, 3 do
      local found, degraded = offers(66666)
      assert.same({ "graded" }, degraded)
      assert.is_nil(found.graded)
      assert.is_truthy(found.spoken.message)
    end
    for _ = 1, 3 do
      local found, degraded = offers(77777)
      assert.same({ "graded", "spoken" }, degraded)
      assert.is_nil(found.spoken.message)
    end
    assert.same({ "graded", "spoken" }, core.decode_json(client:ask("GET", "/health").body).degraded)
    local found, degraded = offers(60000)
    assert.same({ "graded", "spoken" }, degraded)
    assert.same({}, { found.graded, found.spoken.message })
    for _, product in ipairs(core.decode_json(client:ask("GET", "/products").body).products) do
      if product.id == "spoken" then
        assert.equal("function at zz.lua:7", product.message)
      end
    end
    client:close()
    server:stop()
    rule_folder.remove(folder)
  end)

  it_stops("that were stopped are not asked when the decision is replayed", function()
    local folder = shell.folder()
    local db = folder .. "/bank.db"
    local server = assert(service.start { rules = rules, db = db, workers = 1, words = { "--no-samples" } })
    for _, income in ipairs { 90000, 66666, 66666, 66666, 90000 } do -- at the last one it is in quarantine
      assert.equal(200, server:ask("POST", "/recommend/", nil, body(income)).status)
    end
    server:stop()
    local code, out = shell.run("replay", "--from", "2000-01-01", "--db", db, "--json")
    assert.same({ 0, 5, 0 }, { code, core.decode_json(out).same, core.decode_json(out).different })
    shell.remove(folder)
  end)

  it_stops("that do not end are stopped on every worker at once, the others' answers being right", function()
    local server = assert(service.start { rules = rules, workers = 4 })
    local sound = service.decision(server:ask("POST", "/recommend/", nil, body(20000)))
    local clients = {}
    for i = 1, 16 do
      clients[i] = server:connect()
      clients[i]:send("POST", "/recommend/", nil, body(i % 2 == 0 and 66666 or 20000))
    end
    for i, client in ipairs(clients) do
      local answer = client:receive()
      assert.equal(200, answer.status)
      local degraded = core.decode_json(answer.body).degraded
      if i % 2 == 0 then
        assert.same({ "hostile" }, degraded)
      elseif not degraded then
        assert.equal(sound, service.decision(answer))
      end
      client:close()
    end
    server:stop()
  end)

  it_stops("that do not end end a batch and a decision on the command line, and the rule is named", function()
    local folder = shell.folder()
    shell.write(folder .. "/one.json", body(66666))
    shell.write(folder .. "/in.ndjson", body(90000) .. "\n" .. body(66666) .. "\n")
    local expected = 'zz.lua:3: the function of "hostile" took too long or too much memory and was stopped'
    for _, words in ipairs { { "batch", "--in", folder .. "/in.ndjson", "--out", folder .. "/out.ndjson" },
      { "recommend", "--in", folder .. "/one.json" }, { "recommend", "--in", folder .. "/one.json", "--json" },
      { "explain", "--in", folder .. "/one.json" }, { "explain", "--in", folder .. "/one.json", "--json" } } do
      words[#words + 1] = "--rules"
      words[#words + 1] = rules
      local code, out, err = shell.run(table.unpack(words))
      assert.same({ 1, "" }, { code, out })
      assert.matches(expected, err, 1, true)
    end
    shell.remove(folder)
  end)
end)
