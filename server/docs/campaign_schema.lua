-- campaign_schema.lua: what runs of campaigns look like.

local json = require "offerengine.json"
local shapes = require "server.docs.shapes"

local object, record = json.object, shapes.record
local text, whole, list = shapes.text, shapes.whole, shapes.list

local campaign_schema = {}

function campaign_schema.campaigns()
  return record("The campaigns of the rules.", {
    { "campaigns", list(record("One.", { { "campaign", text() }, { "name", text() },
      { "runs", whole("How many.") } })) },
    { "total", whole() },
  })
end

function campaign_schema.asked()
  return record("How a run is to be made.", {
    { "clock_ms?", whole("The clock of its decisions, milliseconds UTC, not in the future. Default: now.") },
    { "seed?", whole("What the ids of its decisions are made of, beside the clock. Default: by chance.") },
  })
end

function campaign_schema.run()
  return record("A run of a campaign.", {
    { "run", whole("Its number.") }, { "campaign", text() },
    { "state", text("running, done, cancelled or failed.") },
    { "generation", whole("The rules that it decides by.") }, { "clock_ms", whole("The clock of its decisions.") },
    { "seed", whole() }, { "started_ms", whole() }, { "ended_ms", whole("0: it has not ended.") },
    { "busy_ms", whole("How long it worked, also before restarts.") },
    { "customers", whole("When it began.") },
    { "looked_at", whole("The sum of contacted, not_targeted, without_offer and unreadable.") },
    { "contacted", whole("Customers with an offer.") }, { "offers", whole() },
    { "not_targeted", whole("Not of the group, or held out.") },
    { "without_offer", whole("Of the group, but nothing was left to offer.") },
    { "unreadable", whole("Customers whom the rules do not take.") },
    { "position", text("The last customer looked at; empty once it ended.") },
    { "reason", text("Why it failed; else empty.") },
  })
end

function campaign_schema.runs()
  return record("The runs of a campaign.", { { "runs", list("Run") }, { "total", whole() } })
end

local RUN = object("run", 1, "campaign", "spring_cards", "state", "done", "generation", 1, "clock_ms", 1795343400000,
  "seed", 42, "started_ms", 1795343400000, "ended_ms", 1795343401000, "busy_ms", 950, "customers", 1000,
  "looked_at", 1000, "contacted", 180, "offers", 180, "not_targeted", 800, "without_offer", 20, "unreadable", 0,
  "position", "", "reason", "")

campaign_schema.EXAMPLES = {
  campaigns = object("campaigns", json.list {
    object("campaign", "spring_cards", "name", "Cards of spring", "runs", 1) },
    "total", 1),
  asked = object("clock_ms", 1795343400000, "seed", 42),
  run = RUN,
  runs = object("runs", json.list { RUN }, "total", 1),
  target = json.encode(object("customer_id", "C001", "product_id", "credit_card", "confidence", 71.5, "reason",
    "Your income carries a card", "message", "With 61,000 a year a card is yours.", "decision_id",
    "01a204ddb2ea700889cdc36e09313e7e")) .. "\n",
}

return campaign_schema
