-- lawful_spec.lua: in regulated credit a protected attribute is a limit and nothing else, and a text speaks of what
-- scores the product: each form of the contrary is refused with its line, and the lawful twin is taken.

local rule_folder = require "rule_folder"

-- Two attributes are protected; ATTR in a case is each of them in turn.
local PROTECTED = { "age", "children" }
local SCHEMA = [[
attribute "income" { type = "money", range = { 0 }, words = { "income" } }
attribute "credit_score" { type = "integer", range = { 300, 850 }, nullable = true, words = { "credit score" } }
attribute "age" { type = "integer", range = { 0, 130 }, protected = true, words = { "age" } }
attribute "children" { type = "integer", range = { 0, 20 }, protected = true, optional = true, words = { "children" } }
attribute "products" { type = "product_set" }
category "savings" {}
category "credit" { regulated = "credit" }
product "account" { name = "Account", category = "savings", min_income = 0 }
product "card" { name = "Card", category = "credit", min_income = 0 }
product "loan" { name = "Loan", category = "credit", min_income = 0 }
]]

-- ATTR counts nothing but that its limit is passed, or grades what names it.
local AS_GATE = [[
scoring {
  income = { weight = 40, ideal = 100000 }, credit_score = { weight = 30, ideal = 800 },
  ATTR = { weight = 10, curve = gate },
}]]
local AS_GRADE = [[
scoring {
  income = { weight = 40, ideal = 100000 }, credit_score = { weight = 30, ideal = 800 },
  ATTR = { weight = 10, ideal = 15 },
}]]

local PRODUCT = 'product "x" { name = "X", category = "credit", min_income = 1,\n%s }'
local SAVINGS = 'product "x" { name = "X", category = "savings", min_income = 1,\n%s }'
local OTHER = 'segment "o" { when = { ATTR = below(3) } }\n'
local FUNCTION = "function(c) return c.income and c.ATTR and c.ATTR > 3 end"

local function load(rules, scoring, attribute)
  local function of(text) return (text:gsub("ATTR", attribute)) end
  return rule_folder.load { ["schema.lua"] = SCHEMA, ["scoring.lua"] = of(scoring), ["x.lua"] = of(rules) }
end

local GRADED = '"ATTR" is protected and may only be a gate in category "credit", which is regulated credit; ' ..
  "it may not be graded: write curve = gate"
local POINTS = '"%s" gives points by a protected attribute; in category "credit", which is regulated credit, ' ..
  "that may only be a gate"
local THRESHOLD = 'threshold of segment "s" hangs on a protected attribute; in category "credit", which is ' ..
  "regulated credit, that may only be a gate: give the category a threshold of its own"

