-- errors_spec.lua: everything the service refuses above HTTP: status, code, every fault at its place, nothing of what
-- was sent, and the connection goes on.

local core = require "offerengine.core"
local service = require "spec.support.service"

local GOOD = '{"customer_id":"C001","age":35,"income":95000,"existing_products":["savings_account"],'
  .. '"credit_score":735,"avg_account_balance":28000}'
local SIX = { "customer_id", "age", "income", "existing_products", "credit_score", "avg_account_balance" }

-- GOOD with one member's value replaced, or taken away.
local function with(member, value)
  local values = { customer_id = '"C001"', age = "35", income = "95000", existing_products = '["savings_account"]',
    credit_score = "735", avg_account_balance = "28000" }
  values[member] = value
  local list = {}
  for _, name in ipairs(SIX) do
    list[#list + 1] = values[name] and ('"%s":%s'):format(name, values[name])
  end
  return "{" .. table.concat(list, ",") .. "}"
end

local TYPE = "Content-Type"
local JSON = { [TYPE] = "application/json" }

-- Bodies of POST /recommend/ and PUT: a name, the body, and where which fault is found.
local FAULTS = {
  { "text for a number", with("age", '"32"'), "age", "int_type" },
  { "a fraction for an integer", with("age", "32.5"), "age", "int_from_float" },
  { "an age below the range", with("age", "-1"), "age", "greater_than_equal" },
  { "an age above the range", with("age", "131"), "age", "less_than_equal" },
  { "a truth value for an amount", with("income", "true"), "income", "float_type" },
  { "a negative income", with("income", "-0.01"), "income", "greater_than_equal" },
  { "a number beyond all doubles", with("income", "1e999"), "income", "finite_number" },
  { "a credit score below the range", with("credit_score", "299"), "credit_score", "greater_than_equal" },
  { "a credit score above the range", with("credit_score", "851"), "credit_score", "less_than_equal" },
  { "null where it is not taken", with("income", "null"), "income", "float_type" },
  { "no list of products", with("existing_products", '"card"'), "existing_products", "list_type" },
  { "an empty id", with("customer_id", '""'), "customer_id", "string_too_short" },
  { "an id of 129 bytes", with("customer_id", '"' .. ("x"):rep(129) .. '"'), "customer_id", "string_too_long" },
  { "an id with a control character", with("customer_id", '"a\\nb"'), "customer_id", "string_pattern_mismatch" },
  { "a number for an id", with("customer_id", "1"), "customer_id", "string_type" },
}
for _, name in ipairs(SIX) do
  FAULTS[#FAULTS + 1] = { "no " .. name, with(name, nil), name, "missing" }
end

local MALFORMED = { "", "{", "{}}", "nul", "{'a':1}", '{"a":1,}', '{"a":01}', '{"a":"\\u0000"}', '{"a":"\\ud800"}',
  '{"a":1,"a":2}', "[1]x", '{"a":"\255"}', ('['):rep(17) .. (']'):rep(17), "\239\187\191{}", "NaN" }

-- What else is refused: {name, method, path, headers, body, status, code, location and type of the faults...}
local REFUSED = {
  { "an unknown path", "GET", "/nowhere", nil, nil, 404, "route_not_found" },
  { "an unknown customer", "GET", "/recommend/nobody", nil, nil, 404, "customer_not_found" },
  { "an unknown customer of /customers", "GET", "/customers/nobody", nil, nil, 404, "customer_not_found" },
  { "an unknown customer to explain", "GET", "/explain/nobody", nil, nil, 404, "customer_not_found" },
  { "an unknown customer to delete", "DELETE", "/customers/nobody", nil, nil, 404, "customer_not_found" },
  { "an unknown customer to change", "PATCH", "/customers/nobody", nil, "{}", 404, "customer_not_found" },
  { "an unknown product", "GET", "/products/nothing", nil, nil, 404, "product_not_found" },
  { "an unknown parameter", "GET", "/recommend/C001?x=1", nil, nil, 422, "validation_failed",
    '"query","x"', "extra_forbidden" },
  { "a parameter of a path that takes none", "GET", "/explain/C001?limit=1", nil, nil, 422, "validation_failed",
    '"query","limit"', "extra_forbidden" },
  { "a parameter for PUT", "PUT", "/customers/C001?a=b", nil, GOOD, 422, "validation_failed",
    '"query","a"', "extra_forbidden" },
  { "limit=0", "GET", "/recommend/C001?limit=0", nil, nil, 422, "validation_failed", '"query","limit"', "int_range" },
  { "limit=10001", "GET", "/recommend/C001?limit=10001", nil, nil, 422, "validation_failed",
    '"query","limit"', "int_range" },
  { "limit=-1", "GET", "/recommend/C001?limit=-1", nil, nil, 422, "validation_failed", '"query","limit"', "int_range" },
  { "an empty limit", "GET", "/recommend/C001?limit=", nil, nil, 422, "validation_failed",
    '"query","limit"', "int_range" },
  { "a page of 1001", "GET", "/customers?limit=1001", nil, nil, 422, "validation_failed",
    '"query","limit"', "int_range" },
  { "a cursor of no page", "GET", "/customers?cursor=xyz", nil, nil, 422, "validation_failed",
    '"query","cursor"', "cursor" },
  { "a cursor that is too long", "GET", "/customers?cursor=" .. ("61"):rep(129), nil, nil, 422, "validation_failed",
    '"query","cursor"', "cursor" },
  { "an unknown category", "POST", "/recommend/?category=moon", nil, GOOD, 422, "validation_failed",
    '"query","category"', "enum" },
  { "explain=1", "GET", "/recommend/C001?explain=1", nil, nil, 422, "validation_failed",
    '"query","explain"', "bool_parsing" },
  { "an empty channel", "GET", "/recommend/C001?channel=", nil, nil, 422, "validation_failed",
    '"query","channel"', "string_length" },
  { "three bad parameters at once", "GET", "/recommend/C001?limit=x&y=1&explain=", nil, nil, 422, "validation_failed",
    '"query","limit"', "int_range", '"query","y"', "extra_forbidden", '"query","explain"', "bool_parsing" },
  { "a parameter given twice", "GET", "/recommend/C001?limit=1&limit=2", nil, nil, 422, "validation_failed",
    '"query","limit"', "query_repeated" },
  { "a parameter given twice beside other faults", "GET", "/recommend/C001?limit=abc&limit=2&foo=1", nil, nil, 422,
    "validation_failed", '"query","limit"', "int_range", '"query","limit"', "query_repeated",
    '"query","foo"', "extra_forbidden" },
  { "a bad repetition", "GET", "/recommend/C001?limit=2&limit=abc", nil, nil, 422, "validation_failed",
    '"query","limit"', "query_repeated", '"query","limit"', "int_range" },
  { "a repeated parameter of a list", "GET", "/products?category=loan&category=loan&foo=1", nil, nil, 422,
    "validation_failed", '"query","foo"', "extra_forbidden", '"query","category"', "query_repeated" },
  { "a parameter with a broken escape", "GET", "/recommend/C001?limit=%zz", nil, nil, 400, "malformed_escape" },
  { "an id that is not UTF-8", "GET", "/recommend/%ff", nil, nil, 422, "path_invalid" },
  { "an id with a control character", "PUT", "/customers/a%0Ab", nil, GOOD, 422, "path_invalid" },
  { "an id of 129 bytes", "PUT", "/customers/" .. ("x"):rep(129), nil, GOOD, 422, "validation_failed",
    '"path","customer_id"', "string_length" },
  { "an id in the body that is not that of the path", "PUT", "/customers/C002", nil, GOOD, 422, "validation_failed",
    '"body","customer_id"', "customer_id_mismatch" },
  { "another type than JSON", "POST", "/recommend/", { [TYPE] = "text/plain" }, GOOD, 415, "media_type" },
  { "a form", "POST", "/recommend/", { [TYPE] = "application/x-www-form-urlencoded" }, "a=b", 415, "media_type" },
  { "another type than JSON for PUT", "PUT", "/customers/C001", { [TYPE] = "text/json" }, GOOD, 415, "media_type" },
  { "another type than JSON for PATCH", "PATCH", "/customers/C001", { [TYPE] = "application/json-patch+json" }, "{}",
    415, "media_type" },
  { "a compressed body", "POST", "/recommend/", { ["Content-Encoding"] = "gzip" }, GOOD, 415, "content_coding" },
  { "a body compressed twice", "PUT", "/customers/C001", { ["Content-Encoding"] = "identity, br" }, GOOD,
    415, "content_coding" },
}

local METHODS = {
  { "POST", "/customers", "GET, HEAD, OPTIONS" },
  { "PUT", "/recommend/C001", "GET, HEAD, OPTIONS" },
  { "GET", "/recommend/", "POST, OPTIONS" },
  { "GET", "/import/customers", "POST, OPTIONS" },
  { "POST", "/customers/C001", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS" },
  { "DELETE", "/products", "GET, HEAD, OPTIONS" },
}

describe("the service refuses", function()
  local server, client

  setup(function()
    server = assert(service.start())
    client = server:connect()
  end)
  teardown(function()
    client:close()
    server:stop()
  end)

  local function refused(name, status, code, ...)
    local answer = client:ask(...)
    assert(answer, name .. ": no answer")
    assert.equal(status, answer.status, name .. ": " .. answer.body)
    assert.equal(code, core.decode_json(answer.body).code, name)
    assert.equal("application/json", answer.headers["content-type"], name)
    assert.is_nil(answer.headers.connection, name .. ": the connection must go on")
    return answer
  end

  local function assert_faults(name, body, wanted)
    local found = {}
    for location, kind in body:gmatch '{"loc":%[([^%]]*)%],"msg":"[^"]+","type":"([%w_]+)"}' do
      table.move({ location, kind }, 1, 2, #found + 1, found)
    end
    assert.same(wanted, found, name .. ": " .. body)
  end

  for _, case in ipairs(REFUSED) do
    it(case[1], function()
      local answer = refused(case[1], case[6], case[7], case[2], case[3], case[4], case[5])
      if case[8] then
        assert_faults(case[1], answer.body, { table.unpack(case, 8) })
      end
    end)
  end

  for _, fault in ipairs(FAULTS) do
    it(("a customer with %s"):format(fault[1]), function()
      local wanted = { ('"body","%s"'):format(fault[3]), fault[4] }
      for _, target in ipairs { { "POST", "/recommend/" }, { "PUT", "/customers/C001" } } do
        local answer = refused(fault[1], 422, "validation_failed", target[1], target[2], nil, fault[2])
        assert_faults(fault[1], answer.body, wanted)
      end
    end)
  end

  it("a product's id that is none, by its position", function()
    local body = with("existing_products", '["a","b",3]')
    assert_faults("position", refused("position", 422, "validation_failed", "POST", "/recommend", nil, body).body,
      { '"body","existing_products",2', "string_type" })
  end)

  it("all faults of a body at once, and of none what was sent", function()
    local answer = refused("all", 422, "validation_failed", "POST", "/recommend/", nil,
      '{"customer_id":"secret-name","age":"secret-age","income":-777,"existing_products":[],"credit_score":9}')
    assert_faults("all", answer.body, { '"body","age"', "int_type", '"body","income"', "greater_than_equal",
      '"body","credit_score"', "greater_than_equal",
      '"body","avg_account_balance"', "missing" })
    assert.is_nil(answer.body:find("secret", 1, true))
    assert.is_nil(answer.body:find("777", 1, true))
  end)

  it("what is wrong in query and body at once, and an id that is not the path's among other faults", function()
    local bad = '{"customer_id":"C009","age":"x","income":1,"existing_products":[],"credit_score":400,'
      .. '"avg_account_balance":1}'
    assert_faults("both", refused("both", 422, "validation_failed", "POST", "/recommend/?limit=0", nil, bad).body,
      { '"query","limit"', "int_range", '"body","age"', "int_type" })
    assert_faults("id", refused("id", 422, "validation_failed", "PUT", "/customers/C001", nil, bad).body,
      { '"body","customer_id"', "customer_id_mismatch", '"body","age"', "int_type" })
    refused("malformed", 400, "json_malformed", "POST", "/recommend/?limit=0", nil, "{")
  end)

  it("what is no object", function()
    for _, body in ipairs { "[]", "1", '"text"', "null", "true" } do
      refused(body, 422, "validation_failed", "POST", "/recommend/", nil, body)
      refused(body, 422, "validation_failed", "PATCH", "/customers/C001", nil, body)
    end
  end)

  it("malformed JSON, with the offset of the first bad byte", function()
    for _, body in ipairs(MALFORMED) do
      for _, target in ipairs { { "POST", "/recommend/" }, { "PUT", "/customers/C001" },
        { "PATCH", "/customers/C001" } } do
        local answer = refused(body, 400, "json_malformed", target[1], target[2], body == "" and JSON or nil, body)
        assert.truthy(answer.body:match '"detail":"json: .* at byte %d+', body .. ": " .. answer.body)
      end
    end
  end)

  it("methods that a path does not take, and says which it takes", function()
    for _, case in ipairs(METHODS) do
      local answer = refused(case[2], 405, "method_not_allowed", case[1], case[2], nil, case[1] ~= "GET" and "" or nil)
      assert.equal(case[3], answer.headers.allow, case[2])
    end
  end)

  it("in the form of RFC 9457 where that is accepted", function()
    local accept = { Accept = "application/problem+json" }
    local answer = client:ask("GET", "/recommend/nobody", accept)
    assert.same({ 404, "application/problem+json" }, { answer.status, answer.headers["content-type"] })
    assert.same({ type = "about:blank", title = "Not Found", status = 404, detail = "Customer not found",
      code = "customer_not_found" }, core.decode_json(answer.body))
    local list = core.decode_json(client:ask("POST", "/recommend/?x=1", accept, GOOD).body)
    assert.equal("string", type(list.detail))
    assert.same({ "query", "x" }, list.errors[1].loc)
    local deferred = client:ask("DELETE", "/customers/nobody", accept)
    assert.same({ 404, "application/problem+json" }, { deferred.status, deferred.headers["content-type"] })
  end)

  it("a body larger than 64 KiB by its length alone, and closes", function()
    local large = server:connect()
    large.socket:send("POST /recommend/ HTTP/1.1\r\nHost: bank\r\nContent-Length: 65537\r\n\r\n")
    local answer = large:receive()
    assert.same({ 413, "close" }, { answer.status, answer.headers.connection })
    assert.equal('{"detail":"body: at most 65536 bytes are allowed here","code":"body_too_large"}', answer.body)
    large:close()
    local fits = with("customer_id", '"C001"' .. (" "):rep(65536 - #GOOD))
    assert.equal(65536, #fits)
    assert.equal(200, client:ask("POST", "/recommend/", nil, fits).status)
  end)

  it("nothing that is right at the edges", function()
    for _, body in ipairs { with("age", "0"), with("age", "130"), with("age", "32.0"), with("credit_score", "300"),
      with("credit_score", "850"), with("credit_score", "null"), with("avg_account_balance", "-5000.5"),
      with("income", "0"), with("existing_products", "[]"), with("customer_id", '"' .. ("x"):rep(128) .. '"'),
      with("customer_id", '"Zo\\u00eb 7"') } do
      assert.equal(200, client:ask("POST", "/recommend/", nil, body).status, body)
    end
    assert.equal(200, client:ask("POST", "/recommend/", { [TYPE] = 'Application/JSON; charset="utf-8"' }, GOOD).status)
    assert.equal(200, client:ask("POST", "/recommend/", { ["Content-Encoding"] = "identity" }, GOOD).status)
    client.socket:send(("POST /recommend/ HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"):format(#GOOD, GOOD))
    assert.equal(200, client:receive().status)
  end)

  it("and is alive afterwards", function()
    assert.equal(200, client:ask("GET", "/recommend/C001").status)
  end)
end)
