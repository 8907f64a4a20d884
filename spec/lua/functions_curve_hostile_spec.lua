-- functions_curve_hostile_spec.lua: curves and messages that mean harm, or were written without care: each ends within
-- its budget, and what is decided for others before and after is the same, byte for byte.

local rule_folder = require "rule_folder"
local people = require "spec.lua.people"

local AT = { at = people.AT }

local SCHEMA = [[
attribute "income" { type = "money", range = { 0 } }
attribute "years" { type = "number", range = { 0 } }
attribute "products" { type = "product_set" }
category "savings" {}
scoring { income = { weight = 10, ideal = 100000, every = true }, years = { weight = 10 } }
product "plain" { name = "Plain", category = "savings", reason = "Plain" }
product "other" { name = "Other", category = "savings",
  curve = { income = function(v) return v > 50000 and 1 or 0 end },
  message = function(c) return "Other" end }
]]

-- What the function does for one customer only. STOPPED ones are ended by their budget, whatever they would give.
local STOPPED = {
  "while true do end",
  "local function f() return f() end f()",
  "for _ = 1, math.floor(1e15) do end",
  "local t = {} for i = 1, math.floor(1e9) do t[i] = { i } end",
  "local s = 'x' while true do s = s .. s end",
  "local function f(n) return 1 + f(n + 1) end f(1)",
  "local s, p = string.rep('a', 60000), string.rep('a', 255) .. 'b' while true do string.find(s, p) end",
  "table.sort({ 3, 1, 2 }, function() while true do end end)",
}

-- These give no share from 0 to 1, and no text.
local FAILED = {
  "error('x')", "error({})", "error(nil)", "assert(false)", "local x = nil + 1", "return true", "return {}",
  "return function() end", "return string", "return 0/0", "return 1e308 * 10", "return -1e308 * 10", "return 2",
  "return 1.0000000000000002", "return -1", "return math.floor(1e18)", "string.rep('x', 65537)",
  "local x <close> = {}", "local s = string s.rep = nil", "string.len = nil",
}

-- These fail as one of the two only.
local AS_CURVE = { "return '0.5'", "return nil", "return", "return c.income", "return 'x'" }
local AS_MESSAGE = { "return 0.5", "return ('x'):rep(60000)", "return '\\xC3'", "return '\\xED\\xA0\\x80'",
  "return 'a\\tb'", "return '\\0'", "return ''", "return 'x' .. '\\x1B[2J'", "return c", "c.income = nil",
  "return c.incme" }

-- Refused when the file is read.
local REFUSED = { "n = n + 1", "outer = 1", "local function f() n = 2 end f()" }

local TEMPLATES = {
  curve = ("local n = 0\nproduct 'hostile' { name = 'H', category = 'savings', " ..
    "curve = { years = ramp(0, 1), income = function(c)\n" ..
    " if c ~= 66666 then return 0.75 end\n %s\n end } }"),
  message = ("local n = 0\nproduct 'hostile' { name = 'H', category = 'savings', message = function(c)\n" ..
    " if c.income ~= 66666 then return 'Hello' end\n %s\n end }"),
}

local function load(place, body)
  return rule_folder.load { ["schema.lua"] = SCHEMA, ["x.lua"] = (TEMPLATES[place]:gsub("%%s", function()
    return body
  end)) }
end

local function answer(ruleset, income)
  return ruleset:decide_json({ customer_id = "C1", income = income, years = 1, products = {} }, AT)
end

local function offer(text, id)
  return text:match('{"product_name":"[^"]*","category":"[^"]*","reason":"[^"]*","confidence_score":[%d.]+,' ..
    '"product_id":"' .. id .. '".-}]([^}]*)}')
end

-- Everything but the product and what tells of it.
local function others(text)
  return offer(text, "plain") .. offer(text, "other")
end

local function each(lists, visit)
  for place, bodies in pairs(lists) do
    for _, body in ipairs(bodies) do
      visit(place, body)
    end
  end
end

