-- contact_spec.lua: contact policies over HTTP: what is reserved, shown and declined decides what is offered next, for
-- GET, POST and batches alike, and only decisions count.

local core = require "offerengine.core"
local live_rules = require "spec.support.live_rules"
local people = require "spec.lua.people"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"
local wire = require "spec.server.http.wire"

local NDJSON = { ["Content-Type"] = "application/x-ndjson" }

describe("contact policies", function()
  local folder, rules, server, client

  -- A service of its own for each set of rules.
  local function serve(text, words)
    folder = service.folder()
    rules = live_rules.copy(folder)
    rules:write("contact.lua", text)
    local code, message
    server, code, message = service.start { rules = rules.path, db = folder .. "/bank.db",
      words = { "--no-watch", table.unpack(words or {}) } }
    client = server and server:connect()
    return code, message
  end

  after_each(function()
    if server and not server.code then
      server:stop()
    end
    service.remove(folder)
  end)

  local function restart()
    server:kill()
    server = assert(service.start { rules = rules.path, db = folder .. "/bank.db", words = { "--no-watch" } })
    client = server:connect()
  end

  local function ids(decision)
    local list = {}
    for i, offer in ipairs(decision.recommended_products) do
      list[i] = offer.product_id
    end
    return list
  end

  local function decide(query)
    local answer = client:ask("GET", "/recommend/C001" .. (query or ""))
    assert.equal(200, answer.status, answer.body)
    local decision = core.decode_json(answer.body)
    return ids(decision), decision
  end

  local function report(decision, product, outcome)
    local answer = client:ask("POST", "/outcomes", nil, core.encode_json { decision_id = decision.decision_id,
      product_id = product, outcome = outcome })
    assert.equal(201, answer.status, answer.body)
    return core.decode_json(answer.body)
  end

  local function explained(product, query)
    local body = core.decode_json(client:ask("GET", "/explain/C001" .. (query or "")).body)
    for _, found in ipairs(body.products) do
      if found.product_id == product then
        return found
      end
    end
  end

  it("offer the best that are left, the same again, and no others until they are free", function()
    serve 'cap "two" { at_most = 2, per = "7 days" }\n'
    local first = decide()
    assert.equal(2, #first)
    for _ = 1, 5 do
      assert.same(first, (decide()))
    end
    local given = client:ask("POST", "/recommend/", nil, core.encode_json(people.one()))
    assert.same(first, ids(core.decode_json(given.body)))
    local lines = '{"customer_id":"C001"}\n' .. core.encode_json(people.one())
    local batch = client:ask("POST", "/recommend/batch", NDJSON, lines)
    for line in batch.body:gmatch "[^\n]+" do
      assert.same(first, ids(core.decode_json(line)))
    end
    assert.same({}, (decide("?category=credit")))
    local product = explained("premium_credit_card")
    assert.same({ "contact_policy", "capped" }, { product.outcome, product.reason_codes[1] })
  end)

  it("count nothing but decisions", function()
    serve 'cap "one" { at_most = 1, per = "7 days" }\n'
    for _ = 1, 3 do
      assert.equal("offered", explained("basic_investment").outcome)
      client:ask("GET", "/rules/price?product=credit_card&attribute=income&steps=2")
      client:ask("GET", "/rules/uncovered")
      client:ask("GET", "/rules/tests")
    end
    assert.same({ "premium_credit_card" }, (decide("?category=credit")))
    assert.same({ "premium_credit_card" }, (decide()))
  end)

  it("respect a decline at the next look, also after a kill", function()
    serve 'cool_down "rest" { days = 90 }\n'
    local before, decision = decide()
    assert.equal("stored", report(decision, before[1], "shown").status)
    assert.same({ status = "stored" }, report(decision, before[1], "declined"))
    local after = decide()
    assert.same({ table.unpack(before, 2) }, { table.unpack(after, 1, #before - 1) })
    local product = explained(before[1])
    assert.same({ "contact_policy", "cooling_down" }, { product.outcome, product.reason_codes[1] })
    restart()
    assert.same(after, (decide()))
    assert.same(product, explained(before[1]))
  end)

  it("forget a customer who is erased", function()
    serve 'cap "one" { at_most = 1, per = "7 days" }\n'
    local first, decision = decide("?category=credit")
    report(decision, first[1], "shown")
    local body = client:ask("GET", "/customers/C001").body
    assert.same({}, (decide("?category=loan")))
    assert.equal(204, client:ask("DELETE", "/customers/C001").status)
    assert.equal(201, client:ask("PUT", "/customers/C001", nil, body).status)
    assert.equal(1, #decide("?category=loan"))
  end)

  it("are of their channel and their campaign", function()
    serve [[
cap "mail" { at_most = 1, per = "7 days", channel = "mail" }
cap "spring" { at_most = 1, per = "7 days", campaign = "spring" }
]]
    local many = #decide()
    assert.is_true(many > 1)
    assert.equal(1, #decide("?channel=mail"))
    assert.same((decide("?channel=mail")), (decide("?channel=mail")))
    assert.equal(1, #decide("?channel=phone&campaign=spring"))
    assert.equal(many, #decide("?channel=phone"))
    assert.same({}, (decide("?channel=mail&category=credit")))
    restart()
    assert.same({}, (decide("?channel=mail&category=credit")))
    assert.equal(1, #decide("?channel=phone&campaign=spring"))
  end)

  it("count what was shown before the rules had any, and further back when they do", function()
    serve "-- nothing yet\n"
    local before, decision = decide()
    report(decision, before[1], "shown")
    report(decision, before[2], "shown")
    local function reload(text)
      rules:write("contact.lua", text)
      local answer = client:ask("POST", "/rules/reload", nil, "{}")
      assert.equal(200, answer.status, answer.body)
    end
    for _, days in ipairs { 7, 30, 2 } do
      reload(('cap "two" { at_most = 2, per = "%d days" }\n'):format(days))
      assert.same({ before[1], before[2] }, (decide()))
      assert.equal("contact_policy", explained(before[3]).outcome)
    end
    restart()
    assert.same({ before[1], before[2] }, (decide()))
    reload "-- none again\n"
    assert.same(before, (decide()))
  end)

  it("hold for a batch to its end, also when other rules without them serve meanwhile", function()
    serve 'cool_down "rest" { days = 90 }\n'
    local before, decision = decide()
    report(decision, before[1], "declined")
    local line, own = '{"customer_id":"C001"}\n', server:connect()
    own.socket:send(service.request("POST", "/recommend/batch", { ["Content-Type"] = "application/x-ndjson",
      ["Content-Length"] = 2 * #line }) .. line)
    repeat until own.socket:receive "*l" == ""
    local function receive()
      return ids(core.decode_json(wire.receive_chunk(own.socket):match "{.*}"))
    end
    local first = receive()
    assert.same({ table.unpack(before, 2) }, { table.unpack(first, 1, #before - 1) })
    rules:write("contact.lua", "-- none any more\n")
    assert.equal(200, client:ask("POST", "/rules/reload", nil, "{}").status)
    assert.same(before, (decide()))
    own.socket:send(line)
    assert.same(first, receive())
    own:close()
  end)

  it("are refused without a journal, at the start and by a reload", function()
    local code, message = serve('cap "one" { at_most = 1, per = "7 days" }\n', { "--no-journal" })
    assert.equal(1, code)
    assert.truthy(message:find("start it without --no-journal", 1, true), message)
    service.remove(folder)
    serve("-- none\n", { "--no-journal" })
    rules:write("contact.lua", 'cap "one" { at_most = 1, per = "7 days" }\n')
    local answer = client:ask("POST", "/rules/reload", nil, "{}")
    assert.same({ 409, "journal_needed" }, { answer.status, core.decode_json(answer.body).code })
    assert.is_true(#decide() > 1)
    assert.equal(1, live_rules.generation(server))
    rules:write("contact.lua", "-- again none\n")
    assert.equal(200, client:ask("POST", "/rules/reload", nil, "{}").status)
  end)

  it("replay to the byte", function()
    serve 'cap "two" { at_most = 2, per = "7 days" }\ncap "few" { at_most = 9, per = "7 days", campaign = "spring" }\n'
    for _, query in ipairs { "", "?limit=1", "?category=credit", "?channel=mail&campaign=spring" } do
      decide(query)
    end
    server:stop()
    local code, out, err = shell.run("replay", "--db", folder .. "/bank.db", "--from", "2000-01-01", "--json")
    assert.equal(0, code, out .. err)
    local counts = core.decode_json(out)
    assert.same({ 4, 0 }, { counts.same, counts.different })
  end)
end)
