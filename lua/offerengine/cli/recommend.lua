-- recommend: the offers for one customer.

local arguments = require "offerengine.cli.arguments"
local bars = require "offerengine.cli.bars"
local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local profiles = require "offerengine.cli.profiles"
local rules = require "offerengine.cli.rules"

local recommend = {
  name = "recommend",
  summary = "Decide which offers suit one customer.",
  usage = "recommend ID | --in FILE [options]",
  examples = {
    { "offerengine recommend C001", "a sample customer" },
    { "offerengine recommend C001 --db bank.db --at 2026-11-22", "a customer of the database, on that day" },
    { "offerengine recommend --in customer.json --json", "a profile from a file (- for standard input)" },
  },
  operands = { 0, 1 },
  options = {
    arguments.RULES, arguments.DB, arguments.AT,
    { "in", "FILE", "a profile as JSON, - for standard input" },
    { "limit", "N", "at most so many offers", arguments.whole(1, 10000) },
    { "category", "ID", "only offers of this category" },
    { "campaign", "NAME", "what this campaign offers" },
    { "json", nil, "the bytes that the service would answer" },
  },
}

-- Ranked is by priority; it is shown where it is not the confidence everywhere.
local function offer_rows(offers)
  local head, rows = { "", "offer", "category", "conf.", "", "why" }, {}
  for rank, offer in ipairs(offers) do
    rows[rank] = { rank, offer.product_name .. (offer.fallback and " (fallback)" or ""), offer.category,
      bars.tenths(offer.confidence_score), bars.bar(offer.confidence_score, 100, 20), offer.reason }
    head[7] = head[7] or (offer.priority and "priority")
  end
  for rank, row in ipairs(head[7] and rows or {}) do
    row[7] = row[6]
    row[6] = bars.tenths(offers[rank].priority or offers[rank].confidence_score)
  end
  if head[7] then
    head[6], head[7] = head[7], head[6]
  end
  return head, rows
end

local function write_table(answer)
  local offers = answer.recommended_products
  io.stdout:write(("%s: %d offer%s, ruleset %s\n"):format(answer.customer_id, #offers, #offers == 1 and "" or "s",
    answer.ruleset))
  if #offers > 0 then
    io.stdout:write(bars.table(offer_rows(offers)))
    for rank, offer in ipairs(offers) do
      io.stdout:write(offer.message and ("  %d: \"%s\"\n"):format(rank, offer.message) or "")
    end
  else
    io.stdout:write("  'offerengine explain' with the same options tells why\n")
  end
end

function recommend.run(given)
  local ruleset = rules.load(given)
  local options = rules.options(given, ruleset)
  local profile = profiles.find(given, ruleset)
  if given.json then
    local text = failure.check(ruleset:decide_json(profile, options))
    rules.check_stops(ruleset, core.decode_json(text))
    io.stdout:write(text)
    if core.is_terminal(1) then
      io.stdout:write("\n")
    end
  else
    local answer = failure.check(ruleset:decide(profile, options))
    rules.check_stops(ruleset, answer)
    write_table(answer)
  end
end

return recommend
