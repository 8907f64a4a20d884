-- schema.lua: the six fields of the catalogue that other engines are compared with.

attribute "age"                 { type = "integer", unit = "years", range = { 0, 130 }, words = { "age" } }
attribute "income"              { type = "money", unit = "per year", range = { 0, nil }, words = { "income" } }
attribute "existing_products"   { type = "product_set" }
attribute "credit_score"        { type = "integer", unit = "points", range = { 0, 1000 }, words = { "credit score" } }
attribute "avg_account_balance" { type = "money" }

category "credit"     { name = "Credit" }
category "investment" { name = "Investment" }
category "savings"    { name = "Savings" }
category "loan"       { name = "Loan" }
category "deposit"    { name = "Deposit" }
category "retirement" { name = "Retirement" }
category "insurance"  { name = "Insurance" }
