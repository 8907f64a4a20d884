-- batch_http_spec.lua: POST /recommend/batch: each line is answered as it would be alone, whatever the others are.

local core = require "offerengine.core"
local live_rules = require "spec.support.live_rules"
local offerengine = require "offerengine"
local people = require "spec.lua.people"
local service = require "spec.support.service"
local wire = require "spec.server.http.wire"

local COUNT = tonumber(os.getenv "OE_PROFILES" or "10000")
local NDJSON = { ["Content-Type"] = "application/x-ndjson" }
local LINE_MAX = 65536
local ID = ',"decision_id":"(%x+)"}$'

local function line(changes)
  return core.encode_json(people.one(changes))
end

local function split(text)
  local list = {}
  for one in text:gmatch "([^\n]*)\n" do
    list[#list + 1] = one
  end
  return list
end

-- The bytes of a decision, and its id.
local function decision(text)
  local id = text:match(ID)
  return id and text:gsub(ID, "}") or text, id
end

local function ask(server, body, query, headers)
  local words = { ["Content-Type"] = "application/x-ndjson", Connection = "close" }
  for name, value in pairs(headers or {}) do
    words[name] = value
  end
  local answers, rest = wire.exchange(wire.connect(server),
    service.request("POST", "/recommend/batch" .. (query or ""), words, body))
  assert.equal("", rest)
  assert.equal(1, #answers)
  return answers[1], split(answers[1].body)
end

local function metric(server, name)
  return tonumber(server:ask("GET", "/metrics").body:match("\nofferengine_" .. name .. " (%d+)"))
end

local function memory_peak(server)
  return tonumber(service.read(("/proc/%d/status"):format(server.pid)):match "VmHWM:%s*(%d+) kB") * 1024
end

describe("a batch over HTTP", function()
  local server, client

  setup(function()
    server = assert(service.start { workers = 1 })
    client = server:connect()
  end)
  teardown(function()
    client:close()
    server:stop()
  end)

  local function alone(body, query)
    return client:ask("POST", "/recommend/" .. (query or ""), nil, body)
  end

  local function expect_alone(lines, answers, query)
    assert.equal(#lines, #answers)
    for i, sent in ipairs(lines) do
      local expected, id = decision(alone(sent, query).body)
      assert.truthy(id)
      assert.equal(expected, (decision(answers[i])))
    end
  end

  it(("gives %d random profiles the bytes that each gets alone"):format(COUNT), function()
    local lines, ruleset = {}, offerengine.load(service.source .. "/rules")
    for i, values in ipairs(people.random(COUNT, 6)) do
      lines[i] = ruleset:profile(values):json()
    end
    local answer, answers = ask(server, table.concat(lines, "\n"))
    assert.same({ 200, "application/x-ndjson", "no-store", "1" }, { answer.status, answer.headers["content-type"],
      answer.headers["cache-control"], answer.headers["ruleset-generation"] })
    expect_alone(lines, answers)
  end)

  it("gives stored customers, by their ids alone, the bytes that GET gives", function()
    local ids, lines = {}, {}
    for id in client:ask("GET", "/customers").body:gmatch '"customer_id":"([^"]+)"' do
      ids[#ids + 1] = id
      lines[#lines + 1] = ('{ "customer_id" : "%s" }\n'):format(id)
    end
    assert.is_true(#ids >= 12)
    local _, answers = ask(server, table.concat(lines))
    for i, id in ipairs(ids) do
      assert.equal(service.decision(client:ask("GET", "/recommend/" .. id)), (decision(answers[i])))
    end
  end)

  it("reads an id that is written with escapes, and more than the id as a whole customer", function()
    local _, answers = ask(server, [[{"customer_id":"C\u0030\u00301"}
{"customer_id":"C001","age":35}
{"customer_id":"C001","customer_id":"C001"}
{"customer_id":17}
]])
    assert.equal(service.decision(client:ask("GET", "/recommend/C001")), (decision(answers[1])))
    assert.same({ "validation_failed", "json_malformed", "validation_failed" }, { answers[2]:match '"code":"([^"]+)',
      answers[3]:match '"code":"([^"]+)', answers[4]:match '"code":"([^"]+)' })
  end)

  it("takes the arguments of a single request for all lines", function()
    local lines = { line(), line { income = 20000 }, line { age = 70 } }
    for _, query in ipairs { "?limit=1", "?category=loan", "?category=loan&limit=1&channel=branch" } do
      local _, answers = ask(server, table.concat(lines, "\n"), query)
      expect_alone(lines, answers, query)
    end
    for _, query in ipairs { "?limit=0", "?category=x", "?explain=true", "?channel=" } do
      local answer = ask(server, lines[1], query)
      assert.same({ query, 422, "validation_failed" }, { query, answer.status,
        answer.body:match '"code":"([^"]+)"}$' })
    end
  end)

  it("answers a line that is wrong with its number and what it would be answered alone, and goes on", function()
    local bad = { "{bad", '"C001"', line { age = "secret" }, line { income = people.ABSENT, age = -1 }, "[]", "{}",
      '{"customer_id":"nobody-there"}', "\255", line { customer_id = "" } }
    local sent = { line() }
    for _, text in ipairs(bad) do
      sent[#sent + 1] = text
      sent[#sent + 1] = line()
    end
    local _, answers, whole = ask(server, table.concat(sent, "\n"))
    assert.equal(#sent, #answers)
    local good = decision(answers[1])
    for i, text in ipairs(bad) do
      local found = core.decode_json(answers[2 * i])
      local expected = core.decode_json(alone(text).body)
      if i == 7 then
        expected = { code = "customer_not_found", detail = "Customer not found" }
      end
      assert.same({ line = 2 * i, code = expected.code, detail = expected.detail }, found)
      assert.equal(good, (decision(answers[2 * i + 1])))
    end
    assert.is_nil(table.concat(answers):find("secret", 1, true), whole)
  end)

  it("passes over blank lines, and takes CR LF and a last line without its end", function()
    assert.same({ {}, {}, {} }, { select(2, ask(server, "")), select(2, ask(server, "\n\n \t\r\n")),
      select(2, ask(server, "  ")) })
    local _, answers = ask(server, "\n" .. line() .. "\r\n\r\n{bad\n" .. line())
    assert.equal(3, #answers)
    assert.equal((decision(answers[1])), (decision(answers[3])))
    assert.equal(4, core.decode_json(answers[2]).line)
    local chunked = client:ask("POST", "/recommend/batch", NDJSON)
    assert.same({ 200, "" }, { chunked.status, chunked.body })
  end)

  it("takes a line of 64 KiB, and answers a longer one with an error", function()
    local plain = line()
    local function padded(length)
      return plain:sub(1, -2) .. (" "):rep(length - #plain) .. "}"
    end
    for _, far in ipairs { 1, 5000, 1000000 } do
      local sent = { plain, padded(LINE_MAX), padded(LINE_MAX + far), (" "):rep(LINE_MAX + far), plain }
      for _, last in ipairs { "", "\n" } do
        local _, answers = ask(server, table.concat(sent, "\n") .. last)
        assert.equal(5, #answers)
        local expected = '{"line":%d,"code":"body_too_large","detail":"line: at most 65536 bytes are allowed"}'
        assert.same({ expected:format(3), expected:format(4) }, { answers[3], answers[4] })
        for _, i in ipairs { 2, 5 } do
          assert.equal((decision(answers[1])), (decision(answers[i])))
        end
      end
    end
    local _, answers = ask(server, plain .. "\n" .. padded(300000))
    assert.same({ 2, 2 }, { #answers, core.decode_json(answers[2]).line })
  end)

  it("does not depend on how the body is cut", function()
    local body = ("%s\n{bad\n\n%s"):format(line(), line { age = 50 })
    local _, expected = ask(server, body)
    for i, text in ipairs(expected) do
      expected[i] = decision(text)
    end
    for size = 1, #body, 13 do
      local pieces = {}
      for at = 1, #body, size do
        local piece = body:sub(at, at + size - 1)
        pieces[#pieces + 1] = ("%x\r\n%s\r\n"):format(#piece, piece)
      end
      local answers = wire.talk(server, "POST /recommend/batch HTTP/1.1\r\nHost: bank\r\nConnection: close\r\n"
        .. "Transfer-Encoding: chunked\r\n\r\n" .. table.concat(pieces) .. "0\r\n\r\n")
      local found = split(answers[1].body)
      for i, text in ipairs(found) do
        found[i] = decision(text)
      end
      assert.same(expected, found)
    end
  end)

  it("refuses what is not NDJSON, and what is compressed", function()
    for _, case in ipairs { { "Content-Encoding", "gzip", "content_coding" },
      { "Content-Type", "application/json", "media_type" } } do
      local answer = ask(server, line(), "", { [case[1]] = case[2] })
      assert.same({ 415, case[3] }, { answer.status, answer.body:match '"code":"([%w_]+)"}$' })
    end
    assert.equal(405, client:ask("PUT", "/recommend/batch", NDJSON, "").status)
  end)

  it("leaves while the body comes, asks for it when told to wait, and is followed by other answers", function()
    local own = server:connect()
    own.socket:send(("POST /recommend/batch HTTP/1.1\r\nHost: bank\r\nExpect: 100-continue\r\n"
      .. "Content-Length: %d\r\n\r\n"):format(3 * (#line() + 1)))
    assert.equal(100, own:receive().status)
    own.socket:send(line() .. "\n" .. line():sub(1, 20))
    repeat until own.socket:receive "*l" == ""
    local expected = decision(alone(line()).body)
    local first = wire.receive_chunk(own.socket)
    assert.equal(expected, (decision(first:match "^%x+\r\n(.*)\n\r\n$")))
    own.socket:send(line():sub(21) .. "\n" .. line() .. "\n" .. service.request("GET", "/livez")
      .. service.request("POST", "/recommend/batch", NDJSON, line()))
    local rest = ""
    repeat
      local chunk = wire.receive_chunk(own.socket)
      rest = rest .. chunk
    until chunk == "0\r\n\r\n"
    assert.equal(2, select(2, rest:gsub('"decision_id"', "")))
    assert.equal(200, own:receive().status)
    assert.equal(expected, (decision(split(own:receive().body)[1])))
    own:close()
  end)

  it("serves HTTP/1.0, and a client that ended its side", function()
    local body = (line() .. "\n"):rep(1000)
    local head = "POST /recommend/batch HTTP/1.0\r\nContent-Length: %d\r\n\r\n"
    local _, _, text = wire.exchange(wire.connect(server), head:format(#body) .. body)
    assert.equal(1000, #split(text:match "\r\n\r\n(.*)$"))
    local own = wire.connect(server)
    own:send(service.request("POST", "/recommend/batch", NDJSON, (line() .. "\n"):rep(100)))
    own:shutdown "send"
    assert.equal(100, #split(wire.answers((wire.drain(own)))[1].body))
  end)

  it("is counted, and keeps decisions that outcomes can be reported on", function()
    local decisions, lines, errors = metric(server, "decisions_total"), metric(server, "batch_lines_total"),
      metric(server, "batch_errors_total")
    local _, answers = ask(server, line() .. "\n\n{bad\n" .. line(), "?channel=mail")
    assert.same({ 2, 3, 1 }, { metric(server, "decisions_total") - decisions,
      metric(server, "batch_lines_total") - lines, metric(server, "batch_errors_total") - errors })
    local ids = {}
    for _, i in ipairs { 1, 3 } do
      local _, id = decision(answers[i])
      ids[#ids + 1] = id
      local product = core.decode_json(answers[i]).recommended_products[1].product_id
      local reported = client:ask("POST", "/outcomes", nil,
        ('{"decision_id":"%s","product_id":"%s","outcome":"shown"}'):format(id, product))
      assert.equal(201, reported.status, reported.body)
    end
    assert.are_not.equal(ids[1], ids[2])
  end)

  it("lets other requests of its worker through", function()
    local own, other = wire.connect(server), server:connect()
    local body = (line() .. "\n"):rep(20000)
    own:settimeout(0)
    local bytes, at, count, received = service.request("POST", "/recommend/batch", NDJSON, body), 1, 0, ""
    repeat
      local sent, _, partial = own:send(bytes, at)
      at = math.max(at, (sent or partial) + 1)
      local whole, reason, piece = own:receive(1000000)
      assert.are_not.equal("closed", reason)
      received = (received .. (whole or piece)):sub(-5)
      assert.equal(200, other:ask("GET", "/recommend/C001").status)
      count = count + 1
    until received == "0\r\n\r\n"
    assert.is_true(count > 20, count)
    own:close()
    other:close()
  end)

  it("reads no more from a client that does not read, and forgets one that goes away", function()
    local before, own, sent, piece = memory_peak(server), wire.connect(server), 0, (line() .. "\n"):rep(400)
    own:settimeout(0)
    own:send "POST /recommend/batch HTTP/1.1\r\nHost: bank\r\nContent-Length: 9000000000\r\n\r\n"
    repeat
      local done, _, partial = own:send(piece, 1 + sent % #piece)
      local count = done and done - sent % #piece or math.max(0, partial - sent % #piece)
      sent = sent + count
      assert.equal(200, client:ask("GET", "/livez").status)
      assert.is_true(sent < 100000000, "it takes whatever comes")
    until count == 0
    if not service.is_sanitized() then
      assert.is_true(memory_peak(server) - before < 8000000, ("%d bytes more"):format(memory_peak(server) - before))
    end
    own:close()
    for _ = 1, 5 do
      own = wire.connect(server)
      own:send(service.request("POST", "/recommend/batch", NDJSON, piece):sub(1, -2))
      own:close()
    end
    assert.equal(200, client:ask("GET", "/livez").status)
  end)
end)

describe("a batch over HTTP and its decisions", function()
  local folder

  before_each(function() folder = service.folder() end)
  after_each(function() service.remove(folder) end)

  it("are durable before their lines leave, where answers wait for that", function()
    local options = { db = folder .. "/bank.db", words = { "--journal-sync" } }
    local server = assert(service.start(options))
    local body = (line() .. "\n{bad\n"):rep(1500)
    local _, answers = ask(server, body)
    assert.equal(3000, #answers)
    server:kill()
    server = assert(service.start(options))
    local outcomes = {}
    for i = 1, 3000, 6 do
      local _, id = decision(answers[i])
      outcomes[#outcomes + 1] = ('{"decision_id":"%s","product_id":"%s","outcome":"shown"}\n'):format(id,
        core.decode_json(answers[i]).recommended_products[1].product_id)
    end
    local report = server:ask("POST", "/outcomes", NDJSON, table.concat(outcomes))
    assert.truthy(report.body:find('"stored":500,', 1, true), report.body:sub(-200))
    server:stop()
  end)

  it("are not waited for when they are durable already, for those behind them are wrong", function()
    local server = assert(service.start { db = folder .. "/bank.db", workers = 1, words = { "--journal-sync" } })
    local other, body = server:connect(), '{"customer_id":"C001"}\n' .. ("{}\n"):rep(5000)
    for _ = 1, 10 do
      local own = wire.connect(server)
      own:send(service.request("POST", "/recommend/batch", { ["Content-Type"] = "application/x-ndjson",
        Connection = "close" }, body))
      for _ = 1, 3 do -- what these wait for takes the first line along
        assert.equal(200, other:ask("GET", "/recommend/C002").status)
      end
      local answers = wire.answers((wire.drain(own)))
      assert.equal(1, #answers)
      assert.equal(5001, #split(answers[1].body))
    end
    server:stop()
  end)

  it("are all made by the rules that served when it began", function()
    local rules = live_rules.copy(folder)
    local server = assert(service.start { rules = rules.path, db = folder .. "/bank.db", words = { "--no-watch" } })
    local before = offerengine.load(rules.path):hash()
    local own = server:connect()
    own.socket:send(service.request("POST", "/recommend/batch", { ["Content-Type"] = "application/x-ndjson",
      ["Content-Length"] = 2 * #line() + 2 }) .. line() .. "\n")
    repeat until own.socket:receive "*l" == ""
    assert.truthy(wire.receive_chunk(own.socket):find(before, 1, true))
    rules:change(1)
    assert.equal(200, server:ask("POST", "/rules/reload").status)
    live_rules.await_generation(server, 2)
    own.socket:send(line() .. "\n")
    assert.truthy(wire.receive_chunk(own.socket):find(before, 1, true))
    assert.equal("0\r\n\r\n", wire.receive_chunk(own.socket))
    own:send("POST", "/recommend/batch", NDJSON, line())
    local answer = own:receive()
    assert.same({ "2", nil }, { answer.headers["ruleset-generation"], answer.body:find(before, 1, true) })
    own:close()
    server:stop()
  end)
end)
