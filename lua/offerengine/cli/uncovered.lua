-- uncovered: customers without an offer, by what stands in the way, and categories without one.

local arguments = require "offerengine.cli.arguments"
local book = require "offerengine.cli.book"
local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local offerengine = require "offerengine"
local report = require "offerengine.cli.report"
local reports = require "offerengine.reports.uncovered"
local rules = require "offerengine.cli.rules"

local uncovered = {
  name = "uncovered",
  summary = "List what stands in the way of customers without an offer, and the categories that leave gaps.",
  usage = "uncovered [--in FILE | --db FILE] [options]",
  examples = {
    { "offerengine uncovered --in book.csv", "who gets nothing, why, and what it would take" },
    { "offerengine uncovered --db bank.db --category credit", "as if only cards were asked for" },
    { "offerengine uncovered --json", "the samples, for programs" },
  },
  options = {
    { "limit", "N", "at most so many offers each", arguments.whole(1, 10000) },
    { "category", "ID", "only offers of this category" },
    { "workers", "N", "threads that decide (default: one per core)", arguments.whole(1, 256) },
    arguments.RULES, arguments.AT, arguments.JSON, arguments.CSV, table.unpack(book.OPTIONS),
  },
}

function uncovered.run(given)
  local ruleset = rules.load(given)
  local options = rules.options(given, ruleset)
  options.at = given.at or core.now()
  options.workers = given.workers
  local opened = book.open(given, ruleset)
  local answer = failure.check(offerengine.uncovered(ruleset, opened.population, options))
  report.write(given, reports.report(ruleset, opened, answer, options.at))
end

return uncovered
