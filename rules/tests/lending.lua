-- lending.lua: to whom the bank lends, and to whom not. `offerengine test` asks for it, and so does every reload: rules
-- that answer one of these customers otherwise are refused until the rule or the test is changed.

test "an overdrawn account opens no credit, however good the rest" {
  customer = { age = 40, income = 90000, existing_products = {}, credit_score = 780, avg_account_balance = -0.01 },
  refused  = { premium_credit_card = "excluded", personal_loan = "excluded", home_loan = "excluded" },
  offered  = "basic_investment",
}

test "an empty account is not an overdrawn one" {
  customer = { age = 40, income = 90000, existing_products = {}, credit_score = 780, avg_account_balance = 0 },
  offered  = { "premium_credit_card", "personal_loan" },
}

test "a mortgage asks for an income of 90,000" {
  customer = { age = 35, income = 89999.99, existing_products = {}, credit_score = 800, avg_account_balance = 20000 },
  refused  = { home_loan = "below_minimum" },
}

test "with 90,000 it is to be had" {
  customer = { age = 35, income = 90000, existing_products = {}, credit_score = 800, avg_account_balance = 20000 },
  offered  = "home_loan",
}

test "the premium card asks for 20 points more than it says" {
  customer = { age = 35, income = 120000, existing_products = {}, credit_score = 719, avg_account_balance = 20000 },
  refused  = { premium_credit_card = "below_minimum" },
  offered  = "credit_card",
}

test "without a credit score there is a card that builds one" {
  customer = { age = 20, income = 16000, existing_products = {}, avg_account_balance = 400, credit_score = nil },
  refused  = { credit_card = "not_on_file", personal_loan = "not_on_file" },
  offered  = "secured_credit_card",
}
