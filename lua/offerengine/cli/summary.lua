-- summary: what a batch comes to, as tables with bars.

local bars = require "offerengine.cli.bars"
local json = require "offerengine.json"
local report = require "offerengine.cli.report"
local uncovered = require "offerengine.reports.uncovered"

local summary = {}

local BAR = 24

local function percent(part, whole)
  return ("%5.1f %%"):format(whole > 0 and 100 * part / whole or 0)
end

local function words(code)
  return (code:gsub("_", " "))
end

-- Items by falling `key`, without those that are zero.
local function ranked(items, key)
  local list = {}
  for position, item in ipairs(items) do
    if item[key] > 0 then
      list[#list + 1] = { item = item, position = position }
    end
  end
  table.sort(list, function(a, b)
    if a.item[key] ~= b.item[key] then
      return a.item[key] > b.item[key]
    end
    return a.position < b.position
  end)
  for i, entry in ipairs(list) do
    list[i] = entry.item
  end
  return list
end

local function products(counts)
  local rows = {}
  local list = ranked(counts.products, "offers")
  for i, product in ipairs(list) do
    rows[i] = { product.name, product.offers, product.best_offers, percent(product.offers, counts.customers),
      bars.bar(product.offers, list[1].offers, BAR) }
  end
  return bars.table({ "product", "offers", "best", "of customers", "" }, rows)
end

local function segments(counts)
  local rows = {}
  for _, segment in ipairs(counts.segments) do
    local each = segment.customers > 0 and segment.offers / segment.customers or 0
    rows[#rows + 1] = { segment.name, segment.customers, segment.offers, bars.tenths(each), segment.without_offer,
      bars.bar(segment.customers, counts.customers, BAR) }
  end
  return bars.table({ "segment", "customers", "offers", "each", "without", "" }, rows)
end

local STAGES = {
  availability = "every product is off or out of season",
  ownership = "all that is available is owned, or excluded by what is owned",
  gates = "no product's requirements are met",
  contact_policy = "contacted often enough",
  threshold = "requirements are met, no score is high enough",
  selection = "outranked",
}

local function without_offer(counts, ruleset)
  if counts.without_offer == 0 then
    return "\nevery customer gets an offer\n"
  end
  local stages, refusals = {}, {}
  for i, entry in ipairs(counts.without_offer_by_stage) do
    stages[i] = { words(entry.stage), entry.customers, bars.bar(entry.customers, counts.without_offer, BAR),
      STAGES[entry.stage] }
  end
  local list = ranked(counts.refusals, "refusals")
  for i, entry in ipairs(list) do
    refusals[i] = { words(entry.stage), words(entry.cause), entry.refusals,
      bars.bar(entry.refusals, list[1].refusals, BAR) }
  end
  return ("\n%d customers without an offer (%s), by the furthest stage that any product reached:\n"):format(
      counts.without_offer, percent(counts.without_offer, counts.customers):gsub("^ +", ""))
    .. bars.table(nil, stages)
    .. "\nwhat refused products to them:\n"
    .. bars.table({ "stage", "cause", "refusals", "" }, refusals)
    .. report.table_text(uncovered.obstacles(ruleset, counts.obstacles))
end

function summary.text(counts, ruleset)
  return ("%d customers, %d offers, %s each\n\n"):format(counts.customers, counts.offers,
      bars.tenths(counts.customers > 0 and counts.offers / counts.customers or 0))
    .. products(counts) .. "\n" .. segments(counts) .. without_offer(counts, ruleset)
end

-- The same for JSON: its lists marked as such.
function summary.lists(counts)
  for _, value in pairs(counts) do
    if type(value) == "table" then
      json.list(value)
    end
  end
  for _, obstacle in ipairs(counts.obstacles) do
    json.list(obstacle.products)
    json.list(obstacle.changes)
  end
  return counts
end

return summary
