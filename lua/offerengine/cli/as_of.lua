-- as_of: the rules and the profile that a database had at a time.

local failure = require "offerengine.cli.failure"
local offerengine = require "offerengine"
local replay = require "offerengine.replay"

local as_of = {}

local function generation_at(store, at)
  for _, generation in ipairs(failure.check(store:generations(1000))) do
    if generation.at_ms <= at then
      return generation.generation
    end
  end
  failure.stop("no rules had served by then", failure.FINDINGS)
end

-- Ruleset and profile of the customer that the first operand names.
function as_of.find(given)
  if not given[1] or not given.db or given["in"] or given.at or given.rules then
    failure.usage("option '--as-of' goes with an ID and --db, and without --in, --at and --rules")
  end
  local store <close> = failure.check(offerengine.open(given.db, { read_only = true }))
  local number = generation_at(store, given.as_of)
  local found = replay.new(store):rules(number)
  if found.reason then
    failure.stop(("generation %d: %s"):format(number, replay.REASONS[found.reason]), failure.FINDINGS)
  end
  local text, message, code = store:get_json(given[1], given.as_of)
  if not text and code == "not_found" then
    failure.stop(("customer '%s' had no profile then"):format(given[1]), failure.FINDINGS)
  end
  return found.ruleset, failure.check(found.ruleset:profile_json(failure.check(text, message, code)))
end

return as_of
