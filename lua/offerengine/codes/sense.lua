-- sense.lua: codes of rules that are well written but cannot hold together.

return {
  E056 = {
    title = "a test that does not suit the attribute",
    text = [[
Numbers are compared with at_least, below and so on and may be scored; texts and flags can only equal something; what
the customer owns is asked for with owns, lacks and lacks_category.]],
    wrong = [[
segment "northern" {
  when = { region = at_least(3) }, -- E056: a region is a text
}]],
    right = [[
segment "northern" {
  when = { region = "north" },
}]],
  },

  E060 = {
    title = "segments that lead back to themselves",
    text = [[
The condition of a segment asks for a segment whose condition asks for the first one, or for itself. Nobody could tell
who is in it.]],
    wrong = [[
segment "savers" { -- E060
  when = in_segment("savers"),
}]],
    right = [[
segment "savers" {
  when = { savings_rate = at_least(0.1) },
}]],
  },

  E062 = {
    title = "lacks_category() without a category",
    text = [[
Without a name lacks_category() means the category of the product that is looked at. A segment is about a customer and
no product, so that it has to name the category.]],
    wrong = [[
segment "uninsured" { -- E062
  when = lacks_category(),
}]],
    right = [[
segment "uninsured" {
  when = lacks_category("insurance"),
}]],
  },

  E064 = {
    title = "a product that waits for itself",
    text = [[
after and not_with name other products. A product that is owned is never offered again anyway.]],
    wrong = [[
product "travel_card" { -- E064
  name = "Travel Card", category = "credit", min_income = 45000,
  not_with = { "travel_card" },
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  not_with = { "credit_card" },
}]],
  },

  E065 = {
    title = "a minimum above its maximum",
    text = [[
No value passes both limits, so that the product would never be offered. A tier may have raised the minimum.]],
    wrong = [[
product "starter_card" {
  name = "Starter Card", category = "credit", min_income = 15000, tier = "premium",
  requires = { age = below(30) },
  min_credit_score = 690, -- E065: 710 by the tier
  max_credit_score = 700,
}]],
    right = [[
product "starter_card" {
  name = "Starter Card", category = "credit", min_income = 15000, tier = "premium",
  requires = { age = below(30) },
  min_credit_score = 620,
  max_credit_score = 700,
}]],
  },

  E066 = {
    title = "a tier that has nothing to raise",
    text = [[
The tier raises a minimum that the product does not have. Give the product the minimum, or take it out of the tier.]],
    wrong = [[
product "travel_card" { -- E066
  name = "Travel Card", category = "credit", min_income = 45000, tier = "premium",
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000, tier = "premium", min_credit_score = 660,
}]],
  },

  E068 = {
    title = "a number that no customer can have",
    text = [[
The number lies outside the range that the schema declares for the attribute, so that nobody could ever meet it.]],
    wrong = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  min_age = 200, -- E068: nobody is older than 130
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  min_age = 20,
}]],
  },

  E070 = {
    title = "an ideal that is not above the minimum",
    text = [[
Points rise from the minimum to the ideal, so that the ideal has to lie above it. A tier may have raised the minimum.]],
    wrong = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  ideal_income = 40000, -- E070
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  ideal_income = 90000,
}]],
  },

  E071 = {
    title = "no ideal to score towards",
    text = [[
Neither the product nor scoring says from where on the share is full, and the range of the attribute is open above.]],
    wrong = [[
scoring {
  monthly_spend = { weight = 5 },
}
product "travel_card" { -- E071
  name = "Travel Card", category = "credit", min_income = 45000,
  min_monthly_spend = 0,
}]],
    right = [[
scoring {
  monthly_spend = { weight = 5 },
}
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  min_monthly_spend = 0, ideal_monthly_spend = 2000,
}]],
  },

  E072 = {
    title = "a protected attribute that counts as more or less in regulated credit",
    text = [[
In a category with regulated = "credit" lending law applies: age, and what else the schema marks as protected, may
decide yes or no as a limit, but neither give nor take points, nor move a threshold.]],
    wrong = [[
adjust "young_borrowers" { -- E072
  category = "loan", points = 5,
  when = { age = below(30) },
}]],
    right = [[
adjust "young_savers" {
  category = "savings", points = 5,
  when = { age = below(30) },
}]],
  },

  E073 = {
    title = "a product that nothing scores",
    text = [[
A product needs at least one dimension of scoring that applies to it: by a min_, an ideal_ or a curve of its own, or
because scoring says every = true.]],
    alone = true,
    wrong = [[
attribute "income" { type = "money" }
category "credit" { name = "Credit" }
scoring { income = { weight = 40, ideal = 100000 } }
product "travel_card" { -- E073
  name = "Travel Card", category = "credit",
}]],
    right = [[
attribute "income" { type = "money" }
category "credit" { name = "Credit" }
scoring { income = { weight = 40, ideal = 100000 } }
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
}]],
  },

  E076 = {
    title = "too many dimensions",
    text = [[
Scoring has at most 64 dimensions.]],
    wrong = [[
local dimensions = {}
for number = 1, 70 do
  dimensions["spend_" .. number] = { weight = 1, of = "monthly_spend", ideal = 2000 }
end
scoring(dimensions) -- E076]],
    right = [[
scoring { monthly_spend = { weight = 5, ideal = 2000 } }]],
  },

  E077 = {
    title = "a curve or ideal of what is not scored",
    text = [[
The product says how an attribute is scored, but scoring has no dimension for it, so that it would never count.]],
    wrong = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  ideal_tenure_months = 24, -- E077
}]],
    right = [[
scoring { tenure = { weight = 5, of = "tenure_months" } }
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  ideal_tenure_months = 24,
}]],
  },

  E078 = {
    title = "business weights that no number holds",
    text = [[
Offers are ranked by confidence × value × lever; the product of value and lever is too large for a number.]],
    wrong = [[
product "travel_card" { -- E078
  name = "Travel Card", category = "credit", min_income = 45000,
  value = 1e200, lever = 1e200,
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  value = 3, lever = 1.2,
}]],
  },

  E079 = {
    title = "a reason or message that is not true",
    text = [[
It speaks of something that the product is not scored by, so that it could be said to a customer for whom it is false.
A text speaks of an attribute when it holds one of the attribute's words; see rules/schema.lua.]],
    wrong = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  reason = "A good credit score", -- E079: no credit score is asked for
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000, min_credit_score = 650,
  reason = "A good credit score",
}]],
  },

  E090 = {
    title = "a brace that is not closed",
    text = [[
In a message, braces hold the name of what is shown in their place. A brace itself is written twice: {{ or }}.]],
    wrong = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  message = "With {income:money a year you qualify.", -- E090
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  message = "With {income:money} a year you qualify.",
}]],
  },

  E091 = {
    title = "unknown format",
    text = [[
Numbers in a message are shown as money (with the currency of settings), as number, as integer (rounded), or as percent
(0.1 is 10%). Without a format an attribute is shown as its type says.]],
    wrong = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  message = "With {income:mony} a year you qualify.", -- E091
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  message = "With {income:money} a year you qualify.",
}]],
  },

  E092 = {
    title = "what cannot be shown so",
    text = [[
Only numbers have a format, and what a customer owns cannot be shown in a message.]],
    wrong = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  message = "Made for {region:money}.", -- E092
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  message = "Made for {region}.",
}]],
  },

  E093 = {
    title = "a ladder of fewer than two steps",
    text = [[
A ladder leads from product to product, so that it has at least two.]],
    wrong = [[
ladder "cards" { -- E093
  steps = { "secured_credit_card" },
}]],
    right = [[
ladder "cards" {
  steps = { "secured_credit_card", "credit_card" },
}]],
  },

  E094 = {
    title = "a step twice on one ladder",
    text = [[
A product is one step of a ladder. It may be a step of other ladders as well.]],
    wrong = [[
ladder "cards" {
  steps = {
    "secured_credit_card",
    "credit_card",
    "secured_credit_card", -- E094
  },
}]],
    right = [[
ladder "cards" {
  steps = {
    "secured_credit_card",
    "credit_card",
    "premium_credit_card",
  },
}]],
  },
}
