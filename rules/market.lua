-- market.lua: what the table of market trends says of a customer's region. The numbers, which are made up, stand in
-- tables/market_trends.csv, which a spreadsheet opens; a service takes a saved table within a second, like a rule.

-- One row for each value of the customer's region.
lookup "market_trends" { file = "market_trends.csv", key = "region" }

-- derive makes a field of its own that rules use like any other. It is computed, never sent or stored.
derive "market_trend" {
  type = "number", unit = "percent a year", label = "market trend in the region",
  lookup = "market_trends", column = "trend", -- who has no region on file has no market trend on file
}

adjust "rising_region" {
  category = "investment",
  when     = { market_trend = at_least(2) },
  points   = 3,
  reason   = "The market in your region is rising",
}
