-- journal_spec.lua: what was decided is on record and comes out the same again, over many rules and restarts; what
-- was changed is found and named. OE_SPEC_DECISIONS (1,000) decisions are replayed.

local core = require "offerengine.core"
local live_rules = require "spec.support.live_rules"
local people = require "spec.lua.people"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"

local DECISIONS = tonumber(os.getenv "OE_SPEC_DECISIONS" or "1000")
local GENERATIONS, DEPTH = 6, 50

local function tamper(db, ...)
  local words = { "python3", service.source .. "/spec/support/tamper.py", db, ... }
  for i, word in ipairs(words) do
    words[i] = "'" .. tostring(word) .. "'"
  end
  assert(os.execute(table.concat(words, " ")))
end

local function copy(from, to)
  shell.write(to, service.read(from))
  return to
end

describe("the journal", function()
  local folder, rules, db, answers, customers

  local function replay(path, ...)
    local code, out, err = shell.run("replay", "--db", path, "--json", ...)
    assert.equal("", err)
    return core.decode_json(out), code
  end

  local function all(path)
    return replay(path, "--from", "2000-01-01")
  end

  local function verify(path)
    local code, out = shell.run("verify", "--db", path, "--json")
    return core.decode_json(out), code
  end

  local function start()
    return assert(service.start { rules = rules.path, db = db, words = { "--no-watch" } })
  end

  -- Half of them stored customers, half sent ones.
  local function ask(server, count)
    local client = server:connect()
    for first = 1, count, DEPTH do
      local requests, last = {}, math.min(count, first + DEPTH - 1)
      for i = first, last do
        local body = customers[i % #customers + 1]
        requests[#requests + 1] = i % 2 == 0 and service.request("POST", "/recommend/?channel=branch", nil, body)
          or service.request("GET", "/recommend/C001?limit=" .. i % 7 + 1)
      end
      client.socket:send(table.concat(requests))
      for _ = first, last do
        local answer = assert(client:receive())
        assert(answer.status == 200, answer.body)
        answers[#answers + 1] = answer
      end
    end
    client:close()
  end

  -- A few rules and restarts, then a database that nobody has open.
  setup(function()
    folder = service.folder()
    db, answers, customers = folder .. "/bank.db", {}, {}
    rules = live_rules.copy(folder)
    local ruleset = rules:load()
    for i, values in ipairs(people.random(200, 5)) do
      customers[i] = assert(ruleset:profile(values)):json()
    end
    local server = start()
    for generation = 1, GENERATIONS do
      if generation > 1 then
        rules:change(generation)
        assert(server:ask("POST", "/rules/reload").status == 200)
      end
      ask(server, DECISIONS // GENERATIONS + (generation == 1 and DECISIONS % GENERATIONS or 0))
      if generation % 2 == 0 then
        server:stop()
        server = start()
      end
    end
    server:stop()
  end)
  teardown(function() service.remove(folder) end)

  it(("holds %d decisions, and each comes out the same, byte for byte"):format(DECISIONS), function()
    local came, code = all(db)
    assert.equal(0, code)
    assert.same({ same = DECISIONS, different = 0, erased = 0, generations = GENERATIONS, mismatches = {} }, came)
    local proof
    proof, code = verify(db)
    assert.equal(0, code)
    assert.is_true(proof.sound)
    assert.equal(DECISIONS, proof.records)
  end)

  it("gives the bytes that were answered for one decision, with its trace", function()
    for _, at in ipairs { 1, 2, #answers // 2, #answers } do
      local id = core.decode_json(answers[at].body).decision_id
      local code, out = shell.run("replay", id, "--db", db, "--json")
      assert.equal(0, code)
      local decision = service.decision(answers[at])
      assert.equal(decision, out:match('"decision":(%b{})'))
      local came = core.decode_json(out)
      assert.equal(id, came.decision_id)
      assert.is_true(#came.explanation.products > 10)
    end
  end)

  it("names what was changed, wherever that is", function()
    local broken = folder .. "/broken.db"
    for _, case in ipairs {
      { "flip", 7, "record_damaged", false },
      { "clock", 8, "clock_changed", false },
      { "forge", 9, "clock_changed", true },
    } do
      local what, number, reason, is_sound = table.unpack(case)
      tamper(copy(db, broken), what, number)
      local came, code = all(broken)
      assert.equal(1, code)
      assert.same({ DECISIONS - 1, 1, reason }, { came.same, came.different, came.mismatches[1].reason }, what)
      local proof, proved = verify(broken)
      assert.same({ is_sound, is_sound and 0 or 1 }, { proof.sound, proved }, what)
      assert.equal(not is_sound and number or nil, proof.bad_record)
    end
  end)

  it("names rules that are missing or changed", function()
    local broken = folder .. "/broken.db"
    for what, reason in pairs { generation = "rules_missing", texts = "rules_damaged" } do
      tamper(copy(db, broken), what, 3)
      local came, code = all(broken)
      assert.equal(1, code)
      assert.equal(DECISIONS // GENERATIONS, came.different)
      for _, mismatch in ipairs(came.mismatches) do
        assert.equal(reason, mismatch.reason)
      end
    end
  end)

  it("replays a part of the time", function()
    local at_ms = tonumber(core.decode_json(answers[1].body).decision_id:sub(1, 12), 16)
    local day = os.date("!%Y-%m-%d", at_ms // 1000 + 86400 * 2)
    assert.equal(0, (all(db)).different)
    assert.equal(0, (replay(db, "--from", day)).same)
    assert.equal(DECISIONS, (replay(db, "--to", day)).same)
  end)

  it("says what an ID or the options lack", function()
    for _, words in ipairs { {}, { "00", "--from", "2026-01-01" } } do
      assert.equal(2, (shell.run("replay", "--db", db, table.unpack(words))))
    end
    assert.equal(1, (shell.run("replay", "00", "--db", db)))
    assert.equal(1, (shell.run("replay", ("0"):rep(32), "--db", db)))
  end)

  it("explains a customer by the profile and the rules of then", function()
    local server = start()
    local client = server:connect()
    local function put(income)
      assert.is_true(client:ask("PUT", "/customers/THEN", nil, core.encode_json(people.one {
        customer_id = "THEN", income = income })).status < 300)
      return core.now()
    end
    local before = core.now() - 1
    local first = put(20000)
    while core.now() <= first do end
    local second = put(180000)
    client:close()
    local function as_of(at_ms)
      local code, out = shell.run("explain", "THEN", "--as-of", ("%s.%03dZ"):format(
        os.date("!%Y-%m-%dT%H:%M:%S", at_ms // 1000), at_ms % 1000), "--db", db, "--json")
      return code, out
    end
    local ruleset = rules:load()
    for at, income in pairs { [first] = 20000, [second] = 180000 } do
      local code, out = as_of(at)
      assert.equal(0, code)
      assert.equal(ruleset:explain_json(people.one { customer_id = "THEN", income = income }, { at = at }), out)
    end
    assert.equal(1, (as_of(before)))
    server:stop()
  end)
end)
