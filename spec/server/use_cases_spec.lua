-- use_cases_spec.lua: the tables of what people do with it in README.md: the command of each row, typed as it stands,
-- gives what the row promises.

local core = require "offerengine.core"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"

local NDJSON = { ["Content-Type"] = "application/x-ndjson" }

local function section()
  return assert(shell.read(service.source .. "/README.md"):match "\n## What people do with it\n(.-)\n## ")
end

-- By name of the use: the command. `names` are in their order.
local function rows()
  local commands, names = {}, {}
  for name, command in section():gmatch "\n| %*%*([^*]+)%*%* | [^|]+ | `([^`]+)` |" do
    commands[name], names[#names + 1] = command, name
  end
  return commands, names
end

local function lines_of(csv)
  local lines = {}
  for line in csv:gmatch "([^\n]+)\n" do
    lines[#lines + 1] = line
  end
  assert.matches("^customer_id,rank,product_id,", table.remove(lines, 1))
  return lines
end

describe("README.md, what people do with it", function()
  local commands, names = rows()
  local server, folder

  setup(function()
    server = assert(service.start())
    folder = service.folder()
    local prepare = section():match "\n```sh\n(.-)```":gsub("/tmp/", folder .. "/")
    assert(os.execute(("cd '%s' && { %s }"):format(service.source, prepare)))
  end)

  teardown(function()
    server:stop()
    service.remove(folder)
  end)

  -- What the command of a row writes; it must succeed.
  local function typed(name)
    local line = commands[name]:gsub("/tmp/", folder .. "/"):gsub("build/offerengine", service.build .. "/offerengine")
      :gsub("http://127%.0%.0%.1:8000", server.address)
    local code, out, err = shell.run_line(("cd '%s' && %s"):format(service.source, line))
    assert.equal(0, code, err)
    return out
  end

  local function ask(path)
    return core.decode_json(server:ask("GET", path).body)
  end

  it("has the four uses of a bank's desks and the four of marketing", function()
    assert.same({ "Customer onboarding", "Relationship manager tool", "Campaign targeting", "Product development",
      "Segmented campaigns", "Personalised messages", "Performance tracking", "Lifecycle management" }, names)
  end)

  it("has offers for a new customer, and stores nothing", function()
    local answer = core.decode_json(typed "Customer onboarding")
    local offered = {}
    for _, product in ipairs(answer.recommended_products) do
      offered[product.product_id] = true
      assert.is_true(#product.reason > 0)
    end
    assert.same({ "new_to_bank" }, answer.segments)
    assert.is_true(offered.debit_card and offered.savings_account)
    assert.equal(404, server:ask("GET", "/customers/NEW001").status)
  end)

  it("tells a relationship manager why, why not, and a change that does bring the product", function()
    local products, refused = core.decode_json(typed "Relationship manager tool").products, nil
    assert.equal(ask("/products").total, #products)
    for _, product in ipairs(products) do
      assert.is_true(product.outcome == "offered" or #product.reason_codes > 0, product.product_id)
      refused = product.product_id == "business_loan" and product or refused
    end
    assert.same({ "below_minimum" }, refused.reason_codes)
    local customer = ask "/customers/C009"
    local change = refused.smallest_change.changes[1]
    assert.equal("income", change.attribute)
    local function is_offered(income)
      local body = ('{"customer_id":"X","age":%d,"income":%.2f,"existing_products":["%s"],"credit_score":%d,'
        .. '"avg_account_balance":%.2f}'):format(customer.age, income,
        table.concat(customer.existing_products, '","'), customer.credit_score, customer.avg_account_balance)
      local answer = server:ask("POST", "/recommend/", { ["Content-Type"] = "application/json" }, body)
      return answer.body:find('"product_id":"business_loan"', 1, true) ~= nil
    end
    assert.same({ true, false }, { is_offered(change.to), is_offered(change.to - 0.01) })
  end)

  it("lists for a mailing whom an investment would be offered, once each", function()
    local seen = {}
    for _, line in ipairs(lines_of(typed "Campaign targeting")) do
      local id, product = line:match "^(C%d+),1,([%w_]+),[^,]+,investment,%d"
      assert.is_truthy(id, line)
      assert.is_nil(seen[id])
      seen[id] = product
    end
    for _, customer in ipairs(ask("/customers").customers) do
      local best = ask("/recommend/" .. customer.customer_id .. "?category=investment&limit=1").recommended_products[1]
      assert.equal(best and best.product_id, seen[customer.customer_id])
    end
  end)

  it("prices a lower limit of a product", function()
    local out = typed "Product development"
    assert.matches("\n +80,000 +5 +0\n", out)
    assert.matches("\n +60,000 +%-20,000 +7 +2 ", out)
  end)

  it("runs a campaign for a segment, with the customers of that segment alone", function()
    local lines = lines_of(typed "Segmented campaigns")
    assert.is_true(#lines > 0)
    for _, line in ipairs(lines) do
      local segments = ask("/recommend/" .. line:match "^C%d+").segments
      assert.matches(" affluent ", " " .. table.concat(segments, " ") .. " ", 1, true)
    end
  end)

  it("words a message with the customer's own figures", function()
    assert.equal(185000, ask("/customers/C004").avg_account_balance)
    assert.matches('"Basic Investment Plan: your USD 185,000 could do more. May we call you?"',
      typed "Personalised messages", 1, true)
  end)

  it("counts what was shown and accepted by channel, with a rate and its bounds", function()
    local outcomes = {}
    for i = 1, 40 do
      local decision = ask "/recommend/C001?limit=1&channel=branch"
      for _, outcome in ipairs { "shown", i % 4 == 0 and "accepted" or nil } do
        outcomes[#outcomes + 1] = ('{"decision_id":"%s","product_id":"%s","outcome":"%s","channel":"branch"}\n')
          :format(decision.decision_id, decision.recommended_products[1].product_id, outcome)
      end
    end
    assert.matches('"stored":50,', server:ask("POST", "/outcomes", NDJSON, table.concat(outcomes)).body, 1, true)
    local found
    for _, row in ipairs(core.decode_json(typed "Performance tracking").rates) do
      found = row.channel == "branch" and row or found
    end
    assert.same({ 40, 10, 25 }, { found.shown, found.accepted, found.accepted_pct })
    assert.is_true(found.accepted_low_pct < 25 and found.accepted_high_pct > 25)
  end)

  it("knows a customer's step and the product that comes next", function()
    local answer = core.decode_json(typed "Lifecycle management")
    assert.same({ { ladder = "investor", step = 1, of = 4, next = "basic_investment" } }, answer.ladders)
  end)
end)
