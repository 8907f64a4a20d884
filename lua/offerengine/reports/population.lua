-- population: what the rules in force would offer to today's customers, segment by segment and category by category.
-- Decided anew for the question: no record says of which segment a customer was.

local core = require "offerengine.core"
local report = require "offerengine.cli.report"
local uncovered = require "offerengine.reports.uncovered"

local population = {}

population.NAMES = { "segments", "unmet" }

local function segments_table(segments)
  local rows = {}
  for i, segment in ipairs(segments) do
    rows[i] = { segment = segment.segment, name = segment.name, customers = segment.customers,
      offers = segment.offers, without_offer = segment.without_offer,
      offers_each = segment.customers > 0 and segment.offers / segment.customers or nil,
      without_pct = segment.customers > 0 and 100 * segment.without_offer / segment.customers or nil }
  end
  return {
    name = "segments", rows = rows, title = "a customer may be in several:", empty = "there are no customers",
    columns = {
      { "segment" },
      { "name", "segment" },
      { "customers", "customers", report.number },
      report.bar("customers", rows),
      { "offers", "offers", report.number },
      { "offers_each", "each", function(value) return value and ("%.1f"):format(value) or "" end },
      { "without_offer", "without", report.number },
      { "without_pct", "of them", function(value) return value and ("%.1f %%"):format(value) or "" end },
    },
  }
end

-- `name` is one of NAMES; `book` as report.new takes it. nil, message, code when deciding was stopped.
function population.report(name, ruleset, customers, book, options)
  local counts, message, code = core.coverage(ruleset, customers, { at = options.at }, options.workers)
  if not counts then
    return nil, message, code
  end
  local about = { source = book.source, generation = book.generation, customers = counts.customers }
  local made = report.new(name, ruleset, about, options.at)
  made.facts = { { "without_offer", counts.without_offer } }
  if name == "segments" then
    made.title = ("%s offers for %s customers"):format(report.number(counts.offers), report.number(counts.customers))
    made.tables = { segments_table(counts.segments) }
  else
    made.title = "what customers own nothing of and are offered nothing of"
    made.tables = { uncovered.categories(counts.categories), uncovered.obstacles(ruleset, counts.obstacles) }
  end
  return made
end

return population