-- title -> rules, line, message [, scoring [, file of the finding]]
local REFUSED = {
  ["a weight for all products"] = { "", 3, GRADED, (AS_GRADE:gsub("ideal = 15", "ideal = 15, every = true")),
    "scoring.lua" },
  ["a curve for all products"] = { "", 3, GRADED, (AS_GATE:gsub("gate", "ramp(0, 15), every = true")), "scoring.lua" },
  ["a minimum that is graded"] = { PRODUCT:format "min_ATTR = 2", 3, GRADED, AS_GRADE, "scoring.lua" },
  ["an ideal that is graded"] = { PRODUCT:format "ideal_ATTR = 9", 3, GRADED, AS_GRADE, "scoring.lua" },
  ["a ramp of a product"] = { PRODUCT:format "curve = { ATTR = ramp(2, 9) }", 2, GRADED },
  ["a band of a product"] = { PRODUCT:format "curve = {\nATTR = band(2, 3, 4, 9) }", 3, GRADED },
  ["steps of a product"] = { PRODUCT:format "curve = { ATTR = steps { { 2, 0.5 }, { 9, 1 } } }", 2, GRADED },
  ["a function as a curve"] = { PRODUCT:format "curve = {\nATTR = function(v) return v > 3 and 1 or 0 end }", 3,
    GRADED },
  ["a function as a curve for all products"] = { "", 3, GRADED,
    (AS_GATE:gsub("curve = gate", "curve = function(v) return v > 3 and 1 or 0 end, every = true")), "scoring.lua" },
  ["a boost of a product"] = { 'segment "s" { when = { ATTR = below(3) },\nboost = { card = 3 } }', 2,
    POINTS:format "s" },
  ["a boost of a category"] = {
    'segment "s" { when = { ATTR = below(3) },\nboost = { account = 1,\ncategory = {\ncredit = -3 } } }', 4,
    POINTS:format "s" },
  ["a boost through another segment"] = { OTHER .. 'segment "s" { when = in_segment("o"),\nboost = { card = 3 } }', 3,
    POINTS:format "s" },
  ["a boost by one of several conditions"] = {
    OTHER .. 'segment "s" { when = any { owns("account"), all { in_segment("o"), { income = above(1) } } },\n' ..
    "boost = { card = 3 } }", 3, POINTS:format "s" },
  ["a boost by none of several conditions"] = {
    'segment "s" { when = none { owns("account"), { ATTR = 3 } },\nboost = { card = 3 } }', 2, POINTS:format "s" },
  ["a boost by what is on file"] = { 'segment "s" { when = known("ATTR"),\nboost = { card = 3 } }', 2,
    POINTS:format "s" },
  ["an adjustment"] = { '\nadjust "a" { points = 3, product = "card",\nwhen = { ATTR = below(3) } }', 2,
    POINTS:format "a" },
  ["an adjustment of a category"] = { 'adjust "a" { points = -3, category = "credit", when = { ATTR = below(3) } }', 1,
    POINTS:format "a" },
  ["an adjustment through a segment"] = { OTHER .. 'adjust "a" { points = 3, product = "card",\n' ..
    'when = in_segment("o") }', 2, POINTS:format "a" },
  ["a threshold of a segment"] = { 'segment "s" { when = { ATTR = below(3) },\nthreshold = 20 }', 2, THRESHOLD },
  ["a threshold for a segment"] = {
    'segment "s" { when = { ATTR = below(3) } }\nthreshold { segment = {\ns = 20 } }', 3,
    THRESHOLD },
  ["a threshold of a segment in a segment"] = { OTHER .. 'segment "s" { when = in_segment("o"),\nthreshold = 20 }', 3,
    THRESHOLD },
  ["a function that adjusts"] = { '\nadjust "a" { points = 3, product = "card", when = ' .. FUNCTION .. " }", 2,
    POINTS:format "a" },
  ["a function that boosts"] = { 'segment "s" { when = ' .. FUNCTION .. ",\nboost = { card = 3 } }", 2,
    POINTS:format "s" },
  ["a function among other conditions"] = {
    'adjust "a" { points = 3, product = "card", when = any { owns("account"), ' .. FUNCTION .. " } }", 1,
    POINTS:format "a" },
  ["a function in a segment that adjusts"] = { 'segment "o" { when = ' .. FUNCTION .. " }\n" ..
    'adjust "a" { points = 3, product = "card", when = in_segment("o") }', 2, POINTS:format "a" },
  ["a function that moves a threshold"] = {
    'segment "s" { when = ' .. FUNCTION .. ",\nthreshold = 20 }", 2, THRESHOLD },
}

