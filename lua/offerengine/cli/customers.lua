-- customers: who is in the database, or in the samples when none is named.

local arguments = require "offerengine.cli.arguments"
local bars = require "offerengine.cli.bars"
local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local json = require "offerengine.json"
local offerengine = require "offerengine"
local profiles = require "offerengine.cli.profiles"
local rules = require "offerengine.cli.rules"

local customers = {
  name = "customers",
  summary = "List customers of the database, or the samples.",
  usage = "customers [--db FILE] [--limit N] [--after ID] [--json]",
  examples = {
    { "offerengine customers", "the samples of the rules" },
    { "offerengine customers --db bank.db --limit 20", "the first twenty of a database" },
    { "offerengine customers --db bank.db --limit 20 --after C020", "the next ones" },
  },
  options = {
    arguments.DB, arguments.RULES,
    { "limit", "N", "at most so many (default: 1000)", arguments.whole(1, 1000000) },
    { "after", "ID", "those behind this id, in bytewise order" },
    arguments.JSON,
  },
}

local function of_database(given, limit)
  local store <close> = failure.check(offerengine.open(given.db, { read_only = true }))
  local list = {}
  for _, profile in store:scan { after = given.after, limit = limit } do
    list[#list + 1] = profile
  end
  return list, (failure.check(store:count()))
end

local function of_samples(given, limit)
  local all, list = {}, {}
  for _, text in profiles.read_all(rules.load(given), profiles.samples(given)):each() do
    all[#all + 1] = core.decode_json(text)
  end
  table.sort(all, function(a, b) return a.customer_id < b.customer_id end)
  for _, profile in ipairs(all) do
    if #list < limit and (not given.after or profile.customer_id > given.after) then
      list[#list + 1] = profile
    end
  end
  return list, #all
end

local function shown(value)
  return value == nil and "-" or value
end

function customers.run(given)
  local limit = given.limit or 1000
  local list, total = (given.db and of_database or of_samples)(given, limit)
  for _, profile in ipairs(list) do
    for name, value in pairs(profile) do
      profile[name] = type(value) == "table" and json.list(value) or value
    end
  end
  if given.json then
    io.stdout:write(json.encode { customers = json.list(list), total = total }, "\n")
    return
  end
  local rows = {}
  for i, profile in ipairs(list) do
    rows[i] = { profile.customer_id, shown(profile.age), shown(profile.income), shown(profile.credit_score),
      shown(profile.avg_account_balance), table.concat(profile.existing_products or {}, " ") }
  end
  io.stdout:write(bars.table({ "customer", "age", "income", "credit score", "balance", "owns" }, rows))
  if #list < total then
    io.stdout:write(("  %d of %d\n"):format(#list, total))
  end
end

return customers
