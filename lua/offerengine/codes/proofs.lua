-- proofs.lua: codes of what check proves about sound rules: W for warnings, N for notes. Each holds for every customer
-- whose values the schema allows, at any time.

return {
  W101 = {
    title = "limits that contradict each other",
    text = [[
No customer passes these limits and conditions at once, so that nobody is ever offered the product. Those named suffice;
loosen one of them.]],
    wrong = [[
product "starter_card" {
  name = "Starter Card", category = "credit",
  min_income = 50000, -- W101
  requires = { income = below(40000) },
}]],
    right = [[
product "starter_card" {
  name = "Starter Card", category = "credit",
  min_income = 30000,
  requires = { income = below(40000) },
}]],
  },

  W102 = {
    title = "a product that is refused to everybody",
    text = [[
Whoever passes the limits of the product is refused by an exclude rule, or by several together. Narrow the rules, or
switch the product off if that is meant.]],
    wrong = [[
product "starter_loan" { -- W102
  name = "Starter Loan", category = "loan",
  min_income = 20000, max_avg_account_balance = -1,
}]],
    right = [[
product "starter_loan" {
  name = "Starter Loan", category = "loan",
  min_income = 20000, max_avg_account_balance = 0,
}]],
  },

  W103 = {
    title = "a threshold that nobody can exceed",
    text = [[
Even with the best values that pass the limits, and with all points of segments and rules, the confidence does not
exceed the threshold. Lower the threshold, or score the product by more.]],
    wrong = [[
product "small_loan" { -- W103
  name = "Small Loan", category = "loan", min_income = 20000,
  curve = { income = ramp(20000, 60000) }, max_income = 25000, max_avg_account_balance = 0,
}]],
    right = [[
product "small_loan" {
  name = "Small Loan", category = "loan", min_income = 20000,
  curve = { income = ramp(20000, 60000) }, max_income = 40000, max_avg_account_balance = 0,
}]],
  },

  W104 = {
    title = "products that wait for each other",
    text = [[
Each must be owned before the other is offered, directly or by a third one. A customer who owns none of them can never
begin.]],
    wrong = [[
product "first_fund" { -- W104
  name = "First Fund", category = "investment", min_income = 20000, after = { "second_fund" },
}
product "second_fund" {
  name = "Second Fund", category = "investment", min_income = 20000, after = { "first_fund" },
}]],
    right = [[
product "first_fund" {
  name = "First Fund", category = "investment", min_income = 20000,
}
product "second_fund" {
  name = "Second Fund", category = "investment", min_income = 20000, after = { "first_fund" },
}]],
  },

  W105 = {
    title = "a segment that nobody can be in",
    text = [[
No customer meets its condition.]],
    wrong = [[
segment "steady" { -- W105
  when = all { { income = at_least(40000) }, { income = below(40000) } },
}]],
    right = [[
segment "steady" {
  when = all { { income = at_least(40000) }, { income = below(50000) } },
}]],
  },

  W106 = {
    title = "a rule that never applies",
    text = [[
No customer meets the condition of this exclude or adjust rule.]],
    wrong = [[
adjust "loyal" { -- W106
  when = all { unknown("tenure_months"), { tenure_months = at_least(60) } }, points = 4,
}]],
    right = [[
adjust "loyal" {
  when = all { known("tenure_months"), { tenure_months = at_least(60) } }, points = 4,
}]],
  },

  W107 = {
    title = "a part of a condition that is never true",
    text = [[
The condition as a whole may hold, but this part of it cannot. Among the parts of any it stands for nobody.]],
    wrong = [[
segment "starters" {
  when = any {
    { age = below(25) },
    all { owns("debit_card"), lacks("debit_card") }, -- W107
  },
}]],
    right = [[
segment "starters" {
  when = any {
    { age = below(25) },
    all { owns("debit_card"), lacks("credit_card") },
  },
}]],
  },

  W108 = {
    title = "a condition that is always true",
    text = [[
Every customer meets it, by the ranges and types of the schema: as a limit it refuses nobody, as a segment it holds
everybody. A rule for everybody needs no when.]],
    wrong = [[
segment "earners" {
  when = { income = at_least(0), age = at_least(30) }, -- W108
}]],
    right = [[
segment "earners" {
  when = { income = above(0), age = at_least(30) },
}]],
  },

  W109 = {
    title = "an exclude rule that another one covers",
    text = [[
Another exclude rule, with the same products or more, refuses everybody whom this one refuses.]],
    wrong = [[
exclude "deep_overdraft" { -- W109
  category = "loan", when = { avg_account_balance = below(-1000) }, reason = "The account is deeply overdrawn",
}]],
    right = [[
exclude "deep_overdraft" {
  category = "insurance", when = { avg_account_balance = below(-1000) }, reason = "The account is deeply overdrawn",
}]],
  },

  W110 = {
    title = "an exclude rule that refuses nobody else",
    text = [[
Whoever it refuses is refused already, by the limits of each product that it covers or by other rules; or it covers no
product that is offered.]],
    wrong = [[
exclude "no_savings" { -- W110
  product = "fixed_deposit", when = { avg_account_balance = below(5000) }, reason = "Nothing to put aside",
}]],
    right = [[
exclude "no_savings" {
  product = "fixed_deposit", when = { avg_account_balance = below(6000) }, reason = "Nothing to put aside",
}]],
  },

  W111 = {
    title = "points that nobody gets",
    text = [[
Whoever meets the condition of the rule or is in the segment cannot get any of the products that the points are for.]],
    wrong = [[
segment "first_job" {
  when  = { income = below(20000) },
  boost = { savings_account = 3, home_loan = 5 }, -- W111
}]],
    right = [[
segment "first_job" {
  when  = { income = below(20000) },
  boost = { savings_account = 3, gold_loan = 5 },
}]],
  },

  W112 = {
    title = "a threshold that no product goes by",
    text = [[
There is no product for it, or each has a threshold that goes first: product before category, category before segment,
segment before default.]],
    wrong = [[
category "leasing" { name = "Leasing" }
threshold { category = { leasing = 40 } } -- W112]],
    right = [[
category "leasing" { name = "Leasing" }
product "car_leasing" { name = "Car Leasing", category = "leasing", min_income = 30000 }
threshold { category = { leasing = 40 } }]],
  },

  W113 = {
    title = "a step of a ladder that is never taken",
    text = [[
A customer who owns the step before and none behind cannot be offered this one, so that nobody climbs on.]],
    wrong = [[
ladder "cards" {
  steps = {
    "secured_credit_card",
    "credit_card",
    "premium_credit_card", -- W113
  },
}]],
    right = [[
ladder "cards" {
  steps = {
    "secured_credit_card",
    "credit_card",
  },
}]],
  },

  W114 = {
    title = "a fallback that is never offered",
    text = [[
The product is switched off, or nobody can pass its limits.]],
    wrong = [[
product "old_card" { name = "Old Card", category = "credit", min_income = 20000, off = true }
fallback { "old_card" } -- W114]],
    right = [[
product "old_card" { name = "Old Card", category = "credit", min_income = 20000 }
fallback { "old_card" }]],
  },

  N101 = {
    title = "weights that do not add up to 100",
    text = [[
Only what a weight is to the others counts, so that this is no mistake. With a sum of 100 each weight is the number of
points that it can give.]],
    alone = true,
    wrong = [[
attribute "income" { type = "money", range = { 0, nil } }
scoring {
  income = { weight = 90, ideal = 100000 }, -- N101
}]],
    right = [[
attribute "income" { type = "money", range = { 0, nil } }
scoring {
  income = { weight = 100, ideal = 100000 },
}]],
  },

  N102 = {
    title = "segments that overlap",
    text = [[
Both ask for the same attribute and nothing else, and some values are in both. That is fine where it is meant; customers
then get the points of both.]],
    wrong = [[
segment "low_income" { when = { income = at_most(30000) } }
segment "middle_income" { when = { income = between(30000, 80000) } } -- N102]],
    right = [[
segment "low_income" { when = { income = below(30000) } }
segment "middle_income" { when = { income = between(30000, 80000) } }]],
  },

  N103 = {
    title = "a hole between segments",
    text = [[
Both ask for the same attribute and nothing else, and a few values between them are in neither.]],
    wrong = [[
segment "pupils" { when = { age = below(18) } }
segment "young_adults" { when = { age = between(19, 30) } } -- N103]],
    right = [[
segment "pupils" { when = { age = below(18) } }
segment "young_adults" { when = { age = between(18, 30) } }]],
  },

  N104 = {
    title = "a condition that adds nothing",
    text = [[
Whoever passes the other limits of the product passes this one.]],
    wrong = [[
product "starter_card" {
  name = "Starter Card", category = "credit", min_income = 50000,
  requires = { income = at_least(40000) }, -- N104
}]],
    right = [[
product "starter_card" {
  name = "Starter Card", category = "credit", min_income = 50000,
  requires = { income = at_least(60000) },
}]],
  },

  N105 = {
    title = "a test that says the same of every value",
    text = [[
By the range of the attribute, or by the texts that its values = names, it holds for each customer whose value is on
file, or for none. To ask for just that, write known(...).]],
    wrong = [[
segment "scored" {
  when = { credit_score = at_least(300), age = at_least(30) }, -- N105
}]],
    right = [[
segment "scored" {
  when = all { known("credit_score"), { age = at_least(30) } },
}]],
  },

  N106 = {
    title = "a threshold that nobody can miss",
    text = [[
Whoever passes the limits of the products has a higher confidence in any case, so that the threshold decides nothing.]],
    wrong = [[
threshold { product = { fixed_deposit = 54 } } -- N106]],
    right = [[
threshold { product = { fixed_deposit = 55 } }]],
  },

  N107 = {
    title = "a limit that is never exceeded",
    text = [[
There are not more products than the limit allows.]],
    wrong = [[
limit { category = { investment = 3 } } -- N107]],
    right = [[
limit { category = { investment = 2 } }]],
  },

  N108 = {
    title = "a fallback that is never needed",
    text = [[
Whoever passes the limits of the product exceeds its threshold, too, and is offered it in any case: as an offer like
others, not as a fallback.]],
    wrong = [[
fallback { "fixed_deposit" } -- N108]],
    right = [[
fallback { "basic_investment" }]],
  },

  N110 = {
    title = "a contact policy that never binds",
    text = [[
None of its products can be offered, or another cap counts all that it counts, over a time at least as long, and allows
no more, so that the other one always refuses first.]],
    wrong = [[
cap "weekly" { category = "loan", at_most = 3, per = "7 days" } -- N110
cap "monthly" { category = "loan", at_most = 3, per = "30 days" }]],
    right = [[
cap "weekly" { category = "loan", at_most = 1, per = "7 days" }
cap "monthly" { category = "loan", at_most = 3, per = "30 days" }]],
  },

  N109 = {
    title = "a product that ends before another one begins",
    text = [[
It comes after a product that is offered only later, so that only those can get it who own that one already.]],
    wrong = [[
product "early_fund" { -- N109
  name = "Early Fund", category = "investment", min_income = 20000,
  after = { "late_fund" }, until = "2026-06-30",
}
product "late_fund" {
  name = "Late Fund", category = "investment", min_income = 20000, from = "2026-07-01",
}]],
    right = [[
product "early_fund" {
  name = "Early Fund", category = "investment", min_income = 20000,
  after = { "late_fund" }, until = "2026-07-01",
}
product "late_fund" {
  name = "Late Fund", category = "investment", min_income = 20000, from = "2026-07-01",
}]],
  },
}
