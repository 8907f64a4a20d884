-- campaign_spec.lua: runs of campaigns: killed again and again they give the list of an unbroken run, byte for byte;
-- quota, holdout and contact policies hold, also beside real-time traffic. OE_CUSTOMERS (40000) sets how many
-- customers there are; with it, figures are told.

local core = require "offerengine.core"
local live_rules = require "spec.support.live_rules"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"
local socket = require "socket"

local CUSTOMERS = tonumber(os.getenv "OE_CUSTOMERS" or "40000")
local KILLS = 5
local CLOCK = 1790000000000
local CAMPAIGNS = [[
cap "one_a_week" { at_most = 1, per = "7 days" }
campaign "spring" { category = { "credit", "investment" }, holdout = 10, channel = "mail",
  message = "Dear customer {customer_id}, this is for you." }
campaign "few" { category = "credit", quota = 777 }
campaign "rich" { category = "investment", when = { income = at_least(100000) } }
]]

local function customer(i)
  return ('{"customer_id":"P%07d","age":%d,"income":%d,"credit_score":%d,"avg_account_balance":%d,'
    .. '"existing_products":[]}\n'):format(i, 20 + i * 7 % 50, 20000 + i * 7919 % 120000, 500 + i * 31 % 350,
      i * 613 % 60000)
end

