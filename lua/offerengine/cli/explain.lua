-- explain: why a customer gets an offer, why not, and what would change it.

local arguments = require "offerengine.cli.arguments"
local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local offerengine = require "offerengine"
local profiles = require "offerengine.cli.profiles"
local replay = require "offerengine.replay"
local rules = require "offerengine.cli.rules"
local waterfall = require "offerengine.cli.waterfall"

local explain = {
  name = "explain",
  summary = "Explain every product for one customer: why, why not, what would change it.",
  usage = "explain ID | --in FILE [--product ID] [--as-of TIME] [options]",
  examples = {
    { "offerengine explain C001", "every product" },
    { "offerengine explain C001 --product home_loan", "one product" },
    { "offerengine explain C001 --db bank.db --json", "a customer of the database, as the service explains it" },
    { "offerengine explain C001 --as-of 2026-03-03 --db bank.db", "by the profile and the rules of that time" },
  },
  operands = { 0, 1 },
  options = {
    { "product", "ID", "only this product" },
    arguments.RULES, arguments.DB, arguments.AT,
    { "as-of", "TIME", "by the profile and the rules that the database had then", arguments.AT[4] },
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

-- Ruleset, options and profile.
local function find_now(given)
  local ruleset = rules.load(given)
  check_product(given, ruleset)
  return ruleset, rules.options(given, ruleset), profiles.find(given, ruleset)
end

-- The generation that served at a time.
local function generation_at(store, at)
  for _, generation in ipairs(failure.check(store:generations(1000))) do
    if generation.at_ms <= at then
      return generation.generation
    end
  end
  failure.stop("no rules had served by then", failure.FINDINGS)
end

local function find_then(given)
  if not given[1] or not given.db or given["in"] or given.at or given.rules then
    failure.usage("option '--as-of' goes with an ID and --db, and without --in, --at and --rules")
  end
  local store <close> = failure.check(offerengine.open(given.db, { read_only = true }))
  local number = generation_at(store, given.as_of)
  local found = replay.new(store):rules(number)
  if found.reason then
    failure.stop(("generation %d: %s"):format(number, replay.REASONS[found.reason]), failure.FINDINGS)
  end
  check_product(given, found.ruleset)
  local text, message, code = store:get_json(given[1], given.as_of)
  if not text then
    failure.stop(code == "not_found" and ("customer '%s' had no profile then"):format(given[1]) or message,
      code == "not_found" and failure.FINDINGS or code)
  end
  given.at = given.as_of
  return found.ruleset, rules.options(given, found.ruleset), failure.check(found.ruleset:profile_json(text))
end

function explain.run(given)
  local ruleset, options, profile = (given.as_of and find_then or find_now)(given)
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
