-- tests.lua: what stands in rules/tests, or in rules/release.lua, against rules that are sound in themselves.

local SIGNED = [[
number,value,case,at,subject,expected,age,income,existing_products,credit_score,avg_account_balance
z_example.lua:1 min_income = 20000,20000,at,1793491200000,product travel_card,offered 33.5714285714,30,20000,,700,0
]]

local BEFORE = [[
product "travel_card" {
  name = "Travel Card", category = "account",
  min_income = 20000,
}
]]

local BOOK = [[
customer_id,age,income,existing_products,credit_score,avg_account_balance
T1,30,21000,,700,0
T2,35,90000,,700,0
]]

return {
  E120 = {
    title = "a test fails",
    text = "A test in rules/tests says what a customer is to be offered, and the rules decide otherwise.\n" ..
      "Either the rules are wrong or the test is out of date. A reload is refused until they agree.",
    test = true,
    wrong = [[
test "a low income is no obstacle" { -- E120
  customer = { age = 30, income = 5000, credit_score = 700, avg_account_balance = 0, existing_products = {} },
  offered = "premium_credit_card",
}
]],
    right = [[
test "a low income is an obstacle" {
  customer = { age = 30, income = 5000, credit_score = 700, avg_account_balance = 0, existing_products = {} },
  refused = { premium_credit_card = "below_minimum" },
}
]],
  },
  E121 = {
    title = "a signed case is decided otherwise",
    text = "rules/tests/signed.csv holds customers at the numbers of the rules, and what was decided for them\n" ..
      "when it was signed. Where a change is meant, sign it anew: offerengine test --sign shows what changed.",
    signed = SIGNED,
    wrong = [[
product "travel_card" {
  name = "Travel Card", category = "account",
  min_income = 20001, -- one dollar more than signed
}
]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "account",
  min_income = 20000,
}
]],
  },
  E122 = {
    title = "a release gate is exceeded",
    text = "The rules are sound and their tests pass, but they would do more to the customers than release allows:\n" ..
      "the message says which gate, by how much, and some of the customers. offerengine diff shows all of it.\n" ..
      "Where the change is meant, widen the gate for it. A rollback and a start are not held up.",
    before = BEFORE,
    book = BOOK,
    wrong = [[
product "travel_card" {
  name = "Travel Card", category = "account",
  min_income = 22000, -- one of two customers has less
}
release { max_lost = 10 } -- E122
]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "account",
  min_income = 21000,
}
release { max_lost = 10 }
]],
  },
  N122 = {
    title = "a group is too small to be judged",
    text = "The gate min_ratio compares groups of a protected attribute. A group of fewer customers than\n" ..
      "min_group (30 unless release says otherwise) is left out: a ratio says little of so few. It refuses nothing.",
    before = BEFORE,
    book = BOOK,
    wrong = [[
product "travel_card" {
  name = "Travel Card", category = "account",
  min_income = 20000, ideal_income = 60000,
}
release { min_ratio = 0.8, min_group = 3 } -- N122
]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "account",
  min_income = 20000, ideal_income = 60000,
}
release { min_ratio = 0.8, min_group = 2 }
]],
  },
}
