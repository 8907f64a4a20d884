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

-- The stored texts of the customers, and how many there are in all.
local function of_database(given, limit)
  local store <close> = failure.check(offerengine.open(given.db, { read_only = true }))
  local texts = {}
  for _, text in store:scan { after = given.after, limit = limit, json = true } do
    texts[#texts + 1] = text
  end
  return texts, (failure.check(store:count()))
end

local function of_samples(given, limit)
  local all, texts = {}, {}
  for _, text in profiles.read_all(rules.load(given), profiles.samples(given)):each() do
    all[#all + 1] = { id = core.decode_json(text).customer_id, text = text }
  end
  table.sort(all, function(a, b) return a.id < b.id end)
  for _, one in ipairs(all) do
    if #texts < limit and (not given.after or one.id > given.after) then
      texts[#texts + 1] = one.text
    end
  end
  return texts, #all
end

-- The bytes of GET /customers for each; one that the schema does not take is left out there as well.
local function show_json(given, texts, total)
  local ruleset, list = rules.load(given), {}
  for _, text in ipairs(texts) do
    local profile, message = ruleset:profile_json(text)
    if profile then
      list[#list + 1] = json.raw(profile:json())
    else
      io.stderr:write(("warning: a customer was left out: %s\n"):format(message))
    end
  end
  io.stdout:write(json.encode(json.object("customers", json.list(list), "total", total)), "\n")
end

local function shown(value)
  return value == nil and "-" or value
end

function customers.run(given)
  local texts, total = (given.db and of_database or of_samples)(given, given.limit or 1000)
  if given.json then
    show_json(given, texts, total)
    return
  end
  local rows = {}
  for i, text in ipairs(texts) do
    local profile = core.decode_json(text)
    rows[i] = { profile.customer_id, shown(profile.age), shown(profile.income), shown(profile.credit_score),
      shown(profile.avg_account_balance), table.concat(profile.existing_products or {}, " ") }
  end
  io.stdout:write(bars.table({ "customer", "age", "income", "credit score", "balance", "owns" }, rows))
  if #texts < total then
    io.stdout:write(("  %d of %d\n"):format(#texts, total))
  end
end

return customers
