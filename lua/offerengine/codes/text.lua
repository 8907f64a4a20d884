-- text.lua: codes of how rules are written: words, keys, types, and what ends the reading of a file.

return {
  E001 = {
    title = "the text is no rule",
    text = [[
The line cannot be read. Most often a comma, a quote or a brace is missing, in this line or in the one before.]],
    wrong = [[
product "travel_card" {
  name = "Travel Card"
  category = "credit", -- E001: the comma is missing in the line before
  min_income = 45000,
}]],
    right = [[
product "travel_card" {
  name = "Travel Card",
  category = "credit",
  min_income = 45000,
}]],
  },

  E002 = {
    title = "unknown word",
    text = [[
The rule language has no such word. rules/README.md lists the words.]],
    wrong = [[
prodct "travel_card" { -- E002
  name = "Travel Card", category = "credit", min_income = 45000,
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
}]],
  },

  E003 = {
    title = "unknown key",
    text = [[
The declaration has no such key. The message lists those that it has. In a list, a key means that a name stands where
only values may stand.]],
    wrong = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  resaon = "Your income suits a card for the road", -- E003
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  reason = "Your income suits a card for the road",
}]],
  },

  E004 = {
    title = "a value of the wrong kind",
    text = [[
A number is needed where a text stands, or the other way round. Texts stand in quotes, numbers, true and false do not;
lists and further keys stand in braces.]],
    wrong = [[
product "travel_card" {
  name = "Travel Card", category = "credit",
  min_income = "45000", -- E004: a text
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit",
  min_income = 45000,
}]],
  },

  E005 = {
    title = "too few or too many values",
    text = [[
A word with round brackets takes a fixed number of values, and a declaration one id and one table.]],
    wrong = [[
segment "young" {
  when = { age = between(22) }, -- E005: from 22 to what?
}]],
    right = [[
segment "young" {
  when = { age = between(22, 30) },
}]],
  },

  E006 = {
    title = "something is missing",
    text = [[
The declaration needs a key that is not there, or its table is missing. A product needs name and category, a segment
and an exclude need when, an adjust needs points, a dimension of scoring needs weight, an attribute needs type,
a ladder needs steps.]],
    wrong = [[
product "travel_card" { -- E006: no category
  name = "Travel Card", min_income = 45000,
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
}]],
  },

  E007 = {
    title = "no such date",
    text = [[
Dates are written year-month-day, with leading zeros: "2026-03-01"; with a time of day "2026-03-01T10:00". A date that
the calendar does not have is refused, so that no offer stays open for ever by a slip.]],
    wrong = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  until = "2026-02-30", -- E007
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
  until = "2026-02-28",
}]],
  },

  E008 = {
    title = "a value that is not allowed",
    text = [[
The value is of the right kind, but it makes no sense here: out of its range, an empty list, a maximum below its
minimum, a text that is none of the few that are allowed. The message says what is.]],
    wrong = [[
adjust "welcome" {
  category = "savings",
  points = 500, -- E008: the whole scale has 100
}]],
    right = [[
adjust "welcome" {
  category = "savings",
  points = 5,
}]],
  },

  E009 = {
    title = "a word in the wrong place",
    text = [[
The word exists but does not belong here: a test without an attribute, a test of an attribute where a list of conditions
is meant, a key that the attribute's type has no use for, settings behind the first date.]],
    wrong = [[
segment "well_off" {
  when = at_least(100000), -- E009: what must be at least 100000?
}]],
    right = [[
segment "well_off" {
  when = { income = at_least(100000) },
}]],
  },

  E020 = {
    title = "a name without local",
    text = [[
Rules share no names of their own. A value that several lines of a file need is given a name by local.]],
    wrong = [[
grown_up = 18 -- E020
product "travel_card" { name = "Travel Card", category = "credit", min_income = 45000, min_age = grown_up }]],
    right = [[
local grown_up = 18
product "travel_card" { name = "Travel Card", category = "credit", min_income = 45000, min_age = grown_up }]],
  },

  E021 = {
    title = "the operator ^",
    text = [[
Raising to a power gives results that differ between machines in the last digit. Multiply instead.]],
    wrong = [[
product "travel_card" {
  name = "Travel Card", category = "credit",
  min_income = 10 ^ 5, -- E021
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit",
  min_income = 100000,
}]],
  },

  E022 = {
    title = "a function where a value is needed",
    text = [[
Here the rules need a plain value, which can be read, listed and compared; a function cannot. Functions are taken as
conditions (when, requires), as curves and as messages. Ids, names, numbers, dates and reasons are plain values.]],
    wrong = [[
product "travel_card" {
  name = function() return "Travel Card" end, -- E022
  category = "credit", min_income = 45000,
}]],
    right = [[
product "travel_card" {
  name = "Travel Card",
  category = "credit", min_income = 45000,
}]],
  },

  E023 = {
    title = "a file that cannot be taken",
    text = [[
Rule files are regular files below the rules folder, at most 64 KiB each, saved as UTF-8, and there is at least one.
Most often the editor saved the file in another encoding: the bytes in angle brackets are no UTF-8.]],
    wrong = 'product "travel_card" {\n  name = "Cr\xE9dit Voyage", category = "credit", min_income = 45000,\n}',
    right = 'product "travel_card" {\n  name = "Cr\xC3\xA9dit Voyage", category = "credit", min_income = 45000,\n}',
  },

  E024 = {
    title = "a file or function that runs too long",
    text = [[
Rule files are read once, from top to bottom, and that takes less than a thousandth of a second. This one was ended
after 2 million steps or 25 ms, with some more for each line that it has: most often a loop never comes to its end.
A function has 20 ms for a customer.]],
    wrong = [[
local age = 18
while age < 100 do -- E024: age stays 18
end]],
    right = [[
local age = 18
while age < 100 do
  age = age + 1
end]],
  },

  E025 = {
    title = "a file that needs too much memory",
    text = [[
The rules may use 8 MiB while they are read, and one text 128 KiB. This file was ended: most often a loop makes a table
or a text longer and longer. The whole file is refused.]],
    wrong = [[
local text = "income"
while true do
  text = text .. text
end]],
    right = [[
local text = "income"
text = text .. text]],
  },

  E026 = {
    title = "the file's own code failed",
    text = [[
The file calculates, and the calculation went wrong: most often a name stands for nothing because it is misspelt.]],
    wrong = [[
local limits = { low = 20000 }
product "travel_card" {
  name = "Travel Card", category = "credit",
  min_income = limits.lo + 5000, -- E026: there is no limits.lo
}]],
    right = [[
local limits = { low = 20000 }
product "travel_card" {
  name = "Travel Card", category = "credit",
  min_income = limits.low + 5000,
}]],
  },

  E027 = {
    title = "no lawful id",
    text = [[
Ids are 1 to 64 letters, digits and underscores, a letter first; ids of products may have dots and dashes as well. What
customers read is the name, which may be any text.]],
    wrong = [[
product "travel card" { -- E027: a space
  name = "Travel Card", category = "credit", min_income = 45000,
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit", min_income = 45000,
}]],
  },

  E029 = {
    title = "a key twice in one table",
    text = [[
Only one of the two values can hold. Take one away.]],
    wrong = [[
product "travel_card" {
  name = "Travel Card", category = "credit",
  min_income = 45000,
  min_income = 60000, -- E029
}]],
    right = [[
product "travel_card" {
  name = "Travel Card", category = "credit",
  min_income = 60000,
}]],
  },

  E030 = {
    title = "a function that writes to what is not its own",
    text = [[
A function in a rule looks at one customer and answers. What it assigns outside of itself (to its argument, to a
global, to a variable of the file) would change the answers of others. Use local variables inside the function.]],
    wrong = [[
segment "spenders" {
  when = function(c)
    c.income = 0 -- E030
    return true
  end,
}]],
    right = [[
segment "spenders" {
  when = function(c)
    local yearly = 12 * (c.monthly_spend or 0)
    return c.income and yearly > c.income / 2
  end,
}]],
  },
  E031 = {
    title = "a file that cannot be included",
    text = [[
include takes the path of a rule file, counted from the rules folder, and gives what that file returns at its end.
There is no such file, or it includes the one that wants to include it.]],
    wrong = [[
local limits = include "products/limits.lua" -- E031]],
    right = [[
local nothing = include "products/credit.lua" -- that file ends without return]],
  },
}
