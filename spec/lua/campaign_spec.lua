-- campaign_spec.lua: what a decision for a campaign holds, and what its trace says.

local loader = require "offerengine.loader"
local offerengine = require "offerengine"
local rule_folder = require "rule_folder"
local shell = require "spec.lua.shell"

local AT = "2026-03-15"

local RULES = [[
attribute "income" { type = "money", range = { 0 }, words = { "income" } }
attribute "age" { type = "integer", range = { 0, 130 }, protected = true }
attribute "products" { type = "product_set" }
category "savings" {}
category "credit" { regulated = "credit" }
scoring { income = { weight = 10, ideal = 100000, every = true } }
product "book" { name = "Savings Book", category = "savings", message = "A book, {customer_id}." }
product "deposit" { name = "Deposit", category = "savings", lever = 2, message = function(c) return "A deposit." end }
product "card" { name = "Card", category = "credit" }
segment "rich" { when = { income = at_least(80000) } }
segment "old" { when = { age = at_least(60) } }
cap "one_letter" { campaign = "letter", at_most = 1, per = "30 days" }
]]

local function load(campaign)
  return rule_folder.load { ["schema.lua"] = RULES, ["campaigns.lua"] = campaign }
end

local function loaded(campaign)
  local ruleset, findings = load(campaign)
  assert.is_truthy(ruleset, rule_folder.show(findings or {}))
  return ruleset
end

local function customer(values)
  local profile = { customer_id = "C1", income = 90000, age = 40, products = {} }
  for key, value in pairs(values or {}) do
    profile[key] = value
  end
  return profile
end

local function offered(ruleset, values, options)
  local ids = {}
  options = options or {}
  options.at, options.campaign = options.at or AT, options.campaign or "letter"
  local answer = assert(ruleset:decide(customer(values), options))
  for i, offer in ipairs(answer.recommended_products) do
    ids[i] = offer.product_id
  end
  return ids, answer
end

-- Of one product.
local function explained(ruleset, values, product, at)
  return assert(ruleset:explain(customer(values), { at = at or AT, campaign = "letter" }, product)).products[1]
end

