-- activity: the command `report`: what was decided and what became of it, from the counts of a database, beside a
-- running service; and what the rules offer to the segments and categories of a book.

local arguments = require "offerengine.cli.arguments"
local book = require "offerengine.cli.book"
local campaign = require "offerengine.reports.campaign"
local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local funnel = require "offerengine.reports.funnel"
local offerengine = require "offerengine"
local population = require "offerengine.reports.population"
local report = require "offerengine.cli.report"
local reports = require "offerengine.reports.activity"
local rules = require "offerengine.cli.rules"

local NAMES = table.move(population.NAMES, 1, #population.NAMES, #reports.NAMES + 1,
  table.move(reports.NAMES, 1, #reports.NAMES, 1, {}))

local activity = {
  name = "report",
  summary = "Count what was decided, offered, shown, accepted and converted, and who is left out.",
  usage = "report " .. table.concat(NAMES, "|") .. "|campaign NAME [options]",
  examples = {
    { "offerengine report funnel", "from decisions to conversions, all in all" },
    { "offerengine report funnel --by product", "from all customers to conversions, product by product" },
    { "offerengine report conversion --by channel --from 2026-11-01", "rates by where offers were shown" },
    { "offerengine report campaign spring --db bank.db", "what became of a campaign, and its runs" },
    { "offerengine report segments --db bank.db", "what each segment would be offered now" },
    { "offerengine report products --csv", "what became of each product, for a spreadsheet" },
  },
  operands = { 1, 2 },
  options = {
    { "db", "FILE", "the database (default: offerengine.db)", arguments.database },
    { "by", "WHAT", "of conversion: " .. table.concat(reports.BY, ", ") .. " (default: product); of funnel: "
      .. table.concat(funnel.BY, ", "),
      arguments.one_of(table.unpack(reports.BY)) },
    { "from", "DATE", "decisions of this day and later", core.time },
    { "until", "DATE", "decisions of this day and earlier", core.time },
    { "in", "FILE", "of segments, unmet and a funnel by product or category: customers of a file" },
    arguments.MAP, arguments.SKIP_BAD, arguments.RULES, arguments.JSON, arguments.CSV,
  },
}

local function check_name(given)
  local _, problem = arguments.one_of(campaign.NAME, table.unpack(NAMES))(given[1])
  if problem then
    failure.usage(("report '%s': %s"):format(given[1], problem))
  elseif given[1] == campaign.NAME and not given[2] then
    failure.usage("report campaign: which one?")
  elseif given[1] ~= campaign.NAME and given[2] then
    failure.usage(("report %s: no further word is taken"):format(given[1]))
  elseif given.by and given[1] == "funnel" then
    _, problem = arguments.one_of(table.unpack(funnel.BY))(given.by)
    if problem then
      failure.usage("--by of funnel: " .. problem)
    end
  elseif given.by and given[1] ~= "conversion" then
    failure.usage("--by is for conversion and funnel")
  end
end

local function is_of_population(name)
  return name == "segments" or name == "unmet"
end

local function make_population(given, ruleset)
  if given.from or given["until"] then
    failure.usage(("--from and --until are not for %s, which are of today"):format(given[1]))
  end
  local opened = book.open(given, ruleset)
  return failure.check(population.report(given[1], ruleset, opened.population, opened, { at = core.now() }))
end

-- Of the customers of a file nothing is on record.
local function make_funnel(given, ruleset)
  given.db = given.db or not given["in"] and "offerengine.db" or nil
  local opened = book.open(given, ruleset)
  local store <close> = given.db and failure.check(offerengine.open(given.db, { read_only = true })) or nil
  return failure.check(funnel.report(ruleset, opened.population, opened,
    store and function(...) return store:activity(...) end,
    { by = given.by, from_ms = given.from, until_ms = given["until"] }, { at = core.now() }))
end

local function make_campaign(given, ruleset, about, store)
  local made, message, code = campaign.report(ruleset, about, {
    activity = function(...) return store:activity(...) end,
    runs = function() return store:runs() end,
  }, { campaign = given[2], from_ms = given.from, until_ms = given["until"] }, core.now())
  if code == "not_found" then
    failure.stop(("'%s' %s"):format(given[2], message), failure.FINDINGS)
  end
  return failure.check(made, message, code)
end

local function make_activity(given, ruleset)
  if given["in"] then
    failure.usage("--in is for segments, unmet and funnel --by")
  end
  local path = given.db or "offerengine.db"
  local store <close> = failure.check(offerengine.open(path, { read_only = true }))
  local about = { source = path, customers = failure.check(store:count()) }
  if given[1] == campaign.NAME then
    return make_campaign(given, ruleset, about, store)
  end
  return failure.check(reports.report(ruleset, about, function(...) return store:activity(...) end,
    { name = given[1], by = given.by, from_ms = given.from, until_ms = given["until"] }, core.now()))
end

function activity.run(given)
  check_name(given)
  local ruleset = rules.load(given)
  local make = is_of_population(given[1]) and make_population
    or given[1] == "funnel" and given.by and make_funnel or make_activity
  report.write(given, make(given, ruleset))
end

return activity
