-- language_spec.lua: for every word of the rule language a right use, and wrong uses with the finding they lead to.

local rule_folder = require "rule_folder"

-- A small vocabulary; the snippets of the cases stand in a file of their own, so that lines count from 1.
local SCHEMA = [[
attribute "age" { type = "integer", range = { 0, 130 }, protected = true, immutable = true, words = { "age" } }
attribute "income" { type = "money", range = { 0, nil }, words = { "income" } }
attribute "existing_products" { type = "product_set" }
attribute "credit_score" { type = "integer", range = { 300, 850 }, nullable = true, words = { "credit score" } }
attribute "region" { type = "text", optional = true }
attribute "mood" { type = "text", optional = true, values = { "good", "bad" } }
attribute "vip" { type = "flag", optional = true }
category "credit" { name = "Credit", regulated = "credit" }
category "savings" {}
product "savings_account" { name = "Savings Account", category = "savings", min_age = 16 }
product "credit_card" { name = "Credit Card", category = "credit", min_income = 20000, min_credit_score = 620 }
segment "adults" { when = { age = at_least(18) } }
tier "premium" { credit_score = raise(20) }
scoring {
  income = { weight = 40, ideal = 100000 }, credit_score = { weight = 30, ideal = 800 },
  years = { weight = 10, of = "age", curve = gate, every = true },
}
]]

local function load(snippet)
  return rule_folder.load { ["schema.lua"] = SCHEMA, ["rules.lua"] = snippet }
end

local function with_product(keys)
  return 'product "x" { name = "X", category = "savings", ' .. keys .. " }"
end

local function with_condition(condition)
  return 'segment "x" { when = ' .. condition .. " }"
end

describe("the rule language takes", function()
  local RIGHT = {
    ["an attribute with every key"] = [[
      attribute "spend" { type = "money", unit = "per month", label = "monthly spend", range = { 0, nil },
        words = { "spend", "spending" }, optional = true, nullable = true, protected = true, immutable = true,
        groups = { 100, 200 }, step = 0.5 }]],
    ["every type of attribute but a second product set"] = [[
      for _, kind in ipairs { "number", "integer", "money", "text", "flag" } do
        attribute("a_" .. kind) { type = kind, optional = true }
      end]],
    ["a category"] = 'category "loan" { name = "Loan", regulated = "credit" }',
    ["a product with every key"] = [[
      product "x" {
        name = "X", category = "savings", tier = "premium", reason = "A good income", group = "accounts", off = false,
        min_income = 1000, max_income = 90000, ideal_income = 50000, min_credit_score = 400,
        curve = { credit_score = ramp(300, 850), age = band(18, 25, 40, 60) },
        requires = { region = one_of { "north", "west" }, vip = true },
        when = { age = at_least(18) }, after = { "savings_account" }, not_with = "credit_card",
        from = "2026-01-01", until = "2026-12-31", value = 2, lever = 0.5,
      }]],
    ["until as a key in brackets"] = with_product 'min_age = 18, ["until"] = "2026-12-31T10:00"',
    ["a segment with boosts and a threshold"] = [[
      segment "x" { name = "X", when = { income = between(1, 2) }, threshold = 40,
        boost = { savings_account = 8, category = { savings = -5 } } }]],
    ["a dimension of its own"] = "scoring { wealth = { weight = 1, of = \"income\", ideal = 5, curve = ramp(0, 10) } }",
    ["a threshold for each level"] = [[
      threshold { default = 0, category = { credit = 100 }, product = { credit_card = 1 }, segment = { adults = 2 } }]],
    ["a tier"] = 'tier "basic" { income = raise(-10) } ' ..
      with_product 'min_income = 10, tier = "basic"',
    ["an exclude rule"] = [[
      exclude "x" { category = "credit", product = { "savings_account" }, when = { age = below(18) }, reason = "Young",
        unknown = "exclude", from = "2026-01-01", until = "2026-12-31" }]],
    ["an adjust rule without a condition"] = 'adjust "x" { category = { "savings" }, points = -5 }',
    ["limits"] = "limit { default = 5, category = { credit = 1 }, group = { cards = 2 } } " ..
      with_product 'min_age = 1, group = "cards"',
    ["a fallback"] = 'fallback { "savings_account", "credit_card" }',
    ["a word in parentheses"] = 'segment("x")({ when = { age = at_least(18) } })',
    ["declarations made by code"] = [[
      local limits = { north = 1000, south = 2000 }
      for name, limit in pairs(limits) do
        segment("rich_" .. name) { when = { region = name, income = at_least(limit) } }
      end]],
  }
  for title, snippet in pairs(RIGHT) do
    it(title, function()
      local ruleset, findings = load(snippet)
      assert.equal("", rule_folder.show(findings))
      assert.is_truthy(ruleset)
    end)
  end

  local CONDITIONS = {
    "{ income = at_least(1) }", "{ income = at_most(1) }", "{ income = above(1) }", "{ income = below(1) }",
    "{ income = between(1, 1) }", "{ income = 5 }", '{ region = "north" }', "{ vip = true }",
    '{ region = equals("north") }', '{ region = one_of { "a" } }', '{ region = none_of { "a", "b" } }',
    '{ mood = one_of { "good" } }', "{ income = known() }", "{ income = unknown() }", 'known("income")',
    'unknown("income")', 'owns("credit_card")',
    'lacks("credit_card")', 'lacks_category("credit")', 'in_segment("adults")',
    'any { owns("credit_card"), { age = below(30) } }', "all { age = below(30), income = above(1) }",
    'none { owns("credit_card") }', 'none { owns("credit_card"), vip = true }', '{ owns("credit_card"), age = 30 }',
  }
  for _, condition in ipairs(CONDITIONS) do
    it("the condition " .. condition, function()
      local ruleset, findings = load(with_condition(condition))
      assert.equal("", rule_folder.show(findings))
      assert.is_truthy(ruleset)
    end)
  end

  it("settings at the top", function()
    local ruleset, findings = rule_folder.load {
      ["schema.lua"] = 'settings { currency = "INR", utc_offset = "+05:30" }\n' .. SCHEMA,
    }
    assert.equal("", rule_folder.show(findings))
    assert.is_truthy(ruleset)
  end)
end)

