-- experiment: what an experiment has shown so far, from the journal and the outcomes of a database. Every customer for
-- whom something was decided counts in the arm that the lot gave them, whatever they were offered or shown: what comes
-- after the lot cannot choose who is compared.

local core = require "offerengine.core"
local replay = require "offerengine.replay"

local experiment = {}

local ALPHA, RATIO_ALPHA, GENERATIONS_MAX = 0.05, 0.01, 1000

local function find(ruleset, name)
  for _, one in ipairs(ruleset:experiments()) do
    if one.name == name then
      return one
    end
  end
end

-- What the lot goes by, as a text.
local function lot_of(one)
  local parts = { one.salt, tostring(one.from_ms), tostring(one.until_ms) }
  for _, arm in ipairs(one.arms) do
    parts[#parts + 1] = ("%s %d"):format(arm.name, arm.share)
  end
  return table.concat(parts, "\n")
end

-- The rules that serve, the experiment in them, and since when all rules have drawn it alike; or nil, message, code.
local function find_running(store, name)
  local generations, message, code = store:generations(GENERATIONS_MAX)
  if not generations then
    return nil, message, code
  elseif #generations == 0 then
    return nil, "the database holds no rules", "not_found"
  end
  local rules = replay.new(store)
  local newest = rules:rules(generations[1].generation)
  if newest.reason then
    return nil, replay.REASONS[newest.reason], "corrupt"
  end
  local one = find(newest.ruleset, name)
  if not one then
    local names = {}
    for i, known in ipairs(newest.ruleset:experiments()) do
      names[i] = known.name
    end
    return nil, ("the rules that serve have no experiment '%s'; they have %s"):format(name,
      #names > 0 and table.concat(names, ", ") or "none"), "not_found"
  end
  local since = generations[1]
  for i = 2, #generations do
    local older = rules:rules(generations[i].generation)
    local same = older.ruleset and find(older.ruleset, name)
    if not same or lot_of(same) ~= lot_of(one) then
      break
    end
    since = generations[i]
  end
  return { ruleset = newest.ruleset, experiment = one, since = since }
end

local function compare(arms, alpha)
  local control
  for _, arm in ipairs(arms) do
    control = arm.arm == "control" and arm or control
  end
  for _, arm in ipairs(arms) do
    if arm ~= control then
      arm.difference = core.difference(control, arm, alpha)
    end
  end
end

-- make(store, name, outcome): { experiment, outcome, since_ms, generation, ratio (nil: too few), alpha,
-- arms = { { arm, share, customers, converted, rate, difference } } }, where rate and difference are nil while there is
-- not enough; or nil, message, code.
function experiment.make(store, name, outcome)
  local found, message, code = find_running(store, name)
  if not found then
    return nil, message, code
  end
  local arms
  arms, message, code = store:trial(found.ruleset, name, found.since.at_ms, outcome)
  if not arms then
    return nil, message, code
  end
  local customers, shares = {}, {}
  for i, arm in ipairs(arms) do
    arm.share = found.experiment.arms[i].share
    arm.rate = core.rate(arm)
    customers[i], shares[i] = arm.customers, arm.share
  end
  -- Several comparisons share the false alarms.
  local alpha = ALPHA / (#arms - 1)
  compare(arms, alpha)
  return { experiment = name, outcome = outcome, since_ms = found.since.at_ms, generation = found.since.generation,
    alpha = alpha, arms = arms, ratio = core.sample_ratio(customers, shares, RATIO_ALPHA) }
end

return experiment
