-- contradictions.lua: rules that are sound for the loader and cannot be meant, each with its near twin, which differs
-- by one step and is fine. Added to the sample rules. The line of the finding ends with its code as a comment.

local function product(line)
  return ('product "planted" {\n  name = "Planted", category = "investment", min_income = 30000,\n%s\n}'):format(line)
end

return {
  -- ---- Products that nobody can get ----
  { "a requirement below the minimum", "W101",
    'product "planted" {\n  name = "Planted", category = "loan",\n  min_income = 50000, -- W101\n'
      .. "  requires = { income = below(50000) },\n}",
    'product "planted" {\n  name = "Planted", category = "loan",\n  min_income = 50000,\n'
      .. "  requires = { income = at_most(50000) },\n}" },
  { "a condition without a whole number between its ends", "W101",
    product "  when = all { { age = above(30) }, { age = below(31) } }, -- W101",
    product "  when = all { { age = above(30) }, { age = below(32) } }," },
  { "a tier that raises a minimum beyond the range", "W101",
    'product "planted" {\n  name = "Planted", category = "loan", min_income = 30000, tier = "premium",\n'
      .. "  min_credit_score = 831, -- W101\n}",
    'product "planted" {\n  name = "Planted", category = "loan", min_income = 30000, tier = "premium",\n'
      .. "  min_credit_score = 829,\n}" },
  { "a segment whose condition the limits leave no room for", "W101",
    'product "planted" {\n  name = "Planted", category = "investment",\n  min_income = 70001, -- W101\n'
      .. '  when = in_segment("young_professionals"),\n}',
    'product "planted" {\n  name = "Planted", category = "investment",\n  min_income = 70000,\n'
      .. '  when = in_segment("young_professionals"),\n}' },
  { "a requirement that a value is not on file, and a minimum of it", "W101",
    'product "planted" {\n  name = "Planted", category = "loan", min_income = 30000,\n'
      .. '  min_credit_score = 400, -- W101\n  when = unknown("credit_score"),\n}',
    'product "planted" {\n  name = "Planted", category = "loan", min_income = 30000,\n'
      .. '  min_credit_score = 400,\n  when = any { unknown("credit_score"), { age = at_least(40) } },\n}' },
  { "two texts at once", "W101",
    product '  when = all { { region = "north" }, { region = one_of { "south", "west" } } }, -- W101',
    product '  when = all { { region = "north" }, { region = one_of { "north", "west" } } },' },
  { "a product that must be owned and must not", "W101",
    'product "planted" { -- W101\n  name = "Planted", category = "investment", min_income = 30000,\n'
      .. '  after = { "savings_account" }, not_with = { "savings_account" },\n}',
    'product "planted" {\n  name = "Planted", category = "investment", min_income = 30000,\n'
      .. '  after = { "savings_account" }, not_with = { "debit_card" },\n}' },
  { "a product that must be owned from a category of which nothing may be owned", "W101",
    product '  when = lacks_category("savings"), after = { "savings_account" }, -- W101',
    product '  when = lacks_category("account"), after = { "savings_account" },' },
  { "an exclude that holds for all that the limits leave", "W102",
    'product "planted" { -- W102\n  name = "Planted", category = "loan", min_income = 30000,\n'
      .. "  requires = { avg_account_balance = below(0) },\n}",
    'product "planted" {\n  name = "Planted", category = "loan", min_income = 30000,\n'
      .. "  requires = { avg_account_balance = at_most(0) },\n}" },
  { "two excludes that leave nobody between them", "W102",
    'product "planted" { name = "Planted", category = "investment", min_income = 30000 } -- W102\n'
      .. 'exclude "poor" { product = "planted", when = { income = below(90000) }, reason = "Too little" }\n'
      .. 'exclude "rich" { product = "planted", when = { income = at_least(90000) }, reason = "Too much" }',
    'product "planted" { name = "Planted", category = "investment", min_income = 30000 }\n'
      .. 'exclude "poor" { product = "planted", when = { income = below(90000) }, reason = "Too little" }\n'
      .. 'exclude "rich" { product = "planted", when = { income = above(90000) }, reason = "Too much" }' },
  { "an exclude for all days of a product", "W102",
    'product "planted" { -- W102\n  name = "Planted", category = "investment", min_income = 30000,\n'
      .. '  from = "2026-03-01", until = "2026-03-31",\n}\n'
      .. 'exclude "closed" { product = "planted", when = { age = at_most(130) }, from = "2026-03-01", '
      .. 'until = "2026-03-31", reason = "Closed" }',
    'product "planted" {\n  name = "Planted", category = "investment", min_income = 30000,\n'
      .. '  from = "2026-03-01", until = "2026-03-31",\n}\n'
      .. 'exclude "closed" { product = "planted", when = { age = at_most(130) }, from = "2026-03-02", '
      .. 'until = "2026-03-31", reason = "Closed" }' },
  { "a threshold of 100", "W103",
    product "" :gsub("^product \"planted\" {", "%0 -- W103") .. "\nthreshold { product = { planted = 100 } }",
    product "" .. "\nthreshold { product = { planted = 99.99 } }" },
  { "limits that keep the confidence down", "W103", -- income 40 of 70, balance 0, age 10, no gap where it needs one
    'product "planted" { -- W103\n  name = "Planted", category = "loan", min_income = 30000, ideal_income = 90000,\n'
      .. '  max_income = 30000, max_avg_account_balance = 0, when = owns("home_loan"),\n}',
    'product "planted" {\n  name = "Planted", category = "loan", min_income = 30000, ideal_income = 90000,\n'
      .. '  max_income = 32001, max_avg_account_balance = 0, when = owns("home_loan"),\n}' },
  { "three products in a circle", "W104",
    'product "planted" { name = "A", category = "investment", min_income = 1, after = { "other" } } -- W104\n'
      .. 'product "other" { name = "B", category = "investment", min_income = 1, after = { "third" } }\n'
      .. 'product "third" { name = "C", category = "investment", min_income = 1, after = { "planted" } }',
    'product "planted" { name = "A", category = "investment", min_income = 1, after = { "other" } }\n'
      .. 'product "other" { name = "B", category = "investment", min_income = 1, after = { "third" } }\n'
      .. 'product "third" { name = "C", category = "investment", min_income = 1, after = { "debit_card" } }' },
  { "a product that ends on the day before what it needs begins", "N109",
    'product "planted" { -- N109\n  name = "A", category = "investment", min_income = 1, until = "2026-03-31",\n'
      .. '  after = { "other" },\n}\n'
      .. 'product "other" { name = "B", category = "investment", min_income = 1, from = "2026-04-01" }',
    'product "planted" {\n  name = "A", category = "investment", min_income = 1, until = "2026-04-01",\n'
      .. '  after = { "other" },\n}\n'
      .. 'product "other" { name = "B", category = "investment", min_income = 1, from = "2026-04-01" }' },

  -- ---- Conditions ----
  { "a segment of two that exclude each other", "W105",
    'segment "planted" { when = all { in_segment("credit_builders"), { credit_score = at_least(640) } } } -- W105',
    'segment "planted" { when = all { in_segment("credit_builders"), { credit_score = at_least(639) } } }' },
  { "a segment that is not what it is", "W105",
    'segment "planted" { when = all { owns("debit_card"), lacks_category("account") } } -- W105',
    'segment "planted" { when = all { owns("debit_card"), lacks_category("deposit") } }' },
  { "an exclude for nobody", "W106",
    'exclude "none" { when = all { { savings_rate = below(0) }, { savings_rate = above(0) } }, reason = "N" } -- W106',
    'exclude "planted" { when = all { { savings_rate = below(0) }, { savings_rate = above(-0.1) } }, reason = "N" }' },
  { "one side of an any for nobody", "W107",
    'segment "planted" {\n  when = any {\n    owns("gold_loan"),\n'
      .. "    { age = between(41.2, 41.8) }, -- W107\n  },\n}",
    'segment "planted" {\n  when = any {\n    owns("gold_loan"),\n'
      .. "    { age = between(41.2, 42) },\n  },\n}" },
  { "a gate that everybody passes", "W108",
    product "  requires = { age = at_least(0) }, -- W108",
    product "  requires = { age = at_least(1) }," },
  { "a segment for everybody", "W108",
    'segment "planted" { when = any { { income = below(50000) }, { income = at_least(50000) } } } -- W108',
    'segment "planted" { when = any { { income = below(50000) }, { income = above(50000) } } }' },
  { "an adjust with a needless condition", "W108",
    'adjust "planted" { when = any { owns("debit_card"), lacks("debit_card") }, points = 1 } -- W108',
    'adjust "planted" { when = any { owns("debit_card"), lacks("gold_loan") }, points = 1 }' },
  { "a condition that asks only for what is on file", "N105",
    'segment "planted" { when = { savings_rate = between(-1, 1) } } -- N105',
    'segment "planted" { when = { savings_rate = between(-0.99, 1) } }' },
  { "a test that names every text", "N105",
    'segment "planted" { when = { risk_tolerance = one_of { "none", "low", "medium", "high" } } } -- N105',
    'segment "planted" { when = { risk_tolerance = one_of { "none", "low", "medium" } } }' },
  { "a requirement that the minimum implies", "N104",
    product "  requires = { income = at_least(30000) }, -- N104",
    product "  requires = { income = above(30000) }," },
  { "the same condition twice", "N104",
    product '  requires = { region = "north" },\n  when = any { { region = "north" } }, -- N104',
    product '  requires = { region = "north" },\n  when = any { { age = above(40) } },' },

  -- ---- Rules that change nothing ----
  { "an exclude within a wider one", "W109",
    'exclude "deep" { product = "home_loan", when = { avg_account_balance = at_most(-0.01) }, reason = "N" } -- W109',
    'exclude "planted" { product = "home_loan", when = { avg_account_balance = at_most(0) }, reason = "N" }' },
  { "an exclude of which a wider one takes the unknown, too", "W109",
    'exclude "new" { category = "loan", when = { tenure_months = below(6) }, reason = "New", unknown = "exclude" }\n'
      .. 'exclude "planted" { category = "loan", when = unknown("tenure_months"), reason = "N" } -- W109',
    'exclude "new" { category = "loan", when = { tenure_months = below(6) }, reason = "New" }\n'
      .. 'exclude "planted" { category = "loan", when = unknown("tenure_months"), reason = "N" }' },
  { "an exclude within the days of another one", "W109",
    'exclude "june" { when = { age = below(20) }, from = "2026-06-01", until = "2026-06-30", reason = "June" }\n'
      .. 'exclude "planted" { when = { age = below(20) }, from = "2026-06-10", until = "2026-06-30", '
      .. 'reason = "N" } -- W109',
    'exclude "june" { when = { age = below(20) }, from = "2026-06-01", until = "2026-06-30", reason = "June" }\n'
      .. 'exclude "planted" { when = { age = below(20) }, from = "2026-06-10", until = "2026-07-01", reason = "N" }' },
  { "an exclude that the limits make needless", "W110",
    'exclude "planted" { category = "commercial_loan", when = { credit_score = below(680) }, reason = "N" } -- W110',
    'exclude "planted" { category = "commercial_loan", when = { credit_score = at_most(680) }, reason = "N" }' },
  { "an exclude for products that are switched off", "W110",
    'product "hidden" { name = "Hidden", category = "loan", min_income = 1, off = true }\n'
      .. 'exclude "planted" { product = "hidden", when = { age = below(30) }, reason = "N" } -- W110',
    'product "hidden" { name = "Hidden", category = "loan", min_income = 1 }\n'
      .. 'exclude "planted" { product = "hidden", when = { age = below(30) }, reason = "N" }' },
  { "points for those who cannot get the product", "W111",
    'adjust "planted" { product = "home_loan", when = { income = below(90000) }, points = 5 } -- W111',
    'adjust "planted" { product = "home_loan", when = { income = at_most(90000) }, points = 5 }' },
  { "a boost for what its customers cannot get", "W111",
    'segment "planted" {\n  when = { age = above(65) },\n  boost = {\n    debit_card = 1,\n'
      .. "    category = { insurance = 5 }, -- W111\n  },\n}",
    'segment "planted" {\n  when = { age = above(64) },\n  boost = {\n    debit_card = 1,\n'
      .. "    category = { insurance = 5 },\n  },\n}" },

  -- ---- Segments that divide an attribute ----
  { "segments that share a value", "N102",
    'segment "small" { when = { lifetime_value = at_most(1000) } }\n'
      .. 'segment "planted" { when = { lifetime_value = at_least(1000) } } -- N102',
    'segment "small" { when = { lifetime_value = below(1000) } }\n'
      .. 'segment "planted" { when = { lifetime_value = at_least(1000) } }' },
  { "segments that share a stretch", "N102",
    'segment "new" { when = { tenure_months = at_most(24) } }\n'
      .. 'segment "planted" { when = { tenure_months = between(12, 60) } } -- N102',
    'segment "new" { when = { tenure_months = at_most(11) } }\n'
      .. 'segment "planted" { when = { tenure_months = between(12, 60) } }' },
  { "segments that share a text", "N102",
    'segment "careful" { when = { risk_tolerance = one_of { "none", "low" } } }\n'
      .. 'segment "planted" { when = { risk_tolerance = one_of { "low", "medium", "high" } } } -- N102',
    'segment "careful" { when = { risk_tolerance = one_of { "none", "low" } } }\n'
      .. 'segment "planted" { when = { risk_tolerance = one_of { "medium", "high" } } }' },
  { "segments that leave a text out", "N103",
    'segment "careful" { when = { risk_tolerance = one_of { "none", "low" } } }\n'
      .. 'segment "planted" { when = { risk_tolerance = "high" } } -- N103',
    'segment "careful" { when = { risk_tolerance = one_of { "none", "low" } } }\n'
      .. 'segment "planted" { when = { risk_tolerance = one_of { "medium", "high" } } }' },
  { "segments with a value between them", "N103",
    'segment "small" { when = { lifetime_value = below(1000) } }\n'
      .. 'segment "planted" { when = { lifetime_value = above(1000) } } -- N103',
    'segment "small" { when = { lifetime_value = below(1000) } }\n'
      .. 'segment "planted" { when = { lifetime_value = at_least(1000) } }' },
  { "segments with whole numbers between them", "N103",
    'segment "new" { when = { tenure_months = at_most(11) } }\n'
      .. 'segment "old" { when = { tenure_months = at_least(60) } }\n'
      .. 'segment "planted" { when = { tenure_months = between(13, 59) } } -- N103',
    'segment "new" { when = { tenure_months = at_most(11) } }\n'
      .. 'segment "old" { when = { tenure_months = at_least(60) } }\n'
      .. 'segment "planted" { when = { tenure_months = between(12, 59) } }' },

  -- ---- Thresholds, limits, fallbacks, ladders ----
  { "a threshold of a category whose product has its own", "W112",
    "threshold {\n  category = { retirement = 40 }, -- W112\n  product = { retirement_account = 40 },\n}",
    "threshold {\n  category = { retirement = 40 },\n  product = { home_loan = 40 },\n}" },
  { "a threshold that the limits exceed", "N106",
    "threshold { product = { wealth_management = 50 } } -- N106",
    "threshold { product = { wealth_management = 51 } }" },
  { "a step of a ladder that the step before bars", "W113",
    'ladder "planted" {\n  steps = {\n    "credit_card",\n    "premium_credit_card", -- W113\n  },\n}',
    'ladder "planted" {\n  steps = {\n    "debit_card",\n    "premium_credit_card",\n  },\n}' },
  { "a step of a ladder that is switched off", "W113",
    'product "hidden" { name = "Hidden", category = "loan", min_income = 1, off = true }\n'
      .. 'ladder "planted" {\n  steps = {\n    "debit_card",\n    "hidden", -- W113\n  },\n}',
    'product "hidden" { name = "Hidden", category = "loan", min_income = 1 }\n'
      .. 'ladder "planted" {\n  steps = {\n    "debit_card",\n    "hidden",\n  },\n}' },
  { "a fallback that is switched off", "W114",
    'product "hidden" { name = "Hidden", category = "loan", min_income = 1, off = true }\n'
      .. 'fallback { "hidden" } -- W114',
    'product "hidden" { name = "Hidden", category = "loan", min_income = 1 }\nfallback { "hidden" }' },
  { "a limit of as many as there are", "N107",
    "limit { category = { credit = 3 } } -- N107",
    "limit { category = { credit = 2 } }" },
  { "a fallback that everybody gets anyway", "N108",
    'fallback { "wealth_management" } -- N108',
    'fallback { "basic_investment" }' },
  { "a cap that a stricter one covers", "N110",
    'cap "weekly" { product = "home_loan", at_most = 3, per = "7 days" } -- N110\n'
      .. 'cap "monthly" { category = "loan", at_most = 3, per = "30 days" }',
    'cap "weekly" { product = "home_loan", at_most = 2, per = "7 days" }\n'
      .. 'cap "monthly" { category = "loan", at_most = 3, per = "30 days" }' },
  { "a cap of a channel beside one of all", "N110",
    'cap "sms" { at_most = 2, per = "7 days", channel = "sms", each = "product" } -- N110\n'
      .. 'cap "all" { at_most = 2, per = "7 days" }',
    'cap "sms" { at_most = 2, per = "7 days", channel = "sms" }\n'
      .. 'cap "all" { at_most = 2, per = "7 days", each = "product" }' },
  { "the same cap twice", "N110",
    'cap "one" { at_most = 2, per = "7 days" }\ncap "two" { at_most = 2, per = "7 days" } -- N110',
    'cap "one" { at_most = 2, per = "7 days" }\ncap "two" { at_most = 1, per = "6 days" }' },
  { "a quiet time for what is switched off", "N110",
    'product "hidden" { name = "Hidden", category = "loan", min_income = 1, off = true }\n'
      .. 'quiet "nights" { product = "hidden", hours = { "21:00", "08:00" } } -- N110',
    'product "hidden" { name = "Hidden", category = "loan", min_income = 1 }\n'
      .. 'quiet "nights" { product = "hidden", hours = { "21:00", "08:00" } }' },
}