-- title -> { snippet, code, line, message (plain), suggestion }
local function refuses(cases)
  for title, case in pairs(cases) do
    it(title, function()
      local snippet, code, line, message, suggestion = table.unpack(case, 1, 5)
      local ruleset, findings = load(snippet)
      assert.is_nil(ruleset)
      local found
      for _, finding in ipairs(findings) do
        found = found or finding.code == code and finding
      end
      assert.is_truthy(found, "no " .. code .. " in\n" .. rule_folder.show(findings))
      assert.is_truthy(found.message:find(message, 1, true), "not '" .. message .. "' but\n" .. found.message)
      assert.same({ "rules.lua", line, suggestion }, { found.file, found.line, found.suggestion })
      assert.equal("error", found.severity)
    end)
  end
end

describe("the rule language refuses", function()
  refuses {
    ["a word that does not exist"] = { '\nprodct "x" { name = "X" }', "E002", 2, 'unknown word "prodct"', "product" },
    ["a condition word that does not exist"] = { with_condition "{ age = at_lest(3) }", "E002", 1, "at_lest",
      "at_least" },
    ["a key that does not exist"] = { 'product "x" {\n name = "X",\n catgory = "savings", min_age = 1 }', "E003", 3,
      'unknown key "catgory" in product "x"', "category" },
    ["a prefix that does not exist"] = { 'product "x" {\n name = "X", category = "savings",\n mn_age = 1 }', "E003", 3,
      'unknown key "mn_age"', "min_age" },
    ["an attribute that does not exist, after min_"] = {
      'product "x" {\n name = "X", category = "savings", min_age = 1,\n min_incme = 5 }', "E012", 3,
      'unknown attribute "incme"', "income" },
    ["a key of attribute that does not exist"] = { 'attribute "x" { typ = "text", type = "text" }', "E003", 1, '"typ"',
      "type" },
    ["a key of scoring that does not exist"] = { 'scoring { x = { of = "income",\n wieght = 1, weight = 1 } }', "E003",
      2, '"wieght"', "weight" },
    ["a key of segment that does not exist"] = { 'segment "x" { wen = { age = 1 }, when = { age = 1 } }', "E003", 1,
      '"wen"', "when" },
    ["a key of threshold that does not exist"] = { "threshold { defalt = 3 }", "E003", 1, '"defalt"', "default" },
    ["a key of exclude that does not exist"] = { 'exclude "x" { when = { age = 1 }, reson = "r" }', "E003", 1,
      '"reson"', "reason" },
    ["points in an exclude rule"] = { 'exclude "x" { when = { age = 1 }, points = 5 }', "E003", 1, '"points"' },
    ["a key of settings that does not exist"] = { 'settings { curency = "USD" }', "E003", 1, '"curency"', "currency" },
    ["a value without a key"] = { 'product "x" { "X", name = "X", category = "savings", min_age = 1 }', "E003", 1,
      "item 1 has no key" },
    ["a key that stands twice"] = { 'product "x" { name = "X", category = "savings",\n min_age = 1,\n min_age = 2 }',
      "E029", 3, 'key "min_age" stands twice in one table, first in line 2' },

    ["a number in quotes"] = { with_product 'min_age = "21"', "E004", 1,
      'min_age of product "x" must be a number, not "21"; write it without quotes' },
    ["a text without quotes"] = { 'product "x" { name = 5, category = "savings", min_age = 1 }', "E004", 1,
      'name of product "x" must be a text, not 5; put it in quotes' },
    ["a flag as a text"] = { with_product 'min_age = 1, off = "yes"', "E004", 1, "must be true or false" },
    ["a number where a table is needed"] = { 'segment "x" 5', "E001", 1, "5" },
    ["a declaration of a number"] = { 'segment("x")(5)', "E004", 1, 'segment "x" must be a table, not 5' },
    ["boost as a number"] = { 'segment "x" { when = { age = 1 }, boost = 5 }', "E004", 1,
      "write { credit_card = 8" },
    ["a plain number in a tier"] = { 'tier "x" { credit_score = 40 }', "E004", 1, "must be raise(number), not 40" },
    ["a number as a curve"] = { with_product "min_income = 1, curve = { income = 5 }", "E004", 1, "must be a curve" },
    ["a number as a condition"] = { with_condition "5", "E004", 1, "must be a condition" },
    ["a list as the test of an attribute"] = { with_condition '{ region = { "a", "b" } }', "E004", 1, "one_of" },
    ["a text for at_least"] = { with_condition '{ age = at_least("18") }', "E004", 1,
      "the argument of at_least must be a number" },
    ["a text for one_of"] = { with_condition '{ region = one_of("a") }', "E004", 1, 'write one_of { "a", "b" }' },
    ["a text for any"] = { with_condition 'any "a"', "E004", 1, "the argument of any must be a table" },
    ["not a number"] = { with_product "min_age = 0 / 0", "E008", 1, "must be a finite number" },

    ["at_least without a number"] = { with_condition "{ age = at_least() }", "E005", 1,
      "at_least takes 1 argument, got 0: at_least(40000)" },
    ["between with one number"] = { with_condition "{ age = between(3) }", "E005", 1,
      "between takes 2 arguments, got 1" },
    ["one_of with several texts"] = { with_condition '{ region = one_of("a", "b") }', "E005", 1, "one_of takes 1" },
    ["owns of nothing"] = { with_condition "owns()", "E005", 1, "owns takes 1 argument, got 0" },
    ["any with several conditions"] = { with_condition "any({}, {})", "E005", 1, "any takes 1 argument, got 2" },
    ["ramp with one number"] = { with_product "min_income = 1, curve = { income = ramp(3) }", "E005", 1,
      "ramp takes 2 arguments, got 1" },
    ["raise of nothing"] = { 'tier "x" { credit_score = raise() }', "E005", 1, "raise takes 1 argument, got 0" },
    ["a product with two ids"] = { 'product("a", "b")', "E005", 1, "product takes one id, got 2 values" },
    ["a declaration with two tables"] = { 'segment("x")({}, {})', "E005", 1, 'segment "x" takes one table' },

    ["a product without a category"] = { '\nproduct "x" { name = "X", min_age = 1 }', "E006", 2,
      'product "x" has no category' },
    ["a product without a name"] = { 'product "x" { category = "savings", min_age = 1 }', "E006", 1, "has no name" },
    ["an attribute without a type"] = { 'attribute "x" { optional = true }', "E006", 1, 'attribute "x" has no type' },
    ["a segment without a condition"] = { 'segment "x" {}', "E006", 1, 'segment "x" has no when' },
    ["an exclude rule without a condition"] = { 'exclude "x" { category = "credit" }', "E006", 1, "has no when" },
    ["an adjust rule without points"] = { 'adjust "x" { category = "credit" }', "E006", 1, "has no points" },
    ["a dimension without a weight"] = { 'scoring { x = { of = "income" } }',
      "E006", 1, '"x" in scoring has no weight' },
    ["a declaration without an id"] = { 'product { name = "X" }', "E006", 1, "product has no id" },
    ["a declaration without a table"] = { '\nproduct "x"', "E006", 2, 'product "x" has no table after it' },
    ["a declaration that is left lying"] = { '\nlocal later = product "x"', "E006", 2,
      'product "x" has no table after it' },
    ["a tier that raises nothing"] = { 'tier "x" {}', "E006", 1, 'tier "x" raises nothing' },
  }
end)

