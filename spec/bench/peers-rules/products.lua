-- products.lua: the ten products that every engine is asked about. Each says what it wants by curves alone.

product "premium_credit_card" {
  name = "Premium Credit Card", category = "credit",
  curve = {
    income = ramp(0, 75000), credit_score = ramp(0, 720),
    age = steps { { 21, 1 } },
  },
  reason = "High income and good credit score",
}

product "investment_account" {
  name = "Investment Account", category = "investment",
  curve = {
    income = ramp(0, 60000), credit_score = ramp(0, 650),
    age = steps { { 18, 1 } },
  },
  reason = "Good savings potential",
}

product "savings_account" {
  name = "High-Yield Savings Account", category = "savings",
  curve = {
    income = ramp(0, 15000), credit_score = ramp(0, 300),
    age = steps { { 18, 1 } },
  },
  reason = "Builds a regular savings habit",
}

product "personal_loan" {
  name = "Personal Loan", category = "loan",
  curve = {
    income = ramp(0, 40000), credit_score = ramp(0, 640),
    age = steps { { 21, 1 } },
  },
  reason = "Steady income supports repayment",
}

product "home_loan" {
  name = "Home Loan", category = "loan",
  curve = {
    income = ramp(0, 90000), credit_score = ramp(0, 700),
    age = steps { { 25, 1 } },
  },
  reason = "Income and credit fit a mortgage",
}

product "fixed_deposit" {
  name = "Fixed Deposit", category = "deposit",
  curve = {
    income = ramp(0, 30000), credit_score = ramp(0, 300),
    age = steps { { 18, 1 } },
  },
  reason = "Idle balance can earn a fixed rate",
}

product "retirement_account" {
  name = "Retirement Account", category = "retirement",
  curve = {
    income = ramp(0, 50000), credit_score = ramp(0, 600),
    age = steps { { 45, 1 } },
  },
  reason = "Closing in on retirement planning",
}

product "wealth_management" {
  name = "Wealth Management", category = "investment",
  curve = {
    income = ramp(0, 180000), credit_score = ramp(0, 740),
    age = steps { { 30, 1 } },
  },
  reason = "Affluent profile with high balances",
}

product "life_insurance" {
  name = "Term Life Insurance", category = "insurance",
  curve = {
    income = ramp(0, 35000), credit_score = ramp(0, 580),
    age = steps { { 25, 1 } },
  },
  reason = "Protects income and dependants",
}

product "secured_credit_card" {
  name = "Secured Credit Card", category = "credit",
  curve = {
    income = ramp(0, 12000), credit_score = ramp(0, 450),
    age = steps { { 18, 1 } },
  },
  reason = "Helps to build a credit history",
}
