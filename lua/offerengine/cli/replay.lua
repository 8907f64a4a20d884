-- replay: makes recorded decisions again and compares them byte for byte. Reads the database beside a running service.

local arguments = require "offerengine.cli.arguments"
local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local json = require "offerengine.json"
local offerengine = require "offerengine"
local progress = require "offerengine.cli.progress"
local replaying = require "offerengine.replay"
local waterfall = require "offerengine.cli.waterfall"

local SHOWN = 20 -- mismatches that are listed; all are counted
local SHOW_EVERY = 1000

local function check_time(text)
  return core.time(text)
end

local replay = {
  name = "replay",
  summary = "Make recorded decisions again from the journal and compare every byte.",
  usage = "replay ID | --from TIME --to TIME [--db FILE] [--json]",
  examples = {
    { "offerengine replay 01a204d5e115700080015c2e6ad2d342", "one decision, with why each product was offered or not" },
    { "offerengine replay --from 2026-03-01 --to 2026-04-01", "all of March" },
    { "offerengine replay --from 2026-03-03 --db bank.db --json", "all since a day, for programs" },
  },
  operands = { 0, 1 },
  options = {
    { "from", "TIME", "decisions from 2026-11-22 or 2026-11-22T10:30:00Z on (default: the first)", check_time },
    { "to", "TIME", "decisions before that time (default: the last)", check_time },
    { "db", "FILE", "the database (default: offerengine.db)", arguments.database },
    arguments.JSON,
  },
}

local function mismatch_text(found)
  return ("%s: %s: %s\n"):format(found.decision_id or ("block %d, record %d"):format(found.block, found.record),
    found.reason, replaying.REASONS[found.reason])
end

-- ---- One ----

local function replay_one(given, store)
  local replayer = replaying.new(store)
  local bytes, message, code = store:decision(given[1])
  if not bytes then
    failure.stop(message, (code == "not_found" or code == "corrupt") and failure.FINDINGS or code)
  end
  local reason, record = replayer:check(bytes, "sound")
  if reason then
    failure.stop(("%s: %s"):format(reason, replaying.REASONS[reason]), failure.FINDINGS)
  end
  local ruleset = replayer:rules(record.generation).ruleset
  local decision, explanation = ruleset:replay_trace(bytes)
  if given.json then
    io.stdout:write(('{"decision_id":"%s","generation":%d,"at_ms":%d,"same":true,"decision":%s,"explanation":%s}\n')
      :format(record.decision_id, record.generation, record.at_ms, decision, explanation))
    return
  end
  io.stdout:write(("decision %s at %s by generation %d, ruleset %s: the same, byte for byte\n\n"):format(
    record.decision_id, os.date("!%Y-%m-%dT%H:%M:%SZ", record.at_ms // 1000), record.generation, ruleset:hash()))
  io.stdout:write(waterfall.text(core.decode_json(explanation), ruleset, "rules"))
end

-- ---- Many ----

local function note(counts, list, reason, found)
  counts.different = counts.different + 1
  counts[reason] = (counts[reason] or 0) + 1
  if #list < SHOWN then
    found.reason = reason
    list[#list + 1] = found
  end
end

local function replay_many(given, store)
  local replayer = replaying.new(store)
  local counts, list, generations = { same = 0, erased = 0, different = 0 }, {}, {}
  local show, wipe = progress.start("replay")
  local from, until_ms = given.from or math.mininteger, given.to or math.maxinteger
  local seen, first, last = 0, nil, given.to or core.now()
  failure.check(store:decisions(from, until_ms, function(bytes, state, block, place)
    seen = seen + 1
    if state == "erased" then
      counts.erased = counts.erased + 1
      return
    end
    local reason, record = replayer:check(bytes, state)
    if record then
      generations[record.generation] = true
      first = first or record.at_ms
    end
    if record and seen % SHOW_EVERY == 0 then
      show(record.at_ms - first, math.max(1, last - first))
    end
    if reason then
      note(counts, list, reason, { decision_id = record and record.decision_id, block = block, record = place })
    else
      counts.same = counts.same + 1
    end
  end))
  wipe()
  counts.generations = 0
  for _ in pairs(generations) do
    counts.generations = counts.generations + 1
  end
  return counts, list
end

local function write_json(counts, list)
  local shown = {}
  for i, found in ipairs(list) do
    shown[i] = json.object("decision_id", found.decision_id or json.null, "block", found.block, "record", found.record,
      "reason", found.reason)
  end
  io.stdout:write(json.encode(json.object("same", counts.same, "different", counts.different, "erased", counts.erased,
    "generations", counts.generations, "mismatches", json.list(shown))), "\n")
end

local function write_text(counts, list)
  for _, found in ipairs(list) do
    io.stdout:write(mismatch_text(found))
  end
  if counts.different > #list then
    io.stdout:write(("and %d more\n"):format(counts.different - #list))
  end
  io.stdout:write(("%d decisions of %d generations are the same, byte for byte; %d differ; %d were erased\n"):format(
    counts.same, counts.generations, counts.different, counts.erased))
end

function replay.run(given)
  if given[1] and (given.from or given.to) then
    failure.usage("give either an ID, or --from and --to")
  elseif not (given[1] or given.from or given.to) then
    failure.usage("give the ID of a decision, or --from and --to")
  end
  local store <close> = failure.check(offerengine.open(given.db or "offerengine.db", { read_only = true }))
  if given[1] then
    return replay_one(given, store)
  end
  local counts, list = replay_many(given, store)
  if given.json then
    write_json(counts, list)
  else
    write_text(counts, list)
  end
  return counts.different > 0 and failure.FINDINGS or failure.NONE
end

return replay
