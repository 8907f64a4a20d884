-- journal_life_spec.lua: the journal while the service lives, dies and forgets. OE_SPEC_KILLS (5) times it is killed.

local core = require "offerengine.core"
local offerengine = require "offerengine"
local people = require "spec.lua.people"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"

local KILLS = tonumber(os.getenv "OE_SPEC_KILLS" or "5")
local CENTS = 7731234567 -- planted: nothing else has these bytes

-- A number of hundredths as records hold it.
local function recorded(cents)
  local left, bytes = cents * 2 * 4 + 1, {}
  while left >= 0x80 do
    bytes[#bytes + 1] = string.char(left & 0x7f | 0x80)
    left = left >> 7
  end
  return table.concat(bytes) .. string.char(left)
end

local PLANTED = { "PLANTED-7731", "planted-region", "77312345.67", recorded(CENTS) }

local function planted()
  return core.encode_json(people.one { customer_id = PLANTED[1], income = CENTS / 100, region = PLANTED[2] })
end

-- The planted values that are in a file, by number.
local function found_in(...)
  local found = {}
  for _, path in ipairs { ... } do
    local text = service.read(path)
    for i, words in ipairs(PLANTED) do
      if text:find(words, 1, true) then
        found[i] = true
      end
    end
  end
  return found
end

local function verify(db)
  local code, out = shell.run("verify", "--db", db, "--json")
  assert.equal(0, code, out)
  return core.decode_json(out)
end

-- The ids of all decisions on record, and how many there are.
local function ids_of(db)
  local store <close> = assert(offerengine.open(db, { read_only = true }))
  local ids, count = {}, 0
  assert(store:decisions(0, math.maxinteger, function(bytes, state)
    assert.equal("sound", state)
    ids[core.record(bytes).decision_id] = true
    count = count + 1
  end))
  return ids, count
end

describe("the journal of a service", function()
  local folder, db

  before_each(function()
    folder = service.folder()
    db = folder .. "/bank.db"
  end)
  after_each(function() service.remove(folder) end)

  local function start(...)
    return assert(service.start { db = db, words = { ... } })
  end

  it("has what was decided and nothing else", function()
    local server = start()
    local client, ids = server:connect(), {}
    for _, path in ipairs { "/recommend/C001", "/recommend/C002?explain=true",
      "/recommend/C003?limit=1&channel=app" } do
      ids[#ids + 1] = core.decode_json(client:ask("GET", path).body).decision_id
    end
    ids[#ids + 1] = core.decode_json(client:ask("POST", "/recommend/", nil, planted()).body).decision_id
    client:ask("GET", "/explain/C001")
    client:ask("GET", "/recommend/nobody")
    client:ask("POST", "/recommend/", nil, "{}")
    assert.equal(404, client:ask("GET", "/customers/" .. PLANTED[1]).status)
    client:close()
    server:stop()
    local kept, count = ids_of(db)
    assert.equal(4, count)
    for i, id in ipairs(ids) do
      assert.is_true(kept[id])
      assert.is_true(i == 1 or id:sub(1, 12) >= ids[i - 1]:sub(1, 12))
    end
    assert.equal(4, verify(db).records)
  end)

  it("is not kept when that is wanted", function()
    local server = start "--no-journal"
    local body = server:ask("GET", "/recommend/C001").body
    assert.is_nil(body:find("decision_id", 1, true))
    assert.equal(204, server:ask("DELETE", "/customers/C001").status)
    server:stop()
    assert.equal(0, verify(db).records)
  end)

  it("is on disk before the answer when that is wanted", function()
    local server = start "--journal-sync"
    local free = service.lock(db)
    local client = server:connect()
    client:send("GET", "/recommend/C001")
    client.socket:settimeout(0.3)
    assert.is_nil((client:receive()))
    free()
    client:close()
    for _ = 1, 20 do
      local answer = server:ask("GET", "/recommend/C002")
      assert.equal("1", answer.headers["ruleset-generation"])
      local id = core.decode_json(answer.body).decision_id
      assert.equal(0, (shell.run("replay", id, "--db", db)))
    end
    local warned = server:ask("POST", "/recommend/", nil, core.encode_json(people.one { moon = 1 }))
    assert.truthy(warned.headers["offerengine-warning"])
    server:stop()
  end)

  local it_fills = service.is_sanitized() and pending or it -- that one is too slow
  it_fills("holds clients back while the store takes nothing, and loses nothing", function()
    local server = assert(service.start { db = db, workers = 1 })
    local free = service.lock(db)
    local load = ("%s/spec/bench/load -c 8 -d 16 -s 3 %d /recommend/C001"):format(service.build, server.port)
    os.execute(load .. " >/dev/null 2>&1") -- it gives up when no answer comes any more
    free()
    local client = server:connect()
    assert.equal(200, client:ask("GET", "/recommend/C001").status)
    client:close()
    local log = server:stop()
    assert.truthy(log:find("event=journal_full", 1, true), log)
    assert.is_nil(log:find("event=journal_lost", 1, true), log)
    local _, count = ids_of(db)
    assert.is_true(count > 65536)
    assert.equal(count, verify(db).records)
  end)

  it("knows nothing any more of a person who was deleted", function()
    local server = assert(service.start { db = db, workers = 3 })
    local clients = {}
    for i = 1, 9 do
      clients[i] = server:connect()
    end
    assert.equal(201, clients[1]:ask("PUT", "/customers/" .. PLANTED[1], nil, planted()).status)
    local second = planted():gsub('"age":35', '"age":36')
    assert.equal(200, clients[1]:ask("PUT", "/customers/" .. PLANTED[1], nil, second).status)
    for _, client in ipairs(clients) do
      assert.equal(200, client:ask("GET", "/recommend/" .. PLANTED[1]).status)
      assert.equal(200, client:ask("POST", "/recommend/", nil, planted()).status)
      assert.equal(200, client:ask("GET", "/recommend/C001").status)
    end
    clients[1]:ask("PUT", "/customers/C001", nil, core.encode_json(people.one { age = 44 }))
    while verify(db).records < 27 do end
    assert.same({ true, true, true, true }, found_in(db, db .. "-wal"))
    for _, client in ipairs(clients) do -- these are not on disk yet
      assert.equal(200, client:ask("POST", "/recommend/", nil, planted()).status)
    end
    local gone = clients[2]:ask("DELETE", "/customers/" .. PLANTED[1])
    assert.equal(204, gone.status)
    assert.equal("profiles=1, versions=1, decisions=27, events=0, consents=0", gone.headers["offerengine-erased"])
    assert.same({}, found_in(db, db .. "-wal", server.log))
    assert.equal(404, clients[3]:ask("DELETE", "/customers/" .. PLANTED[1]).status)
    for _, client in ipairs(clients) do
      client:close()
    end
    local log = server:stop()
    for _, words in ipairs(PLANTED) do
      assert.is_nil(log:find(words, 1, true))
    end
    assert.same({}, found_in(db))
    local proof = verify(db)
    assert.same({ 36, 27 }, { proof.records, proof.erased })
    local code, out = shell.run("replay", "--from", "2000-01-01", "--db", db, "--json")
    assert.equal(0, code)
    local came = core.decode_json(out)
    assert.same({ 9, 0, 27 }, { came.same, came.different, came.erased })
  end)

  it("forgets what is older than it is kept, and stays whole", function()
    local server = start()
    for _ = 1, 3 do
      assert.equal(200, server:ask("GET", "/recommend/C001").status)
    end
    server:stop()
    assert(os.execute(("python3 '%s/spec/support/tamper.py' '%s' age 30"):format(service.source, db)))
    server = start("--keep-days", "31")
    assert.equal(200, server:ask("GET", "/recommend/C002").status)
    assert.is_nil(server:stop():find("event=forgot", 1, true))
    server = start("--keep-days", "29")
    assert.equal(200, server:ask("GET", "/recommend/C003").status)
    assert.truthy(server:stop():find("event=forgot decisions=3", 1, true))
    local proof = verify(db)
    assert.is_true(proof.sound)
    assert.equal(2, proof.records)
  end)

  it("knows nothing of a person who was only ever sent", function()
    local server = start()
    assert.equal(200, server:ask("POST", "/recommend/", nil, planted()).status)
    local gone = server:ask("DELETE", "/customers/" .. PLANTED[1])
    assert.equal("profiles=0, versions=0, decisions=1, events=0, consents=0", gone.headers["offerengine-erased"])
    assert.same({}, found_in(db, db .. "-wal"))
    server:stop()
    assert.same({}, found_in(db))
  end)

  it(("is whole after %d kills, with every decision that was answered"):format(KILLS), function()
    local answered = {}
    for round = 1, KILLS do
      local server = start "--journal-sync"
      local client, request = server:connect(), service.request("GET", "/recommend/C00" .. round % 9 + 1)
      client.socket:send(request:rep(400))
      for _ = 1, 20 * round % 300 do
        answered[core.decode_json(assert(client:receive()).body).decision_id] = true
      end
      server:kill()
      local answer = client:receive()
      while answer and answer.body:sub(-1) == "}" do
        answered[core.decode_json(answer.body).decision_id] = true
        answer = client:receive()
      end
      client:close()
    end
    local kept = ids_of(db)
    local count = 0
    for id in pairs(answered) do
      count = count + 1
      assert.is_true(kept[id], "an answered decision is not in the journal: " .. id)
    end
    assert.is_true(count > 0)
    local server = start()
    server:stop()
    assert.is_true(verify(db).sound)
    assert.equal(0, (shell.run("replay", "--from", "2000-01-01", "--db", db)))
  end)
end)