local TAKEN = {
  ["a minimum"] = { PRODUCT:format "min_ATTR = 2" },
  ["a maximum, also where it is graded elsewhere"] = { PRODUCT:format "max_ATTR = 9", AS_GRADE },
  ["a curve that is a gate"] = { PRODUCT:format "min_ATTR = 2, curve = { ATTR = gate }", AS_GRADE },
  ["a weight that is a gate"] = { "", (AS_GATE:gsub("curve = gate", "curve = gate, every = true")) },
  ["a condition in requires"] = { PRODUCT:format "requires = { ATTR = between(2, 9) }" },
  ["a condition in when"] = { PRODUCT:format "when = any { owns(\"account\"), { ATTR = above(2) } }" },
  ["a segment in when"] = { OTHER .. PRODUCT:format 'when = in_segment("o")' },
  ["a function in when"] = { PRODUCT:format("when = " .. FUNCTION) },
  ["an exclude"] = { 'exclude "e" { category = "credit", when = { ATTR = below(2) } }' },
  ["an exclude by a function"] = { 'exclude "e" { category = "credit", when = ' .. FUNCTION .. " }" },
  ["a grade outside of credit"] = { SAVINGS:format "min_ATTR = 2", AS_GRADE },
  ["a curve outside of credit"] = { SAVINGS:format "curve = { ATTR = ramp(2, 9) }" },
  ["points outside of credit"] = { OTHER .. 'adjust "a" { points = 3, category = "savings", when = in_segment("o") }' ..
    '\nsegment "s" { when = { ATTR = below(3) }, boost = { account = 3, category = { savings = 1 } } }' },
  ["a segment threshold where credit has its own"] = {
    'segment "s" { when = { ATTR = below(3) }, threshold = 20 }\nthreshold { category = { credit = 30 } }' },
  ["points by what is not protected"] = { 'adjust "a" { points = 3, when = { income = below(3) } }' },
}

for _, attribute in ipairs(PROTECTED) do
  describe("in regulated credit " .. attribute, function()
    for title, case in pairs(REFUSED) do
      it("is refused as " .. title, function()
        local rules, line, message, scoring, file = table.unpack(case, 1, 5)
        local ruleset, findings = load(rules, scoring or AS_GATE, attribute)
        assert.is_nil(ruleset)
        assert.equal(1, #findings, rule_folder.show(findings))
        assert.same({ "E072", file or "x.lua", line, (message:gsub("ATTR", attribute)) },
          { findings[1].code, findings[1].file, findings[1].line, findings[1].message })
      end)
    end

    for title, case in pairs(TAKEN) do
      it("is taken as " .. title, function()
        local ruleset, findings = load(case[1], case[2] or AS_GATE, attribute)
        assert.equal("", rule_folder.show(findings))
        assert.is_truthy(ruleset)
      end)
    end
  end)
end

describe("a text that speaks of what does not score the product", function()
  local SPEAKS = 'product "x": its %s speaks of "%s", which does not score it; add min_%s or change the %s'
  local CASES = { -- keys, line, what speaks, of what
    { 'reason = "A good credit score"', 2, "reason", "credit_score" },
    { 'off = false,\nreason = "Income and age"', 3, "reason", "age" },
    { 'off = false,\nmessage = "Your credit score is fine"', 3, "message", "credit_score" },
    { 'message = "At {age} you may"', 2, "message", "age" },
    { 'reason = "Your income",\nmessage = "At your age"', 3, "message", "age" },
    { 'off = false,\nmessage = function(c) return "At your age" end', 3, "message", "age" },
  }
  for _, case in ipairs(CASES) do
    local keys, line, what, named = table.unpack(case)
    it("is refused: " .. keys:gsub("\n", " "), function()
      local ruleset, findings = load(SAVINGS:format(keys), AS_GATE, "age")
      assert.is_nil(ruleset)
      assert.equal(1, #findings, rule_folder.show(findings))
      assert.same({ "E079", "x.lua", line, SPEAKS:format(what, named, named, what) },
        { findings[1].code, findings[1].file, findings[1].line, findings[1].message })
    end)
  end

  for _, keys in ipairs { 'reason = "A good income"', 'min_age = 18, reason = "Income and age"',
    'min_credit_score = 400,\nmessage = "Your credit score is {credit_score}"' } do
    it("is none where it scores it: " .. keys:gsub("\n", " "), function()
      local ruleset, findings = load(SAVINGS:format(keys), AS_GATE, "age")
      assert.equal("", rule_folder.show(findings))
      assert.is_truthy(ruleset)
    end)
  end
end)
