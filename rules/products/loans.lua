-- loans.lua: lending to private customers.

product "personal_loan" {
  name     = "Personal Loan",
  category = "loan",
  min_income = 40000,
  min_credit_score = 640,
  min_age  = 21,
  reason   = "Steady income supports repayment",
}

product "home_loan" {
  name     = "Home Loan",
  category = "loan",
  min_income = 90000, ideal_income = 160000,
  min_credit_score = 700,
  min_age  = 25,
  reason   = "Income and credit score fit a mortgage",
}

product "gold_loan" {
  name     = "Gold Loan",
  category = "loan",
  -- Secured by jewellery, so no credit score is asked for; the income has to carry the interest.
  min_income = 18000, ideal_income = 60000,
  min_age  = 21,
  reason   = "Quick funds against gold, carried by your income",
}
