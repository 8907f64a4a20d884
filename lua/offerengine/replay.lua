-- replay.lua: makes the decisions of a journal again, from their records and the rule texts that the same database
-- keeps, and says what is not the same. Nothing else goes in: no customer of today, no rules folder, no clock.

local core = require "offerengine.core"
local loader = require "offerengine.loader"

local replay = {}
replay.__index = replay

local RULESETS_KEPT = 8

-- What can be wrong, in words. A record is at fault in the first way that fits.
replay.REASONS = {
  record_damaged = "the record is not what its leaf in the chain was made of",
  clock_changed = "the clock in the record is not the one that the decision was made at",
  rules_missing = "the database does not hold the rules of that generation",
  rules_damaged = "the rules of that generation are not what their hash says, or cannot be loaded",
  rules_differ = "the record does not fit the rules of its generation",
  function_stopped = "a function of the rules took too long here, and did not then",
  engine_differs = "the same record and rules give another answer: the engine differs",
}

-- For an open store.
function replay.new(store)
  return setmetatable({ store = store, rulesets = {}, order = {} }, replay)
end

local function load(store, number)
  local generation = store:generation(number)
  if not generation then
    return { reason = "rules_missing" }
  end
  local ok, ruleset = pcall(loader.load, "", { texts = generation.texts })
  if not ok or not ruleset or ruleset:hash() ~= generation.ruleset then
    return { reason = "rules_damaged" }
  end
  return { ruleset = ruleset }
end

-- The rules of a generation: { ruleset = } or { reason = }.
function replay:rules(number)
  local found = self.rulesets[number]
  if not found then
    found = load(self.store, number)
    self.rulesets[number] = found
    table.insert(self.order, number)
    if #self.order > RULESETS_KEPT then
      self.rulesets[table.remove(self.order, 1)] = nil
    end
  end
  return found
end

local function reason_of(came, is_damaged)
  if came.same and not is_damaged then
    return nil
  elseif came.clock then
    return "clock_changed"
  elseif is_damaged then
    return "record_damaged"
  end
  return came.stopped and "function_stopped" or "engine_differs"
end

-- Decides once more. `state` is what the journal says of the record ("sound" or "damaged"). Returns nil when every
-- byte is the same, else a reason; then what the record says, as far as it can be read, and what came of it.
function replay:check(bytes, state)
  local record = core.record(bytes)
  if not record then
    return "record_damaged"
  end
  local rules = self:rules(record.generation)
  if rules.reason then
    return state == "damaged" and "record_damaged" or rules.reason, record
  end
  local came = rules.ruleset:replay(bytes)
  if not came then
    return state == "damaged" and "record_damaged" or "rules_differ", record
  end
  return reason_of(came, state == "damaged"), record, came
end

return replay
