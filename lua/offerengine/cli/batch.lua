-- batch: decisions for all customers of a file, in its order.

local arguments = require "offerengine.cli.arguments"
local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local intake = require "offerengine.cli.intake"
local json = require "offerengine.json"
local rules = require "offerengine.cli.rules"
local summary = require "offerengine.cli.summary"

local FORMAT = arguments.one_of("csv", "ndjson")

local batch = {
  name = "batch",
  summary = "Decide for every customer of a file.",
  usage = "batch --in FILE|- [--out FILE|-] [--summary] [options]",
  examples = {
    { "offerengine batch --in customers.csv --out offers.csv", "one row per offer" },
    { "offerengine batch --in customers.ndjson --out -", "one answer per line, as the service gives it" },
    { "offerengine batch --in customers.csv --summary", "who gets what, and who gets nothing and why" },
  },
  options = {
    { "in", "FILE|-", "customers as CSV or NDJSON" },
    { "out", "FILE|-", "where the decisions go (default: - without --summary, else nowhere)" },
    { "format", "csv|ndjson", "what is written (default: by the name of --out, else ndjson)", FORMAT },
    { "in-format", "csv|ndjson", "what is read (default: by its name or first byte)", FORMAT },
    { "summary", nil, "count offers per product and segment, and reasons for none" },
    { "json", nil, "the summary as JSON" },
    { "workers", "N", "threads that decide (default: one per core)", arguments.whole(1, 256) },
    { "limit", "N", "at most so many offers each", arguments.whole(1, 10000) },
    { "category", "ID", "only offers of this category" },
    { "campaign", "NAME", "what this campaign offers, and to whom" },
    arguments.RULES, arguments.AT, arguments.MAP, arguments.SKIP_BAD,
  },
}

local function output_format(given)
  return given.format or (given.out or ""):lower():find("%.csv$") and "csv" or "ndjson"
end

function batch.run(given)
  if not given["in"] then
    failure.usage("option '--in' is needed")
  elseif given.summary and given.out == "-" then
    failure.usage("--summary goes to standard output; give --out a file, or leave it out")
  end
  local ruleset = rules.load(given)
  local result = failure.check(core.batch(ruleset, {
    input = given["in"],
    input_format = given.in_format,
    output = given.out or not given.summary and "-" or nil,
    format = output_format(given),
    map = given.map,
    workers = given.workers,
    skip_bad = given.skip_bad,
    summary = given.summary,
  }, rules.options(given, ruleset)))
  intake.warn(result.undeclared_columns, result.undeclared, result.unknown_products)
  intake.judge(given, result.bad, result.bad_rows, "the decisions are not complete")
  if given.summary and given.json then
    io.stdout:write(json.encode(summary.lists(result.summary)), "\n")
  elseif given.summary then
    io.stdout:write(summary.text(result.summary, ruleset))
  end
end

return batch
