-- segments.lua: groups of customers. A customer may be in several; their boosts add up.
-- boost adds points (0 to 100 is the whole scale) to a product, or to every product of a category.
-- Lending (credit, loan, commercial_loan) gets no points from a segment that asks for age: lending law.

segment "young_professionals" {
  name  = "Young Professionals",
  when  = { age = between(22, 30), income = between(40000, 70000) },
  boost = { basic_investment = 8, savings_account = 5, category = { retirement = 3 } },
}

segment "affluent" {
  name  = "Affluent",
  when  = { income = at_least(100000), avg_account_balance = at_least(50000) },
  boost = { wealth_management = 10, premium_credit_card = 5, category = { investment = 5 } },
}

segment "retirement_planners" {
  name  = "Retirement Planners",
  when  = { age = at_least(45) },
  boost = { retirement_account = 10, fixed_deposit = 5, category = { insurance = 3 } },
}

segment "credit_builders" {
  name  = "Credit Builders",
  when  = { credit_score = below(640), income = at_least(20000) }, -- low score, steady income
  boost = { secured_credit_card = 10, savings_account = 3 },
}

segment "new_to_bank" {
  name  = "New to the Bank",
  -- Owns nothing: nothing in any category.
  when  = all {
    lacks_category("credit"), lacks_category("loan"), lacks_category("commercial_loan"),
    lacks_category("investment"), lacks_category("retirement"), lacks_category("savings"),
    lacks_category("deposit"), lacks_category("insurance"), lacks_category("account"),
  },
  boost = { savings_account = 10, debit_card = 10, secured_credit_card = 5 },
}
