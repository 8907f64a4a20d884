-- activity: what was decided, offered and came of it, as reports. Made of counts that the store keeps up, so what they
-- cost hangs on days, rules, channels and products, not on how often anything happened.

local report = require "offerengine.cli.report"

local activity = {}

local DAY_MS = 86400000
local LAST_DAY = math.maxinteger
local ENOUGH = 30 -- offers that were shown; below, a rate says nothing
local Z = 1.959963984540054 -- of 95 %
local BITS = { day = 1, generation = 2, channel = 4, campaign = 8, product = 16 }

activity.NAMES = { "funnel", "conversion", "products" }
activity.BY = { "product", "category", "generation", "channel", "campaign", "day" }

activity.RATES_TITLE = ("accepted within these bounds 19 times of 20; no rates below %d shown:"):format(ENOUGH)

local TITLES = {
  funnel = "from decisions to what became of them",
  conversion = "how often offers are shown, accepted and converted",
  products = "what became of each product",
}

local STEPS = { "decided", "without_offer", "offered", "shown", "clicked", "accepted", "declined", "converted" }

local function date(day)
  return os.date("!%Y-%m-%d", day * (DAY_MS // 1000))
end

-- The bounds of 95 % of a rate by Wilson, in percent; nil where there is too little to say.
local function interval(part, whole)
  if whole < ENOUGH then
    return nil
  end
  local rate, shrink = part / whole, 1 + Z * Z / whole
  local middle = (rate + Z * Z / (2 * whole)) / shrink
  local half = Z * math.sqrt(rate * (1 - rate) / whole + Z * Z / (4 * whole * whole)) / shrink
  return 100 * math.max(0, middle - half), 100 * math.min(1, middle + half)
end

-- ---- Counts ----

local function categories_of(ruleset)
  local categories = {}
  for _, product in ipairs(ruleset:products()) do
    categories[product.id] = product.category
  end
  return categories
end

-- What a row is counted under; nil: a count of no product where products are asked for.
local function key_of(row, by, categories)
  if by == "category" then
    return row.product and (categories[row.product] or "")
  elseif by == "day" then
    return date(row.day)
  end
  return row[by]
end

-- Counts of nothing.
function activity.new_counts(key)
  local counts = { key = key }
  for _, step in ipairs(STEPS) do
    counts[step] = 0
  end
  return counts
end

-- The counts in the order of their keys, and by their keys. Without `by` there is one, "".
function activity.gather(rows, by, categories)
  local found, list = {}, {}
  for _, row in ipairs(rows) do
    local key = by == nil and "" or key_of(row, by, categories)
    if key and not found[key] then
      found[key] = activity.new_counts(key)
      list[#list + 1] = found[key]
    end
    if key then
      found[key][row.step] = found[key][row.step] + row.count
    end
  end
  table.sort(list, function(a, b) return a.key < b.key end)
  return list, found
end

local function apart_by(by)
  return { by == "category" and "product" or by }
end

-- The rows of the days that `given` bounds, kept apart by the list `apart` of keys of BITS; or nil, message, code.
function activity.read(source, apart, given)
  local until_day, bits = given.until_ms and given.until_ms // DAY_MS + 1 or LAST_DAY, 0
  for _, key in ipairs(apart) do
    bits = bits | BITS[key]
  end
  return source(bits, given.from_ms and given.from_ms // DAY_MS or 0, until_day)
end

-- ---- Tables ----

local function share(part, whole)
  return whole > 0 and 100 * part / whole or nil
end

local function show_percent(value)
  return value and ("%.1f %%"):format(value) or ""
end

local function funnel_table(counts)
  local rows = {}
  local function add(step, count, before)
    rows[#rows + 1] = { step = step, count = count, of_before = before and share(count, before) }
  end
  add("decided", counts.decided)
  add("with_offer", counts.decided - counts.without_offer, counts.decided)
  add("offered", counts.offered)
  add("shown", counts.shown, counts.offered)
  add("clicked", counts.clicked, counts.shown)
  add("accepted", counts.accepted, counts.shown)
  add("converted", counts.converted, counts.accepted)
  add("declined", counts.declined, counts.shown)
  return {
    name = "steps", rows = rows, title = "decisions, and below them offers:",
    columns = {
      { "step", "step", function(step) return (step:gsub("_", " ")) end },
      { "count", "count", report.number },
      report.bar("count", rows),
      { "of_before", "of those before", show_percent },
    },
  }
end

-- Columns of counts with rates, the first for `key`.
function activity.rate_columns(label, key, rows)
  return {
    { key, label },
    { "offered", "offered", report.number },
    report.bar("offered", rows),
    { "shown", "shown", report.number },
    { "clicked", "clicked", report.number },
    { "accepted", "accepted", report.number },
    { "declined", "declined", report.number },
    { "converted", "converted", report.number },
    { "accepted_pct", "accepted of shown", show_percent },
    { "accepted_low_pct", "at least", show_percent },
    { "accepted_high_pct", "at most", show_percent },
    { "converted_pct", "converted of shown", show_percent },
  }
end

-- Gives counts their rates, and their key the name `key`.
function activity.fill_rates(row, key)
  row[key] = row.key
  if row.shown >= ENOUGH then
    row.accepted_pct = share(row.accepted, row.shown)
    row.converted_pct = share(row.converted, row.shown)
  end
  row.accepted_low_pct, row.accepted_high_pct = interval(row.accepted, row.shown)
  return row
end

local function conversion_table(list, by)
  local key = by == "product" and "product_id" or by
  local rows = {}
  for _, counts in ipairs(list) do
    rows[#rows + 1] = counts.offered > 0 and activity.fill_rates(counts, key) or nil
  end
  return { name = "rates", title = activity.RATES_TITLE, rows = rows, empty = "nothing was offered yet",
    columns = activity.rate_columns(by, key, rows) }
end

-- Every product of the rules, offered or not, then those that the rules do not have any more.
local function products_table(ruleset, list, found)
  local rows, known = {}, {}
  for _, product in ipairs(ruleset:products()) do
    known[product.id] = true
    local row = activity.fill_rates(found[product.id] or activity.new_counts(product.id), "product_id")
    row.name, row.category = product.name, product.category
    rows[#rows + 1] = row
  end
  for _, counts in ipairs(list) do
    rows[#rows + 1] = not known[counts.key] and activity.fill_rates(counts, "product_id") or nil
  end
  table.sort(rows, function(a, b)
    if a.offered ~= b.offered then
      return a.offered > b.offered
    end
    return a.key < b.key
  end)
  local columns = activity.rate_columns("product", "product_id", rows)
  table.insert(columns, 2, { "name", "name" })
  table.insert(columns, 3, { "category", "category" })
  return { name = "products", rows = rows, columns = columns, empty = "the rules have no products" }
end

-- ---- Reports ----

-- The counts by the values of `by`, those that there are; `source` and given as of activity.report. nil, message, code
-- when the source fails.
function activity.counts(ruleset, source, by, given)
  local rows, message, code = activity.read(source, apart_by(by), given)
  if not rows then
    return nil, message, code
  end
  local _, found = activity.gather(rows, by, categories_of(ruleset))
  return found
end

-- Says in the head of a report which days were asked for.
function activity.add_days(made, given)
  if given.from_ms then
    made.facts[#made.facts + 1] = { "from", date(given.from_ms // DAY_MS) }
  end
  if given.until_ms then
    made.facts[#made.facts + 1] = { "until", date(given.until_ms // DAY_MS) }
  end
end

-- `source(bits, from_day, until_day)` gives rows as store:activity does. given: { name =, by =, from_ms =, until_ms =
-- (that day is part of it) }; `book` as report.new takes it. nil, message, code when the source fails.
function activity.report(ruleset, book, source, given, at_ms)
  local name = given.name
  local by = name == "conversion" and (given.by or "product") or name == "products" and "product" or nil
  local rows, message, code = activity.read(source, apart_by(by), given)
  if not rows then
    return nil, message, code
  end
  local list, found = activity.gather(rows, by, categories_of(ruleset))
  local made = report.new(name, ruleset, book, at_ms)
  made.title = TITLES[name]
  activity.add_days(made, given)
  if name == "funnel" then
    made.tables = { funnel_table(found[""] or activity.new_counts "") }
  elseif name == "conversion" then
    made.tables = { conversion_table(list, by) }
  else
    made.tables = { products_table(ruleset, list, found) }
  end
  return made
end

return activity
