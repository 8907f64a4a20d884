-- examples.lua: what the interface description shows. The customer is always one that the live schema takes, and the
-- answers are the live rules' own.

local json = require "offerengine.json"

local examples = {}

local GIVEN = {
  customer_id = "NEW001", age = 32, income = 85000, existing_products = { "savings_account", "debit_card" },
  credit_score = 710, avg_account_balance = 25000,
}

local function is_within(value, attribute)
  return value >= (attribute.minimum or value) and value <= (attribute.maximum or value)
end

-- A lawful value for an attribute that the example knows nothing of, or whose range it misses.
local function invent(attribute)
  if attribute.type == "text" then
    return "text"
  elseif attribute.type == "flag" then
    return true
  elseif attribute.type == "product_set" then
    return json.list {}
  end
  return attribute.minimum or attribute.maximum or 0
end

local IS_NUMBER = { number = true, integer = true, money = true }

local function value_of(attribute)
  local given = GIVEN[attribute.name]
  local fits
  if IS_NUMBER[attribute.type] then
    fits = type(given) == "number" and is_within(given, attribute)
  elseif attribute.type == "product_set" then
    fits = type(given) == "table"
  end
  return fits and given or invent(attribute)
end

-- The required members, in the order of the schema, as a table and as JSON.
function examples.customer(attributes)
  local values, shown = { customer_id = GIVEN.customer_id }, json.object("customer_id", GIVEN.customer_id)
  for _, attribute in ipairs(attributes) do
    if not attribute.optional then
      values[attribute.name] = value_of(attribute)
      json.add(shown, attribute.name, values[attribute.name])
    end
  end
  return values, shown
end

-- Changes one required number of a customer, or nothing.
function examples.patch(attributes)
  local values = examples.customer(attributes)
  for _, attribute in ipairs(attributes) do
    if attribute.type == "money" and not attribute.optional then
      return json.object(attribute.name, values[attribute.name])
    end
  end
  return json.object()
end

-- What the rules offer this customer on a fixed day, so that the description does not change by the hour.
function examples.recommendations(ruleset, values)
  return json.raw(assert(ruleset:decide_json(values, { at = "2026-01-01" })))
end

function examples.explanation(ruleset, values)
  return json.raw(assert(ruleset:explain_json(values, { at = "2026-01-01" })))
end

return examples
