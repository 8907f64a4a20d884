-- language_hostile_spec.lua: rule files that mean harm, or were written without care, end within their limits, harm
-- no other file and reach nothing outside the sandbox.

local people = require "spec.lua.people"
local rule_folder = require "rule_folder"

local MEMORY_MAX = 8 << 20

local SCHEMA = [[
attribute "age" { type = "integer", range = { 0, 130 } }
category "savings" {}
scoring { age = { weight = 10, curve = gate, every = true } }
product "a" { name = "A", category = "savings" }
]]

-- Loads a snippet between two other files: within its limits of time and memory, and harming neither.
local function load_within(seconds, snippet)
  local files = { ["schema.lua"] = SCHEMA, ["x.lua"] = snippet, ["y.lua"] = "\n\nprodct()" }
  local spent, ruleset, findings, bytes = people.spent(seconds, function() return rule_folder.load(files) end)
  assert.is_nil(ruleset)
  local last = findings[#findings]
  assert.same({ "y.lua", 3, "E002" }, { last.file, last.line, last.code }, "the file after it was not read")
  assert.is_true(bytes > 100000 and bytes <= MEMORY_MAX, bytes .. " bytes")
  if people.slowness() == 1 then
    assert.is_true(spent <= seconds, ("%.1f ms"):format(1000 * spent))
  end
  return findings
end

local function findings_of(snippet)
  return load_within(0.05, snippet)
end

describe("a rule file that runs without end", function()
  local ENDLESS = {
    ["in a loop"] = "while true do end",
    ["in a loop that does nothing else than jump"] = "::top:: goto top",
    ["in a recursion"] = "local function f() return f() end f()",
    ["in a loop over conditions"] = "while true do local _ = at_least(5) end",
    ["in a loop over declarations"] = "while true do tier 'x' { age = raise(1) } end",
    ["in long texts"] = "local s = string.rep('x', 60000) while true do local t = s .. s .. 'y' end",
    ["in long searches"] = [[local s, p = string.rep('a', 60000), string.rep('a', 255) .. 'b'
      while true do string.find(s, p) end]],
    ["in sorting"] = [[local t = {} for i = 1, 4000 do t[i] = -i end
      while true do table.sort(t, function(a, b) return a < b end) table.sort(t, function(a, b) return a > b end) end]],
    ["in a comparison function"] = "table.sort({ 1, 2, 3 }, function() while true do end end)",
    ["in sorting numbers"] = "local t = {} for i = 1, 4000 do t[i] = i end while true do table.sort(t) end",
    ["in joining"] = "local t = {} for i = 1, 4000 do t[i] = 'abcdefghijk' end while true do table.concat(t, ',') end",
    ["in comparing texts of zero bytes"] =
      "local z = '\\0' for i = 1, 16 do z = z .. z end while true do local x = z < z end",
    ["in wide numbers"] = "while true do string.format('%99.99f%99.99f', 1e300, 1e308) end",
    ["in inserting at the front"] = [[local t = {} for i = 1, 2000 do table.insert(t, 1, i) end
      while true do table.insert(t, 1, 1) table.remove(t) end]],
    ["in the keys of a large table"] = "local t = {} for i = 1, 60000 do t[i] = 1 end while true do pairs(t) end",
    ["in a condition of many parts"] =
      "local t = {} for i = 1, 20000 do t[i] = { age = 1 } end segment 'x' { when = any(t) }",
    ["in a function at the first call"] = "adjust 'p' { points = 1, when = function(c) while true do end end }",
    ["in many slow functions together"] = [[for i = 1, 200 do
      adjust('p' .. i) { points = 1, when = function(c) for i = 1, 20000 do end end } end]],
    ["in a function that holds many tables"] = [[local t = {} for i = 1, 30000 do t = { t } end
      adjust 'p' { points = 1, when = function(c) while t[1] do end end }]],
    ["in many long functions"] = "for i = 1, 5000 do adjust('p' .. i) { points = 1, when = function(c) " ..
      ("c() "):rep(2000) .. " end } end",
    ["in the arguments of a declaration"] = 'segment "x" { when = (function() while true do end end)() }',
  }
  for title, snippet in pairs(ENDLESS) do
    it(title .. " is ended", function()
      local findings = findings_of(snippet)
      assert.equal("E024", findings[1].code)
      assert.is_true(findings[1].line >= 1)
    end)
  end
end)

describe("a rule file that fills memory", function()
  local LARGE = {
    ["with a table"] = "local t = {} for i = 1, 1e9 do t[i] = { i } end",
    ["to the brim, going on"] = [[local a for i = 1, 40000 do a = { a } end
      for i = 1, 100 do a = { a, string.rep('x', 60000 + i) } end while true do local x = { {} } end]],
    ["with a text of zero bytes"] =
      "local z = '\\0' for i = 1, 21 do z = z .. z end while true do local x = z < z end",
    ["with a recursion"] = "local function f(n) return 1 + f(n + 1) end f(1)",
    ["with nested tables that a function holds"] = [[local t = {} for i = 1, 200000 do t = { t } end
      adjust 'p' { points = 1, when = function(c) return t[1] end }]],
    ["with a text"] = "local s = 'x' while true do s = s .. s end",
    ["with many texts"] = "local t = {} for i = 1, 1e9 do t[i] = string.rep('x', 60000) .. i end",
    ["with arguments"] = "local function f(...) return f(1, 2, 3, 4, 5, 6, 7, 8, 9, ...) end f()",
    ["with tokens"] = "local t = {} for i = 1, 1e9 do t[i] = at_least(i) end",
  }
  for title, snippet in pairs(LARGE) do
    it(title .. " is ended", function()
      local findings = findings_of(snippet)
      assert.is_truthy(findings[1].code == "E025" or findings[1].code == "E024" or
        (findings[1].code == "E026" and findings[1].message:find("overflow", 1, true)), rule_folder.show(findings))
    end)
  end

  it("with findings is ended after a number of them", function()
    local findings = findings_of("for i = 1, 1e9 do attribute(i) {} end")
    assert.is_true(#findings < 100)
  end)
end)

describe("a rule file of 64 KiB", function()
  local function fill(text)
    return text:rep(65536 // #text)
  end
  local function lines(count, form)
    local list = {}
    for i = 1, count do
      list[i] = form:format(i, i)
    end
    return table.concat(list, "\n")
  end
  local LARGE = {
    ["of one line"] = fill "a=1 ", ["of words"] = fill "foo()\n", ["of assignments"] = fill "x=y\n",
    ["of braces"] = fill "{", ["of brackets"] = fill "[=", ["of one bracket"] = "x = [" .. ("="):rep(65000),
    ["of texts that do not end"] = fill '"\\', ["of declarations without a table"] = fill "product'x'",
    ["of declarations on one line"] = fill "product'x'{} ", ["of tiers"] = fill "tier'x'{a=b}\n",
    ["of one key"] = "local t = {" .. ("a=1,"):rep(16000) .. "}",
    ["of unknown products"] = "fallback {" .. lines(8000, '"%d",') .. "}",
    ["of unknown names"] = lines(900, "product'p%d'{name='x',category='savings',after='pp%d'}"),
    ["of assignments in a function"] = "adjust 'p' { points = 1, when = function(c) " .. ("x=1 "):rep(9000) .. " end }",
  }
  for title, text in pairs(LARGE) do
    it(title .. " ends in time", function()
      load_within(0.15, text)
    end)
  end

  local HONEST = {
    ['product "p%d" { name = "P", category = "savings" }'] = 1250,
    ['product "p%d" { name = "P", category = "savings", when = function(c) return c.age > %d end }'] = 650,
    ['segment "s%d" { when = { age = above(21) }, boost = { a = 1 } }'] = 950,
  }
  for form, count in pairs(HONEST) do
    it("is taken when it is sound: " .. form, function()
      local text = lines(count, form)
      assert.is_true(#text > 60000 and #text <= 65536, #text)
      local ruleset, findings = rule_folder.load { ["schema.lua"] = SCHEMA, ["x.lua"] = text }
      assert.is_truthy(ruleset, rule_folder.show(findings))
    end)
  end
end)

describe("a function of the sandbox", function()
  local REFUSED = {
    "string.rep('x', 65537)", "string.rep('xx', 1e18 // 1 | 0)", "string.rep('x', -1, string.rep('y', 70000))",
    "string.format('%q', 'x')", "string.format('%p', {})", "string.format('%99999d', 1)", "string.format('%a', 1)",
    "string.format('%', 1)", "string.format('%d', 'x')", "string.byte(string.rep('x', 300), 1, 300)",
    "table.concat({}, 'x', 1, 1e9 // 1 | 0)", "table.unpack({}, 1, 1e7 // 1 | 0)", "table.concat { {} }",
    "(function() local t = {} for i = 1, 5000 do t[i] = i end table.sort(t) end)()", "math.max()", "math.abs('1')",
    "math.floor({})", "string.upper({})", "ipairs(5)", "pairs('x')", "pairs { [{}] = 1 }", "select(0)",
    "table.insert(5, 6)", "string.x.y", "table.insert(string, 1)", "({}).x.y", "string.find('x', string.rep('x', 300))",
    "error()", "assert(nil)",
    "(function() local s, t = string.rep('x', 60000), {} t[1] = s t[2] = s table.sort(t) end)()",
  }
  for _, call in ipairs(REFUSED) do
    it("refuses " .. call, function()
      local findings = findings_of("\nlocal x = " .. call)
      assert.equal("E026", findings[1].code, rule_folder.show(findings))
      assert.equal(2, findings[1].line)
    end)
  end

  it("does its work within its bounds", function()
    local ruleset, findings = rule_folder.load { ["schema.lua"] = SCHEMA, ["x.lua"] = [[
      assert(string.format("%s %5.1f %d%%", "a", 1.25, 3) == "a   1.2 3%")
      assert(("abc"):upper() == "ABC" and ("abc"):rep(2, "-") == "abc-abc")
      assert(string.find("a.c", ".", 1) == 2 and string.find("abc", "%a") == nil)
      local keys = ""
      for key in pairs { c = 1, a = 2, b = 3, [2] = 4, [1] = 5, [true] = 6 } do keys = keys .. tostring(key) end
      assert(keys == "12abctrue", keys)
      assert(tostring({}) == "table" and tostring(print) == "table")
      assert(math.max(1, 3, 2) == 3 and math.fmod(7, 4) == 3 and math.floor(1.5) == 1 and math.sqrt(9) == 3)
      local t = { 3, 1, 2 }
      table.sort(t) table.insert(t, 4) table.remove(t, 1)
      assert(table.concat(t, ",") == "2,3,4" and select("#", table.unpack(t)) == 3)
      assert(tonumber("12") == 12 and tonumber("zz", 36) == 1295 and tonumber("x") == nil)
    ]] }
    assert.equal(1, #findings)
    assert.same({ "E002", 'unknown word "print"' }, { findings[1].code, findings[1].message })
    assert.is_nil(ruleset)
  end)
end)

describe("the sandbox", function()
  local ABSENT = { "pcall", "xpcall", "coroutine", "setmetatable", "getmetatable", "rawset", "rawget", "rawequal",
    "load", "loadstring", "loadfile", "dofile", "require", "package", "io", "os", "debug", "collectgarbage", "print",
    "next", "utf8", "_G", "_ENV.x", "guarded", "compile", "use", "rule_line", "builder" }
  for _, name in ipairs(ABSENT) do
    it("does not have " .. name, function()
      local findings = findings_of("local x = " .. name)
      assert.equal("E002", findings[1].code)
    end)
  end

  for _, name in ipairs { "string.gsub", "string.gmatch", "string.match", "string.dump", "string.pack", "string.char",
    "table.move", "table.pack", "math.random", "math.pow", "math.huge", "('x').gsub", "('x').dump" } do
    it("does not have " .. name, function()
      local findings = findings_of("local x = " .. name .. "(1)")
      assert.equal("E026", findings[1].code)
      assert.is_truthy(findings[1].message:find("nil", 1, true), findings[1].message)
    end)
  end

  it("closes nothing", function()
    assert.equal("E026", findings_of("local x <close> = {}")[1].code)
  end)

  local UNCHANGEABLE = { "string.upper = 5", "math.max = nil", "table.insert(math, 1)", "owns = 5", "string = {}",
    "_ENV.product = 5", "local e = _ENV e.x = 5" }
  for _, snippet in ipairs(UNCHANGEABLE) do
    it("cannot be changed by " .. snippet, function()
      local findings = findings_of(snippet)
      assert.is_truthy(findings[1].code == "E026" or findings[1].code == "E020", rule_folder.show(findings))
    end)
  end

  it("leaves nothing of one file for the next", function()
    local _, findings = rule_folder.load { ["schema.lua"] = SCHEMA, ["a.lua"] = "hidden = 5",
      ["b.lua"] = "local x = hidden" }
    assert.same({ "E020", "E002" }, { findings[1].code, findings[2].code })
  end)
end)