local function import(server, count)
  local client = server:connect()
  for first = 1, count, 50000 do
    local lines = {}
    for i = first, math.min(first + 49999, count) do
      lines[#lines + 1] = customer(i)
    end
    local answer = client:ask("POST", "/import/customers", { ["Content-Type"] = "application/x-ndjson" },
      table.concat(lines))
    assert(answer.status == 200, answer.body)
  end
  client:close()
end

local function tell(...)
  if os.getenv "OE_CUSTOMERS" then
    io.stderr:write(("campaign: " .. (...) .. "\n"):format(select(2, ...)))
  end
end

describe("runs of a campaign", function()
  local folder, rules, server

  local function start(db)
    server = assert(service.start { rules = rules.path, db = db, words = { "--no-watch" } })
  end

  setup(function()
    folder = service.folder()
    rules = live_rules.copy(folder)
    rules:write("campaigns.lua", CAMPAIGNS)
    start(folder .. "/first.db")
    import(server, CUSTOMERS)
    server:stop()
    for _, name in ipairs { "broken", "traffic" } do
      assert(os.execute(("cp '%s/first.db' '%s/%s.db'"):format(folder, folder, name)))
    end
  end)

  teardown(function()
    service.remove(folder)
  end)

  before_each(function()
    rules:write("campaigns.lua", CAMPAIGNS)
  end)

  after_each(function()
    if server and not server.code then
      server:stop()
    end
  end)

  local function ask(method, path, body)
    local answer = server:ask(method, path, nil, body)
    return answer.status, core.decode_json(answer.body), answer
  end

  local function begin(campaign, body)
    local status, run, answer = ask("POST", ("/campaigns/%s/runs"):format(campaign), body or "{}")
    assert.equal(202, status, answer.body)
    assert.equal(("/campaigns/%s/runs/%d"):format(campaign, run.run), answer.headers.location)
    return answer.headers.location
  end

  -- Asks again and again; each question is answered when it is.
  local function wait(path, is_good)
    local run
    repeat
      local status
      status, run = ask("GET", path)
      assert.equal(200, status)
    until is_good(run)
    return run
  end

  local function has_ended(run)
    return run.state ~= "running"
  end

  local function list(path)
    local answer = server:ask("GET", path .. "/list")
    assert.equal(200, answer.status, answer.body)
    return answer.body
  end

  local function rows(text)
    local all = {}
    for line in text:gmatch "[^\n]+" do
      all[#all + 1] = core.decode_json(line)
    end
    return all
  end

  local function check_list(all, run)
    assert.equal(run.contacted, #all)
    for i = 2, #all do
      assert.is_true(all[i - 1].customer_id < all[i].customer_id)
    end
  end

  local unbroken

  it("contact the group in the order of ids, and leave out who is held out", function()
    start(folder .. "/first.db")
    local path = begin("spring", core.encode_json { clock_ms = CLOCK, seed = 11 })
    local from = socket.gettime()
    local run = wait(path, has_ended)
    tell("%d customers in %.1f s", CUSTOMERS, socket.gettime() - from)
    assert.equal("done", run.state)
    assert.equal(run.looked_at, run.contacted + run.not_targeted + run.without_offer + run.unreadable)
    assert.is_true(run.looked_at >= CUSTOMERS)
    local share = run.not_targeted / run.looked_at
    assert.is_true(share > 0.09 and share < 0.11, share)
    from = socket.gettime()
    unbroken = list(path)
    tell("list of %d bytes in %.1f s", #unbroken, socket.gettime() - from)
    local all = rows(unbroken)
    check_list(all, run)
    local named = all[1].customer_id
    assert.equal("Dear customer " .. named, all[1].message:match "^[^,]*")
    local status, answer = ask("GET", "/recommend/" .. named .. "?campaign=spring")
    assert.same({ 200, "spring" }, { status, answer.campaign })
    server:stop()
    local code, out, err = shell.run("replay", "--db", folder .. "/first.db", "--from", "2000-01-01", "--json")
    assert.equal(0, code, out .. err)
    assert.same({ run.contacted + 1, 0 }, { core.decode_json(out).same, core.decode_json(out).different })
  end)

  it("go on after kills, with the rules they began with, as if nothing had happened", function()
    local db, kills, seen = folder .. "/broken.db", 0, 0
    start(db)
    local path = begin("spring", core.encode_json { clock_ms = CLOCK, seed = 11 })
    while kills < KILLS do
      local run = wait(path, function(run)
        return run.state ~= "running" or run.looked_at > seen
      end)
      assert.equal("running", run.state, ("it was over after %d kills"):format(kills))
      seen = run.looked_at
      server:kill()
      kills = kills + 1
      if kills == 3 then
        rules:write("campaigns.lua", "-- no campaign any more\n")
      end
      start(db)
    end
    local run = wait(path, has_ended)
    assert.same({ "done", 1 }, { run.state, run.generation })
    assert.is_true(list(path) == unbroken)
    assert.is_false(ask("GET", "/recommend/C001?campaign=spring") == 200)
  end)

  it("respect caps beside real-time traffic", function()
    start(folder .. "/traffic.db")
    local offered, doubles = {}, 0
    local function note(id, product)
      doubles = doubles + ((offered[id] or product) ~= product and 1 or 0)
      offered[id] = product
    end
    local client, asked = server:connect(), 0
    local path = begin "spring"
    repeat
      for i = 1, 50 do
        client:send("GET", ("/recommend/P%07d"):format(1 + (asked + i) * 7919 % CUSTOMERS))
      end
      for _ = 1, 50 do
        local decision = core.decode_json(client:receive().body)
        assert.is_true(#decision.recommended_products <= 1)
        if decision.recommended_products[1] then
          note(decision.customer_id, decision.recommended_products[1].product_id)
        end
      end
      asked = asked + 50
      local _, run = ask("GET", path)
    until run.state ~= "running"
    client:close()
    for _, row in ipairs(rows(list(path))) do
      note(row.customer_id, row.product_id)
    end
    assert.equal(0, doubles)
    assert.is_true(asked > 50)
  end)

  it("end with their quota, contact a group only, and are cancelled", function()
    start(folder .. "/first.db")
    local path = begin("few", core.encode_json { clock_ms = CLOCK - 86400000, seed = 1 })
    local run = wait(path, has_ended)
    assert.same({ "done", 777 }, { run.state, run.contacted })
    local all = rows(list(path))
    check_list(all, run)
    for _, row in ipairs(rows(list(begin("rich", core.encode_json { clock_ms = CLOCK - 2 * 86400000, seed = 1 })))) do
      local _, who = ask("GET", "/customers/" .. row.customer_id)
      assert.is_true(who.income >= 100000)
    end
    local erased = all[3].customer_id
    assert.equal(204, (ask("DELETE", "/customers/" .. erased)))
    local without = list(path)
    assert.is_nil(without:find(erased, 1, true))
    assert.equal(776, #rows(without))
    local csv = server:ask("GET", path .. "/list?format=csv")
    assert.equal("text/csv; charset=utf-8", csv.headers["content-type"])
    assert.equal("customer_id,product_id,confidence,reason,message,decision_id", csv.body:match "^[^\r]*")
    assert.equal(777, select(2, csv.body:gsub("\r\n", "")))
    path = begin "spring"
    assert.equal("cancelled", select(2, ask("DELETE", path)).state)
    assert.equal("cancelled", select(2, ask("DELETE", path)).state)
    assert.same({ "cancelled", "" }, { select(2, ask("GET", path)).state, select(2, ask("GET", path)).position })
    assert.equal(2, select(2, ask("GET", "/campaigns/spring/runs")).total)
  end)

  it("are begun, listed and cancelled at the command line, through the service", function()
    local db = folder .. "/first.db"
    local code, _, err = shell.run("campaign", "list", "--db", db)
    assert.same({ 3, true }, { code, err:find("no service runs on the database", 1, true) ~= nil })
    start(db)
    local out
    code, out, err = shell.run("campaign", "run", "few", "--db", db, "--at", "2026-01-01", "--seed", "3",
      "--out", folder .. "/few.ndjson")
    assert.equal(0, code, err)
    assert.truthy(err:find("done; ", 1, true), err)
    assert.equal("", out)
    local _, found = ask("GET", "/campaigns/few/runs")
    assert.same({ 1767225600000, 3 }, { found.runs[1].clock_ms, found.runs[1].seed })
    local path = ("/campaigns/few/runs/%d"):format(found.runs[1].run)
    assert.is_true(shell.read(folder .. "/few.ndjson") == list(path))
    code, out = shell.run("campaign", "list", "--db", db, "--json")
    local _, all = ask("GET", "/campaigns")
    local count = 0
    for _, one in ipairs(all.campaigns) do
      count = count + one.runs
    end
    assert.same({ 0, count }, { code, #core.decode_json(out) })
    code, _, err = shell.run("campaign", "cancel", "few", tostring(found.runs[1].run), "--db", db)
    assert.same({ 1, true }, { code, err:find("has ended already", 1, true) ~= nil })
    assert.equal(2, (shell.run("campaign", "run", "--db", db)))
  end)

  it("are refused with what is wrong", function()
    start(folder .. "/first.db")
    local function refusal(method, path, body)
      local status, answer = ask(method, path, body)
      return { status, answer.code }
    end
    local future = core.encode_json { clock_ms = 4102444800000 }
    assert.same({ 404, "campaign_not_found" }, refusal("POST", "/campaigns/sprin/runs", "{}"))
    assert.same({ 404, "campaign_not_found" }, refusal("GET", "/campaigns/sprin/runs"))
    assert.same({ 404, "run_not_found" }, refusal("GET", "/campaigns/few/runs/1"))
    assert.same({ 404, "run_not_found" }, refusal("GET", "/campaigns/spring/runs/x"))
    assert.same({ 404, "run_not_found" }, refusal("GET", "/campaigns/spring/runs/99/list"))
    assert.same({ 404, "run_not_found" }, refusal("DELETE", "/campaigns/spring/runs/99"))
    assert.same({ 422, "validation_failed" }, refusal("POST", "/campaigns/spring/runs", future))
    assert.same({ 422, "validation_failed" }, refusal("POST", "/campaigns/spring/runs", '{"seed":-1}'))
    assert.same({ 422, "validation_failed" }, refusal("POST", "/campaigns/spring/runs", '{"sed":1}'))
    assert.same({ 422, "validation_failed" }, refusal("GET", "/campaigns/spring/runs/1/list?format=xml"))
    assert.same({ 409, "run_repeated" },
      refusal("POST", "/campaigns/spring/runs", core.encode_json { clock_ms = CLOCK, seed = 11 }))
    assert.same({ 409, "run_ended" }, refusal("DELETE", "/campaigns/spring/runs/1"))
    assert.same({ 422, "validation_failed" }, refusal("GET", "/recommend/C001?campaign=sprin"))
  end)
end)
