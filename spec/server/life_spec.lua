-- life_spec.lua: how the service starts and ends: what it refuses to start with, one owner per database, what stays
-- over a restart, draining, and that no acknowledged write is lost whenever it is killed.

local core = require "offerengine.core"
local service = require "spec.support.service"

local ROUNDS = tonumber(os.getenv "OE_ROUNDS" or "20")
local WRITERS, WRITES = 4, 40

local function customer(id, income)
  return ('{"customer_id":"%s","age":35,"income":%d,"existing_products":["savings_account"],"credit_score":735,'
    .. '"avg_account_balance":28000}'):format(id, income)
end

-- What SQLite says of a database that nobody has open.
local function integrity(db)
  local pipe = assert(io.popen(("python3 -c 'import sqlite3, sys; "
    .. "print(sqlite3.connect(sys.argv[1]).execute(\"PRAGMA integrity_check\").fetchone()[0])' '%s'"):format(db)))
  local text = pipe:read "l"
  pipe:close()
  return text
end

describe("serve --cors", function()
  it("lets the pages of the origins named read answers, and no others", function()
    local server = assert(service.start { words = { "--cors", "https://desk.bank.example,http://localhost:3000" } })
    for origin, allowed in pairs {
      ["https://desk.bank.example"] = true, ["http://localhost:3000"] = true, ["https://elsewhere.example"] = false,
    } do
      local answer = server:ask("GET", "/recommend/C001", { Origin = origin })
      assert.equal(200, answer.status)
      assert.equal(allowed and origin or nil, answer.headers["access-control-allow-origin"])
    end
    server:stop()
  end)

  it("allows none without the option, and refuses what is no origin", function()
    local server = assert(service.start())
    local answer = server:ask("GET", "/recommend/C001", { Origin = "https://desk.bank.example" })
    assert.is_nil(answer.headers["access-control-allow-origin"])
    server:stop()
    local refused, code, text = service.start { words = { "--cors", "desk.bank.example" } }
    assert.is_nil(refused)
    assert.equal(2, code)
    assert.truthy(text:find("is no origin; allowed is for example https://desk.bank.example, or *", 1, true), text)
  end)
end)

