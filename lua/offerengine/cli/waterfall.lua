-- waterfall: an explanation as a person reads it: what gave points and what took them, what refused, what would
-- change it, each with the rule's place.

local bars = require "offerengine.cli.bars"

local waterfall = {}

local BAR = 25 -- signs for 100 points

local function shown(value)
  if type(value) ~= "number" then
    return tostring(value)
  end
  return math.tointeger(value) and ("%d"):format(value) or ("%.14g"):format(value)
end

local function words(name)
  return (name:gsub("_", " "))
end

-- Labels and units of the schema by attribute.
local function attribute_texts(ruleset)
  local texts = {}
  for _, attribute in ipairs(ruleset:attributes()) do
    texts[attribute.name] = { label = attribute.label or words(attribute.name), unit = attribute.unit }
  end
  return texts
end

local function place(folder, item)
  if not item.file then
    return nil
  end
  return folder:gsub("/+$", "") .. "/" .. item.file .. (item.line and ":" .. item.line or "")
end

local function signed(points)
  return ("%+.1f"):format(points)
end

-- Where the number stands that a contribution is measured by: the product's own, else that of the dimension.
local function origin(given, declared, dimensions, folder)
  local called = place(folder, given)
  if called then
    return (given.failed and "function that failed at " or "function at ") .. called
  end
  local lines = declared and declared.lines or {}
  for _, key in ipairs { "curve_", "ideal_", "min_" } do
    local line = lines[key .. given.attribute]
    if line and line > 0 then
      return place(folder, { file = declared.file, line = line })
    end
  end
  return dimensions[given.dimension] and place(folder, dimensions[given.dimension])
end

local function contribution(given, texts, where)
  local label = texts[given.attribute] and texts[given.attribute].label or words(given.dimension)
  local what = given.not_on_file and label .. ", not on file" or ("%s %s"):format(label, shown(given.value))
  return { what, signed(given.points), bars.bar(given.points, 100, BAR), where }
end

local function adjustment(given, folder)
  local sign = given.points < 0 and "-" or "#"
  return { given.reason and ("%s (%s)"):format(given.reason, given.rule) or words(given.rule), signed(given.points),
    bars.bar(math.abs(given.points), 100, BAR):gsub("#", sign), place(folder, given) }
end

