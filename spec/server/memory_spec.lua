-- memory_spec.lua: memory runs out while the service starts, answers, loads rules and ends. Every allocation is
-- refused once, and from each on all are, whoever asks for it. The service refuses, and goes on when memory is back.
-- OE_OOM_POINTS (40): how many places are tried of each kind, spread over all there are; "all" tries each one.

local core = require "offerengine.core"
local service = require "spec.support.service"
local starve = require "spec.support.starve"

local POINTS = os.getenv "OE_OOM_POINTS" or "40"
local PERSON = '{"customer_id":"Z1","age":35,"income":95000,"existing_products":["savings_account","x"],'
  .. '"credit_score":735,"avg_account_balance":28000}'
local LINES = { ["Content-Type"] = "application/x-ndjson" }
local ASKED = 1 << 40 -- no allocation has such a number

-- What is asked: {method, path, headers, body}; `edit`: of rules that were changed since.
local KINDS = {
  { "GET", "/recommend/C001" },
  { "POST", "/recommend/", nil, PERSON },
  { "POST", "/recommend/", nil, '{"age":"x"}' },
  { "GET", "/none" },
  { "GET", "/explain/C001" },
  { "POST", "/recommend/batch", LINES, PERSON .. '\n{"customer_id":"C001"}\n' },
  { "PUT", "/customers/Z1", nil, PERSON },
  { "PATCH", "/customers/Z1", nil, '{"age":36}' },
  { "GET", "/customers" },
  { "POST", "/import/customers", LINES, PERSON .. "\n" .. PERSON .. "\n" },
  { "POST", "/outcomes" },
  { "GET", "/products" },
  { "GET", "/health" },
  { "GET", "/metrics" },
  { "GET", "/rules" },
  { "GET", "/rules/history" },
  { "GET", "/rules/tests" },
  { "GET", "/rules/uncovered" },
  { "POST", "/rules/reload", edit = true },
}

-- Numbers from 1 to `count`, POINTS of them.
local function places(count)
  local step = POINTS == "all" and 1 or math.max(1, count // tonumber(POINTS))
  local at = 1 - step
  return function()
    at = at + step
    return at <= count and at or nil
  end
end

describe("a service whose memory runs out", function()
  if service.is_sanitized() then
    pending "is tried on the plain build: sanitizers have allocators of their own"
    return
  end

  local control, rules, server, edits = nil, nil, nil, 0

  local function start()
    return service.start { before = control:before(), rules = rules, workers = 1, words = { "--no-watch" } }
  end

  setup(function()
    control = starve.control()
    rules = service.folder()
    assert(os.execute(("cp -r '%s/rules/.' '%s'"):format(service.source, rules)))
    server = assert(start())
    assert(server:ask("PUT", "/customers/Z1", nil, PERSON).status == 201)
  end)

  teardown(function()
    server:stop()
    service.remove(rules)
    control:close()
  end)

  local function edit_rules()
    edits = edits + 1
    local file <close> = assert(io.open(rules .. "/note.lua", "w"))
    assert(file:write("-- " .. edits .. "\n"))
  end

  local function body_of(kind)
    if kind.edit then
      edit_rules()
    end
    if kind[2] ~= "/outcomes" then
      return kind[4]
    end
    local decision = core.decode_json(server:ask("GET", "/recommend/C001").body)
    return core.encode_json { decision_id = decision.decision_id, outcome = "shown",
      product_id = decision.recommended_products[1].product_id }
  end

  -- Asks on a connection that is there already, or on a new one. The answer, nil when the connection was closed, and
  -- how many allocations there were and were refused.
  local function ask(kind, is_new, number, onwards)
    local body = body_of(kind)
    local client = server:connect()
    client.socket:settimeout(3)
    if not is_new then
      assert(client:ask("GET", "/livez"))
    end
    control:refuse(number, onwards)
    local found, answer = pcall(client.ask, client, kind[1], kind[2], kind[3], body)
    local told = control:read()
    control:feed()
    if not (found and answer) then -- what waits for memory, as new rules do, is answered once it is back
      client.socket:settimeout(10)
      found, answer = pcall(client.receive, client)
    end
    client.socket:settimeout(0)
    local _, why = client.socket:receive(1)
    client:close()
    told.is_open = not (found and answer) and why == "timeout"
    told.status = found and answer and answer.status
    return told
  end

  local function check_kind(kind, onwards)
    local usual = ask(kind, true, ASKED)
    assert.truthy(usual.status)
    for number in places(usual.count) do
      local name = ("%s %s, allocation %d"):format(kind[1], kind[2], number)
      local told = ask(kind, number % 2 == 1, number, onwards)
      assert.is_false(told.is_open, name .. " is never answered")
      assert.is_true(not told.status or told.status == 500 or told.status == 503 or told.status < 500, name)
      local again = ask(kind, true, ASKED)
      assert.is_true(again.status ~= nil and again.status < 500 and again.status ~= 408,
        name .. ": the next one got " .. tostring(again.status))
    end
  end

  for _, kind in ipairs(KINDS) do
    local name = kind[1] .. " " .. kind[2] .. (kind[4] and " with " .. #kind[4] .. " bytes" or "")
    it("refuses or answers " .. name .. ", and the next one as ever", function()
      check_kind(kind, false)
      check_kind(kind, true)
    end)
  end

  it("holds no more blocks after many refusals than after few", function()
    local live = {}
    for round = 1, 3 do
      for _, kind in ipairs { KINDS[1], KINDS[2], KINDS[7], KINDS[10] } do
        for number = 1, 60 do
          ask(kind, true, number, number % 2 == 0) -- nothing of Lua's, whose garbage stays for a while
        end
      end
      server:ask("GET", "/recommend/C001")
      live[round] = control:read().live
    end
    assert.is_true(live[3] - live[2] < 200, ("%d, %d, %d blocks"):format(live[1], live[2], live[3]))
  end)

  it("ends as ever when memory is out from the signal on", function()
    local own = assert(start())
    control:refuse(1, true)
    own:signal "TERM"
    local code, how = own:wait()
    control:feed()
    assert.are.same({ 0, "exit" }, { code, how })
  end)

  it("starts, or says why not and ends, wherever memory runs out", function()
    control:refuse(ASKED)
    local first = assert(start())
    local count = control:read().count
    first:stop()
    for number in places(count) do
      for _, onwards in ipairs { false, true } do
        control:refuse(number, onwards)
        local own, code, text = start()
        control:feed()
        if own then
          own:stop()
        else
          -- 1: what ran out within the language counts as a mistake in the rules so far.
          assert.is_true(code == 3 or code == 1,
            ("allocation %d of %d: exit %s: %s"):format(number, count, code, text))
          assert.is_true(#text > 0, "allocation " .. number .. ": not a word")
        end
      end
    end
  end)
end)
