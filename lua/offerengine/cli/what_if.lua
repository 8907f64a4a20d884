-- what_if: a profile with other values, as --what-if gives them, and what differs between two explanations.

local bars = require "offerengine.cli.bars"
local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"

local what_if = {}

local NUMBERS = { integer = true, number = true, money = true }

local function wrong(name, message)
  failure.usage(("option '--what-if': %s: %s"):format(name, message))
end

local function find_attribute(ruleset, name)
  local names = {}
  for i, attribute in ipairs(ruleset:attributes()) do
    if attribute.name == name then
      return not attribute.derived and attribute or wrong(name, "is worked out by the rules; change what it is made of")
    end
    names[i] = attribute.name
  end
  local near = core.suggest(name, names)
  failure.usage(("option '--what-if': unknown attribute '%s'"):format(name)
    .. (near and ("; did you mean '%s'?"):format(near) or "; there are " .. table.concat(names, ", ")))
end

local function split_list(text)
  local list = {}
  for item in text:gmatch("[^,]+") do
    list[#list + 1] = item:match("^%s*(.-)%s*$")
  end
  return list
end

-- The value of an attribute that a text means; an empty one is not on file.
local function read_value(attribute, text)
  if attribute.type == "product_set" then
    return split_list(text)
  elseif text == "" then
    return core.null
  elseif attribute.type == "flag" then
    if text ~= "true" and text ~= "false" then
      wrong(attribute.name, "must be true or false")
    end
    return text == "true"
  elseif not NUMBERS[attribute.type] then
    return text
  end
  local number = tonumber((text:gsub("_", "")))
  return number or wrong(attribute.name, "must be a number, or nothing where it is not on file")
end

-- The words of --what-if as values by name; ends the command when one is wrong.
function what_if.read(ruleset, words)
  local values, order = {}, {}
  for _, word in ipairs(words) do
    local name, text = word:match("^([%w_]+)%s*=%s*(.-)%s*$")
    if not name then
      failure.usage("option '--what-if': must be NAME=VALUE, for example income=90000")
    end
    order[#order + 1] = values[name] == nil and name or nil
    values[name] = read_value(find_attribute(ruleset, name), text)
  end
  return values, order
end

-- The profile with these values; faults end the command.
function what_if.apply(ruleset, profile, values)
  local changed = profile:table()
  for name, value in pairs(values) do
    changed[name] = value
  end
  local made, message, code = ruleset:profile(changed)
  if not made then
    failure.stop("option '--what-if': " .. message, code == "invalid" and failure.USAGE or code)
  end
  return made
end

local function by_id(products)
  local found = {}
  for _, product in ipairs(products) do
    found[product.product_id] = product
  end
  return found
end

local function place_of(product)
  return product.outcome == "offered" and (product.fallback and "offered as fallback" or "offered")
    or "no: " .. product.outcome:gsub("_", " ")
end

local function points_of(product)
  return product.confidence_score and bars.tenths(product.confidence_score) or ""
end

-- Every product before and after, those that differ marked.
function what_if.text(before, after)
  local rows, differ = {}, 0
  local then_of = by_id(after.products)
  for i, product in ipairs(before.products) do
    local other = then_of[product.product_id]
    local a, b = place_of(product), place_of(other)
    local is_other = a ~= b
    differ = differ + (is_other and 1 or 0)
    rows[i] = { is_other and "*" or "", product.product_name, a, points_of(product), b, points_of(other) }
  end
  return bars.table({ "", "product", "now", "conf.", "then", "conf." }, rows)
    .. ("%d of %d products are offered or refused otherwise (*)\n"):format(differ, #rows)
end

return what_if
