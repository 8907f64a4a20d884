-- scoring.lua: how a confidence from 0 to 100 comes about.
-- Each dimension gives its weight times a share between 0 and 1; the sum is divided by the weights that apply.
-- A dimension applies to a product that names a min_, an ideal_ or a curve for it, or to all with every = true.
-- ideal: from here on the share is 1. A product may name its own, for example ideal_income = 150000.

scoring {
  income       = { weight = 40, ideal = 100000 },
  credit_score = { weight = 30, ideal = 800 },
  balance      = { weight = 20, of = "avg_account_balance", ideal = 50000, every = true },
  age          = { weight = 10, curve = gate, every = true }, -- the age limit passed: full weight
}

-- Only a confidence strictly above the threshold is offered.
threshold { default = 30, category = { commercial_loan = 45 }, product = { gold_loan = 50 } }
