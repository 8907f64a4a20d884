-- functions_curve_spec.lua: functions as curves and as messages: they give what declared ones give, are asked for
-- nothing that they cannot know, and what goes wrong in one costs its own product only.

local core = require "offerengine.core"
local offerengine = require "offerengine"
local people = require "spec.lua.people"
local rule_folder = require "rule_folder"
local shell = require "spec.lua.shell"

local AT = { at = people.AT }

local SCHEMA = [[
attribute "income" { type = "money", range = { 0 }, words = { "income" } }
attribute "spend" { type = "money", range = { 0 }, optional = true, words = { "spending" } }
attribute "age" { type = "integer", range = { 0, 130 }, protected = true, optional = true, words = { "age" } }
attribute "products" { type = "product_set" }
category "savings" {}
category "credit" { regulated = "credit" }
scoring { income = { weight = 10, ideal = 100000 }, spend = { weight = 10, ideal = 1000 },
  age = { weight = 10, curve = "gate" } }
product "plain" { name = "Plain", category = "savings", curve = { income = ramp(0, 100000) } }
]]

local function load(text)
  return rule_folder.load { ["schema.lua"] = SCHEMA, ["x.lua"] = text }
end

local function loaded(text)
  local ruleset, findings = load(text)
  assert.is_truthy(ruleset, rule_folder.show(findings))
  return ruleset
end

local function product(keys)
  return ('product "p" { name = "P", category = "savings", %s }'):format(keys)
end

local function with_curve(body)
  return product(("curve = { income = %s }"):format(body))
end

local function with_message(body)
  return product(("curve = { income = ramp(0, 100000) }, message = %s"):format(body))
end

local function customer(income, further)
  local values = { customer_id = "C1", income = income or 60000, products = {} }
  for name, value in pairs(further or {}) do
    values[name] = value
  end
  return values
end

-- What is offered of product p, nil when it is not; and the degraded rules.
local function offer_of(ruleset, values, id)
  local answer = assert(ruleset:decide(values or customer(), AT))
  for _, offer in ipairs(answer.recommended_products) do
    if offer.product_id == (id or "p") then
      return offer, answer.degraded
    end
  end
  return nil, answer.degraded
end

local function explained(ruleset, values)
  return assert(ruleset:explain(values or customer(), AT, "p")).products[1]
end

describe("a function as a curve", function()
  local CASES = {
    { "function(v) return v / 100000 end", 60000, 60.0 },
    { "function(v) return 1 end", 60000, 100.0 },
    { "function(v) return v > 50000 and 0.75 or 0 end", 60000, 75.0 },
    { "function(v) return v > 50000 and 0.75 or 0.5 end", 50000, 50.0 },
    { "(function() local top = { 80000 } return function(v) return math.min(1, v / top[1]) end end)()", 60000, 75.0 },
  }
  for _, case in ipairs(CASES) do
    it(("gives %s of %d points: %.1f"):format(case[1], case[2], case[3]), function()
      local ruleset = loaded(with_curve(case[1]))
      assert.equal(case[3], offer_of(ruleset, customer(case[2])).confidence_score)
      assert.same({ "p", 0, 0 }, { ruleset:functions()[1].rule, ruleset:functions()[1].errors,
        ruleset:functions()[1].stops })
    end)
  end

  it("is given whole numbers as such, and none that is not on file", function()
    local ruleset = loaded(product('curve = { income = ramp(0, 60000), age = function(v) ' ..
      'return math.abs(v) == v and tostring(v) == "40" and 1 or 0 end }'))
    assert.equal(100.0, offer_of(ruleset, customer(60000, { age = 40 })).confidence_score)
    assert.equal(50.0, offer_of(ruleset, customer(60000, { age = 41 })).confidence_score)
    assert.equal(50.0, offer_of(ruleset).confidence_score)
    assert.equal(0, ruleset:functions()[1].errors)
    assert.is_true(explained(ruleset).contributions[2].not_on_file)
  end)

  it("serves scoring for every product, and is asked once for a customer", function()
    local ruleset, findings = rule_folder.load { ["schema.lua"] = SCHEMA:gsub("income = { weight = %d+, ideal = %d+ }",
      "income = { weight = 10, every = true,\n curve = function(v) return v == 66666 and 2 or v / 100000 end }"),
      ["x.lua"] = product "min_income = 1" .. '\nproduct "q" { name = "Q", category = "savings", min_income = 1 }' }
    assert.is_truthy(ruleset, rule_folder.show(findings))
    assert.equal(60.0, offer_of(ruleset).confidence_score)
    assert.equal(60.0, offer_of(ruleset, nil, "q").confidence_score)
    assert.is_nil(offer_of(ruleset, customer(66666)))
    local called = ruleset:functions()[1]
    assert.same({ "income", "schema.lua", 8, 1 }, { called.rule, called.file, called.line, called.errors })
  end)

  it("is not asked for a product that is refused by something cheaper", function()
    local ruleset = loaded(product("min_age = 18, curve = { income = function(v) return 2 end }"))
    assert.is_nil(offer_of(ruleset, customer(60000, { age = 17 })))
    assert.equal(0, ruleset:functions()[1].errors)
  end)

  it("is explained with its line, and is nothing that a customer is told to change", function()
    local ruleset = loaded("\n" .. with_curve("function(v) return v / 1000000 end"))
    local shown = explained(ruleset)
    assert.same({ "x.lua", 2, 0.06 }, { shown.contributions[1].file, shown.contributions[1].line,
      shown.contributions[1].subscore })
    assert.same({ possible = false, cause = "score" }, shown.smallest_change)
  end)

  it("leaves its attribute out of what is advised, also where that scores by another curve", function()
    local ruleset, findings = rule_folder.load { ["schema.lua"] = SCHEMA:gsub("spend = { weight = %d+, ideal = %d+ }",
      "modest = { of = 'income', weight = 10, every = true, curve = function(v) return v < 1 and 1 or 0 end }"),
      ["x.lua"] = product "ideal_income = 100000" }
    assert.is_truthy(ruleset, rule_folder.show(findings))
    local answer = assert(ruleset:explain(customer(20000), AT, "p")).products[1]
    assert.same({ 10.0, { possible = false, cause = "score" } }, { answer.score, answer.smallest_change })
  end)

  it("is asked again for what a gate would need", function()
    local ruleset = loaded(product("min_income = 70000, curve = { income = function(v) return v / 140000 end }"))
    local change = explained(ruleset).smallest_change
    assert.same({ true, 70000 }, { change.possible, change.changes[1].to })
    ruleset = loaded(product("min_income = 70000, curve = { income = function(v) return v / 1400000 end }"))
    assert.same({ possible = false, cause = "score" }, explained(ruleset).smallest_change)
  end)
end)

