-- diff: two sets of rules over the same customers: who gains, who loses, and which line did it.

local arguments = require "offerengine.cli.arguments"
local book = require "offerengine.cli.book"
local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local findings = require "offerengine.cli.findings"
local gates = require "offerengine.gates"
local json = require "offerengine.json"
local offerengine = require "offerengine"
local progress = require "offerengine.cli.progress"
local report = require "offerengine.cli.report"
local reports = require "offerengine.reports.diff"

local DATABASE = "offerengine.db"

local function percent(text)
  local number = tonumber((text:match("^%s*([%d.]+)%s*%%?%s*$")))
  if number and number <= 100 then
    return number
  end
  return nil, "must be a share of the customers, as in 2%"
end

local function ratio(text)
  local number = tonumber(text)
  if number and number > 0 and number <= 1 then
    return number
  end
  return nil, "must be a number above 0, at most 1, as in 0.8"
end

local diff = {
  name = "diff",
  summary = "Decide for every customer under two sets of rules: who gains, who loses, and which line did it.",
  usage = "diff [--new DIR] [--base DIR|GENERATION] [--in FILE | --db FILE] [options]",
  examples = {
    { "offerengine diff", "what serves from offerengine.db and the folder rules, for all customers" },
    { "offerengine diff --base rules --new drafts --in book.csv", "two folders, for the customers of a file" },
    { "offerengine diff --new drafts --db bank.db", "what serves and a draft, for all customers" },
    { "offerengine diff --new drafts --db bank.db --base 12 --out flips.csv", "with generation 12; each flip a row" },
    { "offerengine diff --new drafts --db bank.db --max-lost 2% --min-ratio 0.8", "exit 4 when it goes too far" },
  },
  options = {
    { "new", "DIR", "the rules folder that is asked about (default: rules)" },
    { "base", "DIR|GENERATION", "what it is compared with (default: the newest generation in the database)" },
    { "out", "FILE|-", "a CSV with a row for each offer gained or lost, and the line that did it" },
    { "max-lost", "SHARE", "exit 4 when more customers lose an offer, as in 2%", percent },
    { "max-best-changed", "SHARE", "exit 4 when more customers get another best offer", percent },
    { "max-lost-only", "SHARE", "exit 4 when more customers are left without an offer", percent },
    { "min-ratio", "RATIO", "exit 4 when a group is offered a product less often, as in 0.8 of the highest", ratio },
    { "min-group", "N", "groups of fewer customers are not judged (default: 30)", arguments.whole(1, 1000000000) },
    { "limit", "N", "at most so many offers each", arguments.whole(1, 10000) },
    { "workers", "N", "threads that decide (default: one per core)", arguments.whole(1, 256) },
    arguments.AT, arguments.JSON, arguments.CSV, table.unpack(book.OPTIONS),
  },
}

-- ---- The two rulesets ----

local function load(label, options)
  local ruleset, message, code, found = offerengine.load(label, options)
  if ruleset then
    return ruleset
  end
  io.stderr:write(findings.text(label, found or {}), findings.hint(found or {}))
  failure.stop(message, code)
end

local function exists(path)
  local file = io.open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

-- A generation of the database: its number, nil for the newest.
local function load_generation(given, number)
  if not given.db then
    failure.usage(number and ("option '--base': there is no folder '%d'; a generation needs --db"):format(number)
      or "option '--base' is needed: there is no database that knows what serves; give --base or --db")
  end
  local store <close> = failure.check(offerengine.open(given.db, { read_only = true }))
  local generation, message, code = store:generation(number)
  if not generation and code == "not_found" then
    failure.usage(number and ("option '--base': %s has no generation %d"):format(given.db, number)
      or ("%s has no generation yet; give --base"):format(given.db))
  end
  failure.check(generation, message, code)
  local label = ("generation %d of %s"):format(generation.generation, given.db)
  local ruleset = load(label, { texts = generation.texts })
  return { ruleset = ruleset, generation = generation.generation,
    words = ("%s, ruleset %s"):format(label, ruleset:hash()) }
end

local function load_base(given)
  local number = given.base and math.tointeger(tonumber(given.base))
  if not given.base or (number and not exists(given.base .. "/schema.lua")) then
    return load_generation(given, number)
  end
  local ruleset = load(given.base)
  return { ruleset = ruleset, folder = given.base, words = ("%s, ruleset %s"):format(given.base, ruleset:hash()) }
end

-- Whose schema reads the customers: the new one's, unless the base asks for something that it has dropped.
local function reader_of(base, new)
  local known = {}
  for _, attribute in ipairs(new:attributes()) do
    known[attribute.name] = true
  end
  for _, attribute in ipairs(base:attributes()) do
    if not known[attribute.name] then
      return base
    end
  end
  return new
end

-- ---- Gates ----

local function judge(given, answer)
  local limits = { max_lost = given.max_lost, max_best_changed = given.max_best_changed,
    max_lost_only = given.max_lost_only, min_ratio = given.min_ratio }
  local found = gates.check(answer, limits)
  for _, gate in ipairs(found) do
    io.stderr:write(("gate %s: %s\n"):format(gate.gate:gsub("_", "-"), gate.message))
  end
  return found
end

local function write(given, shown, answer, found)
  if given.json then
    io.stdout:write(json.encode(reports.object(shown, answer, found)), "\n")
  elseif given.csv then
    io.stdout:write(report.csv(shown))
  elseif given.out ~= "-" then
    io.stdout:write(reports.text(shown))
  end
end

function diff.run(given)
  given.new = given.new or "rules"
  if given.out == "-" and (given.json or given.csv) then
    failure.usage("--out - and the report go to standard output both; give --out a file")
  end
  if not given["in"] and not given.db and exists(DATABASE) then
    given.db = DATABASE
  end
  local base = load_base(given)
  local new = { ruleset = load(given.new, { ruleset = base.ruleset }), folder = given.new }
  given.rules = given.new -- whose samples are asked when there is nobody else
  local customers = { ["in"] = given["in"], db = not given["in"] and given.db or nil, map = given.map,
    skip_bad = given.skip_bad, rules = given.rules }
  local opened = book.open(customers, reader_of(base.ruleset, new.ruleset))
  local show, wipe = progress.start("deciding")
  local answer, message, code = offerengine.diff(base.ruleset, new.ruleset, opened.population, {
    at = given.at or core.now(), limit = given.limit, workers = given.workers, output = given.out,
    ratio = given.min_ratio, group = given.min_group, progress = show,
  })
  wipe()
  failure.check(answer, message, code)
  local shown = reports.report(answer, new, base, opened)
  local found = judge(given, answer)
  write(given, shown, answer, found)
  return #found > 0 and failure.GATE or failure.NONE
end

return diff