local function joined(first, second)
  return table.move(second, 1, #second, #first + 1, table.move(first, 1, #first, 1, {}))
end

describe("a hostile function is stopped", function()
  each({ curve = STOPPED, message = STOPPED }, function(place, body)
    it(("as a %s, and costs its own product only: %s"):format(place, body), function()
      local ruleset, findings = load(place, body)
      assert.is_truthy(ruleset, rule_folder.show(findings))
      local before = answer(ruleset, 90000)
      local sound = answer(ruleset, 66665)
      local runs, most = 0, 0.05 * people.slowness()
      local spent, text = people.spent(most, function()
        runs = runs + 1
        return answer(ruleset, 66666)
      end)
      assert.is_true(spent <= most, ("%.1f ms"):format(1000 * spent))
      assert.matches('"degraded":%[.*"hostile"%]}$', text)
      -- Slowed by a sanitizer, the one call may use up what the whole decision has.
      local is_spared = text:find('"degraded":["hostile"]}', 1, true) ~= nil
      assert.is_true(is_spared or people.slowness() > 1, text)
      if is_spared then
        assert.equal(others(sound), others(text))
      end
      if place == "curve" then
        assert.is_nil(offer(text, "hostile"))
      else
        assert.equal("", offer(text, "hostile"))
      end
      assert.equal(before, answer(ruleset, 90000))
      local stops = 0
      for _, called in ipairs(ruleset:functions()) do
        stops = stops + called.stops
        assert.equal(0, called.errors)
      end
      assert.equal(runs, stops)
      local shown = ruleset:explain_json({ customer_id = "C1", income = 66666, years = 1, products = {} }, AT,
        "hostile")
      assert.matches('"degraded":%[.*"hostile"%]}$', shown) -- others may have had no time left
      assert.equal(place == "curve", shown:find("a curve whose function was stopped", 1, true) ~= nil)
    end)
  end)
end)

describe("a careless function fails", function()
  each({ curve = joined(FAILED, AS_CURVE), message = joined(FAILED, AS_MESSAGE) }, function(place, body)
    it(("as a %s, and gives nothing: %s"):format(place, body), function()
      local ruleset, findings = load(place, body)
      if not ruleset then
        assert.is_truthy(({ E002 = true, E012 = true, E030 = true })[findings[1].code], rule_folder.show(findings))
        return
      end
      local before, sound = answer(ruleset, 90000), answer(ruleset, 66665)
      for asked = 1, 3 do
        local text = answer(ruleset, 66666)
        assert.is_nil(text:find("degraded", 1, true))
        assert.equal(others(sound), others(text))
        assert.equal("", offer(text, "hostile"))
        local errors = 0
        for _, called in ipairs(ruleset:functions()) do
          errors = errors + called.errors
        end
        assert.equal(body:find("return nil", 1, true) and place == "message" and 0 or asked, errors)
      end
      assert.equal(before, answer(ruleset, 90000))
      if place == "curve" then
        local shown = ruleset:explain({ customer_id = "C1", income = 66666, years = 1, products = {} }, AT, "hostile")
        assert.same({ true, 50.0 }, { shown.products[1].contributions[1].failed, shown.products[1].score })
      end
    end)
  end)
end)

describe("a function that leaves something behind", function()
  each({ curve = REFUSED, message = REFUSED }, function(place, body)
    it(("is refused as a %s with its line: %s"):format(place, body), function()
      local ruleset, findings = load(place, body)
      assert.is_nil(ruleset)
      assert.same({ 4, 1 }, { findings[1].line, #findings }, rule_folder.show(findings))
    end)
  end)

  it("that does not end while the rules are read is refused", function()
    for _, place in ipairs { "curve", "message" } do
      local _, findings = rule_folder.load { ["schema.lua"] = SCHEMA, ["x.lua"] = (TEMPLATES[place]:gsub("if.-\n.-\n",
        "while true do end\n")) }
      assert.same({ "E024", 3 }, { findings[1].code, findings[1].line }, rule_folder.show(findings))
    end
  end)
end)
