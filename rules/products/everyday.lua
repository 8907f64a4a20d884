-- everyday.lua: accounts, savings, deposits and insurance: what most customers start with.

product "savings_account" {
  name     = "High-Yield Savings Account",
  category = "savings",
  min_age  = 16,
  ideal_avg_account_balance = 10000, -- worth having long before the 50000 that scoring.lua takes as ideal
  reason   = "Earns interest on your balance from the first day",
}

product "debit_card" {
  name     = "Debit Card",
  category = "account",
  min_age  = 16,
  ideal_avg_account_balance = 5000,
  reason   = "Everyday payments straight from your balance",
}

product "fixed_deposit" {
  name     = "Fixed Deposit",
  category = "deposit",
  min_age  = 18,
  min_avg_account_balance = 5000,
  reason   = "Idle balance can earn a fixed rate",
}

product "life_insurance" {
  name     = "Term Life Insurance",
  category = "insurance",
  min_income = 25000,
  min_age  = 21, max_age = 65,
  reason   = "Protects those who depend on your income",
}
