-- handlers_spec.lua: the handlers in Lua, called as the service calls them.

local json = require "dkjson"
local ordered = require "offerengine.json"
local routes = require "server.routes"
local stand_in = require "stand_in"

local service

local function call(name, given)
  return stand_in.call(service, name, given)
end

local function body(name, given)
  local answer = call(name, given)
  assert.equal(200, answer.status)
  assert.equal("application/json", answer.headers["Content-Type"])
  return json.decode(answer.body, 1, json.null)
end

setup(function()
  service = stand_in.service()
end)

describe("JSON in order", function()
  it("writes members as they were given and leaves out those that are nil", function()
    assert.equal('{"b":1,"a":[],"c":{"y":1,"z":null}}', ordered.encode(ordered.object("b", 1, "gone", nil,
      "a", ordered.list {}, "c", { z = ordered.null, y = 1 })))
  end)

  it("takes false for a value", function()
    assert.equal('{"off":false}', ordered.encode(ordered.object("off", false)))
  end)

  it("escapes what JSON does not allow in a string", function()
    assert.equal('["\\"\\\\\\n\\u0001"]', ordered.encode { '"\\\n\1' })
  end)
end)

describe("the routes", function()
  it("each have a handler in Lua or one in C", function()
    local native = {}
    for _, name in ipairs { "recommend_stored", "recommend_given", "explain", "customers_list", "customer_get",
      "customer_put", "customer_patch", "customer_delete", "import_customers", "rules_reload", "rules_rollback",
      "rules_history", "outcomes", "recommend_batch", "consent_get", "consent_put", "consent_delete",
      "campaign_runs_begin", "campaign_runs_list", "campaign_run_get", "campaign_run_cancel", "campaigns_list",
      "campaign_run_targets" } do
      native[name] = true
    end
    for _, route in ipairs(routes) do
      local is_lua = stand_in.read("server/handlers/" .. route.handler .. ".lua") ~= nil
      assert.are_not.equal(native[route.handler] == true, is_lua, route.handler)
    end
  end)

  it("name a method and path once", function()
    local seen = {}
    for _, route in ipairs(routes) do
      local key = route.method .. " " .. route.path
      assert.is_nil(seen[key], key)
      seen[key] = true
    end
  end)
end)

