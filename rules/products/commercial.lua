-- commercial.lua: lending to customers with a business. The category has a threshold of its own, see scoring.lua.

product "business_loan" {
  name     = "Business Expansion Loan",
  min_income = 80000,
  min_credit_score = 680,
  min_age  = 25,
  reason   = "Strong income and credit score for business growth",
  category = "commercial_loan",
}
