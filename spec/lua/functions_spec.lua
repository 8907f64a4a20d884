-- functions_spec.lua: functions as conditions: they decide what declared conditions decide, are asked for nothing that
-- they cannot know, and what they may not do is refused with its line.

local rule_folder = require "rule_folder"
local people = require "spec.lua.people"
local shell = require "spec.lua.shell"
local offerengine = require "offerengine"

local AT = { at = people.AT }

local SCHEMA = [[
attribute "income" { type = "money", range = { 0 }, words = { "income" } }
attribute "spend" { type = "money", range = { 0 }, optional = true }
attribute "age" { type = "integer", range = { 0, 130 }, protected = true, optional = true }
attribute "region" { type = "text", optional = true }
attribute "member" { type = "flag", optional = true }
attribute "products" { type = "product_set" }
category "savings" {}
category "credit" { regulated = "credit" }
scoring { income = { weight = 10, ideal = 100000, every = true } }
product "plain" { name = "Plain", category = "savings", reason = "Plain" }
]]

local function load(text, further)
  local files = { ["schema.lua"] = SCHEMA, ["x.lua"] = text }
  for path, more in pairs(further or {}) do
    files[path] = more
  end
  return rule_folder.load(files)
end

local function product(condition, key)
  return ('product "p" { name = "P", category = "savings", reason = "P", %s = %s }'):format(key or "when", condition)
end

local function customer(values)
  values = values or {}
  values.customer_id = "C1"
  values.income = values.income or 60000
  values.products = values.products or {}
  return values
end

-- The ids offered, as a text, and the degraded ones.
local function offered(ruleset, values)
  local answer, message = ruleset:decide(customer(values), AT)
  assert.is_truthy(answer, message)
  local ids = {}
  for i, offer in ipairs(answer.recommended_products) do
    ids[i] = offer.product_id
  end
  table.sort(ids)
  return table.concat(ids, " "), answer.degraded
end

