-- contract_spec.lua: the running service against its own description: every documented answer is of the documented
-- status, type, headers and schema, and no member is left undocumented.

local json = require "dkjson"
local live_rules = require "spec.support.live_rules"
local routes = require "server.routes"
local schema_check = require "schema_check"
local service = require "spec.support.service"

local GOOD = '{"customer_id":"NEW001","age":32,"income":85000,"existing_products":["savings_account","debit_card"],'
  .. '"credit_score":710,"avg_account_balance":25000}'
local UNKNOWN = GOOD:gsub("debit_card", "yacht"):gsub("}$", ',"shoe":43}')
local NO_SCORE = GOOD:gsub("710", "null")
local LINES = { ["Content-Type"] = "application/x-ndjson" }
local DRAFT = [[{"texts":{"products/draft.lua":"product \"draft\" { name = \"Draft\", category = \"savings\", ]]
  .. [[min_income = 20000, reason = \"Your income suits it\" }","release.lua":"release { max_lost = 0, min_ratio = 1, ]]
  .. [[min_group = 1 }","products/none.lua":null}}]]
local TWICE = { Accept = "application/problem+json" }

-- method, path as documented, path as asked, status, body, headers; in this order on one service.
local OUTCOME = '{"decision_id":"' .. ("0"):rep(32) .. '","product_id":"credit_card","outcome":"shown"}'
local QUESTIONS = {
  { "GET", "/recommend/{customer_id}", "/recommend/C001", 200 },
  { "GET", "/recommend/{customer_id}", "/recommend/C001?explain=true&limit=2&channel=app", 200 },
  { "GET", "/recommend/{customer_id}", "/recommend/C004?category=loan", 200 },
  { "GET", "/recommend/{customer_id}", "/recommend/nobody", 404 },
  { "GET", "/recommend/{customer_id}", "/recommend/nobody", 404, nil, TWICE },
  { "GET", "/recommend/{customer_id}", "/recommend/C001?limit=0", 422 },
  { "POST", "/recommend/", "/recommend/", 200, GOOD },
  { "POST", "/recommend/", "/recommend/", 200, UNKNOWN },
  { "POST", "/recommend/", "/recommend/?explain=true", 200, NO_SCORE },
  { "POST", "/recommend", "/recommend", 200, GOOD },
  { "POST", "/recommend/", "/recommend/", 400, "{" },
  { "POST", "/recommend/", "/recommend/", 415, GOOD, { ["Content-Type"] = "text/plain" } },
  { "POST", "/recommend/", "/recommend/", 415, GOOD, { ["Content-Encoding"] = "gzip" } },
  { "POST", "/recommend/", "/recommend/", 422, '{"age":"old","existing_products":[7]}' },
  { "POST", "/recommend/", "/recommend/", 422, "{}", TWICE },
  { "POST", "/recommend/batch", "/recommend/batch?limit=1", 200, GOOD .. "\n{bad\n", LINES },
  { "POST", "/recommend/batch", "/recommend/batch?limit=0", 422, GOOD, LINES },
  { "POST", "/recommend/batch", "/recommend/batch", 415, GOOD },
  { "GET", "/explain/{customer_id}", "/explain/C001", 200 },
  { "GET", "/explain/{customer_id}", "/explain/C006", 200 },
  { "GET", "/explain/{customer_id}", "/explain/nobody", 404 },
  { "GET", "/explain/{customer_id}", "/explain/C001?limit=1", 422 },
  { "GET", "/customers", "/customers", 200 },
  { "GET", "/customers", "/customers?limit=3", 200 },
  { "GET", "/customers", "/customers?limit=1001", 422 },
  { "GET", "/customers/{customer_id}", "/customers/C001", 200 },
  { "GET", "/customers/{customer_id}", "/customers/nobody", 404 },
  { "PUT", "/customers/{customer_id}", "/customers/NEW001", 201, GOOD },
  { "PUT", "/customers/{customer_id}", "/customers/NEW001", 200, UNKNOWN },
  { "PUT", "/customers/{customer_id}", "/customers/OTHER", 422, GOOD },
  { "PATCH", "/customers/{customer_id}", "/customers/NEW001", 200, '{"region":"north","credit_score":null}' },
  { "PATCH", "/customers/{customer_id}", "/customers/NEW001", 422, '{"income":-1}' },
  { "PATCH", "/customers/{customer_id}", "/customers/nobody", 404, "{}" },
  { "DELETE", "/customers/{customer_id}", "/customers/NEW001", 204 },
  { "DELETE", "/customers/{customer_id}", "/customers/NEW001", 404 },
  { "POST", "/outcomes", "/outcomes", 409, OUTCOME },
  { "POST", "/outcomes", "/outcomes", 200, OUTCOME .. "\n{bad\n{}\n", LINES },
  { "POST", "/outcomes", "/outcomes", 422, "{}" },
  { "POST", "/outcomes", "/outcomes", 415, OUTCOME, { ["Content-Type"] = "text/plain" } },
  { "POST", "/events", "/events", 400, "{" },
  { "POST", "/import/customers", "/import/customers", 200, GOOD .. "\n" .. UNKNOWN, LINES },
  { "POST", "/import/customers", "/import/customers?skip_bad=true", 200, GOOD .. "\n{bad\n", LINES },
  { "POST", "/import/customers", "/import/customers", 422, GOOD .. '\n{"age":"x"}\n{bad\n', LINES },
  { "POST", "/import/customers", "/import/customers", 415, GOOD },
  { "GET", "/customers/{customer_id}/consent", "/customers/C001/consent", 200 },
  { "GET", "/customers/{customer_id}/consent", "/customers/C001/consent?x=1", 422 },
  { "PUT", "/customers/{customer_id}/consent", "/customers/C001/consent", 200,
    '{"opt_out":[{"channel":"sms","category":"credit"},{"channel":"post"}]}' },
  { "PUT", "/customers/{customer_id}/consent", "/customers/C001/consent", 400, "{" },
  { "PUT", "/customers/{customer_id}/consent", "/customers/C001/consent", 415, "{}",
    { ["Content-Type"] = "text/plain" } },
  { "PUT", "/customers/{customer_id}/consent", "/customers/C001/consent", 422,
    '{"opt_out":[{"category":"boats"}],"x":1}', TWICE },
  { "DELETE", "/customers/{customer_id}/consent", "/customers/C001/consent", 204 },
  { "DELETE", "/customers/{customer_id}/consent", "/customers/C001/consent?x=1", 422 },
  { "GET", "/campaigns", "/campaigns", 200 },
  { "GET", "/campaigns", "/campaigns?x=1", 422 },
  { "POST", "/campaigns/{campaign}/runs", "/campaigns/spring/runs", 202, '{"clock_ms":1790000000000,"seed":7}' },
  { "POST", "/campaigns/{campaign}/runs", "/campaigns/spring/runs", 409, '{"clock_ms":1790000000000,"seed":7}' },
  { "POST", "/campaigns/{campaign}/runs", "/campaigns/spring/runs", 400, "{" },
  { "POST", "/campaigns/{campaign}/runs", "/campaigns/spring/runs", 422, '{"clock_ms":-1,"seed":"x","more":1}' },
  { "POST", "/campaigns/{campaign}/runs", "/campaigns/spring/runs", 415, "{}", { ["Content-Type"] = "text/plain" } },
  { "POST", "/campaigns/{campaign}/runs", "/campaigns/winter/runs", 404 },
  { "GET", "/campaigns/{campaign}/runs", "/campaigns/spring/runs", 200 },
  { "GET", "/campaigns/{campaign}/runs", "/campaigns/winter/runs", 404 },
  { "GET", "/campaigns/{campaign}/runs", "/campaigns/spring/runs?x=1", 422 },
  { "GET", "/campaigns/{campaign}/runs/{run}", "/campaigns/spring/runs/1", 200 },
  { "GET", "/campaigns/{campaign}/runs/{run}", "/campaigns/spring/runs/2", 404 },
  { "DELETE", "/campaigns/{campaign}/runs/{run}", "/campaigns/spring/runs/2", 404, nil, TWICE },
  { "GET", "/campaigns/{campaign}/runs/{run}/list", "/campaigns/spring/runs/1/list", 200 },
  { "GET", "/campaigns/{campaign}/runs/{run}/list", "/campaigns/spring/runs/2/list", 404 },
  { "GET", "/campaigns/{campaign}/runs/{run}/list", "/campaigns/spring/runs/1/list?format=xml", 422 },
  { "GET", "/products", "/products", 200 },
  { "GET", "/products", "/products?category=investment", 200 },
  { "GET", "/products", "/products?category=boats", 422 },
  { "GET", "/products/{product_id}", "/products/premium_credit_card", 200 },
  { "GET", "/products/{product_id}", "/products/yacht", 404 },
  { "GET", "/products/{product_id}", "/products/yacht", 404, nil, TWICE },
  { "GET", "/segments", "/segments", 200 },
  { "GET", "/segments", "/segments?x=1", 422 },
  { "GET", "/rules", "/rules", 200 },
  { "GET", "/rules/check", "/rules/check", 200 },
  { "GET", "/rules/check", "/rules/check?x=1", 422 },
  { "GET", "/rules/history", "/rules/history", 200 },
  { "GET", "/rules/history", "/rules/history?limit=1", 200 },
  { "GET", "/rules/history", "/rules/history?limit=0", 422 },
  { "GET", "/rules/history", "/rules/history?cursor=4141", 422 },
  { "GET", "/rules/price", "/rules/price?product=credit_card&attribute=income&steps=4", 200 },
  { "GET", "/rules/price", "/rules/price?product=premium_credit_card&attribute=min_income&to=170000", 200 },
  { "GET", "/rules/price", "/rules/price?product=yacht&attribute=income", 404 },
  { "GET", "/rules/price", "/rules/price?attribute=income", 422 },
  { "GET", "/rules/price", "/rules/price?product=credit_card&attribute=credit_score&to=10", 422 },
  { "GET", "/rules/uncovered", "/rules/uncovered?category=credit", 200 },
  { "GET", "/rules/uncovered", "/rules/uncovered?category=boats", 422 },
  { "GET", "/reports/{report}", "/reports/funnel", 200 },
  { "GET", "/reports/{report}", "/reports/conversion?by=channel&from=2026-01-01", 200 },
  { "GET", "/reports/{report}", "/reports/products", 200 },
  { "GET", "/reports/{report}", "/reports/segments", 200 },
  { "GET", "/reports/{report}", "/reports/unmet", 200 },
  { "GET", "/reports/{report}", "/reports/campaign?campaign=spring", 200 },
  { "GET", "/reports/{report}", "/reports/campaign", 422 },
  { "GET", "/reports/{report}", "/reports/campaign?campaign=winter", 422 },
  { "GET", "/reports/{report}", "/reports/nothing", 404 },
  { "GET", "/reports/{report}", "/reports/conversion?by=hat", 422 },
  { "GET", "/rules/tests", "/rules/tests", 200 },
  { "GET", "/rules/tests", "/rules/tests?x=1", 422 },
  { "POST", "/rules/diff", "/rules/diff", 200, '{"texts":{}}' },
  { "POST", "/rules/diff", "/rules/diff", 200, DRAFT },
  { "POST", "/rules/diff", "/rules/diff", 400, "{" },
  { "POST", "/rules/diff", "/rules/diff", 413, '{"texts":{"a.lua":"' .. (" "):rep(1 << 20) .. '"}}' },
  { "POST", "/rules/diff", "/rules/diff", 415, DRAFT, { ["Content-Type"] = "text/plain" } },
  { "POST", "/rules/diff", "/rules/diff", 415, DRAFT, { ["Content-Encoding"] = "gzip" } },
  { "POST", "/rules/diff", "/rules/diff", 422, '{"texts":{"segments.lua":"segment"}}' },
  { "POST", "/rules/diff", "/rules/diff", 422, '{"texts":[],"more":1}', TWICE },
  { "POST", "/rules/diff", "/rules/diff?x=1", 422, DRAFT },
  { "POST", "/rules/reload", "/rules/reload", 200 },
  { "POST", "/rules/reload", "/rules/reload", 200, '{"author":"Ada","note":"spring"}' },
  { "POST", "/rules/reload", "/rules/reload", 400, "{" },
  { "POST", "/rules/reload", "/rules/reload", 415, "{}", { ["Content-Type"] = "text/plain" } },
  { "POST", "/rules/reload", "/rules/reload", 422, '{"author":7,"note":"two\\nlines","generation":1}' },
  { "POST", "/rules/reload", "/rules/reload", 422, "[]" },
  { "POST", "/rules/reload", "/rules/reload?now=1", 422 },
  { "POST", "/rules/rollback", "/rules/rollback", 404 },
  { "POST", "/rules/rollback", "/rules/rollback", 200, '{"generation":1}' },
  { "POST", "/rules/rollback", "/rules/rollback", 404, '{"generation":99}' },
  { "POST", "/rules/rollback", "/rules/rollback", 422, '{"generation":0}', TWICE },
  { "GET", "/health", "/health", 200 },
  { "GET", "/livez", "/livez", 200 },
  { "GET", "/readyz", "/readyz", 200 },
  { "GET", "/metrics", "/metrics", 200 },
  { "GET", "/openapi.json", "/openapi.json", 200 },
  { "GET", "/docs", "/docs", 200 },
  { "GET", "/redoc", "/redoc", 200 },
  { "GET", "/assets/{name}", "/assets/landing.js", 200 },
  { "GET", "/assets/{name}", "/assets/nothing.js", 404 },
  { "GET", "/", "/", 200 },
}

local function is_json(media_type)
  return media_type == "application/json" or media_type == "application/problem+json"
end

describe("the service is what its description says", function()
  local server, document, folder

  setup(function()
    folder = service.folder()
    local rules = live_rules.copy(folder)
    rules:write("campaigns.lua", 'campaign "spring" { category = "credit" }\n')
    server = assert(service.start { rules = rules.path })
    document = json.decode(server:ask("GET", "/openapi.json").body, 1, json.null)
  end)

  teardown(function()
    server:stop()
    service.remove(folder)
  end)

  local function check_content(response, answer, place)
    local media_type = answer.headers["content-type"]:match("^[^;]+")
    local content = response.content[media_type]
    assert.is_table(content, place .. " answers " .. media_type)
    if is_json(media_type) then
      local value = json.decode(answer.body, 1, json.null)
      local schema = content.schema
      if (schema["$ref"] or ""):find("OpenApi$") then
        return
      end
      assert.same({}, schema_check.faults(document, schema, value), place)
    end
  end

  for i, question in ipairs(QUESTIONS) do
    local method, pattern, path, status, body, headers = table.unpack(question, 1, 6)
    it(("%d: %s %s answers %d"):format(i, method, path, status), function()
      local answer = server:ask(method, path, headers, body)
      local place = method .. " " .. path
      assert.equal(status, answer.status, place .. ": " .. answer.body)
      local response = document.paths[pattern][method:lower()].responses[tostring(status)]
      assert.is_table(response, place .. ": status is not documented")
      if response.content then
        check_content(response, answer, place)
      else
        assert.equal("", answer.body)
      end
      for name in pairs(response.headers or {}) do
        if name ~= "Offerengine-Warning" or body == UNKNOWN then
          assert.is_string(answer.headers[name:lower()], place .. ": " .. name)
        end
      end
    end)
  end

  it("and every route was asked", function()
    local asked = {}
    for _, question in ipairs(QUESTIONS) do
      asked[question[1] .. " " .. question[2]] = true
    end
    for _, route in ipairs(routes) do
      assert.is_true(asked[route.method .. " " .. route.path], route.path)
    end
  end)

  it("answers 304 to whoever sends the tag back", function()
    for _, path in ipairs { "/products", "/openapi.json", "/docs", "/assets/page.css" } do
      local tag = server:ask("GET", path).headers.etag
      local answer = server:ask("GET", path, { ["If-None-Match"] = tag })
      assert.same({ 304, "", tag }, { answer.status, answer.body, answer.headers.etag })
    end
  end)

  it("counts the errors of every handler by their code", function()
    local function count()
      return tonumber(server:ask("GET", "/metrics").body:match('errors_total{code="product_not_found"} (%d+)'))
    end
    local before = count()
    server:ask("GET", "/products/yacht")
    assert.equal(before + 1, count())
  end)

  it("says the same of its health as long as nothing happens", function()
    assert.equal(server:ask("GET", "/health").body, server:ask("GET", "/health").body)
  end)
end)