describe("a service", function()
  local folder

  before_each(function() folder = service.folder() end)
  after_each(function() service.remove(folder) end)

  local function start(options)
    options = options or {}
    options.db = options.db or folder .. "/bank.db"
    return service.start(options)
  end

  local function count(server)
    return core.decode_json(server:ask("GET", "/health").body).customers
  end

  it("fills a database that never held a customer from the samples, and only such a one", function()
    local server = assert(start())
    local samples = count(server)
    assert.is_true(samples >= 12)
    for i, item in ipairs(core.decode_json(server:ask("GET", "/customers").body).customers) do
      assert.equal(204, server:ask("DELETE", "/customers/" .. item.customer_id).status, i)
    end
    assert.equal(0, count(server))
    assert.truthy(server:stop():find("event=samples_imported customers=" .. samples, 1, true))
    server = assert(start())
    assert.equal(0, count(server))
    assert.is_nil(server:stop():find("samples_imported", 1, true))
  end)

  it("fills nothing when samples are not wanted", function()
    local server = assert(start { words = { "--no-samples" } })
    assert.equal(0, count(server))
    server:stop()
  end)

  it("keeps its customers over a restart, and decides the same for them", function()
    local server = assert(start())
    server:ask("PUT", "/customers/N1", nil, customer("N1", 88000))
    local before = { server:ask("GET", "/customers").body, service.decision(server:ask("GET", "/recommend/N1")) }
    server:stop()
    server = assert(start { workers = 3 })
    assert.same(before, { server:ask("GET", "/customers").body, service.decision(server:ask("GET", "/recommend/N1")) })
    server:stop()
  end)

  it("does not start on a database that another one owns, and names the owner", function()
    local server = assert(start())
    local none, code, text = start()
    assert.is_nil(none)
    assert.equal(3, code)
    assert.truthy(text:find(tostring(server.pid), 1, true), text)
    assert.truthy(text:find(server.address, 1, true), text)
    assert.equal(200, server:ask("GET", "/recommend/C001").status)
    server:stop()
  end)

  it("does not start on a port that another one has", function()
    local server = assert(start())
    local none, code, text = start { db = folder .. "/other.db", port = server.port }
    assert.is_nil(none)
    assert.equal(3, code)
    assert.truthy(text:find("cannot listen", 1, true), text)
    assert.equal("", service.read(folder .. "/other.db"))
    server:stop()
  end)

  it("does not start with a host that is no address", function()
    local none, code, text = start { words = { "--host", "example.invalid" } }
    assert.is_nil(none)
    assert.equal(2, code)
    assert.truthy(text:find("host: 'example.invalid'", 1, true), text)
  end)

  it("does not start with rules that hold mistakes, and shows them all", function()
    local rules = folder .. "/rules"
    assert(os.execute(("cp -r '%s/rules' '%s'"):format(service.source, rules)))
    local file <close> = assert(io.open(rules .. "/products/wrong.lua", "w"))
    file:write('product "a" { name = "A", category = "lone", reason = "x" }\nproduct "b" { nam = "B" }\n')
    file:flush()
    local none, code, text = start { rules = rules }
    assert.is_nil(none)
    assert.equal(1, code)
    assert.truthy(text:find("products/wrong.lua:1", 1, true), text)
    assert.truthy(text:find("products/wrong.lua:2", 1, true), text)
  end)

  it("does not start on a file that is no database", function()
    local file <close> = assert(io.open(folder .. "/bank.db", "w"))
    file:write(("no database\n"):rep(100))
    file:flush()
    local none, code = start()
    assert.is_nil(none)
    assert.equal(3, code)
    assert.equal(("no database\n"):rep(100), service.read(folder .. "/bank.db"))
  end)

  it("answers what is in flight when it is told to end, then ends with 0", function()
    for _, signal in ipairs { "TERM", "INT" } do
      local server = assert(start())
      local clients = {}
      for i = 1, 8 do
        clients[i] = server:connect()
        assert.equal(200, clients[i]:ask("GET", "/livez").status)
        for n = 1, 20 do
          clients[i]:send("PUT", ("/customers/D%d-%d"):format(i, n), nil, customer(("D%d-%d"):format(i, n), n))
        end
      end
      server:signal(signal)
      local written, last = 0, nil
      for i, client in ipairs(clients) do
        for n = 1, 20 do
          local answer = client:receive()
          if not answer then
            break
          end
          assert.is_true(answer.status == 200 or answer.status == 201, answer.body)
          written, last = written + 1, ("D%d-%d"):format(i, n)
        end
        client:close()
      end
      assert.equal(0, (server:wait()))
      local again = assert(start())
      if last then
        assert.equal(200, again:ask("GET", "/customers/" .. last).status)
      end
      again:stop()
      assert.equal("ok", integrity(folder .. "/bank.db"), written)
    end
  end)

  it("ends an import that is under way whole or not at all", function()
    local lines = {}
    for i = 1, 60000 do
      lines[i] = customer(("I%05d"):format(i), i)
    end
    local server = assert(start { words = { "--no-samples" } })
    local client = server:connect()
    client:send("POST", "/import/customers", { ["Content-Type"] = "application/x-ndjson" }, table.concat(lines, "\n"))
    server:signal "TERM"
    local answer = client:receive()
    client:close()
    assert.equal(0, (server:wait()))
    assert.equal("ok", integrity(folder .. "/bank.db"))
    server = assert(start { words = { "--no-samples" } })
    local stored = count(server)
    server:stop()
    assert.is_true(stored == 0 or stored == 60000, stored)
    if answer then
      assert.equal(stored == 60000 and 200 or 503, answer.status)
    end
  end)

  -- One round: writers send at once, the process is killed once some of the answers have come. `known` holds for each
  -- customer the last income that was acknowledged and the last that was sent.
  local function kill_while_writing(round, known)
    local server = assert(start { words = { "--no-samples" } })
    local clients = {}
    for w = 1, WRITERS do
      clients[w] = server:connect()
      for n = 1, WRITES do
        local id, income = ("W%d-%d"):format(w, n % 10), round * 1000 + n
        known[id] = known[id] or {}
        known[id].sent = income
        clients[w]:send("PUT", "/customers/" .. id, nil, customer(id, income))
      end
    end
    local acknowledged = 0
    local function take(w, n)
      local answer = clients[w]:receive()
      if answer then
        assert.is_true(answer.status == 200 or answer.status == 201)
        known[("W%d-%d"):format(w, n % 10)].acknowledged = round * 1000 + n
        acknowledged = acknowledged + 1
      end
      return answer ~= nil
    end
    local before = 1 + (round * 7) % WRITES
    for n = 1, before do
      assert.is_true(take(1, n))
    end
    assert.same({ 9, "signal" }, { server:kill() })
    for w = 1, WRITERS do
      for n = w == 1 and before + 1 or 1, WRITES do
        if not take(w, n) then
          break
        end
      end
      clients[w]:close()
    end
    return acknowledged
  end

  it(("loses no acknowledged write when it is killed, %d times"):format(ROUNDS), function()
    local known, acknowledged = {}, 0
    for round = 1, ROUNDS do
      acknowledged = acknowledged + kill_while_writing(round, known)
      assert.equal("ok", integrity(folder .. "/bank.db"))
      local server = assert(start { words = { "--no-samples" } })
      local client = server:connect()
      for id, income in pairs(known) do
        if income.acknowledged then
          local answer = client:ask("GET", "/customers/" .. id)
          assert.equal(200, answer.status, id)
          local found = core.decode_json(answer.body).income
          assert.is_true(found >= income.acknowledged and found <= income.sent,
            ("%s: %d, acknowledged %d"):format(id, found, income.acknowledged))
        end
      end
      client:close()
      server:stop()
    end
    assert.is_true(acknowledged >= ROUNDS)
  end)
end)
