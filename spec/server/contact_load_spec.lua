-- contact_load_spec.lua: a cap of three under 64 connections, single requests of both kinds and a batch at once: nobody
-- is ever offered or shown a fourth product, what is stored says the same, and a killed service counts on as before.
-- OE_CUSTOMERS (300) and OE_CONTACT_ROUNDS (12) say how much of it.

local core = require "offerengine.core"
local live_rules = require "spec.support.live_rules"
local people = require "spec.lua.people"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"
local socket = require "socket"

local CUSTOMERS = tonumber(os.getenv "OE_CUSTOMERS" or "300")
local ROUNDS = tonumber(os.getenv "OE_CONTACT_ROUNDS" or "12")
local CONNECTIONS, HOT, CAP = 64, 40, 3
local NDJSON = { ["Content-Type"] = "application/x-ndjson" }
local RULES = ('cap "three" { at_most = %d, per = "30 days" }\n'):format(CAP)

describe("a cap under load", function()
  local folder, server, db, rules
  local offered, shown, asked = {}, {}, 0 -- customer -> set of products; decisions
  local random = 1

  local function chance(n)
    random = (random * 1103515245 + 12345) % 2147483648
    return random // 65536 % n + 1
  end

  local function name(i)
    return ("L%05d"):format(i)
  end

  local function start()
    server = assert(service.start { rules = rules.path, db = db, words = { "--no-watch" } })
  end

  local function person(i)
    return people.one { customer_id = name(i), income = 40000 + i % 50 * 2000 }
  end

  setup(function()
    folder = service.folder()
    rules, db = live_rules.copy(folder), folder .. "/bank.db"
    rules:write("contact.lua", RULES)
    start()
    local lines = {}
    for i = 1, CUSTOMERS do
      lines[i] = core.encode_json(person(i))
    end
    local answer = server:ask("POST", "/import/customers", NDJSON, table.concat(lines, "\n"))
    assert.equal(200, answer.status, answer.body)
  end)

  teardown(function()
    if not server.code then
      server:kill()
    end
    service.remove(folder)
  end)

  local function add(sets, customer, product)
    sets[customer] = sets[customer] or {}
    sets[customer][product] = true
  end

  local function size(set)
    local count = 0
    for _ in pairs(set or {}) do
      count = count + 1
    end
    return count
  end

  -- What of a decision is shown, as lines to be posted.
  local function note(text, lines)
    local decision = core.decode_json(text)
    asked = asked + 1
    for _, offer in ipairs(decision.recommended_products) do
      add(offered, decision.customer_id, offer.product_id)
      if chance(2) == 1 then
        add(shown, decision.customer_id, offer.product_id)
        lines[#lines + 1] = core.encode_json { decision_id = decision.decision_id, product_id = offer.product_id,
          outcome = "shown" }
      end
    end
  end

  -- Half of them of a few customers, whom many connections then ask for at once.
  local function send(client, kind)
    local i = kind % 2 == 0 and chance(HOT) or chance(CUSTOMERS)
    if kind % 3 == 0 then
      client:send("POST", "/recommend/", nil, core.encode_json(person(i)))
    else
      client:send("GET", "/recommend/" .. name(i) .. (kind % 5 == 0 and "?limit=100&explain=true" or ""))
    end
  end

  local function send_batch(client)
    local lines = {}
    for i = 1, 200 do
      lines[i] = core.encode_json { customer_id = name(chance(i % 2 == 0 and HOT or CUSTOMERS)) }
    end
    client:send("POST", "/recommend/batch", NDJSON, table.concat(lines, "\n"))
  end

  -- Outcomes of 1,000 lines at most, all of which must be stored or known.
  local function report(client, lines)
    for from = 1, #lines, 1000 do
      local part = table.concat(lines, "\n", from, math.min(from + 999, #lines))
      local answer = client:ask("POST", "/outcomes", NDJSON, part)
      assert.equal(200, answer.status)
      assert.equal(0, core.decode_json(answer.body).refused)
    end
  end

  local function events()
    local program = "import sqlite3\nfor row in sqlite3.connect('%s').execute('SELECT customer, product, unit_ms"
      .. " FROM event WHERE outcome = 0'): print(*row)"
    local _, out = shell.run_line(('python3 -c "%s"'):format(program:format(db)))
    local found, count = {}, 0
    for customer, product, unit in out:gmatch "(%S+) (%S+) (%d+)\n" do
      assert.is_true(tonumber(unit) > 0)
      add(found, customer, product .. " " .. unit)
      count = count + 1
    end
    return found, count
  end

  -- What every hot customer is told: explanations first, for decisions reserve.
  local function state()
    local client, texts = server:connect(), {}
    for i = 1, HOT do
      texts[#texts + 1] = client:ask("GET", "/explain/" .. name(i)).body
    end
    for i = 1, HOT do
      texts[#texts + 1] = service.decision(client:ask("GET", "/recommend/" .. name(i)))
    end
    client:close()
    return texts
  end

  it("never lets a fourth product out, by single requests and a batch at once", function()
    local clients, batch = {}, server:connect()
    for i = 1, CONNECTIONS do
      clients[i] = server:connect()
    end
    local begun = socket.gettime()
    for round = 1, ROUNDS do
      local lines = {}
      send_batch(batch)
      for i, client in ipairs(clients) do
        send(client, round + i)
      end
      for _, client in ipairs(clients) do
        local answer = assert(client:receive())
        assert.equal(200, answer.status, answer.body)
        note(answer.body, lines)
      end
      local answer = assert(batch:receive())
      assert.equal(200, answer.status, answer.body)
      for text in answer.body:gmatch "[^\n]+" do
        note(text, lines)
      end
      report(clients[1], lines)
    end
    for customer, products in pairs(offered) do
      assert.is_true(size(products) <= CAP, customer)
    end
    if os.getenv "OE_VERBOSE" then
      print(("%d customers, %d decisions of %d customers, %.1f s"):format(CUSTOMERS, asked, size(offered),
        socket.gettime() - begun))
    end
    for i = 1, HOT do
      assert.equal(CAP, size(offered[name(i)]), name(i))
    end
  end)

  it("counts what is stored: as many units as were shown, never more than three a customer", function()
    local found, count = events()
    assert.is_true(count >= size(found))
    assert.equal(size(shown), size(found))
    for customer, units in pairs(found) do
      assert.equal(size(shown[customer]), size(units), customer)
      assert.is_true(size(units) <= CAP, customer)
    end
  end)

  it("leaves exactly what a count over offers and events leaves", function()
    local client = server:connect()
    for i = 1, math.min(CUSTOMERS, 200) do
      local before = size(offered[name(i)])
      local decision = core.decode_json(client:ask("GET", "/recommend/" .. name(i) .. "?limit=100").body)
      for _, offer in ipairs(decision.recommended_products) do
        add(offered, name(i), offer.product_id)
      end
      assert.is_true(before <= CAP)
      assert.equal(CAP, size(offered[name(i)]), name(i))
      local capped = 0
      for _, product in ipairs(core.decode_json(client:ask("GET", "/explain/" .. name(i)).body).products) do
        local is_capped = product.reason_codes and product.reason_codes[1] == "capped"
        capped = capped + (is_capped and 1 or 0)
        assert.is_true(not is_capped or not offered[name(i)][product.product_id])
      end
      assert.is_true(capped > 0, name(i))
    end
    client:close()
  end)

  it("counts on after a kill and after a restart as if nothing had happened", function()
    local before = state()
    server:kill()
    start()
    assert.same(before, state())
    server:stop()
    start()
    assert.same(before, state())
    local metrics = server:ask("GET", "/metrics").body
    assert.is_true(tonumber(metrics:match "offerengine_contact_reservations (%d+)") >= HOT * CAP)
    assert.equal("0", metrics:match "offerengine_late_shown_total (%d+)")
  end)
end)
