-- functions_hostile_spec.lua: functions that mean harm, or were written without care, when they are called: each ends
-- within its budget, and what is decided for others before and after is the same, byte for byte.

local rule_folder = require "rule_folder"
local people = require "spec.lua.people"

local AT = { at = people.AT }

local SCHEMA = [[
attribute "income" { type = "money", range = { 0 } }
attribute "region" { type = "text", optional = true }
attribute "products" { type = "product_set" }
category "savings" {}
scoring { income = { weight = 10, ideal = 100000, every = true } }
product "plain" { name = "Plain", category = "savings", reason = "Plain" }
product "other" { name = "Other", category = "savings", reason = "Other",
  when = function(c) return c.income > 50000 end }
]]

-- What the function does for one customer only; all others get `true`. STOPPED ones are ended by their budget.
local STOPPED = {
  "while true do end",
  "repeat until false",
  "for _ = 1, math.floor(1e15) do end",
  "::top:: goto top",
  "local function f() return f() end f()",
  "local f f = function(g) return g(g) end f(f)",
  "local t = {} for i = 1, 4000 do t[i] = -i end while true do table.sort(t, function(a, b) return a < b end) " ..
    "table.sort(t, function(a, b) return a > b end) end",
  "table.sort({ 3, 1, 2 }, function() while true do end end)",
  "local t = {} for i = 1, 4000 do t[i] = i end while true do table.concat(t, ',') end",
  "local s = string.rep('x', 60000) while true do local t = s .. s .. 'y' end",
  "local s, p = string.rep('a', 60000), string.rep('a', 255) .. 'b' while true do string.find(s, p) end",
  "local s = string.rep('x', 60000) while true do string.upper(s) string.reverse(s) end",
  "while true do string.format('%s %d %f', 'x', 1, 1.5) end",
  "while true do for _ in pairs(c) do end end",
  "while true do local _ = c.region end",
  "while true do local _ = c.products.x end",
  "while true do tostring(1.5) tonumber('1.5') end",
  "while true do local _ = { 1, 2, 3, x = 4 } end",
  "while true do local _ = function() return c end end",
  "while true do select('#', table.unpack({ 1, 2, 3 })) end",
  "local t = {} while true do table.insert(t, 1) table.remove(t) end",
  "for i = 1, math.floor(1e12) do if i % 2 == 0 then local x = i // 3 end end",
  "local t = {} for i = 1, math.floor(1e9) do t[i] = { i } end",
  "local t = {} for i = 1, math.floor(1e9) do t['k' .. i] = i end",
  "local s = 'x' while true do s = s .. s end",
  "local t = {} for i = 1, math.floor(1e9) do t[i] = string.rep('x', 60000) .. i end",
  "local t = {} while true do t = { t } end",
  "local function f(...) return f(1, 2, 3, 4, 5, 6, 7, 8, 9, ...) end f()",
  "local f for i = 1, math.floor(1e9) do local g = f f = function() return g, i end end",
  "local t = {} for i = 1, 400000 do t[i] = i end",
  "local function f(n) return 1 + f(n + 1) end f(1)",
  "local a, b a = function() return 1 + b() end b = function() return 1 + a() end a()",
  "local z = '\\0' for i = 1, 16 do z = z .. z end while true do local x = z < z end",
  "local z = '\\0' for i = 1, 21 do z = z .. z end while true do local x = z < z end",
  "local t = {} for i = 1, 4000 do t[i] = i end while true do table.sort(t) end",
  "while true do string.format('%99.99f%99.99f', 1e300, 1e308) end",
  "local t = {} for i = 1, 2000 do table.insert(t, 1, i) end while true do table.insert(t, 1, 1) table.remove(t) end",
  "local t = {} for i = 1, 60000 do t[i] = 1 end while true do pairs(t) end",
  "local a for i = 1, 40000 do a = { a } end for i = 1, 200 do a = { a, string.rep('x', 60000 + i) } end " ..
    "while true do local x = { {} } end",
}

-- These fail or answer something else than true or false, which is unknown; the function goes on being called.
local UNKNOWN = {
  "error('x')", "error({ 1, 2 })", "error(nil)", "error()", "error(error)", "assert(false)", "assert(nil, {})",
  "return 1", "return 'true'", "return {}", "return function() return true end", "return nil", "return 0/0",
  "return 1e308 * 10", "return c", "return c.products", "return string", "local x = nil + 1", "local x = {} .. ''",
  "local x = {} < {}", "local x = nil .. 'y'", "local x = #5", "local x = c.region.x.y", "c.products.x.y = 1",
  "string.rep('x', 65537)", "string.rep('xx', math.floor(1e18))", "string.rep('x', -1, string.rep('y', 70000))",
  "string.format('%99999d', 1)", "string.format('%q', 'x')", "string.format('%p', c)",
  "string.format('%s%s', 'x')", "string.byte(string.rep('x', 300), 1, 300)", "table.concat({}, 'x', 1, 100000000)",
  "table.concat(c)", "table.unpack({}, 1, 10000000)", "table.unpack({}, -9007199254740992, 9007199254740992)",
  "local t = {} for i = 1, 5000 do t[i] = i end table.sort(t)",
  "table.sort({ 1, 2, 3, 4, 5, 'x', {}, 7 })",
  "local t = {} for i = 1, 300 do t[i] = i end table.sort(t, function() return true end)",
  "local s, t = string.rep('x', 60000), {} for i = 1, 4000 do t[i] = s end table.sort(t)",
  "table.sort({ 3, 2, 1 }, function() error('x') end)", "table.sort(c)", "table.insert(string, 1)",
  "table.insert({}, 5, 6)", "table.remove(5)", "local d = c d.income = 0", "local d = c d.x = {}",
  "local d = c.products d.plain = true", "('x').y.z = 1", "local m = ('x').rep m('x', 1000000)",
  "local s = 'x' s.upper = nil", "local s = string s.rep = nil", "local t = table t.sort = nil",
  "local m = math m.floor = nil", "return ('x'):rep(1e9 // 1 | 0)", "return ('x'):gsub('x', 'y')",
  "return ('a'):match('a')", "return ('%d'):format('x')", "return getmetatable == nil and missing()",
  "ipairs(5)", "pairs('x')", "pairs({ [{}] = 1 })", "math.max()", "math.floor('x')", "local x <close> = {}",
  "return c.income > c.region", "select(0)", "tonumber('z', 99)",
}

