-- language_derive_spec.lua: derived attributes and the tables that they are looked up in: what is wrong with either is
-- told with its own line, and lookups and functions that say the same decide the same.

local rule_folder = require "rule_folder"
local people = require "spec.lua.people"
local shell = require "spec.lua.shell"
local offerengine = require "offerengine"

local AT = { at = people.AT }

local SCHEMA = [[
attribute "income" { type = "money", range = { 0 } }
attribute "spend" { type = "money", range = { 0 }, optional = true }
attribute "age" { type = "integer", range = { 0, 130 }, protected = true, optional = true }
attribute "region" { type = "text", optional = true, values = { "north", "east", "south" } }
attribute "town" { type = "text", optional = true }
attribute "member" { type = "flag", optional = true }
attribute "products" { type = "product_set" }
category "savings" {}
category "credit" { regulated = "credit" }
scoring { income = { weight = 10, ideal = 100000, every = true } }
product "plain" { name = "Plain", category = "savings", message = "{income}" }
product "card" { name = "Card", category = "credit", min_income = 1000 }
]]
local TABLE = "region,trend,outlook\nnorth,3.5,rising\neast,,steady\nsouth,-1,\n"
local LOOKUP = 'lookup "trends" { file = "trends.csv", key = "region" }\n'
local DERIVE = 'derive "trend" { type = "number", lookup = "trends", column = "trend" }\n'

local function load(text, table_text, further)
  local files = { ["schema.lua"] = SCHEMA, ["x.lua"] = text, ["tables/trends.csv"] = table_text or TABLE }
  for path, more in pairs(further or {}) do
    files[path] = more
  end
  return rule_folder.load(files)
end

local function sound(text, ...)
  local ruleset, findings = load(text, ...)
  assert.is_truthy(ruleset, rule_folder.show(findings))
  return ruleset
end

local function customer(values)
  local made = { customer_id = "C1", income = 60000, products = {} }
  for key, value in pairs(values or {}) do
    made[key] = value
  end
  return made
end

local function confidence(ruleset, values)
  for _, offer in ipairs(assert(ruleset:decide(customer(values), AT)).recommended_products) do
    if offer.product_id == "plain" then
      return offer.confidence_score
    end
  end
end

-- The value of the derived attribute x, as a message shows it; nil when it is not on file.
local function shown(text, values, ...)
  local ruleset = sound(text .. '\nproduct "m" { name = "M", category = "savings", message = "{x}" }', ...)
  for _, offer in ipairs(assert(ruleset:decide(customer(values), AT)).recommended_products) do
    if offer.product_id == "m" then
      return offer.message
    end
  end
end

