-- templates: the texts of new rules and of their tests, with the attributes and numbers of the bank's own schema.

local format = require "offerengine.format"

local templates = {}

local NUMBERS = { number = true, integer = true, money = true }

-- From my_card: My Card.
function templates.title(name)
  return (name:gsub("_", " "):gsub("%f[%w]%l", string.upper))
end

local function number(value)
  return ("%s"):format(math.tointeger(value) or value)
end

local function rounded(attribute, value)
  value = attribute.type == "integer" and math.floor(value) or value
  value = value >= 1000 and value // 1000 * 1000 or value
  return math.max(attribute.minimum or value, math.min(attribute.maximum or value, value))
end

-- Where an attribute's useful values begin and end: up to the ideal of its dimension, else over its range.
local function span_of(attribute, ideals)
  local low = attribute.minimum or 0
  local high = ideals[attribute.name] or attribute.maximum or low + 100
  return low, high > low and high or low + 100
end

-- A value that lies `share` of the way up.
local function value_at(attribute, ideals, share)
  local low, high = span_of(attribute, ideals)
  return rounded(attribute, low + share * (high - low))
end

local function facts_of(ruleset)
  local ideals, attributes = {}, {}
  for _, dimension in ipairs(ruleset:dimensions()) do
    ideals[dimension.attribute] = dimension.ideal
  end
  for _, attribute in ipairs(ruleset:attributes()) do
    attributes[attribute.name] = attribute
  end
  return ideals, attributes
end

-- The first scored attribute by which anybody may be graded, and numbers for it: low, typical and ideal.
function templates.scored(ruleset)
  local ideals, attributes = facts_of(ruleset)
  for _, dimension in ipairs(ruleset:dimensions()) do
    local attribute = attributes[dimension.attribute]
    if attribute and NUMBERS[attribute.type] and not attribute.protected and not attribute.derived then
      return { name = attribute.name, label = attribute.label or attribute.name:gsub("_", " "),
        low = value_at(attribute, ideals, 0.3), ideal = value_at(attribute, ideals, 1) }
    end
  end
end

-- A customer who has everything that a record needs.
function templates.customer(ruleset)
  local ideals = facts_of(ruleset)
  local values = { customer_id = "TEST" }
  for _, attribute in ipairs(ruleset:attributes()) do
    if attribute.type == "product_set" then
      values[attribute.name] = {}
    elseif not attribute.optional and not attribute.derived then
      values[attribute.name] = attribute.type == "text" and "x" or attribute.type ~= "flag"
        and value_at(attribute, ideals, ideals[attribute.name] and 0.75 or 0.3)
    end
  end
  return values
end

local PRODUCT = [[
-- $NAME.lua: written by `offerengine new`; turn the numbers, take away what is not needed.

product "$NAME" {
  name     = "$TITLE",
  -- Categories: $CATEGORIES
  category = "$CATEGORY",
  -- Below min_ it is not offered; from there to ideal_ the points rise.
  min_$ATTRIBUTE = $LOW, ideal_$ATTRIBUTE = $IDEAL,
  -- A further condition: when = all { ... }; dates: from = "2026-01-01", until = "2026-12-31".
  reason   = "Fits your $LABEL",
}
]]

local SEGMENT = [[
-- $NAME.lua: written by `offerengine new`; turn the numbers, take away what is not needed.

segment "$NAME" {
  name  = "$TITLE",
  -- Who is in it. Also: at_most, above, below, between(1, 2), one_of { "a", "b" }, owns("product"), any { ... }.
  when  = { $ATTRIBUTE = at_least($LOW) },
  -- Points for a category or a product: category = { $CATEGORY = 5 }, product_id = 3.
  boost = { category = { $CATEGORY = 5 } },
}
]]

local RULE = [[
-- $NAME.lua: written by `offerengine new`; turn the numbers, take away what is not needed.
-- adjust gives or takes points. To refuse instead, write exclude and leave points out.

adjust "$NAME" {
  -- Categories: $CATEGORIES
  category = "$CATEGORY",
  when     = { $ATTRIBUTE = at_least($LOW) },
  points   = 5,
  reason   = "$TITLE",
}
]]

local TEXTS = { product = PRODUCT, segment = SEGMENT, rule = RULE }

-- A list for a comment, as a sentence; it ends in dots where it would be too long.
local function shortened(list)
  return #list <= 100 and list .. "." or list:sub(1, 100):match("^(.*,)") .. " ..."
end

-- The text of a new rule; `facts` are name, category, categories (a text) and scored.
function templates.rule(kind, facts)
  local scored = facts.scored
  local words = { NAME = facts.name, TITLE = templates.title(facts.name), CATEGORY = facts.category,
    CATEGORIES = shortened(facts.categories), ATTRIBUTE = scored.name, LABEL = scored.label, LOW = number(scored.low),
    IDEAL = number(scored.ideal) }
  return format.text((TEXTS[kind]:gsub("%$(%u+)", words)))
end

local function customer_text(ruleset, values)
  local entries = {}
  for _, attribute in ipairs(ruleset:attributes()) do
    local value = values[attribute.name]
    if value ~= nil then
      local shown = type(value) == "table" and "{}" or type(value) == "string" and ("%q"):format(value)
        or type(value) == "number" and number(value) or tostring(value)
      entries[#entries + 1] = ("%s = %s"):format(attribute.name, shown)
    end
  end
  return table.concat(entries, ", ")
end

-- The text of a test. `given`: name, title, customer, at, and expected, the text of one entry as in `offered = "a"`.
function templates.test(ruleset, given)
  return format.text(([[
-- %s.lua: what customers are to be told; `offerengine test` asks for it.

test "%s" {
  customer = { %s },
  at       = "%s",
  %s,
}
]]):format(given.name, given.title, customer_text(ruleset, given.customer), given.at, given.expected))
end

return templates
