-- outcomes_crash_spec.lua: the service is killed under a load of decisions and outcomes, again and again on one
-- database. No outcome that was acknowledged is lost, none counts twice, and the chain of the journal stays whole.
-- OE_ROUNDS (3) sets how often; with it, the slowest start is told.

local core = require "offerengine.core"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"
local socket = require "socket"

local ROUNDS = tonumber(os.getenv "OE_ROUNDS" or "3")
local CONNECTIONS, DECISIONS, OUTCOMES = 8, 6, { "shown", "clicked", "accepted", "declined", "converted" }

describe("a service that is killed under load", function()
  local folder, db, server, slowest
  local pending = {} -- reports of which nothing is known for certain

  local function start()
    local from = socket.gettime()
    server = assert(service.start { db = db, workers = 2, words = { "--no-watch" } })
    assert(server:ask("GET", "/readyz").status == 200)
    slowest = math.max(slowest, socket.gettime() - from)
  end

  local function decide(client)
    for i = 1, DECISIONS do
      client:send("GET", ("/recommend/C%03d"):format(i))
    end
    local reports = {}
    for _ = 1, DECISIONS do
      local decision = core.decode_json(assert(client:receive()).body)
      for _, offer in ipairs(decision.recommended_products) do
        for _, outcome in ipairs(OUTCOMES) do
          reports[#reports + 1] = { body = core.encode_json { decision_id = decision.decision_id, outcome = outcome,
            product_id = offer.product_id } }
        end
      end
    end
    return reports
  end

  local function send(client, report, number)
    client:send("POST", "/outcomes", number % 2 == 0 and { ["Idempotency-Key"] = report.body } or nil, report.body)
  end

  -- What came back before the end, also what the kernel still held.
  local function note_answers(client, reports)
    for _, report in ipairs(reports) do
      local found, answer = pcall(client.receive, client)
      if not found or not answer then
        break
      end
      report.status = answer.status
    end
  end

  -- Kills it after so many answers on the first connection; all others are on their way then.
  local function kill_under_load(answers)
    local clients, sent = {}, {}
    for i = 1, CONNECTIONS do
      clients[i] = server:connect()
      sent[i] = decide(clients[i])
    end
    for i, client in ipairs(clients) do
      for number, report in ipairs(sent[i]) do
        send(client, report, number)
      end
    end
    for number = 1, math.min(answers, #sent[1]) do
      sent[1][number].status = assert(clients[1]:receive()).status
    end
    server:kill()
    local left = { table.unpack(sent[1], math.min(answers, #sent[1]) + 1) }
    note_answers(clients[1], left)
    for i = 2, CONNECTIONS do
      note_answers(clients[i], sent[i])
    end
    for i, client in ipairs(clients) do
      client:close()
      for _, report in ipairs(sent[i]) do
        pending[#pending + 1] = report
      end
    end
  end

  -- Reports everything again. An acknowledged one must be known; how many are stored is counted.
  local function settle()
    local client, stored, acknowledged, lost = server:connect(), 0, 0, 0
    for _, report in ipairs(pending) do
      local status = client:ask("POST", "/outcomes", nil, report.body).status
      acknowledged = acknowledged + (report.status == 201 and 1 or 0)
      lost = lost + (report.status == 201 and status ~= 200 and 1 or 0)
      assert.truthy(status == 200 or status == 201 or status == 404)
      stored = stored + (status ~= 404 and 1 or 0)
    end
    client:close()
    pending = {}
    return stored, acknowledged, lost
  end

  local function count(sql)
    local program = "import sqlite3; print(sqlite3.connect('%s').execute('%s').fetchone()[0])"
    local _, out = shell.run_line(('python3 -c "%s"'):format(program:format(db, sql)))
    return tonumber(out)
  end

  setup(function()
    folder, slowest = service.folder(), 0
    db = folder .. "/bank.db"
  end)

  teardown(function()
    service.remove(folder)
  end)

  it("has lost nothing and doubled nothing, and proves its journal", function()
    local all_stored, all_acknowledged = 0, 0
    start()
    for round = 1, ROUNDS do
      kill_under_load(round * 37 % 120)
      start()
      local stored, acknowledged, lost = settle()
      assert.same({ round, 0 }, { round, lost })
      all_stored, all_acknowledged = all_stored + stored, all_acknowledged + acknowledged
    end
    assert.equal(all_stored, count "SELECT count(*) FROM event")
    assert.equal(all_stored, count "SELECT sum(count) FROM tally")
    server:stop()
    local code, out, err = shell.run("verify", "--db", db, "--json")
    assert.equal(0, code, out .. err)
    assert.is_true(all_acknowledged > ROUNDS)
    if os.getenv "OE_ROUNDS" then
      print(("%d kills, %d outcomes acknowledged before one, slowest start %.0f ms"):format(ROUNDS, all_acknowledged,
        slowest * 1000))
    end
  end)
end)