describe("the rule language refuses values that make no sense:", function()
  refuses {
    ["a day that does not exist"] = { with_product 'min_age = 1,\n from = "2026-02-30"', "E007", 2,
      'from of product "x" is no date: "2026-02-30"' },
    ["a date in another order"] = { with_product 'min_age = 1, until = "31.12.2026"', "E007", 1, "is no date" },
    ["a window that ends before it begins"] = {
      with_product 'min_age = 1, from = "2026-02-02",\n until = "2026-02-01"', "E008", 2, "lies before from" },
    ["an id with a space"] = { 'segment "my segment" { when = { age = 1 } }', "E027", 1, '"my segment"' },
    ["an id that begins with a digit"] = { 'attribute "2nd" { type = "text" }', "E027", 1, '"2nd"' },
    ["a product named as the key of boost"] = {
      'product "category" { name = "X", category = "savings", min_age = 1 }', "E027", 1, "a key of boost" },
    ["a type that does not exist"] = { 'attribute "x" { type = "mony" }', "E008", 1, 'not "mony"', "money" },
    ["a range of a text"] = { 'attribute "x" { type = "text",\n range = { 1, 2 } }', "E009", 2,
      "only numbers have it" },
    ["a range that falls"] = { 'attribute "x" { type = "number", range = { 2, 1 } }', "E008", 1, "must rise" },
    ["groups that fall"] = { 'attribute "x" { type = "number", groups = { 62, 40 } }', "E008", 1, "must rise" },
    ["a regulation that does not exist"] = { 'category "x" { regulated = "credt" }', "E008", 1, '"credt"', "credit" },
    ["a range without anybody"] = { with_condition "{ age = between(30, 22) }", "E008", 1,
      "between(30, 22) holds for nobody" },
    ["one_of nothing"] = { with_condition "{ region = one_of {} }", "E008", 1, "one_of of nothing" },
    ["an empty condition"] = { with_condition "{}", "E008", 1, "is empty: it would hold for everybody" },
    ["an empty any"] = { with_condition "any {}", "E008", 1, "is empty" },
    ["a ramp without length"] = { with_product "min_income = 1, curve = { income = ramp(3, 3) }", "E008", 1,
      "both ends are the same" },
    ["a band that falls"] = { with_product "min_income = 1, curve = { income = band(1, 3, 2, 4) }", "E008", 1,
      "must rise" },
    ["steps above 1"] = { with_product "min_income = 1, curve = { income = steps { { 1, 2 } } }", "E008", 1,
      "must lie between 0 and 1, not 2" },
    ["steps that fall"] = { with_product "min_income = 1, curve = { income = steps { { 2, 0 }, { 1, 1 } } }", "E008",
      1, "the values must rise" },
    ["a value that the attribute does not have"] = { with_condition '{ mood = "goood" }', "E008", 1,
      'mood in when of segment "x" must be "good", "bad", not "goood"', "good" },
    ["a value in one_of that the attribute does not have"] = { with_condition '{\n mood = one_of { "good", "bda" } }',
      "E008", 2, 'not "bda"', "bad" },
    ["values of a number"] = { 'attribute "x" { type = "number", values = { "a" } }', "E009", 1, "only texts" },
    ["no steps"] = { with_product "min_income = 1, curve = { income = steps {} }", "E008", 1, "takes 1 to 16 steps" },
    ["a threshold above 100"] = { "threshold { default = 101 }", "E008", 1, "between 0 and 100, not 101" },
    ["a threshold below 0"] = { 'segment "x" { when = { age = 1 }, threshold = -1 }', "E008", 1, "not -1" },
    ["more points than the scale has"] = { 'adjust "x" { points = 101 }', "E008", 1, "between -100 and 100" },
    ["a weight of nothing"] = { 'scoring { x = { of = "income", weight = 0 } }', "E008", 1, "above 0, not 0" },
    ["a limit of nothing"] = { "limit { default = 0 }", "E008", 1, "a whole number of at least 1, not 0" },
    ["a limit of a half"] = { "limit { category = { credit = 1.5 } }", "E008", 1, "not 1.5" },
    ["a lever of nothing"] = { with_product "min_age = 1, lever = 0", "E008", 1, "above 0, not 0" },
    ["a maximum below the minimum"] = { with_product "min_income = 5,\n max_income = 4", "E008", 2,
      "lies below its minimum" },
    ["a named time zone"] = { 'settings { utc_offset = "Europe/Berlin" }', "E008", 1, "named zones" },
    ["a currency in small letters"] = { 'settings { currency = "usd" }', "E008", 1, "three capital letters" },
    ["settings twice"] = { 'settings { currency = "USD" }\nsettings { currency = "EUR" }', "E009", 2, "once only" },
    ["settings after a date"] = { with_product 'min_age = 1, from = "2026-01-01"' ..
      '\nsettings { utc_offset = "+01:00" }', "E009", 2, "comes after the first date" },
    ["a text with a line break"] = { with_product 'min_age = 1, reason = "a\\nb"', "E008", 1, "control characters" },
    ["a text that is no UTF-8"] = { with_product 'min_age = 1, reason = "a\\xff"', "E008", 1, "UTF-8" },
    ["an empty text"] = { 'product "x" { name = "", category = "savings", min_age = 1 }', "E008", 1, "1 to 500 bytes" },
  }
end)