describe("a function as a condition", function()
  local CASES = {
    { "function(c) return c.income > 50000 end", {}, true },
    { "function(c) return c.income > 70000 end", {}, false },
    { "function(c) return c.income > 2 * c.spend end", { spend = 29999 }, true },
    { "function(c) return c.income > 2 * c.spend end", { spend = 30000 }, false },
    { "function(c) return c.income > 2 * c.spend end", {}, false }, -- not on file: an error, which is unknown
    { "function(c) return c.spend == nil end", {}, true },
    { "function(c) return c.region and c.region == 'north' end", {}, false },
    { "function(c) return c.region and c.region == 'north' end", { region = "north" }, true },
    { "function(c) return c.region == 'somewhere' end", { region = "somewhere" }, true },
    { "function(c) return c['a' .. 'ge'] == 30 and c.spend == nil and c.income > 5 end", { age = 30 }, true },
    { "function(c) return c['a' .. 'ge'] == nil and c.products.x end", { products = { "x" } }, true },
    { "function(c) for k, v in pairs(c) do if k == 'age' then return v == 30 end end end", { age = 30 }, true },
    { "function(c) local t = {} for k in pairs(c) do t[#t + 1] = k end return #t == 3 and c.age end", {}, false },
    { "function(c) return c.member end", { member = true }, true },
    { "function(c) return c.member end", { member = false }, false },
    { "function(c) return c.age // 10 == 3 end", { age = 39 }, true },
    { "function(c) return c.products.other == true end", { products = { "other" } }, true },
    { "function(c) return c.products.other == true end", {}, false },
    { "function(c) return 1 end", {}, false },
    { "function(c) return 'yes' end", {}, false },
    { "function(c) return {} end", {}, false },
    { "function(c) end", {}, false },
    { "function(c) return 0/0 == 0/0 end", {}, false },
    { "function(c) error { 'x' } end", {}, false },
    { "none { function(c) return c.income > 70000 end }", {}, true },
    { "none { function(c) error() end }", {}, false },
    { "{ function(c) return c.income > 50000 end, age = at_least(30) }", { age = 30 }, true },
    { "any { function(c) return c.income > 70000 end, { age = at_least(30) } }", { age = 30 }, true },
    { "function(c) local n = 0 local function add() n = n + 1 end add() add() return n == 2 end", {}, true },
    { "function(c) local t = {} for k in pairs(c) do t[#t + 1] = k end " ..
      "return table.concat(t, ' ') == 'income products region' end", { region = "x" }, true },
  }
  for _, case in ipairs(CASES) do
    for _, key in ipairs { "when", "requires" } do
      if key == "when" or case[1]:find("^function") then
        it(("is %s in %s for %s"):format(case[1], key, tostring(case[3])), function()
          local ruleset, findings = load(product(case[1], key))
          assert.is_truthy(ruleset, rule_folder.show(findings))
          assert.equal(case[3] and "p plain" or "plain", (offered(ruleset, case[2])))
        end)
      end
    end
  end

  it("may use tables and functions of its file, which it reads", function()
    local ruleset, findings = load([[
local limits = { low = 1000, names = { "a", "b" } }
local function rich(c) return c.income > limits.low end
for _, name in ipairs(limits.names) do
  product(name) { name = name, category = "savings", reason = "R",
    when = function(c) return rich(c) and #limits.names == 2 and limits.names[2] == "b" end }
end
]])
    assert.is_truthy(ruleset, rule_folder.show(findings))
    assert.equal("a b plain", (offered(ruleset)))
  end)

  it("serves segment, adjust and exclude", function()
    local ruleset, findings = load([[
segment "s" { when = function(c) return c.income > 50000 end, boost = { plain = 1 } }
adjust "a" { when = function(c) return c.income > 50000 end, points = 2 }
exclude "x" { when = function(c) return c.income > 90000 end, reason = "X" }
]])
    assert.is_truthy(ruleset, rule_folder.show(findings))
    local answer = ruleset:decide(customer(), AT)
    assert.same({ "s" }, answer.segments)
    assert.equal(63.0, answer.recommended_products[1].confidence_score)
    assert.equal("", (offered(ruleset, { income = 90001 })))
    assert.same({ "s", "a", "x" }, { ruleset:functions()[1].rule, ruleset:functions()[2].rule,
      ruleset:functions()[3].rule })
  end)

  it("is explained by its rule and its line", function()
    local ruleset = load("\n\n" .. product("function(c) return c.income > 70000 end"))
    local text = ruleset:explain_json(customer(), AT)
    assert.matches("the function of p", text, 1, true)
    assert.same({ "x.lua", 3 }, { ruleset:functions()[1].file, ruleset:functions()[1].line })
  end)

  it("counts what went wrong in it", function()
    local ruleset = load(product("function(c) return c.income > 2 * c.spend end"))
    offered(ruleset)
    offered(ruleset, { spend = 1 })
    assert.same({ 1, 0, false }, { ruleset:functions()[1].errors, ruleset:functions()[1].stops,
      ruleset:functions()[1].quarantined })
  end)
end)

describe("a function that leaves something behind", function()
  local REFUSED = {
    { "function(c)\n c.income = 1 return true end", 2, "argument" },
    { "function(c)\n c['income'] = 1 end", 2, "argument" },
    { "function(c)\n\n c[1] = 1 end", 3, "argument" },
    { "function(c) local k = 'x' .. c.income\n c[k] = 1 end", 2, "argument" },
    { "function(c)\n count = 1 end", 2, "global" },
    { "function(c) local function f()\n count = 1 end f() end", 2, "global" },
    { "(function() local n = 0 return function(c)\n n = n + 1 return n > 1 end end)()", 2, "outside of it" },
    { "(function() local n = 0 return function(c) local function f()\n n = n + 1 end f() end end)()", 2, "outside" },
    { "(function() local n local function f()\n n = 1 end return function(c) f() end end)()", 2, "outside" },
  }
  for _, case in ipairs(REFUSED) do
    it("is refused: " .. case[1]:gsub("\n", " "), function()
      local ruleset, findings = load("-- one line\n" .. product(case[1]))
      assert.is_nil(ruleset)
      assert.same({ "x.lua", case[2] + 1, "E030" }, { findings[1].file, findings[1].line, findings[1].code },
        rule_folder.show(findings))
      assert.matches(case[3], findings[1].message, 1, true)
    end)
  end

  local HARMLESS = {
    "(function() local t = {} return function(c) t[1] = (t[1] or 0) + 1 return t[1] > 1 end end)()",
    "(function() local t = { n = {} } return function(c) t.n.x = true return t.n.x end end)()",
    "(function() local t = {} return function(c) table.insert(t, 1) return #t > 0 end end)()",
    "function(c) local d = c d.income = 1 return true end",
    "function(c) local d = c.products d.x = true return true end",
    "function(c) table.insert(c, 1) return true end",
    "(function() local w = at_least return function(c) w(5) return true end end)()",
    "(function() local w = product return function(c) w 'x' return true end end)()",
    "function(c) tier 'x' { age = raise(1) } return true end",
    "function(c) return no_such_word == nil end",
    "function(c) string.len = nil return true end",
    "function(c) local s = string s.len = nil return true end",
  }
  for _, condition in ipairs(HARMLESS) do
    it("fails for that customer and leaves nothing: " .. condition, function()
      local ruleset, findings = load(product(condition))
      if not ruleset then
        assert.is_truthy(({ E002 = true, E009 = true, E030 = true })[findings[1].code], rule_folder.show(findings))
        return
      end
      for _ = 1, 60 do
        assert.equal("plain", (offered(ruleset)))
      end
    end)
  end
end)

describe("a function that reads a protected attribute", function()
  local READS = {
    "function(c) return c.age > 50 end",
    "function(c) return c['a' .. 'ge'] ~= nil end",
    "function(c) local k = 'a' return c[k .. 'ge'] end",
    "function(c) for k in pairs(c) do if k == 'x' then return true end end end",
    "(function() local function old(c) return c.age > 50 end return function(c) return old(c) end end)()",
    "(function() local t = { f = function(c) return c.age end } return function(c) return t.f(c) ~= nil end end)()",
    "function(c) if c.income > 123456 then return c.age > 50 end return true end",
  }
  local CREDIT = 'product "card" { name = "Card", category = "credit", reason = "Card" }\n'
  for _, condition in ipairs(READS) do
    it("gives no points in regulated credit: " .. condition, function()
      for _, rule in ipairs { 'adjust "a" { points = 3, when = %s }',
        'segment "s" { boost = { card = 3 }, when = %s }', 'adjust "a" { points = 3, when = none { %s } }' } do
        local ruleset, findings = load(CREDIT .. rule:format(condition))
        assert.is_nil(ruleset, rule)
        assert.same({ "E072", 2, 1 }, { findings[1].code, findings[1].line, #findings }, rule_folder.show(findings))
      end
    end)

    it("may be a gate there: " .. condition, function()
      local ruleset, findings = load(('product "card" { name = "Card", category = "credit", reason = "Card",' ..
        " when = %s }"):format(condition))
      assert.is_truthy(ruleset, rule_folder.show(findings))
    end)
  end

  -- On a branch that no made-up customer comes to.
  local HIDDEN = {
    "function(c) if c.income == 77777 then local k = 'a' return c[k .. 'ge'] > 50 end return true end",
    "function(c) if c.income == 77777 then for k in pairs(c) do if #k == 3 then return end end end return true end",
    "(function() local function f(c, k) return c[k] > 50 end " ..
      "return function(c) return c.income ~= 77777 or f(c, 'a' .. 'ge') end end)()",
  }
  local SCOPES = { 'adjust "a" { points = 3, when = %s }', 'adjust "a" { points = 3, when = none { %s } }',
    'adjust "a" { points = 3, when = any { %s, { income = below(1) } } }',
    'segment "s" { boost = { card = 3 }, when = %s }',
    'segment "s" { boost = { category = { credit = 3 } }, when = %s }',
    'exclude "e" { category = "credit", reason = "E", when = %s }',
    'exclude "e" { category = "credit", reason = "E", unknown = "exclude", when = none { %s } }',
    'product "p" { name = "P", category = "credit", reason = "P", when = %s }',
    'product "p" { name = "P", category = "credit", reason = "P", requires = { all { %s } } }' }
  for _, condition in ipairs(HIDDEN) do
    it("and was not seen to do so when it was loaded is told nothing: " .. condition, function()
      for _, scope in ipairs(SCOPES) do
        local ruleset, findings = load(CREDIT .. scope:format(condition))
        assert.is_truthy(ruleset, rule_folder.show(findings))
        local young = ruleset:decide_json(customer { income = 77777, age = 30 }, AT)
        assert.equal(1, ruleset:functions()[1].errors, scope)
        assert.equal(young, ruleset:decide_json(customer { income = 77777, age = 60 }, AT))
        assert.equal(2, ruleset:functions()[1].errors)
        ruleset:decide_json(customer { income = 66666, age = 60 }, AT)
        assert.equal(2, ruleset:functions()[1].errors)
      end
    end)
  end

  it("sees them in each rule that shares a function or table, and may give points by them in none", function()
    local text = CREDIT .. [[
local rules = { old = function(c) return c.income ~= 77777 or c.age > 50 end }
local function old(c) return rules.old(c) end
adjust "a" { points = 3, category = "savings", when = old }
product "p" { name = "P", category = "credit", reason = "P", when = old }
]]
    local ruleset, findings = load(text)
    assert.is_truthy(ruleset, rule_folder.show(findings))
    assert.equal("card p plain", (offered(ruleset, { income = 77777, age = 60 })))
    assert.equal("card plain", (offered(ruleset, { income = 77777, age = 40 })))
    ruleset, findings = load(text .. 'adjust "b" { points = 3, when = old }\n' ..
      'segment "c" { boost = { card = 3 }, when = function(c) return old(c) end }')
    assert.is_nil(ruleset)
    assert.same({ "E072", 6, "E072", 7 }, { findings[1].code, findings[1].line, findings[2].code, findings[2].line })
  end)

  it("goes on seeing them when another function was stopped", function()
    local ruleset = load([[
product "old" { name = "Old", category = "savings", reason = "Old",
  when = function(c) return c["a" .. "ge"] > 50 end }
product "slow" { name = "Slow", category = "savings", reason = "Slow", when = function(c)
  while c.income == 66666 do end return true end }]])
    assert.equal("old plain slow", (offered(ruleset, { age = 60 })))
    offered(ruleset, { age = 60, income = 66666 })
    assert.equal(1, ruleset:functions()[2].stops)
    assert.equal("old plain slow", (offered(ruleset, { age = 60 })))
    assert.equal("plain slow", (offered(ruleset, { age = 40 })))
  end)

  it("is seen when the attribute is declared later", function()
    local _, findings = load(CREDIT .. 'adjust "a" { points = 3, when = function(c) return c.sex == "f" end }',
      { ["z.lua"] = 'attribute "sex" { type = "text", optional = true, protected = true }' })
    assert.equal("E072", findings[#findings].code, rule_folder.show(findings))
  end)
end)

describe("a wrong function", function()
  it("that names no attribute is refused with the line and what was meant", function()
    local _, findings = load(product("function(c)\n return c.incme > 5 end"))
    assert.same({ "E012", 2, "income" }, { findings[1].code, findings[1].line, findings[1].suggestion },
      rule_folder.show(findings))
  end)

  it("that does not end is refused", function()
    local _, findings = load(product("function(c)\n while true do end end"))
    assert.same({ "E024", 2 }, { findings[1].code, findings[1].line }, rule_folder.show(findings))
  end)

  it("is refused where only data are taken", function()
    for _, text in ipairs { product("{ age = function(c) return true end }"),
      product("function() end", "min_income"), product("function(v) return 1 end", "curve") } do
      local _, findings = load(text)
      assert.equal("E022", findings[1].code, rule_folder.show(findings))
    end
  end)

  it("that misspells a word or uses one of the rule language is refused once, with its line", function()
    for word, code in pairs { ["mth.floor(1)"] = "E002", ["at_least(1)"] = "E009", ["no_word"] = "E002" } do
      local _, findings = load(product("function(c)\n return (" .. word .. ") end"))
      assert.same({ code, 2, 1 }, { findings[1].code, findings[1].line, #findings }, rule_folder.show(findings))
    end
  end)

  it("that is a word of the language is refused as before", function()
    local _, findings = load(product("at_least"))
    assert.equal("E009", findings[1].code, rule_folder.show(findings))
  end)
end)

describe("a function and a declared condition that say the same", function()
  local DECLARED = [[
segment "rich" { when = { income = above(90000) }, boost = { category = { loan = 4 } } }
adjust "steady" { when = { avg_account_balance = between(1000, 20000) }, points = 3 }
exclude "deep" { category = { "loan", "credit" }, when = { avg_account_balance = below(-500) }, reason = "Deep" }
product "twin" { name = "Twin", category = "loan", min_income = 20000, reason = "R",
  when = { credit_score = at_least(600), age = at_most(60) } }
]]
  local CALLED = [[
segment "rich" { when = function(c) return c.income > 90000 end, boost = { category = { loan = 4 } } }
adjust "steady" { points = 3,
  when = function(c) return c.avg_account_balance >= 1000 and c.avg_account_balance <= 20000 end }
exclude "deep" { category = { "loan", "credit" }, reason = "Deep",
  when = function(c) return c.avg_account_balance < -500 end }
product "twin" { name = "Twin", category = "loan", min_income = 20000, reason = "R",
  when = function(c) return c.credit_score >= 600 and c.age <= 60 end }
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
    for _, values in ipairs(list) do
      assert.equal(bytes(declared, values), bytes(called, values))
      assert(population:add(values))
    end
    population:decide_all(AT, function(answer) by_id[answer.customer_id] = answer end)
    for _, values in ipairs(list) do
      assert.same(called:decide(values, AT), by_id[values.customer_id])
    end
  end)
end)
