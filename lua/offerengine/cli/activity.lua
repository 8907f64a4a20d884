-- activity: the command `report`: what was decided and what became of it, from the counts of a database, beside a
-- running service.

local arguments = require "offerengine.cli.arguments"
local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local offerengine = require "offerengine"
local report = require "offerengine.cli.report"
local reports = require "offerengine.reports.activity"
local rules = require "offerengine.cli.rules"

local activity = {
  name = "report",
  summary = "Count what was decided, offered, shown, accepted and converted.",
  usage = "report " .. table.concat(reports.NAMES, "|") .. " [--db FILE] [options]",
  examples = {
    { "offerengine report funnel", "from decisions to conversions, all in all" },
    { "offerengine report conversion --by channel --from 2026-11-01", "rates by where offers were shown" },
    { "offerengine report products --csv", "what became of each product, for a spreadsheet" },
  },
  operands = { 1, 1 },
  options = {
    { "db", "FILE", "the database (default: offerengine.db)", arguments.database },
    { "by", "WHAT", "of conversion: " .. table.concat(reports.BY, ", ") .. " (default: product)",
      arguments.one_of(table.unpack(reports.BY)) },
    { "from", "DATE", "decisions of this day and later", core.time },
    { "until", "DATE", "decisions of this day and earlier", core.time },
    arguments.RULES, arguments.JSON, arguments.CSV,
  },
}

local function check_name(given)
  local _, problem = arguments.one_of(table.unpack(reports.NAMES))(given[1])
  if problem then
    failure.usage(("report '%s': %s"):format(given[1], problem))
  elseif given.by and given[1] ~= "conversion" then
    failure.usage("--by is for conversion")
  end
end

function activity.run(given)
  check_name(given)
  local ruleset = rules.load(given)
  local path = given.db or "offerengine.db"
  local store <close> = failure.check(offerengine.open(path, { read_only = true }))
  local book = { source = path, customers = failure.check(store:count()) }
  local shown = failure.check(reports.report(ruleset, book, function(...) return store:activity(...) end,
    { name = given[1], by = given.by, from_ms = given.from, until_ms = given["until"] }, core.now()))
  report.write(given, shown)
end

return activity
