-- investment.lua: investing and saving for retirement.
-- An investment must suit the customer. Where a risk tolerance is on file it has to fit; where none is on file the
-- offer stands, and the adviser asks before anything is sold.

product "basic_investment" {
  name     = "Basic Investment Plan",
  category = "investment",
  min_income = 30000, ideal_income = 80000,
  min_age  = 18,
  when     = any { unknown("risk_tolerance"), { risk_tolerance = one_of { "low", "medium", "high" } } },
  reason   = "Your income leaves room for a monthly plan",
}

product "investment_account" {
  name     = "Investment Account",
  category = "investment",
  min_income = 60000, ideal_income = 120000,
  min_age  = 18,
  when     = any { unknown("risk_tolerance"), { risk_tolerance = one_of { "medium", "high" } } },
  reason   = "Income and balance are enough to invest broadly",
}

product "wealth_management" {
  name     = "Wealth Management",
  category = "investment",
  min_income = 180000, ideal_income = 400000,
  min_avg_account_balance = 100000, ideal_avg_account_balance = 500000,
  min_age  = 25,
  when     = any { unknown("risk_tolerance"), { risk_tolerance = one_of { "medium", "high" } } },
  reason   = "High income and balance that deserve an adviser of your own",
}

product "retirement_account" {
  name     = "Retirement Account",
  category = "retirement",
  min_income = 20000, ideal_income = 90000,
  min_age  = 18,
  -- Not lending, so age may be graded: interest grows from 25, is full from 45 to 62, and is gone at 75.
  curve    = { age = band(25, 45, 62, 75) },
  reason   = "Turns part of your income into a pension",
}
