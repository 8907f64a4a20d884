-- experiment: what an experiment has shown so far. Reads the database beside a running service.

local arguments = require "offerengine.cli.arguments"
local bars = require "offerengine.cli.bars"
local failure = require "offerengine.cli.failure"
local json = require "offerengine.json"
local offerengine = require "offerengine"
local report = require "offerengine.cli.report"
local reports = require "offerengine.reports.experiment"

local command = {
  name = "experiment",
  summary = "Tell what an experiment has shown so far, and how sure that is. It may be asked every day.",
  usage = "experiment NAME [--outcome NAME] [--db FILE] [--json]",
  examples = {
    { "offerengine experiment card_message", "customers who converted, by arm" },
    { "offerengine experiment card_message --outcome accepted", "customers who accepted an offer" },
  },
  operands = { 1, 1 },
  options = {
    { "outcome", "NAME", "shown, clicked, accepted, declined or converted (default: converted)",
      arguments.one_of("shown", "clicked", "accepted", "declined", "converted") },
    { "db", "FILE", "the database (default: offerengine.db)", arguments.database },
    arguments.JSON,
  },
}

local FEW = "not enough data"

local function percent(value)
  return ("%.1f %%"):format(100 * value)
end

local function points(value)
  return ("%+.1f"):format(100 * value)
end

local function verdict(arm)
  local found = arm.difference
  if not found then
    return FEW
  elseif not found.decided then
    return "no difference shown yet"
  end
  return arm.arm .. (found.value > 0 and " is higher" or " is lower")
end

local function assignment(ratio)
  if not ratio then
    return FEW
  end
  return ratio.broken and "broken: customers do not fall to the arms as they should; believe nothing of the above" or
    "as it should be"
end

local function write_text(made)
  local rows, differences = {}, {}
  for i, arm in ipairs(made.arms) do
    local rate = arm.rate
    rows[i] = { arm.arm, arm.share .. " %", report.number(arm.customers), report.number(arm.converted),
      rate and percent(rate.value) or FEW, rate and percent(rate.low) .. " to " .. percent(rate.high) or "" }
    if arm.arm ~= "control" then
      local found = arm.difference
      differences[#differences + 1] = ("%s less control: %s\n"):format(arm.arm, found and
        ("%s points, %s to %s at any time: %s"):format(points(found.value), points(found.low), points(found.high),
          verdict(arm)) or FEW)
    end
  end
  io.stdout:write(("experiment %s since generation %d, %s: customers who %s\n"):format(made.experiment,
    made.generation, report.time(made.since_ms), made.outcome == "shown" and "were shown an offer" or made.outcome),
    bars.table({ "arm", "share", "customers", made.outcome, "rate", "95 % interval" }, rows),
    table.concat(differences), "assignment: ", assignment(made.ratio), "\n")
end

local function write_json(made)
  local arms = {}
  for i, arm in ipairs(made.arms) do
    local rate, found = arm.rate, arm.difference
    arms[i] = json.object("arm", arm.arm, "share", arm.share, "customers", arm.customers, "count", arm.converted,
      "rate", rate and json.object("value", rate.value, "low", rate.low, "high", rate.high),
      "difference", found and json.object("value", found.value, "low", found.low, "high", found.high,
        "decided", found.decided))
  end
  io.stdout:write(json.encode(json.object("experiment", made.experiment, "outcome", made.outcome, "since_ms",
    made.since_ms, "generation", made.generation, "alpha", made.alpha, "arms", json.list(arms), "assignment",
    not made.ratio and "not_enough_data" or made.ratio.broken and "broken" or "sound")), "\n")
end

function command.run(given)
  local store <close> = failure.check(offerengine.open(given.db or "offerengine.db", { read_only = true }))
  local made, message, code = reports.make(store, given[1], given.outcome or "converted")
  if code == "not_found" then
    failure.stop(message, failure.FINDINGS)
  end
  failure.check(made, message, code)
  if given.json then
    write_json(made)
  else
    write_text(made)
  end
  return made.ratio and made.ratio.broken and failure.FINDINGS or failure.NONE
end

return command
