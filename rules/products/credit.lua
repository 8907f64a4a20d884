-- credit.lua: cards. min_ is a hard limit: below it the card is not offered, whatever else is good. From the limit to
-- the ideal the points rise evenly.
-- The three cards are one group, and of a group only the best placed product is offered (see limit in policies.lua).

product "premium_credit_card" {
  name     = "Premium Credit Card",
  category = "credit",
  tier     = "premium", -- raises min_credit_score, see policies.lua
  group    = "card",
  min_income = 75000, ideal_income = 150000,
  min_credit_score = 700,
  min_age  = 21,
  not_with = { "credit_card" }, -- an upgrade is a talk with the branch, not an offer
  reason   = "High income and good credit score",
  -- What the customer reads: {income:money} becomes "USD 95,000". Left out where a value is not on file.
  message  = "With {income:money} a year you qualify for our {name}.",
}

product "credit_card" {
  name     = "Credit Card",
  category = "credit",
  group    = "card",
  min_income = 25000, ideal_income = 75000,
  min_credit_score = 620, ideal_credit_score = 740,
  min_age  = 18,
  -- For those who do not qualify for the premium card.
  when     = any { { income = below(75000) }, { credit_score = below(720) } },
  not_with = { "premium_credit_card" },
  reason   = "Steady income and a sound credit score",
}

product "secured_credit_card" {
  name     = "Secured Credit Card",
  category = "credit",
  group    = "card",
  min_income = 12000, ideal_income = 40000,
  min_age  = 18,
  -- For customers without a credit score, and those whose score is too low for the other cards.
  when     = any { unknown("credit_score"), { credit_score = below(670) } },
  not_with = { "credit_card", "premium_credit_card" },
  reason   = "Helps to build a credit history on a steady income",
}
