-- product.lua: the word product. Keys are the fixed ones and min_, max_, ideal_ with an attribute's name.
-- Runs in the rule VM.
-- luacheck: read globals use builder

local sandbox = use "offerengine.language.sandbox"
local report = use "offerengine.language.report"
local check = use "offerengine.language.check"
local declare = use "offerengine.language.declare"
local schema = use "offerengine.language.schema"
local condition = use "offerengine.language.condition"
local curve = use "offerengine.language.curve"
local functions = use "offerengine.language.functions"

local PREFIXES = { "min_", "max_", "ideal_" }
local PRODUCT_ID = "^[%a_][%w_.-]*$"

local function business_weight(value, at, what)
  local number = check.number(value, at, what)
  if number and number <= 0 then
    report.error("value", at.line, "%s must be a number above 0, not %s", what, report.show(number))
    return nil
  end
  return number
end

local function read_name(value, at, what)
  return check.id(value, at, what)
end

local function read_curves(value, at, what)
  local curves = {}
  if not check.table(value, at, what, "; write { income = ramp(0, 75000) }") then
    return curves
  end
  for _, attribute in ipairs(check.ordered_keys(value, at)) do
    local inside = check.inside(at, attribute)
    if type(attribute) ~= "string" then
      report.error("unknown_key", inside.line, "%s: item %s has no attribute", what, report.show(attribute))
    else
      local shape = curve.read(value[attribute], inside, attribute .. " in " .. what)
      if shape.own then
        shape.own.attribute = attribute
      end
      curves[#curves + 1] = { attribute = attribute, line = inside.line, kind = shape.kind, x = shape.x,
        y = shape.y, ["function"] = shape["function"], digest = shape.digest }
    end
  end
  return curves
end

local READERS = {
  name = check.text,
  category = read_name,
  tier = read_name,
  reason = check.text,
  message = function(value, at, what)
    if type(value) == "function" then
      return not functions.is_word(value, at, what) and value or nil
    end
    return check.text(value, at, what)
  end,
  group = read_name,
  off = check.flag,
  curve = read_curves,
  after = check.texts,
  not_with = check.texts,
  from = schema.from,
  ["until"] = schema.until_end,
  value = business_weight,
  lever = business_weight,
  requires = function(value, at, what)
    local gates = {}
    if type(value) == "function" then
      local built = condition.build(value, at, what)
      return built and { { name = "requires", condition = built, line = at.line } } or gates
    end
    condition.requires(value, at, what, gates)
    return gates
  end,
  when = function(value, at, what)
    local built = condition.build(value, at, what)
    return built and { name = "when", condition = built, line = at.line }
  end,
}
local KEYS = sandbox.sorted_keys(READERS)
local SHOWN = table.move(KEYS, 1, #KEYS, 1, {})
for _, prefix in ipairs(PREFIXES) do
  SHOWN[#SHOWN + 1] = prefix .. "<attribute>"
end

local function prefix_of(key)
  for _, prefix in ipairs(PREFIXES) do
    if #key > #prefix and string.sub(key, 1, #prefix) == prefix then
      return prefix, string.sub(key, #prefix + 1)
    end
  end
end

-- min_income = 75000 and the like into values.bounds or values.ideals. A wrong minimum counts as 0, so that it is
-- not reported as missing as well.
local function read_number_key(values, prefix, attribute, value, at)
  local number = check.number(value, at.inside, string.format("%s%s of %s", prefix, attribute, at.subject))
  if prefix == "ideal_" then
    values.ideals[#values.ideals + 1] = number and { attribute = attribute, value = number, line = at.inside.line }
    return
  end
  values.bounds[#values.bounds + 1] = { attribute = attribute, line = at.inside.line,
    low = prefix == "min_" and (number or 0) or nil, high = prefix == "max_" and number or nil }
end

local function read_keys(list, at, subject)
  local values = { bounds = {}, ideals = {} }
  for _, key in ipairs(check.ordered_keys(list, at)) do
    local inside = check.inside(at, key)
    if type(key) ~= "string" then
      if not check.is_poison(list[key]) then
        report.error("unknown_key", inside.line, "%s: item %s has no key; write key = value", subject,
          report.show(key))
      end
    elseif READERS[key] then
      values[key] = READERS[key](list[key], inside, string.format("%s of %s", key, subject))
    else
      local prefix, attribute = prefix_of(key)
      if prefix then
        read_number_key(values, prefix, attribute, list[key], { inside = inside, subject = subject })
      else
        local words = schema.prefixed(PREFIXES)
        table.move(KEYS, 1, #KEYS, #words + 1, words)
        report.add("error", "unknown_key", inside.line, string.format("unknown key %s in %s; allowed: %s",
          report.show(key), subject, table.concat(SHOWN, ", ")), builder.suggest(key, words))
      end
    end
  end
  return values
end

local function check_bounds(bounds, subject)
  local low = {}
  for _, bound in ipairs(bounds) do
    low[bound.attribute] = bound.low or low[bound.attribute]
  end
  for _, bound in ipairs(bounds) do
    if bound.high and low[bound.attribute] and low[bound.attribute] > bound.high then
      report.error("value", bound.line, "max_%s of %s lies below its minimum", bound.attribute, subject)
    end
  end
end

local function gates_of(values)
  local gates = values.requires or {}
  gates[#gates + 1] = values.when or nil
  return gates
end

declare.word("product", function(id, list, at, subject)
  if id == "category" then
    report.error("id", at.line, "%s: category is a key of boost and cannot be a product", subject)
  end
  local values = read_keys(list, at, subject)
  for _, key in ipairs { "name", "category" } do
    if list[key] == nil then
      report.error("missing", at.line, "%s has no %s", subject, key)
    end
  end
  check_bounds(values.bounds, subject)
  schema.check_window(values, at, subject)
  declare.note_places({ "category", "tier", "after", "not_with" }, values, at)
  local message_at = check.inside(at, "message")
  if type(values.message) == "function" then
    functions.message(values.message, message_at, id)
    values.message = nil
  end
  -- Any category will do when it is missing: then references to the product are not reported as well.
  values.category = values.category or schema.first_category
  if values.category == nil then
    return
  end
  builder.product { id = id, name = values.name, category = values.category, tier = values.tier,
    reason = values.reason, reason_line = check.inside(at, "reason").line,
    message = values.message, message_line = message_at.line,
    group = values.group, off = values.off, value = values.value, lever = values.lever,
    from_ms = values.from, until_ms = values["until"], bounds = values.bounds, ideals = values.ideals,
    curves = values.curve, gates = gates_of(values), after = values.after, not_with = values.not_with,
    keys = check.lines(list, at), line = at.line }
end, PRODUCT_ID)