describe("a rule file with derive or lookup", function()
  -- text, line, code, start of the message, suggestion
  local WRONG = {
    { 'lookup "t" {\n file = "trend.csv", key = "region" }', 2, "E100",
      'file of lookup "t": tables/trend.csv does not exist', "trends.csv" },
    { 'lookup "t" {\n file = "../schema.lua", key = "region" }', 2, "E100" },
    { 'lookup "t" { file = "trends.csv",\n key = "regoin" }', 2, "E012", 'unknown attribute "regoin"', "region" },
    { 'lookup "t" { file = "trends.csv",\n key = "member" }', 2, "E009" },
    { 'lookup "t" { file = "trends.csv",\n key = "products" }', 2, "E009" },
    { 'lookup "t" { key = "region" }', 1, "E006", 'lookup "t" has no file' },
    { 'lookup "t" { file = "trends.csv" }', 1, "E006", 'lookup "t" has no key' },
    { 'lookup "t" { file = "trends.csv", key = "region",\n keys = 1 }', 2, "E003", nil, "key" },
    { LOOKUP .. 'lookup "trends" { file = "trends.csv", key = "region" }', 2, "E051",
      'lookup: "trends" is declared twice, first at x.lua:1' },
    { LOOKUP .. 'derive "x" { type = "number",\n lookup = "trnds", column = "trend" }', 3, "E018",
      'unknown lookup "trnds"', "trends" },
    { LOOKUP .. 'derive "x" { type = "number", lookup = "trends",\n column = "tren" }', 3, "E019",
      'unknown column "tren" of lookup "trends"', "trend" },
    { LOOKUP .. 'derive "x" { type = "number", lookup = "trends" }', 2, "E006", 'derive "x" has no column' },
    { LOOKUP .. 'derive "x" { type = "number", lookup = "trends",\n column = "outlook" }', 3, "E004",
      'column "outlook" of lookup "trends" holds no numbers; write type = "text"' },
    { LOOKUP .. 'derive "x" { type = "flag", lookup = "trends", column = "trend" }', 2, "E009" },
    { LOOKUP .. 'derive "x" { type = "number", lookup = "trends", column = "trend",\n default = "1" }', 3, "E004" },
    { LOOKUP .. 'derive "x" { type = "number", range = { -5, 5 }, lookup = "trends", column = "trend",\n default = 6 }',
      3, "E008", 'default of derive "x" must lie between -5 and 5, not 6' },
    { LOOKUP .. 'derive "x" { type = "text", lookup = "trends", column = "outlook" }\n' ..
      'segment "s" {\n when = { x = "risng" } }', 4, "E008", nil, "rising" },
    { 'derive "x" { type = "number" }', 1, "E006", 'derive "x" has no value' },
    { 'derive "x" { value = function(c) return 1 end }', 1, "E006", 'derive "x" has no type' },
    { 'derive "x" { type = "number",\n value = 1 }', 2, "E004" },
    { 'derive "x" { type = "number",\n value = at_least }', 2, "E009" },
    { 'derive "x" { type = "nmber",\n value = function(c) return 1 end }', 1, "E008", nil, "number" },
    { 'derive "x" { type = "product_set", value = function(c) return 1 end }', 1, "E008" },
    { LOOKUP .. 'derive "x" { type = "number", lookup = "trends", column = "trend", value = function(c) end }', 2,
      "E009" },
    { 'derive "x" { type = "number", value = function(c) return 1 end,\n default = 1 }', 2, "E009" },
    { 'derive "x" { type = "number", value = function(c)\n return c.incme end }', 2, "E012", nil, "income" },
    { 'derive "x" { type = "number", value = function(c)\n return c.x end }', 2, "E102" },
    { 'derive "x" { type = "number", value = function(c)\n return c.y end }\n' ..
      'derive "y" { type = "number", value = function(c) return 1 end }', 2, "E102",
      'value of derive "x" reads y, which is derived later' },
    { 'derive "x" { type = "number", value = function(c)\n c.income = 1 end }', 2, "E030" },
    { 'derive "income" { type = "money", value = function(c) return 1 end }', nil, "E051" },
    { "local t = " .. LOOKUP .. 'derive "x" { type = "number", value = function(c)\n return t.north.tend end }', 3,
      "E019", 'unknown column "tend" of lookup "trends"', "trend" },
    { "local t = " .. LOOKUP .. "t.north = 1", 2, "E026" },
    { 'product "q" { name = "Q", category = "savings",\n min_trnd = 1 }\n' .. LOOKUP .. DERIVE, 2, "E012", nil,
      "trend" },
    { 'segment "s" { when = function(c)\n lookup("x") end }', 2, "E009" },
  }
  for _, case in ipairs(WRONG) do
    it("is refused when it reads " .. case[1]:gsub("\n", ""), function()
      local ruleset, findings = load(case[1])
      assert.is_nil(ruleset)
      assert.equal(1, #findings, rule_folder.show(findings))
      local found = findings[1]
      assert.same({ case[2] or found.line, case[3], case[5] }, { found.line, found.code, found.suggestion },
        rule_folder.show(findings))
      assert.equal(case[4] or "", found.message:sub(1, #(case[4] or "")))
    end)
  end
end)

describe("a table", function()
  -- text, line, code, message, suggestion
  local WRONG = {
    { "region,trend\nnorth,3.5\neast,1,2\n", 3, "E100" },
    { 'region,trend\nnorth,"3.5\neast,1\n', 2, "E100" },
    { "region,trend,trend\nnorth,1,2\n", 1, "E100" },
    { "region,\nnorth,1\n", 1, "E100" },
    { "regin,trend\nnorth,1\n", 1, "E019", 'there is no column "region", which is the key of lookup "trends"',
      "region" },
    { "", 1, "E019" },
    { "region,trend\nnorth,3.5\nnorht,1\n", 3, "E101",
      '"norht" is no value of region; it may be "north", "east", "south"',
      "north" },
    { "region,trend\nnorth,3.5\n,1\n", 3, "E101", "the key region is empty" },
    { "region,trend\nnorth,3.5\neast,1\n\nnorth,2\n", 5, "E101", 'the key "north" has a row already, in line 2' },
    { "region,trend\nnorth,3.5\neast,3.5%\n", 3, "E101", 'trend must be a number, not "3.5%"' },
    { "region,trend\nnorth,3.5\neast, 1\n", 3, "E101", 'trend must be a number, not " 1"' },
    { "region,trend\nnorth,3.5\neast,0x10\n", 3, "E101", 'trend must be a number, not "0x10"' },
    { "region,trend\nnorth,3.5\neast,1e999\n", 3, "E101", 'trend must be a number, not "1e999"' },
    { "region,trend\nnorth,3.5\neast,101\n", 3, "E101", 'trend must lie between -100 and 100, not "101"' },
  }
  for _, case in ipairs(WRONG) do
    it("is refused at its line when it reads " .. case[1]:gsub("\n", " / "), function()
      local ruleset, findings = load(LOOKUP .. DERIVE:gsub("number\",", "number\", range = { -100, 100 },"), case[1])
      assert.is_nil(ruleset)
      assert.equal(1, #findings, rule_folder.show(findings))
      local found = findings[1]
      assert.same({ "tables/trends.csv", case[2], case[3], case[5] },
        { found.file, found.line, found.code, found.suggestion }, rule_folder.show(findings))
      assert.equal(case[4] or found.message, found.message)
    end)
  end

  it("shows the line that is wrong", function()
    local _, findings = load(LOOKUP .. DERIVE, "region,trend\nnorth,high\neast,1\n")
    assert.equal('rules/tables/trends.csv:2: error[E101]: trend must be a number, not "high"\n    north,high',
      rule_folder.show(findings):gsub("^tables", "rules/tables"))
  end)

  it("may have a byte order mark, CRLF, quotes, any order and further columns; whole numbers may be keys", function()
    local text = '\xEF\xBB\xBFage,"x"\r\n40,"4"\r\n1,2\r\n'
    local rules = 'lookup "trends" { file = "trends.csv", key = "age" }\n' ..
      'derive "x" { type = "integer", lookup = "trends", column = "x" }'
    assert.equal("4", shown(rules, { age = 40 }, text))
    assert.equal("2", shown(rules, { age = 1 }, text))
    assert.is_nil(shown(rules, { age = 2 }, text))
    assert.is_nil(shown(rules, {}, text))
    local _, findings = load(rules, "age,x\n40,4.5\n")
    assert.equal('x must be a whole number, not "4.5"', findings[1].message)
    _, findings = load(rules, "age,x\nforty,4\n")
    assert.equal('the key age must be a number, not "forty"', findings[1].message)
  end)

  it("is at most 2000 rows long", function()
    local function rows(count)
      local lines = { "town,x" }
      for i = 1, count do
        lines[#lines + 1] = ("t%d,%d"):format(i, i)
      end
      return table.concat(lines, "\n") .. "\n"
    end
    local rules = 'local t = lookup "trends" { file = "trends.csv", key = "town" }\n' ..
      'derive "x" { type = "integer", lookup = "trends", column = "x" }'
    assert.equal("2,000", shown(rules, { town = "t2000" }, rows(2000)))
    local _, findings = load(rules, rows(2001))
    assert.same({ "E100", 2002 }, { findings[1].code, findings[1].line })
  end)

  it("does not matter when no lookup names it", function()
    local files = { ["tables/other.csv"] = "\xFF\xFE,", ["tables/big.csv"] = ("x"):rep(70000),
      ["tables/note.txt"] = "x", ["tables/old/trends.csv"] = "x" }
    assert.equal("3.5", shown(LOOKUP .. DERIVE:gsub('"trend" {', '"x" {'), { region = "north" }, nil, files))
    for name, problem in pairs { ["other.csv"] = "is not UTF-8", ["big.csv"] = "is larger than 64 KiB" } do
      local _, findings = load(('lookup "trends" { file = "%s", key = "region" }'):format(name), nil, files)
      assert.equal(1, #findings)
      assert.truthy(findings[1].message:find(problem, 1, true), findings[1].message)
    end
  end)

  it("is a part of what names the rules", function()
    local hash = sound(LOOKUP .. DERIVE):hash()
    assert.equal(hash, sound(LOOKUP .. DERIVE):hash())
    assert.are_not.equal(hash, sound(LOOKUP .. DERIVE, (TABLE:gsub("3.5", "3.6"))):hash())
  end)
end)

describe("a derived attribute", function()
  local RULES = [[
adjust "up" { category = "savings", when = { trend = at_least(2) }, points = 7 }
]]

  it("counts in conditions, and what is not on file does not", function()
    local ruleset = sound(LOOKUP .. DERIVE .. RULES)
    local base = confidence(ruleset, { region = "south" })
    for region, points in pairs { north = 7, south = 0, east = 0, elsewhere = 0 } do
      assert.near(base + points, confidence(ruleset, { region = region }), 0.001, region)
    end
    assert.near(base, confidence(ruleset, { trend = 50 }), 0.001)
  end)

  it("may be a gate, scored, shown and read", function()
    local ruleset = sound(LOOKUP .. DERIVE .. [[
scoring { market = { weight = 10, of = "trend", curve = ramp(-5, 5) } }
product "g" { name = "G", category = "savings", min_trend = 2, ideal_trend = 4, message = "{trend:number}" }
segment "up" { when = function(c) return c.trend > 3 end }]])
    local answer = ruleset:decide(customer { region = "north" }, AT)
    assert.same({ "up" }, answer.segments)
    local found
    for _, offer in ipairs(answer.recommended_products) do
      found = offer.product_id == "g" and offer.message or found
    end
    assert.equal("3.5", found)
    local refused = ruleset:explain(customer { region = "south" }, AT, "g").products[1]
    assert.same({ "trend", 2, -1, 3 }, { refused.failures[1].attribute, refused.failures[1].needed,
      refused.failures[1].actual, refused.failures[1].gap })
    assert.same({ false, "condition" }, { refused.smallest_change.possible, refused.smallest_change.cause })
  end)

  local FUNCTIONS = {
    { "number", "return c.income / 8", "7,500" }, { "money", "return 0.5", "0.50" }, { "integer", "return 3", "3" },
    { "integer", "return 3.0", "3" }, { "integer", "return 3.5" }, { "number", "return 1/0" },
    { "number", "return 0/0" },
    { "number", "return '5'" }, { "number", "return true" }, { "number", "return nil" }, { "number", "error()" },
    { "number", "return c.spend + 1" }, { "number", "return {}" }, { "text", "return 5" },
    { "text", "return 'h\xC3\xB6her'", "h\xC3\xB6her" }, { "text", "return c.region", "north" },
    { "text", "return string.rep('x', 256)", ("x"):rep(256) }, { "text", "return string.rep('x', 257)" },
    { "flag", "return c.income > 1", "yes" }, { "flag", "return 1" }, { "flag", "return c.income > 100000", "no" },
    { "number", "return 10", "10", "range = { 0, 10 }," }, { "number", "return 10.5", nil, "range = { 0, 10 }," },
  }
  for _, case in ipairs(FUNCTIONS) do
    it(("is %s when a function for a %s says %s"):format(case[3] or "not on file", case[1], case[2]), function()
      local rules = ('derive "x" { type = "%s", %s value = function(c) %s end }'):format(case[1],
        case[4] or "", case[2])
      assert.equal(case[3], shown(rules, { region = "north" }))
    end)
  end

  it("may be computed from others before it, looked up or asked for", function()
    local rules = LOOKUP .. DERIVE .. [[
derive "double" { type = "number", value = function(c) return 2 * c.trend end }
derive "mood" { type = "text", value = function(c) return c.double > 0 and "good" or "bad" end }
lookup "moods" { file = "moods.csv", key = "mood" }
derive "x" { type = "text", lookup = "moods", column = "word", default = "none" }]]
    local moods = { ["tables/moods.csv"] = "mood,word\ngood,yes!\nbad,no!\n" }
    assert.equal("yes!", shown(rules, { region = "north" }, nil, moods))
    assert.equal("no!", shown(rules, { region = "south" }, nil, moods))
    assert.equal("none", shown(rules, { region = "east" }, nil, moods))
  end)

  it("may come from a table that a function holds", function()
    local rules = "local t = " .. LOOKUP .. [[
derive "x" { type = "number", value = function(c)
  local row, sum = t[c.region], 0
  for _, each in pairs(t) do sum = sum + (each.trend or 0) end
  return row.outlook and row.trend + sum
end }]]
    assert.equal("6", shown(rules, { region = "north" }))
    assert.is_nil(shown(rules, { region = "east" }))
    assert.is_nil(shown(rules, { region = "south" }))
    assert.is_nil(shown(rules, {}))
  end)

  it("is protected when it reads what is, in whatever way", function()
    local bonus = 'adjust "b" { category = "credit", when = { x = at_least(1) }, points = 1 }'
    local ages = "age,x\n40,4\n"
    for _, text in ipairs {
      'lookup "trends" { file = "trends.csv", key = "age" }\nderive "x" { type = "number", lookup = "trends", ' ..
        'column = "x" }',
      'derive "x" { type = "number", value = function(c) return c.age / 2 end }',
      'derive "y" { type = "number", value = function(c) return c.age / 2 end }\n' ..
        'derive "x" { type = "number", value = function(c) return c.y end }',
      'derive "x" { type = "number", value = function(c) local k = "age" return c[k] end }',
    } do
      local ruleset, findings = load(text .. "\n" .. bonus, ages)
      assert.is_nil(ruleset, text)
      assert.equal("E072", findings[1].code, rule_folder.show(findings))
      sound(text .. "\n" .. bonus:gsub("credit", "savings"), ages)
    end
    sound('derive "x" { type = "number", value = function(c) return c.income end }\n' .. bonus)
  end)

  it("is not on file when its function is stopped, and the answer says so", function()
    local ruleset = sound('derive "x" { type = "number", value = function(c)\n' ..
      "  if c.spend == 7 then while true do end end return 1 end }\n" ..
      'adjust "up" { category = "savings", when = { x = 1 }, points = 7 }')
    local base = confidence(ruleset, {})
    local answer = ruleset:decide(customer { spend = 7 }, AT)
    assert.same({ "x" }, answer.degraded)
    assert.near(base - 7, confidence(ruleset, { spend = 7 }), 0.001)
    assert.is_nil(ruleset:decide(customer { spend = 8 }, AT).degraded)
    local told = ruleset:functions()[1]
    assert.same({ "x", "x.lua", 1 }, { told.rule, told.stops > 0 and told.file, told.line })
  end)
end)

describe("a lookup and a function that say the same", function()
  local folder, file

  setup(function()
    folder = shell.folder()
    local texts, ruleset = {}, assert(offerengine.load(shell.source .. "/rules"))
    for i, values in ipairs(people.random(people.count())) do
      values.region = ({ "north", "east", "south", "west", "elsewhere" })[i % 6]
      texts[i] = assert(ruleset:profile(values)):json() .. "\n"
    end
    file = shell.write(folder .. "/in.ndjson", table.concat(texts))
  end)
  teardown(function() shell.remove(folder) end)

  -- The answers of one batch and of single decisions, without the hash of the rules.
  local function answers(market)
    local files = rule_folder.read(shell.source .. "/rules")
    files["market.lua"] = assert(market(files["market.lua"]))
    local top = rule_folder.write(files)
    local ruleset = assert(offerengine.load(top))
    local code, _, err = shell.run("batch", "--rules", top, "--in", file, "--out", folder .. "/out", "--at", people.AT)
    rule_folder.remove(top)
    assert.equal(0, code, err)
    local batch, singles = shell.read(folder .. "/out"), {}
    for line in io.lines(file) do
      singles[#singles + 1] = ruleset:decide_json(assert(ruleset:profile_json(line)), AT) .. "\n"
    end
    assert.equal(batch, table.concat(singles))
    return (batch:gsub('"ruleset":"%x+"', ""))
  end

  it("give the same bytes, alone and in batches", function()
    local looked_up = answers(function(text) return text end)
    assert.truthy(looked_up:find("rising_region", 1, true))
    local asked = answers(function(text)
      local changed, count = text:gsub('lookup = "market_trends", column = "trend",',
        "value = function(c) return trends[c.region].trend end,")
      assert.equal(1, count)
      return (changed:gsub('\nlookup "market_trends"', '\nlocal trends = lookup "market_trends"'))
    end)
    assert.equal(looked_up, asked)
  end)
end)
