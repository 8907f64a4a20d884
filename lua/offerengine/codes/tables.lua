-- tables.lua: codes of lookup and derive.

local TABLE = "region,trend\nnorth,3.5\neast,1.2\n"

return {
  E018 = {
    title = "unknown lookup",
    text = [[
No lookup of this id is declared. A lookup stands before the derive that takes from it: above it in the same file, or in
a file that is read earlier.]],
    table = TABLE,
    wrong = [[
lookup "trends" { file = "example.csv", key = "region" }
derive "trend" {
  type = "number",
  lookup = "trend", -- E018
  column = "trend",
}]],
    right = [[
lookup "trends" { file = "example.csv", key = "region" }
derive "trend" {
  type = "number",
  lookup = "trends",
  column = "trend",
}]],
  },

  E019 = {
    title = "unknown column",
    text = [[
The table has no such column. Columns are named in the first line of the table; the one with the keys is named as the
attribute is.]],
    table = TABLE,
    wrong = [[
lookup "trends" { file = "example.csv", key = "region" }
derive "trend" {
  type = "number", lookup = "trends",
  column = "tend", -- E019
}]],
    right = [[
lookup "trends" { file = "example.csv", key = "region" }
derive "trend" {
  type = "number", lookup = "trends",
  column = "trend",
}]],
  },

  E100 = {
    title = "a table that cannot be taken",
    text = [[
Tables are CSV files in the folder tables beside the rules: commas between the cells, the names of the columns in the
first line, at most 2000 rows and 64 KiB, saved as UTF-8.]],
    table = TABLE,
    wrong = [[
lookup "trends" {
  file = "exmaple.csv", -- E100: there is no such file
  key = "region",
}]],
    right = [[
lookup "trends" {
  file = "example.csv",
  key = "region",
}]],
  },

  E101 = {
    title = "a cell that cannot be taken",
    text = [[
A cell of a table is no number where numbers are needed, lies out of the range, or is none of the allowed texts; or
a key is missing, stands in two rows, or is none that the attribute may have. An empty cell is fine: not on file.]],
    wrong = [[
lookup "trends" { file = "example.csv", key = "region" }
derive "trend" { type = "number", lookup = "trends", column = "trend" }]],
    table = "region,trend\nnorth,3.5\neast,\"1,2\"\n",
    table_line = 3,
    right = [[
lookup "trends" { file = "example.csv", key = "region" }
derive "trend" { type = "number", lookup = "trends", column = "trend" }]],
    right_table = TABLE,
  },

  E105 = {
    title = "a text that an attribute never is",
    text = [[
The rules ask for a text that is not among the values of the attribute or the arms of the experiment, which are declared
further down or in a later file.]],
    wrong = [[
adjust "bolder" { product = "credit_card", when = { card_message = "bald" }, points = 2 } -- E105
experiment "card_message" { arms = { control = 50, bold = 50 } }]],
    right = [[
adjust "bolder" { product = "credit_card", when = { card_message = "bold" }, points = 2 }
experiment "card_message" { arms = { control = 50, bold = 50 } }]],
  },

  E102 = {
    title = "a derived attribute that is needed before it is derived",
    text = [[
Derived attributes are computed from top to bottom, so that one may read those before it and no others.]],
    wrong = [[
derive "spend_share" {
  type = "number",
  value = function(c)
    return c.yearly_spend / c.income -- E102
  end,
}
derive "yearly_spend" { type = "money", value = function(c) return 12 * c.monthly_spend end }]],
    right = [[
derive "yearly_spend" { type = "money", value = function(c) return 12 * c.monthly_spend end }
derive "spend_share" {
  type = "number",
  value = function(c)
    return c.yearly_spend / c.income
  end,
}]],
  },
}
