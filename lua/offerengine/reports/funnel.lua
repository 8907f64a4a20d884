-- funnel: how far each product or category gets, from all of today's customers to what is offered, decided anew, and
-- beside it what became of the offers made, from the counts of the store.

local activity = require "offerengine.reports.activity"
local core = require "offerengine.core"
local report = require "offerengine.cli.report"

local funnel = {}

funnel.BY = { "product", "category" }

-- Customers left after each stage, in the order of stages.
local STEPS = { { "available", "availability" }, { "not_owned", "ownership" }, { "eligible", "gates" },
  { "above_threshold", "threshold" }, { "offered_now", "selection" } }

local function fill_steps(row, customers, left)
  row.customers = customers
  local still = customers
  for _, step in ipairs(STEPS) do
    still = still - left[step[2]]
    row[step[1]] = still
  end
  return row
end

local function share(part, whole)
  return whole > 0 and 100 * part / whole or nil
end

local function all_table(counts)
  local all, rows = fill_steps({}, counts.customers, counts.left), {}
  for i, step in ipairs { "customers", "available", "not_owned", "eligible", "above_threshold", "offered_now" } do
    rows[i] = { step = step, count = all[step], of_before = i > 1 and share(all[step], rows[i - 1].count) or nil }
  end
  return {
    name = "steps", rows = rows, title = "all customers, by the product that gets furthest:",
    columns = {
      { "step", "step", function(step) return (step:gsub("_", " ")) end },
      { "count", "customers", report.number },
      report.bar("count", rows),
      { "of_before", "of those before", function(value) return value and ("%.1f %%"):format(value) or "" end },
    },
  }
end

-- `found`: counts of activity by product or category; nil where there are none to be had.
local function rows_table(counts, by, found)
  local key, rows = by == "product" and "product_id" or "category", {}
  for i, of in ipairs(by == "product" and counts.products or counts.categories) do
    local row = fill_steps({ [key] = of[key], name = of.name }, counts.customers, of.left)
    local made = found and (found[of[key]] or activity.new_counts "")
    row.offered, row.shown = made and made.offered, made and made.shown
    row.accepted, row.converted = made and made.accepted, made and made.converted
    rows[i] = row
  end
  local columns = { { key }, { "name", by } }
  for _, name in ipairs { "customers", "available", "not_owned", "eligible", "above_threshold", "offered_now" } do
    columns[#columns + 1] = { name, (name:gsub("_", " ")), report.number }
  end
  columns[#columns + 1] = report.bar("offered_now", rows)
  for _, name in ipairs { "offered", "shown", "accepted", "converted" } do
    columns[#columns + 1] = { name, name, report.number }
  end
  return { name = "funnel", rows = rows, columns = columns, empty = ("the rules have no %s"):format(by),
    title = "customers now" .. (found and ", and what became of the offers made:" or ":") }
end

-- given: { by =, from_ms =, until_ms = of the offers made }. `source` as of activity.report, nil: none were made.
-- options: { at =, workers = }. nil, message, code when deciding or the source fails.
function funnel.report(ruleset, customers, book, source, given, options)
  local counts, message, code = core.coverage(ruleset, customers, { at = options.at }, options.workers, true)
  if not counts then
    return nil, message, code
  end
  local found
  if source then
    found, message, code = activity.counts(ruleset, source, given.by, given)
    if not found then
      return nil, message, code
    end
  end
  local about = { source = book.source, generation = book.generation, customers = counts.customers }
  local made = report.new("funnel", ruleset, about, options.at)
  made.title = "from all customers to what is offered"
  made.tables = { rows_table(counts, given.by, found), all_table(counts) }
  return made
end

return funnel
