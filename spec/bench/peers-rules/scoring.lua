-- scoring.lua: 40 x income / wanted + 30 x credit score / wanted + 20 x balance / 50000 + 10 from the wanted age on,
-- each ratio held within 0 and 1. Nothing is a gate; only owned products are left out.

scoring {
  income       = { weight = 40 },
  credit_score = { weight = 30 },
  balance      = { weight = 20, of = "avg_account_balance", curve = ramp(0, 50000), every = true },
  age          = { weight = 10 },
}

threshold { default = 30 }