describe("a function as a message", function()
  local CASES = {
    { "function(c) return 'Welcome' end", "Welcome" },
    { "function(c) return 'With ' .. c.income // 1000 .. 'k income' end", "With 60.0k income" },
    { "function(c) if c.spend then return 'x' end end", nil, 0 },
    { "function(c) return ('x'):rep(500) end", ("x"):rep(500) },
    { "function(c) return 'Gr\u{fc}\u{df}e \"\\\\\"' end", 'Gr\u{fc}\u{df}e "\\"' },
    { "function(c) return ('x'):rep(501) end", nil, 1 },
    { "function(c) return '' end", nil, 1 },
    { "function(c) return 5 end", nil, 1 },
    { "function(c) return true end", nil, 1 },
    { "function(c) return {} end", nil, 1 },
    { "function(c) return c.spend + 1 end", nil, 1 },
    { "function(c) return 'a\\nb' end", nil, 1 },
    { "function(c) return 'a\\0b' end", nil, 1 },
    { "function(c) return 'a\\x7Fb' end", nil, 1 },
    { "function(c) return 'a\\xFF' end", nil, 1 },
  }
  for _, case in ipairs(CASES) do
    it(("says %s: %s"):format(case[1], case[2] and case[2]:sub(1, 20)), function()
      local ruleset = loaded(with_message(case[1]))
      local offer, degraded = offer_of(ruleset)
      assert.equal(case[2], offer.message)
      assert.is_nil(degraded)
      assert.equal(case[3] or 0, ruleset:functions()[1].errors)
    end)
  end

  it("is asked for offers only", function()
    local ruleset = loaded(with_message("function(c) return 5 end"))
    assert.is_nil(offer_of(ruleset, customer(1000)))
    assert.equal(0, ruleset:functions()[1].errors)
  end)

  it("is left out when it speaks of what earned less than half of its weight, or of nothing that scores", function()
    local spoken = loaded(with_message "function(c) return 'Your inco' .. 'me is fine' end")
    assert.equal("Your income is fine", offer_of(spoken, customer(50000)).message)
    assert.is_nil(offer_of(spoken, customer(49999)).message)
    local other = loaded(with_message "function(c) return 'Your spen' .. 'ding is fine' end")
    assert.is_nil(offer_of(other).message)
  end)

  local REFUSED = {
    ["in its own text"] = { "function(c)\n return 'Your spending is fine' end", 1 },
    ["in a text that it holds"] = { "(function() local t = 'your spending' return function(c) return t end end)()", 1 },
    ["in a table that it holds"] = { "(function() local t = { 'your spending' }\n " ..
      "return function(c) return t[1] end end)()", 1 },
    ["in a function that it calls"] = { "(function() local function f() return 'your spending' end " ..
      "return function(c) return f() end end)()", 1 },
  }
  for where, case in pairs(REFUSED) do
    it("is refused with its line when it speaks of what does not score " .. where, function()
      local _, findings = load("\n" .. with_message(case[1]))
      assert.same({ "E079", "x.lua", 1 + case[2], 1 }, { findings[1] and findings[1].code, findings[1].file,
        findings[1].line, #findings }, rule_folder.show(findings))
      assert.matches('speaks of "spend"', findings[1].message, 1, true)
    end)
  end

  it("may read what it does not speak of", function()
    assert.equal("Thrifty", offer_of(loaded(with_message "function(c) return (c.spend or 0) < 5 and 'Thrifty' end"))
      .message)
  end)

  it("is named in the list of products by its line", function()
    assert.equal("function at x.lua:2", loaded("\n" .. with_message("function(c) end")):product("p").message)
  end)
end)

describe("a curve by a protected attribute in regulated credit", function()
  local BODY = "function(v) return v > 30 and 1 or 0 end"

  it("is refused with its line in a product", function()
    local _, findings = load('product "card" { name = "Card", category = "credit", min_income = 1,\n curve = {\n ' ..
      "age = " .. BODY .. " } }")
    assert.same({ "E072", "x.lua", 3, 1 }, { findings[1] and findings[1].code, findings[1].file, findings[1].line,
      #findings }, rule_folder.show(findings))
  end)

  it("is refused with its line in scoring for all products", function()
    local _, findings = rule_folder.load { ["schema.lua"] = SCHEMA:gsub('curve = "gate"', "every = true, curve = " ..
      BODY), ["x.lua"] = 'product "card" { name = "Card", category = "credit", min_income = 1 }' }
    assert.same({ "E072", "schema.lua", 8, 1 }, { findings[1] and findings[1].code, findings[1].file, findings[1].line,
      #findings }, rule_folder.show(findings))
  end)

  it("is taken in other categories", function()
    loaded(product("curve = { age = " .. BODY .. " }"))
  end)
end)

describe("functions and declared words that say the same", function()
  local DECLARED = [[
product "twin" { name = "Twin", category = "savings", min_income = 1000, message = "Hello {income:integer} there",
  curve = { income = ramp(20000, 80000), credit_score = steps { { 500, 0.25 }, { 700, 1 } },
    avg_account_balance = band(0, 10000, 20000, 40000) } }
]]
  local CALLED = [[
local function line(v, low, high)
  return math.min(math.max((v - low) / (high - low), 0), 1)
end
local function grouped(n)
  local digits, out = string.format("%d", n), ""
  while string.len(digits) > 3 do
    out = "," .. string.sub(digits, -3) .. out
    digits = string.sub(digits, 1, -4)
  end
  return digits .. out
end
product "twin" { name = "Twin", category = "savings", min_income = 1000,
  message = function(c) return "Hello " .. grouped(math.floor(c.income + 0.5)) .. " there" end,
  curve = {
    income = function(v) return line(v, 20000, 80000) end,
    credit_score = function(v) return v >= 700 and 1 or v >= 500 and 0.25 or 0 end,
    avg_account_balance = function(v) return math.min(line(v, 0, 10000), line(v, 40000, 20000)) end,
  } }
]]

  it("give the same bytes, single and in pages", function()
    local files = rule_folder.read(shell.source .. "/rules")
    files["zz.lua"] = DECLARED
    local declared, findings = rule_folder.load(files)
    assert.is_truthy(declared, rule_folder.show(findings))
    files["zz.lua"] = CALLED
    local called
    called, findings = rule_folder.load(files)
    assert.is_truthy(called, rule_folder.show(findings))
    local population, by_id = offerengine.population(called), {}
    local list = people.random(people.count())
    local function bytes(ruleset, values)
      return (ruleset:decide_json(values, AT):gsub('"ruleset":"%x+"', ""))
    end
    local said = 0
    for _, values in ipairs(list) do
      local text = bytes(called, values)
      assert.equal(bytes(declared, values), text)
      said = said + (text:find("Hello", 1, true) and 1 or 0)
      assert(population:add(values))
    end
    assert.is_true(said > #list / 100, said .. " messages")
    population:decide_all(AT, function(answer) by_id[answer.customer_id] = answer end)
    for _, values in ipairs(list) do
      assert.same(core.decode_json(called:decide_json(values, AT)), by_id[values.customer_id])
    end
    for _, fn in ipairs(called:functions()) do
      assert.same({ 0, 0 }, { fn.errors, fn.stops })
    end
  end)
end)
