-- names.lua: codes of names that nothing declares, or that are declared twice or otherwise than before.

return {
  E010 = {
    title = "unknown category",
    text = [[
No category of this name is declared. Categories stand in rules/schema.lua.]],
    wrong = [[
product "travel_card" {
  name = "Travel Card",
  category = "credits", -- E010
  min_income = 45000,
}]],
    right = [[
product "travel_card" {
  name = "Travel Card",
  category = "credit",
  min_income = 45000,
}]],
  },

  E011 = {
    title = "unknown product",
    text = [[
No product of this id is declared, in any file. Rules name products by their id, not by the name that customers read.]],
    wrong = [[
segment "young" {
  when = { age = below(30) },
  boost = {
    saving_account = 5, -- E011
  },
}]],
    right = [[
segment "young" {
  when = { age = below(30) },
  boost = {
    savings_account = 5,
  },
}]],
  },

  E012 = {
    title = "unknown attribute",
    text = [[
The customer record has no such field. Fields are declared in rules/schema.lua; behind min_, max_ and ideal_ stands the
name of one, and between the braces of a message as well.]],
    wrong = [[
product "travel_card" {
  name = "Travel Card", category = "credit",
  min_incme = 45000, -- E012
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit",
  min_income = 45000,
}]],
  },

  E013 = {
    title = "unknown segment",
    text = [[
No segment of this id is declared, in any file.]],
    wrong = [[
adjust "welcome" {
  category = "savings", points = 5,
  when = in_segment("afluent"), -- E013
}]],
    right = [[
adjust "welcome" {
  category = "savings", points = 5,
  when = in_segment("affluent"),
}]],
  },

  E014 = {
    title = "unknown tier",
    text = [[
No tier of this name is declared. Tiers stand in rules/policies.lua.]],
    wrong = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000, min_credit_score = 640,
  tier = "premum", -- E014
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000, min_credit_score = 640,
  tier = "premium",
}]],
  },

  E017 = {
    title = "unknown group",
    text = [[
limit speaks of a group that no product belongs to. Groups are not declared: they are what the products' group says.]],
    wrong = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000, group = "travel",
}
limit {
  group = { travels = 1 }, -- E017
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000, group = "travel",
}
limit {
  group = { travel = 1 },
}]],
  },

  E051 = {
    title = "declared twice",
    text = [[
Two declarations have the same id, or a threshold or limit is given twice for the same thing. The message says where the
first one stands; give the other an id of its own, or take it away.]],
    wrong = [[
product "travel_card" { name = "Travel Card", category = "credit", min_income = 45000 }
product "travel_card" { name = "Travel Card Plus", category = "credit", min_income = 60000 } -- E051]],
    right = [[
product "travel_card" { name = "Travel Card", category = "credit", min_income = 45000 }
product "travel_card_plus" { name = "Travel Card Plus", category = "credit", min_income = 60000 }]],
  },

  E054 = {
    title = "the type of a filled attribute was changed",
    text = [[
Customers are stored with values of the former type, which cannot be read as the new one. Declare an attribute of
another name, and leave the old one until nothing needs it.]],
    before = [[
attribute "household" { type = "integer", optional = true }]],
    wrong = [[
attribute "household" { type = "text", optional = true } -- E054]],
    right = [[
attribute "household" { type = "integer", optional = true }
attribute "household_kind" { type = "text", optional = true }]],
  },

  E055 = {
    title = "a second product set",
    text = [[
What a customer owns is one attribute, and one is declared already.]],
    wrong = [[
attribute "cards" { type = "product_set", optional = true } -- E055]],
    right = [[
attribute "cards" { type = "integer", optional = true }]],
  },
}
