-- schema.lua: the vocabulary. Every other rule file may only use the attributes and categories named here.
-- An attribute is one column of your customer sheet; a category is a shelf of the product catalogue.
-- Two dashes start a comment: the engine does not read it.

settings { currency = "USD" } -- all amounts; nothing is converted

-- ---- The six fields that every customer record has (customer_id is always there and needs no line) ----

attribute "age" {
  type = "integer", unit = "years",
  range = { 0, 130 },  -- anything outside is refused at the door
  words = { "age" },   -- a reason text with one of these words speaks about this attribute
  protected = true,    -- in regulated credit it may decide yes or no, never more or less
  immutable = true,    -- no advice ever asks a customer to change it
  groups = { 40, 62 }, -- the age groups that fairness reports compare
}

attribute "income" {
  type = "money", unit = "per year",
  range = { 0, nil }, -- nil: no upper end
  words = { "income", "earning" },
}

attribute "existing_products" {
  type  = "product_set", -- what the customer owns; exactly one attribute has this type
  label = "existing products",
}

attribute "credit_score" {
  type = "integer", unit = "points",
  range = { 300, 850 },
  nullable = true, -- may be empty: "not on file", which is not the same as a low score
  label = "credit score",
  words = { "credit score" },
}

attribute "avg_account_balance" {
  type  = "money", -- negative is an overdraft
  label = "average account balance",
  words = { "balance" },
}

-- ---- Further fields; a customer record may leave them out ----

attribute "monthly_spend" {
  type = "money", unit = "per month", range = { 0, nil },
  optional = true, label = "monthly spend",
}

attribute "savings_rate" {
  type = "number", unit = "share of income", range = { -1, 1 }, step = 0.01,
  optional = true, label = "savings rate",
}

attribute "transactions_90d" {
  type = "integer", unit = "in 90 days", range = { 0, nil },
  optional = true, label = "transactions",
}

attribute "tenure_months" {
  type = "integer", unit = "months", range = { 0, 1200 }, immutable = true,
  optional = true, label = "time as a customer",
}

attribute "lifetime_value" {
  type = "money", optional = true, label = "lifetime value",
}

attribute "region" {
  type = "text", optional = true,
  values = { "north", "east", "south", "west" }, -- rules and tables may ask for these only, so that a slip is found
}

attribute "risk_tolerance" {
  type     = "text", -- from the investor questionnaire
  values   = { "none", "low", "medium", "high" },
  optional = true, label = "risk tolerance",
}

-- ---- Categories, in the order in which reports list them ----
-- regulated = "credit": lending law applies; protected attributes are a yes or no there, never a grade.

category "credit"          { name = "Credit", regulated = "credit" }
category "loan"            { name = "Loan", regulated = "credit" }
category "commercial_loan" { name = "Commercial loan", regulated = "credit" }
category "investment"      { name = "Investment" }
category "retirement"      { name = "Retirement" }
category "savings"         { name = "Savings" }
category "deposit"         { name = "Deposit" }
category "insurance"       { name = "Insurance" }
category "account"         { name = "Account" }