describe("GET /products", function()
  it("lists all products of the rules with their number", function()
    local answer = body("products")
    assert.equal(15, answer.total)
    assert.equal(15, #answer.products)
  end)

  it("shows the keys of a product as plain members", function()
    for _, product in ipairs(body("products").products) do
      if product.id == "business_loan" then
        assert.same({ "Business Expansion Loan", "commercial_loan", 80000, 680, 25 },
          { product.name, product.category, product.min_income, product.min_credit_score, product.min_age })
        assert.equal("Strong income and credit score for business growth", product.reason)
        assert.equal(45, product.threshold)
        return
      end
    end
    error("no business_loan")
  end)

  it("shows minima as they hold, and what the rule says beside them", function()
    local product = body("product", { captures = { product_id = "premium_credit_card" } })
    assert.equal(720, product.min_credit_score)
    assert.same({ min_credit_score = 700 }, product.declared)
  end)

  it("takes one category", function()
    local answer = body("products", { query = { category = "loan" } })
    assert.equal(3, answer.total)
    for _, product in ipairs(answer.products) do
      assert.equal("loan", product.category)
    end
    assert.equal(15, body("products").total) -- the other answer was not kept in its place
  end)

  it("names all faults of a query and repeats no value", function()
    local answer = call("products", { query = { category = "s3cret", page = "s3cret" } })
    assert.equal(422, answer.status)
    local error = json.decode(answer.body)
    assert.equal("validation_failed", error.code)
    assert.same({ "query", "page" }, { table.unpack(error.detail[1].loc) })
    assert.same({ "query", "category" }, { table.unpack(error.detail[2].loc) })
    assert.truthy(error.detail[2].msg:find("commercial_loan", 1, true))
    assert.is_nil(answer.body:find("s3cret", 1, true))
  end)

  it("says 404 for a product that is none", function()
    local answer = call("product", { captures = { product_id = "yacht" } })
    assert.equal(404, answer.status)
    assert.equal('{"detail":"Product not found","code":"product_not_found"}', answer.body)
  end)
end)

describe("errors", function()
  it("are those of the service's own table", function()
    local source = stand_in.read("server/http/errors.c")
    for code, entry in pairs(require "server.docs.errors") do
      local status, detail = source:match("{(%d+),%s*\"" .. code .. "\",%s*\"([^\"]*)\"")
      assert.same({ code, tostring(entry.status), entry.detail }, { code, status, detail })
    end
  end)
end)

describe("GET /segments and /rules", function()
  it("show each segment with its condition in words and its boosts", function()
    local answer = body("segments")
    assert.equal(5, answer.total)
    local first = answer.segments[1]
    assert.same({ "young_professionals", "Young Professionals" }, { first.id, first.name })
    assert.equal("age between 22 and 30 and income between 40000 and 70000", first.condition)
    assert.equal(8, first.boosts[1].points)
    assert.equal("segments.lua", first.file)
  end)

  it("show where the rules stand and what they are", function()
    local answer = body("rules")
    assert.equal(service.ruleset:hash(), answer.ruleset)
    assert.equal(service.ruleset:meaning(), answer.meaning)
    assert.equal(1, answer.generation)
    assert.equal(4, #answer.dimensions)
    assert.equal(45, answer.thresholds.business_loan)
    assert.same({ "market.lua", "policies.lua" }, { answer.files[1], answer.files[2] })
    assert.same({ at_ms = 1767225600000, ok = true, result = "loaded" }, answer.last_load)
    assert.equal("array", getmetatable(answer.findings).__jsontype)
    local kinds = {}
    for _, rule in ipairs(answer.rules) do
      kinds[rule.id] = rule.kind
      assert.equal(rule.id == "rising_region" and "market.lua" or "policies.lua", rule.file)
    end
    assert.same({ overdrawn = "exclude", gap_bonus = "adjust", regular_savers = "adjust",
      rising_region = "adjust" }, kinds)
  end)
end)

describe("GET /rules/check", function()
  it("gives what the command line finds on the same rules", function()
    local answer = body("rules_check")
    local found = require("offerengine").check((os.getenv("OE_SOURCE") or ".") .. "/rules")
    assert.equal(service.ruleset:hash(), answer.ruleset)
    assert.same({ 0, #found }, { answer.warnings, answer.notes })
    for i, finding in ipairs(found) do
      finding.source_line = nil
      assert.same(finding, answer.findings[i])
    end
  end)
end)

describe("GET /health", function()
  it("says what is running and nothing that changes", function()
    local first = call("health")
    assert.same(first, call("health"))
    local answer = json.decode(first.body)
    assert.same({ "ok", 12, 15, 1, 0 },
      { answer.status, answer.customers, answer.products, answer.generation, #answer.degraded })
    assert.equal(require("offerengine").version, answer.version)
  end)
end)

describe("bodies that stay the same", function()
  local kept = { "products", "segments", "rules", "openapi", "landing" }
  for _, name in ipairs(kept) do
    it("are not sent twice by " .. name, function()
      local first = call(name)
      assert.equal(200, first.status)
      assert.truthy(first.headers.ETag:match('^"%x+"$'))
      local tag = first.headers.ETag
      for _, header in ipairs { tag, "W/" .. tag, '"other", ' .. tag, " * " } do
        local second = call(name, { headers = { ["if-none-match"] = header } })
        assert.equal(304, second.status)
        assert.equal("", second.body)
        assert.equal(tag, second.headers.ETag)
      end
      assert.equal(200, call(name, { headers = { ["if-none-match"] = '"other"' } }).status)
      assert.equal(first.body, call(name).body)
    end)
  end
end)

describe("GET /metrics", function()
  local text

  before_each(function()
    service.metrics = function()
      return {
        answers = { ["2xx"] = 7, ["4xx"] = 1 }, connections_open = 1, errors = { not_found = 1, ['a"b\\c'] = 2 },
        connections_opened = 3, connections_closed = 2, connections_refused = 0, bytes_read = 10, bytes_written = 20,
        timeouts = 0, outcomes = { stored = 2, unknown_decision = 1 },
      }
    end
    service.store_stats = function()
      return { reads = 5, writes = 4, transactions = 3, failed_transactions = 2 }
    end
    service.contacts = function()
      return { customers = 4, reservations = 3, contacts = 9, opt_outs = 2 }
    end
    local answer = call("metrics")
    assert.equal("text/plain; version=0.0.4; charset=utf-8", answer.headers["Content-Type"])
    text = answer.body
  end)

  it("announces each family once, before its samples", function()
    local announced, family = {}, nil
    for line in text:gmatch("([^\n]*)\n") do
      local helped = line:match("^# HELP ([%w_]+) %S")
      local typed = line:match("^# TYPE ([%w_]+) %l+$")
      if helped then
        assert.is_nil(announced[helped])
        announced[helped], family = true, helped
      elseif typed then
        assert.equal(family, typed)
      else
        local name = line:match("^([%w_]+) [%d.]+$") or line:match('^([%w_]+){.*"} [%d.]+$')
        assert.equal(family, name, line)
      end
    end
  end)

  it("calls counters _total", function()
    for name, kind in text:gmatch("# TYPE ([%w_]+) (%l+)") do
      assert.equal(kind == "counter", name:find("_total$") ~= nil, name)
    end
  end)

  it("shows what was counted", function()
    for _, line in ipairs { 'offerengine_answers_total{status="2xx"} 7', 'offerengine_answers_total{status="5xx"} 0',
      'offerengine_errors_total{code="not_found"} 1', 'offerengine_errors_total{code="a\\"b\\\\c"} 2',
      "offerengine_connections_opened_total 3", "offerengine_customers 12", "offerengine_store_writes_total 4" } do
      assert.truthy(("\n" .. text):find("\n" .. line .. "\n", 1, true), line)
    end
  end)
end)

describe("GET /livez and /readyz", function()
  for _, name in ipairs { "livez", "readyz" } do
    it("answer ok: " .. name, function()
      local answer = call(name)
      assert.same({ 200, "ok\n", "text/plain; charset=utf-8" },
        { answer.status, answer.body, answer.headers["Content-Type"] })
    end)
  end
end)