describe("a decision for a campaign", function()
  it("is the customer's among the products of the campaign, one unless it says more", function()
    assert.same({ "deposit" }, (offered(loaded 'campaign "letter" { category = "savings" }')))
    local two = loaded 'campaign "letter" { category = "savings", per_customer = 2 }'
    assert.same({ "deposit", "book" }, (offered(two)))
    assert.same({ "deposit" }, (offered(two, nil, { limit = 1 })))
    assert.same({ "book" }, (offered(loaded 'campaign "letter" { product = "book", per_customer = 5 }')))
  end)

  it("is the decision as it always was for who asks for none", function()
    local with, without = loaded 'campaign "letter" { product = "book", message = "Hello" }', loaded ""
    local function bytes(ruleset)
      return (ruleset:decide_json(customer(), { at = AT }):gsub('"ruleset":"%x+"', ""))
    end
    assert.equal(bytes(without), bytes(with))
  end)

  it("names the campaign behind the lists", function()
    local ruleset = loaded 'campaign "letter" { product = "book" }'
    assert.matches('"portfolio_gaps":%["savings","credit"%],"campaign":"letter","ruleset":"%x+"}$',
      ruleset:decide_json(customer(), { at = AT, campaign = "letter" }))
  end)

  for _, case in ipairs {
    { "a segment", 'segment = "rich"', { income = 80000 }, { income = 79999 } },
    { "one of several segments", 'segment = { "rich", "old" }', { income = 50000, age = 60 },
      { income = 50000, age = 59 } },
    { "a condition", "when = { income = at_least(50000) }", { income = 50000 }, { income = 49999.99 } },
    { "both", 'segment = "rich", when = { age = at_least(30) }', { age = 30 }, { age = 29 } },
    { "a function", "when = function(c) return c.income > 70000 end", { income = 70001 }, { income = 70000 } },
  } do
    it("is for who is in its group: " .. case[1], function()
      local ruleset = loaded('campaign "letter" { category = "savings", ' .. case[2] .. " }")
      assert.equal(1, #offered(ruleset, case[3]))
      assert.same({}, (offered(ruleset, case[4])))
      local trace = explained(ruleset, case[4], "book")
      assert.same({ "not_targeted", "letter", false, "campaign" }, { trace.failures[1].code, trace.failures[1].rule,
        trace.smallest_change.possible, trace.smallest_change.cause })
    end)
  end

  it("is empty outside of its days", function()
    local ruleset = loaded 'campaign "letter" { product = "book", from = "2026-03-15", ["until"] = "2026-03-16" }'
    for at, count in pairs { ["2026-03-14T23:59:59Z"] = 0, ["2026-03-15"] = 1, ["2026-03-16T23:59:59Z"] = 1,
      ["2026-03-17"] = 0 } do
      assert.equal(count, #offered(ruleset, nil, { at = at }), at)
    end
    assert.equal("not_yet_available", explained(ruleset, nil, "book", "2026-03-14").failures[1].code)
  end)

  it("says of other products that they are not in it", function()
    local trace = explained(loaded 'campaign "letter" { product = "book" }', nil, "deposit")
    assert.same({ "not_in_campaign", "letter" }, { trace.failures[1].code, trace.failures[1].rule })
  end)

  it("leaves who is held out alone, by lot", function()
    local ruleset = loaded 'holdout { percent = 5 }\ncampaign "letter" { product = "book", holdout = 10 }'
    local contacted, count = 0, 10000
    for i = 1, count do
      contacted = contacted + #offered(ruleset, { customer_id = "K" .. i })
    end
    -- 0.95 x 0.9 of them; four standard deviations to either side.
    assert.is_true(math.abs(contacted / count - 0.855) < 4 * math.sqrt(0.855 * 0.145 / count), contacted)
  end)

  it("speaks the campaign's words where they are true", function()
    local ruleset = loaded 'campaign "letter" { product = { "deposit", "book" }, message = "{name}, by your income." }'
    local _, answer = offered(ruleset)
    assert.equal("Deposit, by your income.", answer.recommended_products[1].message)
    local _, poorer = offered(ruleset, { income = 45000 })
    assert.is_nil(poorer.recommended_products[1].message)
    local _, plain = offered(loaded 'campaign "letter" { product = "deposit" }')
    assert.equal("A deposit.", plain.recommended_products[1].message)
  end)

  it("obeys the policies for its campaign", function()
    local ruleset = loaded 'campaign "letter" { category = "savings", per_customer = 2 }'
    assert.same({ "deposit" }, (offered(ruleset, nil, { contacts = {} })))
  end)

  it("is the same for each customer of a population", function()
    local ruleset = loaded 'campaign "letter" { category = "savings", segment = "rich" }'
    local population = offerengine.population(ruleset)
    local expected = {}
    for i = 1, 600 do
      local profile = customer { customer_id = ("C%04d"):format(i), income = 70000 + i * 40 }
      assert(population:add(profile))
      expected[profile.customer_id] = ruleset:decide(profile, { at = AT, campaign = "letter" })
    end
    local seen = 0
    population:decide_all({ at = AT, campaign = "letter" }, function(answer)
      seen = seen + 1
      assert.same(expected[answer.customer_id], answer)
    end)
    assert.equal(600, seen)
  end)

  it("is refused by a name that nobody declares, with the nearest one", function()
    local ruleset = loaded 'campaign "spring_letter" { product = "book" }'
    local answer, message, code = ruleset:decide(customer(), { at = AT, campaign = "spring_leter" })
    assert.same({ answer, message, code }, { nil, "campaign: unknown 'spring_leter'; did you mean 'spring_letter'?",
      "not_found" })
    assert.is_truthy(ruleset:decide(customer(), { at = AT, campaign = "letter" })) -- a cap knows it
  end)
end)

describe("the meaning of rules", function()
  local whole = 'campaign "letter" { name = "L", product = "book", segment = "rich", channel = "email", ' ..
    'message = "Hi", per_customer = 2, quota = 9, holdout = 10, from = "2026-03-01", ["until"] = "2026-05-31" }'
  local meaning = loaded(whole):meaning()

  for _, change in ipairs {
    { '"letter"', '"later"' }, { '"L"', '"M"' }, { '"book"', '"deposit"' },
    { '"rich"', '"old"' }, { '"email"', '"sms"' },
    { '"email"', '"sms"' }, { '"Hi"', '"Ho"' }, { "= 2,", "= 3," },
    { "= 9", "= 8" }, { "= 10", "= 11" }, { "03%-01", "03-02" }, { "05%-31", "05-30" },
  } do
    it("hangs on " .. change[1] .. " of a campaign", function()
      assert.are_not.equal(meaning, loaded((whole:gsub(change[1], change[2], 1))):meaning())
    end)
  end
end)

describe("a campaign for credit", function()
  for _, case in ipairs {
    { "chooses nobody by age", 'product = "card", when = { age = at_least(30) }' },
    { "chooses nobody by a segment that asks for age", 'segment = "old"' },
    { "chooses nobody by a function that reads age", "when = function(c) return c.age > 30 end" },
  } do
    it(case[1], function()
      local ruleset, findings = load('campaign "letter" {\n' .. case[2] .. " }")
      assert.is_nil(ruleset)
      assert.same({ "E072", "campaigns.lua", 1 }, { findings[1].code, findings[1].file, findings[1].line })
    end)
  end

  it("may choose by income, and one for savings by age", function()
    loaded 'campaign "letter" { product = "card", segment = "rich" }'
    loaded 'campaign "letter" { category = "savings", segment = "old" }'
  end)
end)

describe("a diff of campaigns", function()
  it("names the key and the line that changed", function()
    local base = loaded 'campaign "letter" {\n  product = "book",\n  quota = 5,\n}'
    local top = rule_folder.write { ["schema.lua"] = RULES, ["campaigns.lua"] =
      'campaign "letter" {\n  product = "deposit",\n  quota = 6,\n}\ncampaign "call" { segment = "rich" }' }
    local new = assert(loader.load(top, { ruleset = base }))
    rule_folder.remove(top)
    local population = offerengine.population(base)
    assert(population:add(customer()))
    local edits = {}
    for i, edit in ipairs(assert(offerengine.diff(base, new, population, { at = AT })).edits) do
      edits[i] = ("%s %s:%d"):format(edit.change, edit.rule, edit.line)
    end
    table.sort(edits)
    assert.same({ "added campaign call:5", "changed campaign letter product:2",
      "changed campaign letter quota:3" }, edits)
  end)
end)

describe("offerengine batch --campaign", function()
  local BATCH = { "batch", "--in", "rules/samples/customers.csv", "--format", "csv", "--campaign" }
  local folder

  setup(function()
    folder = shell.folder()
    assert(os.execute(("cp -r rules/. '%s' && cp rules/samples/campaigns.lua '%s'"):format(folder, folder)))
  end)
  teardown(function() shell.remove(folder) end)

  local function run(name)
    local words = table.move(BATCH, 1, #BATCH, 1, {})
    table.move({ name, "--rules", folder }, 1, 3, #words + 1, words)
    return shell.run(table.unpack(words))
  end

  it("lists for each sample campaign who is told of what, as customers one by one are", function()
    local ruleset = assert(offerengine.load(folder))
    local customers = offerengine.population(ruleset)
    assert(customers:read { path = "rules/samples/customers.csv" })
    for _, name in ipairs { "wealth_talk", "calm_years", "first_plan", "steady_score", "welcome" } do
      local expected = {}
      for id = 1, 18 do
        local profile = customers:get(("C%03d"):format(id))
        local answer = assert(ruleset:decide(profile, { campaign = name }))
        for _, offer in ipairs(answer.recommended_products) do
          expected[#expected + 1] = ("C%03d,1,%s"):format(id, offer.product_id)
        end
      end
      local code, out = run(name)
      assert.equal(0, code)
      local listed = {}
      for row in out:gmatch "\n(C%d+,%d+,[%w_]+)" do
        listed[#listed + 1] = row
      end
      assert.is_true(#listed > 0 and #listed < 18, name)
      assert.same(expected, listed)
    end
  end)

  it("knows its campaigns, and what was probably meant", function()
    local code, out, err = run "wealth_tlk"
    assert.equal(2, code)
    assert.equal("", out)
    assert.matches("unknown campaign 'wealth_tlk'; did you mean 'wealth_talk'?", err, 1, true)
  end)
end)
