-- outcomes_spec.lua: what became of offers is taken once and for good, and what cannot be is refused with its reason.

local core = require "offerengine.core"
local live_rules = require "spec.support.live_rules"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"

local NDJSON = { ["Content-Type"] = "application/x-ndjson" }

describe("POST /outcomes", function()
  local server, client, rules

  local function decide(path)
    local answer = client:ask("GET", path or "/recommend/C001")
    assert.equal(200, answer.status, answer.body)
    return core.decode_json(answer.body)
  end

  local function post(values, headers)
    local body = type(values) == "string" and values or core.encode_json(values)
    local answer = client:ask("POST", "/outcomes", headers, body)
    return answer.status, core.decode_json(answer.body), answer
  end

  local function event(decision, outcome, more)
    local values = { decision_id = decision.decision_id, outcome = outcome or "shown",
      product_id = decision.recommended_products[1].product_id }
    for key, value in pairs(more or {}) do
      values[key] = value
    end
    return values
  end

  local function metric(pattern)
    return tonumber(client:ask("GET", "/metrics").body:match(pattern))
  end

  setup(function()
    rules = service.folder()
    server = assert(service.start { db = rules .. "/bank.db", workers = 2 })
    client = server:connect()
  end)

  teardown(function()
    client:close()
    server:stop()
    service.remove(rules)
  end)

  it("stores each outcome once, of a decision that was just made", function()
    local decision = decide()
    for _, outcome in ipairs { "shown", "clicked", "accepted", "declined", "converted" } do
      local status, answer = post(event(decision, outcome))
      assert.same({ 201, { status = "stored" } }, { status, answer })
      status, answer = post(event(decision, outcome, { value = 5 }))
      assert.same({ 200, { status = "repeated" } }, { status, answer })
    end
    assert.equal(201, client:ask("POST", "/events", nil, core.encode_json(event(decide()))).status)
  end)

  it("knows decisions of another worker, whoever of them has journalled yet", function()
    for _ = 1, 20 do
      local other = server:connect()
      local decision = core.decode_json(other:ask("GET", "/recommend/C001").body)
      assert.equal(201, (post(event(decision))))
      other:close()
    end
  end)

  it("asks the store once for a decision of the same worker that was just made", function()
    local folder = service.folder()
    local alone = assert(service.start { db = folder .. "/bank.db", workers = 1 })
    local own = alone:connect()
    local function writes()
      return tonumber(own:ask("GET", "/metrics").body:match("store_writes_total (%d+)"))
    end
    local before = writes()
    local decision = core.decode_json(own:ask("GET", "/recommend/C001").body)
    assert.equal(201, own:ask("POST", "/outcomes", nil, core.encode_json(event(decision))).status)
    assert.equal(before + 2, writes()) -- the decision's block, and the outcome
    own:close()
    alone:stop()
    service.remove(folder)
  end)

  it("refuses what cannot be, each with its code", function()
    local decision = decide()
    local made_ms = tonumber(decision.decision_id:sub(1, 12), 16)
    local unknown = decision.decision_id:sub(1, 28) .. "ffff"
    local cases = {
      { { decision_id = unknown }, 404, "unknown_decision" },
      { { decision_id = ("0"):rep(32) }, 409, "decision_expired" },
      { { product_id = "no_such" }, 409, "product_not_in_decision" },
      { { at = made_ms - 1000 }, 409, "outcome_before_decision" },
      { { at = made_ms - 999, outcome = "clicked" }, 201 },
      { { at = made_ms + 3600000 }, 409, "outcome_in_future" },
      { { at = made_ms + 290000, outcome = "declined" }, 201 },
      { { at = os.date("!%Y-%m-%dT%H:%M:%S.500Z", made_ms // 1000 + 1), outcome = "converted" }, 201 },
    }
    for i, case in ipairs(cases) do
      local status, answer = post(event(decision, nil, case[1]))
      assert.same({ i, case[2], case[3] }, { i, status, answer.code })
    end
    local refused = metric 'offerengine_outcomes_total{result="unknown_decision"} (%d+)'
    assert.equal(1, refused)
  end)

  it("names all faults of a body and repeats nothing of it", function()
    local status, answer, raw = post { decision_id = "secret!", outcome = "loved", at = "secret!", channel = 7,
      value = "x" }
    assert.equal(422, status)
    local found = {}
    for _, fault in ipairs(answer.detail) do
      found[#found + 1] = fault.loc[2] .. " " .. fault.type
    end
    table.sort(found)
    assert.same({ "at datetime_parsing", "channel string_type", "decision_id uuid_parsing", "outcome enum",
      "product_id missing", "value float_type" }, found)
    assert.is_nil(raw.body:find("secret", 1, true))
    assert.equal(400, (post "{"))
    assert.equal(422, (post "[1]"))
    assert.equal(415, client:ask("POST", "/outcomes", { ["Content-Type"] = "text/plain" }, "x").status)
    assert.equal(405, client:ask("GET", "/outcomes").status)
    assert.equal("POST, OPTIONS", client:ask("DELETE", "/events").headers.allow)
  end)

  it("answers each line of many in their order", function()
    local decision = decide()
    local lines = { core.encode_json(event(decision)), "", core.encode_json(event(decision)), "{",
      core.encode_json(event(decision, "clicked", { product_id = "no_such" })), '{"outcome":"shown"}',
      core.encode_json(event(decision, "accepted")) }
    local status, answer = post(table.concat(lines, "\n") .. "\n", NDJSON)
    assert.equal(200, status)
    local found = {}
    for i, result in ipairs(answer.results) do
      found[i] = ("%d %s %s"):format(result.line, result.status, result.code or "-")
    end
    assert.same({ "1 stored -", "3 repeated -", "4 refused json_malformed", "5 refused product_not_in_decision",
      "6 refused validation_failed", "7 stored -" }, found)
    assert.same({ 2, 1, 3 }, { answer.stored, answer.repeated, answer.refused })
    for count, expected in pairs { [1000] = 200, [1001] = 413 } do
      assert.equal(expected, (post(("{}\n"):rep(count), NDJSON)))
    end
  end)

  it("answers a key that was used before as the first time", function()
    local key = { ["Idempotency-Key"] = "till 4, receipt 77" }
    local first = event(decide())
    for _ = 1, 2 do
      assert.equal(201, (post(first, key)))
    end
    local status, answer = post(event(decide()), key)
    assert.same({ 409, "idempotency_key_reused" }, { status, answer.code })
    for length, expected in pairs { [255] = 201, [256] = 422 } do
      assert.equal(expected, (post(event(decide()), { ["Idempotency-Key"] = ("k"):rep(length) })))
    end
  end)

  it("is there after a kill, and gone with the customer", function()
    client:ask("PUT", "/customers/gone", nil, client:ask("GET", "/customers/C001").body:gsub("C001", "gone"))
    local kept, gone = decide(), decide "/recommend/gone"
    assert.equal(201, (post(event(kept))))
    assert.equal(201, (post(event(gone))))
    server:kill()
    server = assert(service.start { db = rules .. "/bank.db", workers = 2 })
    client = server:connect()
    assert.equal(200, (post(event(kept))))
    local answer = client:ask("DELETE", "/customers/gone")
    assert.truthy(answer.headers["offerengine-erased"]:find("events=1", 1, true))
    local status, body = post(event(gone))
    assert.same({ 404, "unknown_decision" }, { status, body.code })
  end)
end)

describe("on_accept { own = true }", function()
  local folder, server, client

  setup(function()
    folder = service.folder()
    local rules = live_rules.copy(folder)
    shell.write(rules.path .. "/accept.lua", "on_accept { own = true }\n")
    server = assert(service.start { db = folder .. "/bank.db", rules = rules.path, workers = 2 })
    client = server:connect()
  end)

  teardown(function()
    client:close()
    server:stop()
    service.remove(folder)
  end)

  local function ask(method, path, body)
    local answer = client:ask(method, path, nil, body)
    return core.decode_json(answer.body), answer
  end

  local function report(decision, outcome, product)
    local body = core.encode_json { decision_id = decision.decision_id, product_id = product, outcome = outcome }
    assert.equal(201, client:ask("POST", "/outcomes", nil, body).status)
  end

  local function owns(id, product)
    for _, owned in ipairs((ask("GET", "/customers/" .. id)).existing_products) do
      if owned == product then
        return true
      end
    end
    return false
  end

  it("makes an accepted product one that the customer owns, and no other outcome does", function()
    local before = ask("GET", "/recommend/C001")
    local product = before.recommended_products[1].product_id
    for _, outcome in ipairs { "shown", "clicked", "declined", "converted" } do
      report(before, outcome, product)
      assert.is_false(owns("C001", product))
    end
    report(before, "accepted", product)
    assert.is_true(owns("C001", product))
    for _, offer in ipairs((ask("GET", "/recommend/C001")).recommended_products) do
      assert.not_equal(product, offer.product_id)
    end
  end)

  it("creates no customer of one that was sent", function()
    local sent = client:ask("GET", "/customers/C002").body:gsub("C002", "walk-in")
    local decision = ask("POST", "/recommend/", sent)
    report(decision, "accepted", decision.recommended_products[1].product_id)
    assert.equal(404, client:ask("GET", "/customers/walk-in").status)
  end)
end)
