-- reload_spec.lua: new rules without a restart: what brings them in, what keeps them out, and who is told.

local live_rules = require "spec.support.live_rules"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"
local socket = require "socket"

local decoded, await, generation = live_rules.decoded, live_rules.await, live_rules.generation

describe("a service whose rules change", function()
  local folder, rules, server

  before_each(function()
    folder = service.folder()
    rules = live_rules.copy(folder)
  end)

  after_each(function()
    if server and not server.code then
      server:kill()
    end
    service.remove(folder)
  end)

  local function start(...)
    server = assert(service.start { rules = rules.path, db = folder .. "/bank.db", words = { ... } })
    return server
  end

  local function reload(body)
    return server:ask("POST", "/rules/reload", nil, body)
  end

  -- The answer of the service to a customer is that of the module by the folder's rules.
  local function expect_folder()
    local customer = server:ask("GET", "/customers/C001").body
    local answer = server:ask("GET", "/recommend/C001")
    local ruleset = rules:load()
    assert.equal((ruleset:decide_json(assert(ruleset:profile_json(customer)))), service.decision(answer))
    return answer
  end

  it("takes a saved change by itself within a second", function()
    start()
    rules:change(1)
    local saved = socket.gettime()
    live_rules.await_generation(server, 2)
    local took = socket.gettime() - saved
    assert.is_true(took < (service.is_sanitized() and 10 or 1), ("%.3f s"):format(took))
    assert.equal("2", expect_folder().headers["ruleset-generation"])
    assert.truthy(server:stop():find("event=rules_loaded generation=2", 1, true))
  end)

  it("sees folders that come later, what changes in them, and what goes", function()
    start()
    assert(os.execute(("mkdir -p '%s/products/spring/may'"):format(rules.path)))
    rules:write("products/spring/may/card.lua", live_rules.product(1, "may_card"))
    live_rules.await_generation(server, 2)
    rules:write("products/spring/may/card.lua", live_rules.product(2, "may_card"))
    live_rules.await_generation(server, 3)
    assert.equal(200, server:ask("GET", "/products/may_card").status)
    assert(os.execute(("rm -r '%s/products/spring'"):format(rules.path)))
    live_rules.await_generation(server, 4)
    assert.equal(404, server:ask("GET", "/products/may_card").status)
    expect_folder()
    server:stop()
  end)

  local function test_of(income)
    return ([[
test "the live card" {
  customer = { age = 30, income = %d, credit_score = 700, avg_account_balance = 0, existing_products = {} },
  offered = "live_card",
}
]]):format(income)
  end

  it("refuses rules that fail their tests, takes them when the test is mended, and goes back without asking", function()
    start()
    rules:change(1)
    live_rules.await_generation(server, 2)
    local before = live_rules.answers(server)
    assert(os.execute(("mkdir -p '%s/tests'"):format(rules.path)))
    rules:write("tests/live.lua", test_of(15000))
    rules:change(2)
    local shown = live_rules.await(server, function(now) return not now.last_load.ok end)
    assert.same({ 2, "refused", "E120", "tests/live.lua", 1 }, { shown.generation, shown.last_load.result,
      shown.findings[1].code, shown.findings[1].file, shown.findings[1].line })
    assert.equal(before, live_rules.answers(server))
    rules:write("tests/live.lua", test_of(200000))
    live_rules.await_generation(server, 3)
    expect_folder()
    rules:write("tests/live.lua", test_of(15000))
    assert.equal(200, server:ask("POST", "/rules/rollback").status)
    assert.equal(before, live_rules.answers(server))
    server:stop()
  end)

  it("refuses rules that decide a signed case otherwise, and names it", function()
    rules:change(1)
    assert(os.execute(("mkdir -p '%s/tests'"):format(rules.path)))
    rules:write("tests/signed.csv", "number,value,case,at,subject,expected,age,income,existing_products,credit_score,"
      .. "avg_account_balance\nlive,20000,just below: income 19999,1793491200000,product live_card,below_minimum,30,"
      .. "19999,,700,0\n")
    start "--no-watch"
    rules:write("products/live.lua", live_rules.product(1):gsub("min_income = 20000", "min_income = 19000"))
    local body = decoded(reload())
    assert.same({ "rules_invalid", "E121", "tests/signed.csv", 2 }, { body.code, body.detail[1].code,
      body.detail[1].file, body.detail[1].line })
    assert.matches("product live_card of live (just below: income 19999): signed below_minimum, now offered ",
      body.detail[1].message, 1, true)
    rules:change(1)
    assert.equal("unchanged", decoded(reload()).result)
    rules:change(2)
    assert.equal("loaded", decoded(reload()).result)
    server:stop()
  end)

  it("goes on with its rules when a change is broken, and says why everywhere", function()
    start "--no-watch"
    local before = live_rules.answers(server)
    rules:spoil()
    local answer = reload()
    assert.equal(422, answer.status)
    local body = decoded(answer)
    assert.equal("rules_invalid", body.code)
    local first = body.detail[1]
    assert.same({ "error", "products/live.lua", 1, "name" },
      { first.severity, first.file, first.line, first.suggestion })
    assert.equal(before, live_rules.answers(server))
    local shown = decoded(server:ask("GET", "/rules"))
    assert.same({ 1, false, "refused" }, { shown.generation, shown.last_load.ok, shown.last_load.result })
    assert.same(body.detail, shown.findings)
    local problem = server:ask("POST", "/rules/reload", { Accept = "application/problem+json" })
    assert.same(body.detail, decoded(problem).errors)
    rules:change(3)
    assert.same({ "loaded", 2 }, { decoded(reload()).result, generation(server) })
    assert.same({ true, 0 }, { decoded(server:ask("GET", "/rules")).last_load.ok,
      #decoded(server:ask("GET", "/rules")).findings })
    assert.truthy(server:ask("GET", "/metrics").body:find('rules_reloads_total{result="refused"} 2\n', 1, true))
    assert.truthy(server:stop():find('event=rules_refused message=".*products/live.lua:1: error', 1))
  end)

  it("makes no new generation of the same texts", function()
    start "--no-watch"
    assert.same({ "unchanged", 1 }, { decoded(reload()).result, generation(server) })
    rules:change(1)
    assert.same({ "loaded", 2 }, { decoded(reload()).result, generation(server) })
    rules:change(1)
    assert.same({ "unchanged", 2 }, { decoded(reload()).result, generation(server) })
    server:stop()
  end)

  it("watches nothing when it is told so, and listens to SIGHUP all the same", function()
    start "--no-watch"
    rules:change(1)
    assert.equal("loaded", decoded(reload()).result)
    rules:change(2)
    server:signal "HUP"
    live_rules.await_generation(server, 3)
    expect_folder()
    server:stop()
  end)

  it("answers many who ask at once, with few loads and one generation", function()
    start "--no-watch"
    rules:change(1)
    local clients = {}
    for i = 1, 16 do
      clients[i] = server:connect()
      clients[i]:send("POST", "/rules/reload", nil, ('{"author":"A%d"}'):format(i))
    end
    local hash = rules:load():hash()
    for _, client in ipairs(clients) do
      local answer = assert(client:receive())
      local body = decoded(answer)
      assert.same({ 200, 2, hash }, { answer.status, body.generation, body.ruleset })
      client:close()
    end
    assert.equal(2, #decoded(server:ask("GET", "/rules/history")).generations)
    server:stop()
  end)

  it("outlives that its folder goes and comes back", function()
    start()
    local before = live_rules.answers(server)
    assert(os.rename(rules.path, folder .. "/away"))
    local shown = await(server, function(seen) return not seen.last_load.ok end)
    assert.truthy(shown.findings[1].message:find("No such file", 1, true))
    assert.equal(before, live_rules.answers(server))
    assert(os.rename(folder .. "/away", rules.path))
    await(server, function(seen) return seen.last_load.ok end)
    rules:change(1)
    live_rules.await_generation(server, 2)
    expect_folder()
    server:stop()
  end)

  it("never serves half of a file", function()
    start()
    local before = live_rules.answers(server)
    local text = live_rules.product(1)
    rules:write("products/live.lua", text:sub(1, #text // 2))
    await(server, function(seen) return not seen.last_load.ok end)
    assert.equal(before, live_rules.answers(server))
    rules:write("products/live.lua", text)
    live_rules.await_generation(server, 2)
    expect_folder()
    server:stop()
  end)

  it("knows a product as owned that the rules learn of later", function()
    start "--no-watch"
    server:ask("PUT", "/customers/OWNER", nil, '{"customer_id":"OWNER","age":40,"income":90000,'
      .. '"existing_products":["live_card"],"credit_score":700,"avg_account_balance":9000}')
    rules:change(1)
    reload()
    assert.truthy(server:ask("GET", "/recommend/C001").body:find('"product_id":"live_card"', 1, true))
    assert.is_nil(server:ask("GET", "/recommend/OWNER").body:find('"product_id":"live_card"', 1, true))
    server:stop()
  end)

  it("keeps who changed the rules and why", function()
    start "--no-watch"
    rules:change(1)
    reload '{"author":"Ada","note":"limits of \\"spring\\""}'
    local newest = decoded(server:ask("GET", "/rules/history")).generations[1]
    assert.same({ 2, "Ada", 'limits of "spring"', rules:load():hash() },
      { newest.generation, newest.author, newest.note, newest.ruleset })
    assert.equal(422, reload('{"note":"' .. ("x"):rep(513) .. '"}').status)
    assert.equal(200, reload('{"note":"' .. ("x"):rep(512) .. '"}').status)
    server:stop()
  end)

  it("is told to reload and to roll back by the command line", function()
    local db = folder .. "/bank.db"
    local code, _, err = shell.run("reload", "--db", db)
    assert.same({ 3, true }, { code, err:find("no service runs", 1, true) ~= nil })
    start "--no-watch"
    rules:change(1)
    local out
    code, out = shell.run("reload", "--db", db, "--author", "Ada", "--note", "spring")
    assert.same({ 0, ("generation 2, ruleset %s: serves now\n"):format(rules:load():hash()) }, { code, out })
    rules:spoil()
    code, out, err = shell.run("reload", "--db", db)
    assert.same({ 1, "" }, { code, out })
    assert.truthy(err:find('products/live.lua:1: error[E003]', 1, true), err)
    code, out, err = shell.run("rollback", "--db", db, "--json")
    assert.same({ 0, "" }, { code, err })
    local answer = assert(require("offerengine.core").decode_json(out))
    assert.same({ 3, 1, true }, { answer.generation, answer.rolled_back_to, answer.folder_differs })
    code, out = shell.run("history", "--db", db)
    assert.equal(0, code)
    assert.truthy(out:find("^  generation  since +ruleset +author  note\n +3  %S+Z  %x+  "), out)
    assert.truthy(out:find("\n +2  %S+Z  %x+  Ada +spring\n +1  "), out)
    code, out, err = shell.run("rollback", "99", "--db", db)
    assert.same({ 1, "", "offerengine rollback: there is no such generation; 'offerengine history' lists them\n" },
      { code, out, err })
    assert.equal(2, (shell.run("rollback", "x", "--db", db)))
    server:stop()
    assert.equal(0, (shell.run("history", "--db", db, "--json")))
  end)
end)