-- Contributions and adjustments with what they come to.
local function points(product, about)
  local rows, folder = {}, about.folder
  local declared = about.ruleset:product(product.product_id)
  for _, given in ipairs(product.contributions) do
    rows[#rows + 1] = contribution(given, about.texts, origin(given, declared, about.dimensions, folder))
  end
  for _, given in ipairs(product.adjustments) do
    rows[#rows + 1] = adjustment(given, folder)
  end
  if product.clamped then
    rows[#rows + 1] = { "held within 0 to 100", signed(-product.clamped), "" }
  end
  if product.confidence_score then
    local over = product.confidence_score > product.threshold and "above" or "not above"
    local confidence = product.confidence_score
    rows[#rows + 1] = { "confidence", bars.tenths(confidence), bars.bar(confidence, 100, BAR),
      ("%s the threshold of %s"):format(over, bars.tenths(product.threshold)) }
  end
  return #rows > 0 and bars.table(nil, rows):gsub("\n  ", "\n    "):gsub("^  ", "    ") or ""
end

local function amount(value, attribute, texts)
  local unit = texts[attribute] and texts[attribute].unit
  if unit and math.abs(value) == 1 then
    unit = unit:gsub("^(%a+)s$", "%1") -- 1 year
  end
  return shown(value) .. (unit and " " .. unit or "")
end

-- "capped until 2026-12-03: at most 3 in 30 days: by credit_card"
local function contacted(what, failure)
  local day, time = (failure["until"] or ""):match("^([%d-]+)T(%d%d:%d%d)")
  local ending = day and (" until %s%s"):format(day, time == "00:00" and "" or " " .. time .. " UTC") or ""
  return what .. ending .. (failure.text and ": " .. failure.text or "")
    .. (failure.outranked_by and ": the last one went to " .. failure.outranked_by or "")
end

local FAILURES = {
  below_minimum = function(failure, label, texts)
    return ("%s is %s, needed is %s: %s short"):format(label, shown(failure.actual), shown(failure.needed),
      amount(failure.gap, failure.attribute, texts))
  end,
  above_maximum = function(failure, label, texts)
    return ("%s is %s, allowed is %s: %s over"):format(label, shown(failure.actual), shown(failure.needed),
      amount(math.abs(failure.gap), failure.attribute, texts))
  end,
  not_on_file = function(failure, label)
    return label .. " is not on file" .. (failure.needed and ", needed is " .. shown(failure.needed) or "")
  end,
  already_owned = function() return "owned already" end,
  capped = function(failure) return contacted("capped", failure) end,
  cooling_down = function(failure) return contacted("cooling down", failure) end,
  quiet = function(failure) return contacted("quiet", failure) end,
  opted_out = function() return "the customer opted out" end,
  below_threshold = function(failure)
    return ("confidence %s is not above the threshold of %s"):format(bars.tenths(failure.actual),
      bars.tenths(failure.needed))
  end,
}

local function failure_line(failure, product, texts, folder)
  local label = failure.attribute and (texts[failure.attribute] or {}).label
  local write = FAILURES[failure.code]
  local needs_values = failure.code == "below_minimum" or failure.code == "above_maximum"
    or failure.code == "below_threshold"
  local text
  if write and not (needs_values and not (failure.actual and failure.needed)) then
    text = write(failure, label or "", texts)
  else
    text = words(failure.code) .. (failure.text and ": " .. failure.text or "")
      .. (failure.product and ": " .. failure.product or failure.outranked_by and ": by " .. failure.outranked_by or "")
  end
  local where = place(folder, failure)
  local rule = failure.rule and failure.rule ~= product and (" (%s)"):format(failure.rule) or ""
  return ("    x %s%s%s\n"):format(text, rule, where and "  " .. where or "")
end

local CAUSES = {
  ownership = "what the customer owns, or does not own, stands in the way",
  immutable = "an attribute that nobody can change stands in the way",
  exclusion = "a rule excludes this customer",
  condition = "a condition that cannot be turned into a single value stands in the way",
  date = "not on this day",
  switched_off = "the product is switched off",
  other_category = "another category was asked for",
  selection = "past its gates and threshold, other offers would still take its place",
  contact_policy = "how often or when customers may be contacted stands in the way",
  score = "no single change makes the score high enough",
  conflict = "the changes would contradict each other",
}

local function change_line(change, texts)
  if not change then
    return ""
  elseif not change.possible then
    return ("    > no smallest change: %s\n"):format(CAUSES[change.cause] or words(change.cause or "unknown"))
  end
  local parts = {}
  for i, part in ipairs(change.changes) do
    local label = (texts[part.attribute] or {}).label or words(part.attribute)
    parts[i] = ("%s %s -> %s"):format(label, part.from == nil and "not on file" or shown(part.from), shown(part.to))
  end
  return ("    > would be offered with %s\n"):format(table.concat(parts, " and "))
end

local function head(product, declared, folder)
  local where = declared and place(folder, declared)
  local outcome = product.outcome == "offered" and "offered" or ("not offered, %s"):format(words(product.outcome))
  return ("\n%s: %s (%s, %s)%s\n"):format(outcome, product.product_name, product.product_id,
    product.category, where and "  " .. where or "")
end

-- The checks of the product itself that the values pass, each with its place.
local function passed_lines(product, declared, about)
  local lines, failed = {}, {}
  for _, failure in ipairs(product.failures) do
    failed[("%s:%s:%s"):format(failure.file, failure.line, failure.attribute or "")] = true
    failed[("%s:%s"):format(failure.file, failure.line)] = true
  end
  local function add(text, line, key)
    if line and not failed[key] then
      lines[#lines + 1] = ("    ok %s  %s\n"):format(text, place(about.folder, { file = declared.file, line = line }))
    end
  end
  for _, attribute in ipairs(about.ruleset:attributes()) do
    for _, side in ipairs { { "min_", "at least" }, { "max_", "at most" } } do
      local name = side[1] .. attribute.name
      local line = declared[name] and declared.lines[name]
      local value = about.values[attribute.name] -- none where it is derived
      add(("%s%s, %s %s"):format(about.texts[attribute.name].label, value and " " .. shown(value) or "", side[2],
        shown(declared[name])), line, ("%s:%s:%s"):format(declared.file, line, attribute.name))
    end
  end
  for _, gate in ipairs(declared.gates or {}) do
    add(("%s %s"):format(gate.name, gate.condition), gate.line, ("%s:%s"):format(declared.file, gate.line))
  end
  return table.concat(lines)
end

local function product_text(product, about)
  local texts, folder = about.texts, about.folder
  local declared = about.ruleset:product(product.product_id)
  local lines = { head(product, declared, folder), points(product, about) }
  if about.values then
    lines[#lines + 1] = passed_lines(product, declared, about)
  end
  for _, failure in ipairs(product.failures) do
    lines[#lines + 1] = failure_line(failure, product.product_id, texts, folder)
  end
  lines[#lines + 1] = change_line(product.smallest_change, texts)
  return table.concat(lines)
end

local function names(list)
  return #list > 0 and table.concat(list, ", ") or "none"
end

-- Offered products first, best first, then the others in the order of the rules.
local function ordered(products)
  local list = table.move(products, 1, #products, 1, {})
  local position = {}
  for i, product in ipairs(list) do
    position[product] = i
  end
  local function rank(product)
    return product.outcome == "offered" and (product.priority or product.confidence_score) or -1
  end
  table.sort(list, function(a, b)
    if rank(a) ~= rank(b) then
      return rank(a) > rank(b)
    end
    return position[a] < position[b]
  end)
  return list
end

local function ladder_line(position)
  return ("%s: step %d of %d%s\n"):format(position.ladder, position.step, position.of,
    position.step < position.of and ", next " .. position.next or "")
end

local function dimensions_of(ruleset)
  local found = {}
  for _, dimension in ipairs(ruleset:dimensions()) do
    found[dimension.name] = dimension
  end
  return found
end

-- `values`, when given: the profile as a table, to show the checks that it passes as well.
function waterfall.text(answer, ruleset, folder, values)
  local about = { ruleset = ruleset, folder = folder, values = values, texts = attribute_texts(ruleset),
    dimensions = dimensions_of(ruleset) }
  local parts = { ("%s, ruleset %s\nsegments: %s\nowns nothing in: %s\n"):format(answer.customer_id, answer.ruleset,
    names(answer.segments), names(answer.portfolio_gaps)) }
  for _, position in ipairs(answer.ladders or {}) do
    parts[#parts + 1] = ladder_line(position)
  end
  for _, one in ipairs(answer.experiments or {}) do
    parts[#parts + 1] = ("experiment %s: %s\n"):format(one.experiment, one.arm)
  end
  for _, product in ipairs(ordered(answer.products)) do
    parts[#parts + 1] = product_text(product, about)
  end
  return table.concat(parts)
end

return waterfall
