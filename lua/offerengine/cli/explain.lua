-- explain: why a customer gets an offer, why not, and what would change it.

local arguments = require "offerengine.cli.arguments"
local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local profiles = require "offerengine.cli.profiles"
local rules = require "offerengine.cli.rules"
local waterfall = require "offerengine.cli.waterfall"

local explain = {
  name = "explain",
  summary = "Explain every product for one customer: why, why not, what would change it.",
  usage = "explain ID | --in FILE [--product ID] [options]",
  examples = {
    { "offerengine explain C001", "every product" },
    { "offerengine explain C001 --product home_loan", "one product" },
    { "offerengine explain C001 --db bank.db --json", "a customer of the database, as the service explains it" },
  },
  operands = { 0, 1 },
  options = {
    { "product", "ID", "only this product" },
    arguments.RULES, arguments.DB, arguments.AT,
    { "in", "FILE", "a profile as JSON, - for standard input" },
    { "category", "ID", "as if only offers of this category were asked for" },
    { "json", nil, "the bytes that the service would answer" },
  },
}

local function check_product(given, ruleset)
  if given.product then
    local product, message = ruleset:product(given.product)
    if not product then
      failure.usage("option '--product': " .. message)
    end
  end
end

function explain.run(given)
  local ruleset = rules.load(given)
  check_product(given, ruleset)
  local options = rules.options(given, ruleset)
  local profile = profiles.find(given, ruleset)
  if given.json then
    local text = failure.check(ruleset:explain_json(profile, options, given.product))
    rules.check_stops(ruleset, core.decode_json(text))
    io.stdout:write(text)
    if core.is_terminal(1) then
      io.stdout:write("\n")
    end
  else
    local answer = failure.check(ruleset:explain(profile, options, given.product))
    rules.check_stops(ruleset, answer)
    io.stdout:write(waterfall.text(answer, ruleset, given.rules or "rules"))
  end
end

return explain