-- Not there: these words are refused when the file is read, wherever they stand.
local ABSENT = { "pcall", "xpcall", "coroutine", "setmetatable", "getmetatable", "load", "loadstring", "dofile",
  "require", "io", "os", "debug", "collectgarbage", "rawset", "rawget", "_G", "_ENV.x", "string.dump", "print" }

local function load(body)
  local text = ('product "hostile" { name = "H", category = "savings", reason = "H",\n' ..
    "  when = function(c) if c.income ~= 66666 then return true end\n %s\n end }"):format(body)
  return rule_folder.load { ["schema.lua"] = SCHEMA, ["x.lua"] = text }
end

local function answer(ruleset, income)
  return ruleset:decide_json({ customer_id = "C1", income = income, products = {} }, AT)
end

local function ids(text)
  local found = {}
  for id in text:gmatch('"product_id":"([^"]+)"') do
    found[#found + 1] = id
  end
  table.sort(found)
  return table.concat(found, " ")
end

describe("a called function that is stopped", function()
  for _, body in ipairs(STOPPED) do
    it("refuses its own product only: " .. body, function()
      local ruleset, findings = load(body)
      assert.is_truthy(ruleset, rule_folder.show(findings))
      local before, before_rich = answer(ruleset, 40000), answer(ruleset, 90000)
      assert.equal("hostile plain", ids(before))
      assert.equal("hostile other plain", ids(before_rich))
      local runs, most = 0, 0.05 * people.slowness()
      local spent, text = people.spent(most, function()
        runs = runs + 1
        return answer(ruleset, 66666)
      end)
      assert.equal("other plain", ids(text))
      assert.matches('"degraded":["hostile"]}', text, 1, true)
      assert.is_true(spent <= most, ("%.1f ms"):format(1000 * spent))
      assert.equal(before, answer(ruleset, 40000))
      assert.equal(before_rich, answer(ruleset, 90000))
      local list, bytes = ruleset:functions()
      assert.is_true(bytes > 100000 and bytes <= 8 << 20, bytes .. " bytes")
      for _, called in ipairs(list) do
        assert.same({ called.rule == "hostile" and runs or 0, 0, false },
          { called.stops, called.errors, called.quarantined })
      end
    end)
  end
end)

describe("a called function that fails", function()
  for _, body in ipairs(UNKNOWN) do
    it("counts as unknown: " .. body, function()
      local ruleset, findings = load(body)
      if not ruleset then
        assert.is_truthy(({ E001 = true, E002 = true, E030 = true })[findings[1].code], rule_folder.show(findings))
        return
      end
      local before = answer(ruleset, 40000)
      for _ = 1, 3 do
        local text = answer(ruleset, 66666)
        assert.equal("other plain", ids(text))
        assert.is_nil(text:find("degraded", 1, true))
        assert.equal(before, answer(ruleset, 40000))
      end
      assert.equal(0, ruleset:functions()[2].stops)
    end)
  end
end)

describe("a function that wants out", function()
  for _, word in ipairs(ABSENT) do
    it("finds no " .. word, function()
      local ruleset = rule_folder.load { ["schema.lua"] = SCHEMA, ["x.lua"] =
        ('product "p" { name = "P", category = "savings", reason = "P", when = function(c) return %s ~= nil end }')
        :format(word) }
      if ruleset then
        assert.equal("plain", ids(answer(ruleset, 40000)))
      end
    end)
  end
end)

describe("many slow functions", function()
  it("end together after the budget of one decision", function()
    local lines = {}
    for i = 1, 30 do
      lines[i] = ('product "s%d" { name = "S", category = "savings", reason = "S", when = function(c) ' ..
        "if c.income == 66666 then for _ = 1, 1200000 do local x = 1 // 1 end end return true end }"):format(i)
    end
    local ruleset = assert(rule_folder.load { ["schema.lua"] = SCHEMA, ["x.lua"] = table.concat(lines, "\n") })
    answer(ruleset, 40000)
    local started = os.clock()
    local text = answer(ruleset, 66666)
    assert.is_true(os.clock() - started < 0.12 * people.slowness(), "took too long")
    assert.matches('"degraded":[', text, 1, true)
    assert.matches('"plain"', text, 1, true)
  end)
end)
