-- policies.lua: what the bank wants on top of the score: stricter limits, refusals, extra points, how many offers.

-- A tier raises limits of its products: a premium card that asks for 700 points in fact needs 720.
tier "premium" { credit_score = raise(20) }

-- exclude refuses, with a reason; adjust gives or takes points.
exclude "overdrawn" {
  category = { "credit", "loan", "commercial_loan" },
  when     = { avg_account_balance = below(0) },
  reason   = "The account is overdrawn",
}

-- Once for every product in whose category the customer owns nothing yet.
adjust "gap_bonus" {
  when   = lacks_category(),
  points = 5,
  reason = "Rounds off your portfolio",
}

-- Behaviour: who puts money aside regularly is ready to invest.
adjust "regular_savers" {
  category = "investment",
  when     = { savings_rate = at_least(0.1), transactions_90d = at_least(10) },
  points   = 6,
  reason   = "You save regularly",
}

-- Of the three cards in the group "card" one is offered. A line `default = 5` would offer five products at most.
limit { group = { card = 1 } }

-- Offered when nothing else is left, marked as fallback.
fallback { "savings_account", "debit_card" }

-- The way of a customer: answers say how far each one is, and which product comes next.
ladder "investor" { steps = { "savings_account", "basic_investment", "investment_account", "wealth_management" } }
