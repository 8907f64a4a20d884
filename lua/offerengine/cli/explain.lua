-- explain: why a customer gets an offer, why not, and what would change it.

local arguments = require "offerengine.cli.arguments"
local as_of = require "offerengine.cli.as_of"
local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local json = require "offerengine.json"
local profiles = require "offerengine.cli.profiles"
local rules = require "offerengine.cli.rules"
local waterfall = require "offerengine.cli.waterfall"
local what_if = require "offerengine.cli.what_if"

local explain = {
  name = "explain",
  summary = "Explain every product for one customer: why, why not, what would change it.",
  usage = "explain ID | --in FILE [--product ID] [--as-of TIME] [options]",
  examples = {
    { "offerengine explain C001", "every product" },
    { "offerengine explain C001 --product home_loan", "one product, with the gates it passed" },
    { "offerengine explain C001 --what-if income=120000 --what-if age=40", "now and then, product by product" },
    { "offerengine explain C001 --db bank.db --json", "a customer of the database, as the service explains it" },
    { "offerengine explain C001 --as-of 2026-03-03 --db bank.db", "by the profile and the rules of that time" },
  },
  operands = { 0, 1 },
  options = {
    { "product", "ID", "only this product" },
    { "what-if", "NAME=VALUE", "as if the customer had this value; may be given several times", many = true },
    arguments.RULES, arguments.DB, arguments.AT,
    { "as-of", "TIME", "by the profile and the rules that the database had then", arguments.AT[4] },
    { "in", "FILE", "a profile as JSON, - for standard input" },
    { "category", "ID", "as if only offers of this category were asked for" },
    { "campaign", "NAME", "as if asked for this campaign" },
    { "json", nil, "the bytes that the service would answer; with --what-if: before and after" },
  },
}

local function check_product(given, ruleset)
  if given.product then
    local product, message = ruleset:product(given.product)
    if not product then
      failure.usage("option '--product': " .. message
        .. (message:find("did you mean", 1, true) and "" or "; 'offerengine products' lists them"))
    end
  end
end

local function write_json(text)
  io.stdout:write(text)
  if core.is_terminal(1) then
    io.stdout:write("\n")
  end
end

-- An explanation as bytes and as a table.
local function explain_one(ruleset, profile, options, product)
  local text = failure.check(ruleset:explain_json(profile, options, product))
  local answer = core.decode_json(text)
  rules.check_stops(ruleset, answer)
  return text, answer
end

-- The customer as on file and with other values.
local function run_what_if(given, ruleset, profile, options)
  local values, order = what_if.read(ruleset, given.what_if)
  local changed = what_if.apply(ruleset, profile, values)
  local before, now = explain_one(ruleset, profile, options, given.product)
  local after, later = explain_one(ruleset, changed, options, given.product)
  if given.json then
    local asked = json.object()
    for _, name in ipairs(order) do
      local value = values[name]
      json.add(asked, name, value == core.null and json.null or type(value) == "table" and json.list(value) or value)
    end
    write_json(json.encode(json.object("what_if", asked, "before", json.raw(before), "after", json.raw(after))))
    return
  end
  io.stdout:write(("%s, what if: %s\n"):format(later.customer_id, table.concat(given.what_if, ", ")),
    what_if.text(now, later), "\nthen:\n",
    waterfall.text(later, ruleset, given.rules or "rules", given.product and changed:table()))
end

function explain.run(given)
  local ruleset, profile
  if given.as_of then
    ruleset, profile = as_of.find(given)
  else
    ruleset = rules.load(given)
  end
  check_product(given, ruleset)
  local options = rules.options(given, ruleset)
  options.at = options.at or given.as_of or core.now() -- one moment for all that follows
  profile = profile or profiles.find(given, ruleset)
  if given.what_if then
    run_what_if(given, ruleset, profile, options)
    return
  end
  local text, answer = explain_one(ruleset, profile, options, given.product)
  if given.json then
    write_json(text)
  else
    io.stdout:write(waterfall.text(answer, ruleset, given.rules or "rules", given.product and profile:table()))
  end
end

return explain
