-- catalog: what a ruleset holds, as the JSON objects that the service and the command line show: this file orders
-- the members, their meaning is that of the module. Member names are those of the rule language. Knows no request.

local json = require "offerengine.json"

local catalog = {}

-- min_income, max_age, ideal_income ... in the order of the schema's attributes.
local function add_bounds(object, values, attributes, prefixes)
  for _, attribute in ipairs(attributes) do
    for _, prefix in ipairs(prefixes) do
      local name = prefix .. "_" .. attribute.name
      json.add(object, name, values[name])
    end
  end
  return object
end

-- A condition without the brackets around the whole of it.
local function plain(condition)
  local inner = condition and condition:match("^%b()$")
  return inner and inner:sub(2, -2) or condition
end

local function show_gate(gate)
  return json.object("name", gate.name, "condition", plain(gate.condition), "file", gate.file, "line", gate.line)
end

local function show_each(items, show)
  local shown = {}
  for i, item in ipairs(items or {}) do
    shown[i] = show(item)
  end
  return json.list(shown)
end

local LIMITS, MINIMA, IDEALS = { "min", "max" }, { "min" }, { "ideal" }

function catalog.product(product, attributes)
  local shown = json.object("id", product.id, "name", product.name, "category", product.category,
    "tier", product.tier, "group", product.group)
  add_bounds(shown, product, attributes, LIMITS)
  add_bounds(shown, product, attributes, IDEALS)
  json.add(shown, "reason", product.reason)
  json.add(shown, "message", product.message)
  json.add(shown, "declared", add_bounds(json.object(), product.declared, attributes, MINIMA))
  json.add(shown, "gates", show_each(product.gates, show_gate))
  json.add(shown, "after", json.list(product.after or {}))
  json.add(shown, "not_with", json.list(product.not_with or {}))
  for _, name in ipairs { "threshold", "value", "lever", "from", "until", "off", "file", "line" } do
    json.add(shown, name, product[name])
  end
  return shown
end

-- `category` leaves out the products of others.
function catalog.products(ruleset, category)
  local attributes, shown = ruleset:attributes(), {}
  for _, product in ipairs(ruleset:products()) do
    if not category or product.category == category then
      shown[#shown + 1] = catalog.product(product, attributes)
    end
  end
  return json.object("products", json.list(shown), "total", #shown)
end

local function show_boost(boost)
  return json.object("product", boost.product, "category", boost.category, "points", boost.points)
end

local function show_segment(segment)
  return json.object("id", segment.id, "name", segment.name, "condition", plain(segment.condition),
    "boosts", show_each(segment.boosts, show_boost), "file", segment.file, "line", segment.line)
end

function catalog.segments(ruleset)
  local segments = show_each(ruleset:segments(), show_segment)
  return json.object("segments", segments, "total", #segments)
end

local function show_dimension(dimension)
  return json.object("name", dimension.name, "attribute", dimension.attribute, "weight", dimension.weight,
    "ideal", dimension.ideal, "every", dimension.every, "file", dimension.file, "line", dimension.line)
end

local function show_category(category)
  return json.object("id", category.id, "name", category.name, "regulated", category.regulated,
    "file", category.file, "line", category.line)
end

local STEPS = { integer = 1, number = 0.01, money = 0.01 }

local function step_of(attribute)
  return STEPS[attribute.type] and (attribute.step > 0 and attribute.step or STEPS[attribute.type])
end

local function show_attribute(attribute)
  return json.object("name", attribute.name, "type", attribute.type, "unit", attribute.unit,
    "label", attribute.label, "minimum", attribute.minimum, "maximum", attribute.maximum, "step", step_of(attribute),
    "optional", attribute.optional, "nullable", attribute.nullable, "protected", attribute.protected,
    "immutable", attribute.immutable, "derived", attribute.derived, "file", attribute.file, "line", attribute.line)
end

local function show_rule(rule)
  return json.object("id", rule.id, "kind", rule.kind, "points", rule.points, "reason", rule.reason,
    "categories", json.list(rule.categories or {}), "products", json.list(rule.products or {}),
    "condition", plain(rule.condition), "unknown_excludes", rule.unknown_excludes, "from", rule.from,
    "until", rule["until"], "file", rule.file, "line", rule.line)
end

local function show_ladder(ladder)
  return json.object("id", ladder.id, "steps", json.list(ladder.steps), "file", ladder.file, "line", ladder.line)
end

local function files_of(lists)
  local files, seen = {}, {}
  for _, list in ipairs(lists) do
    for _, item in ipairs(list) do
      if item.file and not seen[item.file] then
        seen[item.file] = true
        files[#files + 1] = item.file
      end
    end
  end
  table.sort(files)
  return json.list(files)
end

local function thresholds_of(products)
  local shown = json.object()
  for _, product in ipairs(products) do
    json.add(shown, product.id, product.threshold)
  end
  return shown
end

-- Everything about the rules that is not a product or a segment. last_load and findings are JSON texts.
function catalog.rules(ruleset, generation, last_load, findings)
  local attributes, categories, products = ruleset:attributes(), ruleset:categories(), ruleset:products()
  local dimensions, rules, ladders = ruleset:dimensions(), ruleset:rules(), ruleset:ladders()
  return json.object("ruleset", ruleset:hash(), "meaning", ruleset:meaning(), "generation", generation,
    "files", files_of { attributes, categories, products, ruleset:segments(), dimensions, rules, ladders },
    "attributes", show_each(attributes, show_attribute), "categories", show_each(categories, show_category),
    "dimensions", show_each(dimensions, show_dimension), "thresholds", thresholds_of(products),
    "rules", show_each(rules, show_rule), "ladders", show_each(ladders, show_ladder), "last_load", json.raw(last_load),
    "findings", json.raw(findings))
end

return catalog
