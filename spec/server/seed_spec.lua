-- seed_spec.lua: the endpoints that users of the first service know: shapes, order of fields, and what is said about
-- them in headers.

local core = require "offerengine.core"
local offerengine = require "offerengine"
local service = require "spec.support.service"

local SEED_OFFER = { "product_name", "category", "reason", "confidence_score" }
local SEED_ANSWER = { "customer_id", "recommended_products", "total_recommendations" }
local C001 = '{"customer_id":"C001","age":35,"income":95000,"existing_products":["savings_account","debit_card"],'
  .. '"credit_score":735,"avg_account_balance":28000}'

-- Names of the members at the top of a JSON object's text, in order.
local function members(text)
  local names, depth, at = {}, 0, 1
  while at <= #text do
    local byte = text:sub(at, at)
    if byte == '"' then
      local last = at
      repeat
        last = text:find('"', last + 1, true)
      until text:sub(last - 1, last - 1) ~= "\\"
      if depth == 1 and text:sub(last + 1, last + 1) == ":" then
        names[#names + 1] = text:sub(at + 1, last - 1)
      end
      at = last
    elseif byte == "{" or byte == "[" then
      depth = depth + 1
    elseif byte == "}" or byte == "]" then
      depth = depth - 1
    end
    at = at + 1
  end
  return names
end

local function assert_begins(wanted, names)
  assert.same(wanted, { table.unpack(names, 1, #wanted) })
end

describe("the service", function()
  local server, ruleset

  setup(function()
    ruleset = assert(offerengine.load(service.source .. "/rules"))
    server = assert(service.start())
  end)
  teardown(function() server:stop() end)

  it("recommends for a stored customer with the seed's fields in the seed's order", function()
    local answer = server:ask("GET", "/recommend/C001")
    assert.equal(200, answer.status)
    assert.equal("application/json", answer.headers["content-type"])
    assert_begins(SEED_ANSWER, members(answer.body))
    local first = answer.body:match '"recommended_products":%[(%b{})'
    assert_begins(SEED_OFFER, members(first))
    local decoded = core.decode_json(answer.body)
    assert.equal(#decoded.recommended_products, decoded.total_recommendations)
    assert.equal("C001", decoded.customer_id)
  end)

  it("shows every score with one decimal", function()
    local count = 0
    for score in server:ask("GET", "/recommend/C001").body:gmatch '"confidence_score":([^,}]+)' do
      assert.truthy(score:match "^%d+%.%d$", score)
      count = count + 1
    end
    assert.is_true(count > 0)
  end)

  it("adds the product's id, segments, gaps, ladders and the ruleset behind the seed's fields", function()
    local body = server:ask("GET", "/recommend/C001").body
    assert.same({ "customer_id", "recommended_products", "total_recommendations", "segments", "portfolio_gaps",
      "ladders", "ruleset", "decision_id" }, members(body))
    assert.truthy(body:match('"ruleset":"' .. ruleset:hash() .. '","decision_id":"%x+"}$'))
    assert.truthy(body:match '"confidence_score":%d+%.%d,"product_id":"[%w_]+"')
  end)

  it("recommends for the customer in the body, with and without the slash, and stores nothing", function()
    local stored = service.decision(server:ask("GET", "/recommend/C001"))
    local other = C001:gsub("C001", "C900")
    for _, path in ipairs { "/recommend/", "/recommend" } do
      assert.equal(stored, service.decision(server:ask("POST", path, nil, C001)))
      assert.equal(200, server:ask("POST", path, nil, other).status)
    end
    assert.equal(404, server:ask("GET", "/customers/C900").status)
  end)

  it("lets the body win over what is stored under the same id", function()
    local changed = C001:gsub("95000", "9")
    local answer = server:ask("POST", "/recommend/", nil, changed)
    assert.equal(ruleset:decide_json(assert(ruleset:profile_json(changed))), service.decision(answer))
    assert.not_equal(service.decision(server:ask("GET", "/recommend/C001")), service.decision(answer))
  end)

  it("lists the customers with their fields in the seed's order", function()
    local answer = server:ask("GET", "/customers")
    assert.equal(200, answer.status)
    assert.same({ "customers", "total", "next_cursor" }, members(answer.body))
    assert_begins({ "customer_id", "age", "income", "existing_products", "credit_score", "avg_account_balance" },
      members(answer.body:match '"customers":%[(%b{})'))
    local decoded = core.decode_json(answer.body)
    assert.equal(#decoded.customers, decoded.total)
    assert.is_true(decoded.total >= 12)
    assert.is_nil(decoded.next_cursor)
    assert.equal(C001, answer.body:match '"customers":%[(%b{})')
  end)

  it("lists the products with the seed's keys", function()
    local answer = server:ask("GET", "/products")
    assert.equal(200, answer.status)
    local decoded = core.decode_json(answer.body)
    assert.equal(#decoded.products, decoded.total)
    for _, product in ipairs(decoded.products) do
      for _, key in ipairs { "name", "category", "reason" } do
        assert.equal("string", type(product[key]), key)
      end
    end
    local loan = core.decode_json(server:ask("GET", "/products/business_loan").body)
    assert.same({ "Business Expansion Loan", 80000, 680, 25, "commercial_loan" },
      { loan.name, loan.min_income, loan.min_credit_score, loan.min_age, loan.category })
  end)

  it("answers an unknown customer with 404 in the seed's words", function()
    local answer = server:ask("GET", "/recommend/C999")
    assert.equal(404, answer.status)
    assert.equal('{"detail":"Customer not found","code":"customer_not_found"}', answer.body)
  end)

  it("answers with an empty list when there is nothing to offer", function()
    local nobody = '{"customer_id":"N","age":0,"income":0,"existing_products":[],"credit_score":300,'
      .. '"avg_account_balance":-1}'
    local answer = server:ask("POST", "/recommend/", nil, nobody)
    assert.equal(200, answer.status)
    assert.truthy(answer.body:find('"recommended_products":[],"total_recommendations":0', 1, true))
  end)

  it("tells the generation and forbids storing its decisions", function()
    for _, answer in ipairs { server:ask("GET", "/recommend/C001"), server:ask("POST", "/recommend/", nil, C001),
      server:ask("GET", "/explain/C001") } do
      assert.equal("no-store", answer.headers["cache-control"])
      assert.equal("1", answer.headers["ruleset-generation"])
    end
  end)

  it("names unknown products by position and undeclared members by count, and repeats neither", function()
    local odd = C001:gsub('%["savings_account","debit_card"%]', '["moon_loan","debit_card","mars_loan"]')
      :gsub("}$", ',"shoe_size":44,"hat":{"size":7}}')
    local answer = server:ask("POST", "/recommend/", nil, odd)
    assert.equal(200, answer.status)
    assert.equal('unknown_products;count=2;at="0 2", undeclared_members;count=2',
      answer.headers["offerengine-warning"])
    assert.is_nil(answer.head:find("moon", 1, true))
    assert.is_nil(server:ask("POST", "/recommend/", nil, C001).headers["offerengine-warning"])
  end)

  it("answers HEAD like GET, without the body", function()
    local client = server:connect()
    for _, path in ipairs { "/recommend/C001", "/customers", "/products", "/explain/C001", "/health", "/" } do
      local whole, head = client:ask("GET", path), client:ask("HEAD", path)
      assert.same({ 200, whole.headers["content-length"], whole.headers["content-type"] },
        { head.status, head.headers["content-length"], head.headers["content-type"] })
      assert.equal("", head.body)
    end
    client:close()
  end)

  it("echoes a traceparent that is valid, and no other", function()
    local trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    for _, path in ipairs { "/recommend/C001", "/customers", "/health" } do
      assert.equal(trace, server:ask("GET", path, { traceparent = trace }).headers.traceparent)
    end
    assert.is_nil(server:ask("GET", "/recommend/C001", { traceparent = "00-0-0-01" }).headers.traceparent)
  end)

  describe("takes the parameter", function()
    local function offers(query)
      local answer = server:ask("GET", "/recommend/C001" .. query)
      assert.equal(200, answer.status, answer.body)
      return core.decode_json(service.decision(answer))
    end

    it("limit: the first of the same offers", function()
      local all = offers("").recommended_products
      assert.is_true(#all > 2)
      assert.same({ all[1] }, offers("?limit=1").recommended_products)
      assert.same({ all[1], all[2] }, offers("?limit=2").recommended_products)
      assert.same(all, offers("?limit=10000").recommended_products)
    end)

    it("category: only its products", function()
      for _, offer in ipairs(offers("?category=loan").recommended_products) do
        assert.equal("loan", offer.category)
      end
    end)

    it("explain: what /explain says stands behind the decision", function()
      local plain = service.decision(server:ask("GET", "/recommend/C001"))
      local explanation = server:ask("GET", "/explain/C001").body
      assert.equal(plain:sub(1, -2) .. ',"explanation":' .. explanation .. "}",
        service.decision(server:ask("GET", "/recommend/C001?explain=true")))
      assert.equal(plain, service.decision(server:ask("GET", "/recommend/C001?explain=false")))
      assert.equal(explanation, ruleset:explain_json(assert(ruleset:profile_json(C001))))
    end)

    it("channel: checked and of no effect", function()
      assert.same(offers(""), offers("?channel=branch%20north"))
    end)
  end)
end)