describe("the rule language refuses misuse:", function()
  refuses {
    ["a test without an attribute"] = { with_condition "at_least(18)", "E009", 1, "at_least(...) needs an attribute" },
    ["a condition as a test"] = { with_condition '{ age = owns("credit_card") }', "E009", 1, "tests no attribute" },
    ["a word as an attribute"] = { with_condition '{ owns = "credit_card" }', "E009", 1, "write owns(...)" },
    ["a word that is not called"] = { with_condition "{ income = unknown }", "E009", 1, "write unknown(...)" },
    ["a curve as a condition"] = { with_condition "ramp(1, 2)", "E009", 1, "is no condition" },
    ["a function as the test of an attribute"] = { with_condition "{ age = function(v) return true end }", "E022", 1,
      "conditions, curves and messages only" },
    ["a function as a text"] = { with_product "min_age = 1, reason = function() end", "E022", 1,
      "conditions, curves and messages only" },
    ["a word as a curve"] = { with_product "min_income = 1, curve = { income = ramp }", "E009", 1, "write ramp(...)" },
    ["a word as a message"] = { with_product "min_income = 1, message = at_least", "E009", 1, "write at_least(...)" },
    ["a global name"] = { "\nlimit_of_age = 18", "E020", 2, "write local limit_of_age = ..." },
    ["a word that is assigned to"] = { "product = 5", "E020", 1, "is a word of the rule language" },
    ["powers"] = { "local x = 2\nlocal y = x ^ 2", "E021", 2, "^ is not allowed" },
    ["a condition that is changed after it was made"] = { "local c = at_least(5)\nc.low = 4", "E026", 2,
      "cannot be read or changed" },
    ["a condition in itself"] = { "local c = {}\nc[1] = c\n" .. with_condition "c", "E008", 3, "nests deeper" },
    ["a missing comma"] = { 'product "x" {\n  name = "X"\n  category = "savings"\n}', "E001", 3, "is a comma missing" },
    ["an error of the file's own"] = { "\nerror('no such year')", "E026", 2, "no such year" },
    ["a failed assert"] = { "\n\nassert(1 == 2, 'one is not two')", "E026", 3, "one is not two" },
    ["arithmetic with texts"] = { "local x = '1' + 1", "E026", 1, "arithmetic on a string" },
  }
end)

