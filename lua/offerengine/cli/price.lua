-- price: what moving one gate of a product would change, value by value.

local arguments = require "offerengine.cli.arguments"
local book = require "offerengine.cli.book"
local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local offerengine = require "offerengine"
local report = require "offerengine.cli.report"
local reports = require "offerengine.reports.price"
local rules = require "offerengine.cli.rules"

local price = {
  name = "price",
  summary = "Tell who gains and who loses when a gate of a product is moved: a curve, exact, in one pass.",
  usage = "price PRODUCT GATE [--to VALUE] [--in FILE | --db FILE] [options]",
  examples = {
    { "offerengine price credit_card income --in book.csv", "from the gate as it is to as low as can be" },
    { "offerengine price credit_card min_income --to 40000", "raised instead, for the samples" },
    { "offerengine price life_insurance max_age --db bank.db --csv", "for a spreadsheet" },
  },
  operands = { 2, 2 },
  options = {
    { "to", "VALUE", "the last value (default: as loose as the attribute allows)", function(text)
      return tonumber(text), "must be a number"
    end },
    { "steps", "N", "how many values up to that one (default: 20)", arguments.whole(1, 1000) },
    { "limit", "N", "at most so many offers each", arguments.whole(1, 10000) },
    { "workers", "N", "threads that decide (default: one per core)", arguments.whole(1, 256) },
    arguments.RULES, arguments.AT, arguments.JSON, arguments.CSV, table.unpack(book.OPTIONS),
  },
}

-- Nothing is read for a question that cannot be asked.
local function ask(given, ruleset, population, at)
  local answer, message, code = offerengine.price(ruleset, population, given[1], given[2],
    { at = at, limit = given.limit, to = given.to, steps = given.steps, workers = given.workers })
  if not answer and code ~= "out_of_memory" then
    failure.stop(message, code == "not_found" and failure.USAGE or code)
  end
  return failure.check(answer, message, code)
end

function price.run(given)
  local ruleset = rules.load(given)
  local at = given.at or core.now()
  ask(given, ruleset, offerengine.population(ruleset), at)
  local opened = book.open(given, ruleset)
  local answer = ask(given, ruleset, opened.population, at)
  opened.folder = given.rules or "rules"
  report.write(given, reports.report(ruleset, opened, answer, at))
end

return price
