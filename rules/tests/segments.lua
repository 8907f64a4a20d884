-- segments.lua: who belongs to which group.

test "a young professional may be 30" {
  customer = {
    age = 30, income = 55000, existing_products = { "debit_card" }, credit_score = 700,
    avg_account_balance = 3000,
  },
  segments = { "young_professionals" },
}

test "but not 31" {
  customer = {
    age = 31, income = 55000, existing_products = { "debit_card" }, credit_score = 700,
    avg_account_balance = 3000,
  },
  segments = {},
}

test "who saves regularly gets points for investments" {
  customer = {
    age = 35, income = 60000, existing_products = { "debit_card", "basic_investment" }, credit_score = 700,
    avg_account_balance = 50000, savings_rate = 0.1, transactions_90d = 10,
  },
  score    = { investment_account = 63.1 },
}