describe("names that the engine does not know are found at their own line:", function()
  refuses {
    ["a category"] = { 'product "x" { name = "X", min_age = 1,\n category = "savngs" }', "E010", 2,
      'unknown category "savngs"', "savings" },
    ["a product in a boost"] = { 'segment "x" { when = { age = 1 }, boost = {\n credit_crad = 5 } }', "E011", 2,
      '"credit_crad"', "credit_card" },
    ["the word category in a boost"] = { 'segment "x" { when = { age = 1 }, boost = {\n categry = { savings = 5 } } }',
      "E003", 2, 'unknown key "categry" in boost of segment "x"', "category" },
    ["a category in a boost"] = { 'segment "x" { when = { age = 1 }, boost = { category = {\n savigns = 5 } } }',
      "E010", 2, '"savigns"', "savings" },
    ["a product that must be owned"] = { with_product 'min_age = 1, after = {\n"savings_account",\n"credit_cad" }',
      "E011", 3, '"credit_cad"', "credit_card" },
    ["a product that must not be owned"] = { with_product 'min_age = 1,\n not_with = "credit_cad"', "E011", 2,
      '"credit_cad"', "credit_card" },
    ["a tier"] = { with_product 'min_credit_score = 400,\n tier = "premum"', "E014", 2, '"premum"', "premium" },
    ["a segment"] = { with_condition 'in_segment("adlts")', "E013", 1, '"adlts"', "adults" },
    ["a product in a condition"] = { with_condition 'any {\n owns("credit_cad") }', "E011", 2, '"credit_cad"',
      "credit_card" },
    ["an attribute in a condition"] = { with_condition "all {\n { age = 5 },\n { incme = 5 } }", "E012", 3, '"incme"',
      "income" },
    ["an attribute in requires"] = { with_product 'min_age = 1, requires = {\n regon = "north" }', "E012", 2,
      '"regon"', "region" },
    ["an attribute of a curve"] = { with_product "min_age = 1, curve = {\n incme = ramp(1, 2) }", "E012", 2, '"incme"',
      "income" },
    ["an attribute of a dimension"] = { 'scoring { x = { weight = 1,\n of = "incme" } }', "E012", 2, '"incme"',
      "income" },
    ["an attribute of a tier"] = { 'tier "x" {\n credit_scor = raise(5) }', "E012", 2, '"credit_scor"',
      "credit_score" },
    ["a category of a rule"] = { 'adjust "x" { points = 5,\n category = "credt" }', "E010", 2, '"credt"', "credit" },
    ["a product of a rule"] = { 'exclude "x" { when = { age = 1 }, product = {\n "credit_cad" } }', "E011", 2,
      '"credit_cad"', "credit_card" },
    ["a category of a threshold"] = { "threshold { category = {\n credt = 5 } }", "E010", 2, '"credt"', "credit" },
    ["a segment of a threshold"] = { "threshold { segment = {\n adlts = 5 } }", "E013", 2, '"adlts"', "adults" },
    ["a product of fallback"] = { 'fallback {\n "credit_cad" }', "E011", 2, '"credit_cad"', "credit_card" },
  }
end)
