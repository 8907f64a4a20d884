-- consent_spec.lua: what a customer opted out of is durable, holds at once in every worker, and goes with the person.

local core = require "offerengine.core"
local service = require "spec.support.service"
local wire = require "spec.server.http.wire"

local function path(id)
  return "/customers/" .. id .. "/consent"
end

-- The products offered to C001, whatever worker answers, as a set.
local function offered(client, query)
  local answer = client:ask("GET", "/recommend/C001" .. (query or ""))
  assert.equal(200, answer.status)
  local set = {}
  for _, product in ipairs(core.decode_json(answer.body).recommended_products) do
    set[product.category] = product.product_id
  end
  return set, answer
end

describe("consents", function()
  local server, client

  setup(function()
    server = service.start()
    client = server:connect()
  end)

  teardown(function()
    server:stop()
  end)

  it("are answered as they were said, for customers that are stored and for others", function()
    for _, id in ipairs { "C001", "nobody" } do
      assert.equal('{"opt_out":[]}', client:ask("GET", path(id)).body)
      for _ = 1, 2 do
        local put = client:ask("PUT", path(id), nil, '{ "opt_out": [{"category":"credit", "channel":"sms"}, {}] }')
        assert.same({ 200, '{"opt_out":[{"channel":"sms","category":"credit"},{}]}' }, { put.status, put.body })
        assert.equal(put.body, client:ask("GET", path(id)).body)
      end
      for _ = 1, 2 do
        assert.equal(204, client:ask("DELETE", path(id)).status)
        assert.equal('{"opt_out":[]}', client:ask("GET", path(id)).body)
      end
    end
  end)

  it("name every fault and store nothing of what is refused", function()
    local put = client:ask("PUT", path "C001", nil,
      '{"opt_out":[{"category":"nonsense"},{"chanel":"email"},{"channel":""}],"more":1}')
    assert.equal(422, put.status)
    local body = core.decode_json(put.body)
    assert.equal("validation_failed", body.code)
    local found = {}
    for i, fault in ipairs(body.detail) do
      found[i] = table.concat(fault.loc, ".") .. ": " .. fault.type
    end
    assert.same({ "body.opt_out.0: enum", "body.opt_out.1: extra_forbidden", "body.opt_out.2: string_too_short",
      "body: extra_forbidden" }, found)
    assert.equal(400, client:ask("PUT", path "C001", nil, '{"opt_out":[').status)
    assert.equal(415, client:ask("PUT", path "C001", { ["Content-Type"] = "text/plain" }, "{}").status)
    assert.equal(422, client:ask("PUT", path "C001" .. "?x=1", nil, '{"opt_out":[]}').status)
    assert.equal(422, client:ask("GET", path "a%0Ab").status)
    assert.equal(405, client:ask("POST", path "C001", nil, '{"opt_out":[]}').status)
    assert.equal('{"opt_out":[]}', client:ask("GET", path "C001").body)
  end)

  it("hold at once, by channel and category, also where the rules have no policies", function()
    local before = offered(client)
    assert.truthy(before.loan and before.investment)
    assert.equal(200, client:ask("PUT", path "C001", nil,
      '{"opt_out":[{"category":"loan"},{"channel":"sms"},{"channel":"post","category":"investment"}]}').status)
    for _ = 1, 8 do
      local other = server:connect() -- of either worker
      local anywhere, by_post = offered(other), offered(other, "?channel=post")
      assert.same({ nil, before.investment }, { anywhere.loan, anywhere.investment })
      assert.same({ nil, nil }, { by_post.loan, by_post.investment })
      assert.truthy(next(by_post))
      assert.is_nil(next((offered(other, "?channel=sms"))))
      other:close()
    end
    assert.equal(204, client:ask("DELETE", path "C001").status)
    assert.same(before, (offered(client)))
  end)

  it("hold from their answer on for a batch that is under way", function()
    local own, line = server:connect(), '{"customer_id":"C002"}\n'
    own.socket:send(service.request("POST", "/recommend/batch", { ["Content-Type"] = "application/x-ndjson",
      ["Content-Length"] = 3 * #line }))
    for i, case in ipairs { { '{"opt_out":[]}', true }, { '{"opt_out":[{}]}', false }, { '{"opt_out":[]}', true } } do
      assert.equal(200, client:ask("PUT", path "C002", nil, case[1]).status)
      own.socket:send(line)
      repeat until i > 1 or own.socket:receive "*l" == "" -- it has begun
      local decision = core.decode_json(wire.receive_chunk(own.socket):match "{.*}")
      assert.equal(case[2], #decision.recommended_products > 0)
    end
    own:close()
    client:ask("DELETE", path "C002")
  end)

  it("take 64 entries and no more, and nothing of another kind", function()
    local entries = {}
    for i = 1, 65 do
      entries[i] = ('{"channel":"c%d"}'):format(i)
    end
    local function put(body)
      local answer = client:ask("PUT", path "C003", nil, body)
      return answer.status, answer.status == 422 and core.decode_json(answer.body).detail[1].type or nil
    end
    local most = '{"opt_out":[' .. table.concat(entries, ",", 1, 64) .. "]}"
    assert.equal(200, (put(most)))
    assert.same({ 422, "too_long" }, { put('{"opt_out":[' .. table.concat(entries, ",") .. "]}") })
    for body, kind in pairs { ["[]"] = "dict_type", ["{}"] = "missing", ['{"opt_out":null}'] = "list_type",
      ['{"opt_out":[1]}'] = "dict_type", ['{"opt_out":[{"channel":null}]}'] = "string_type",
      ['{"opt_out":[{"category":["loan"]}]}'] = "string_type" } do
      assert.same({ 422, kind }, { put(body) })
    end
    assert.equal(most, client:ask("GET", path "C003").body)
    assert.equal(0, #core.decode_json(client:ask("GET", "/recommend/C003?channel=c64").body).recommended_products)
    client:ask("DELETE", path "C003")
  end)

  it("are shown in explanations", function()
    assert.equal(200, client:ask("PUT", path "C001", nil, '{"opt_out":[{"channel":"sms"}]}').status)
    local function causes(query)
      local seen = {}
      for _, product in ipairs(core.decode_json(client:ask("GET", "/explain/C001" .. query).body).products) do
        seen[product.outcome] = (seen[product.outcome] or 0) + 1
      end
      return seen
    end
    assert.is_nil(causes("").contact_policy)
    assert.truthy(causes("?channel=sms").contact_policy > 0)
    client:ask("DELETE", path "C001")
  end)

  it("survive a kill and go with the person", function()
    local folder = service.folder()
    local first = service.start { db = folder .. "/bank.db" }
    local talk = first:connect()
    assert.equal(200, talk:ask("PUT", path "C001", nil, '{"opt_out":[{}]}').status)
    assert.equal(200, talk:ask("PUT", path "nobody", nil, '{"opt_out":[{}]}').status)
    first:kill()
    local second = service.start { db = folder .. "/bank.db" }
    talk = second:connect()
    assert.is_nil(next((offered(talk))))
    local gone = talk:ask("DELETE", "/customers/nobody")
    assert.equal(204, gone.status)
    assert.truthy(gone.headers["offerengine-erased"]:find("consents=1", 1, true))
    assert.equal('{"opt_out":[]}', talk:ask("GET", path "nobody").body)
    assert.equal(404, talk:ask("DELETE", "/customers/nobody").status)
    second:stop()
    service.remove(folder)
  end)
end)
