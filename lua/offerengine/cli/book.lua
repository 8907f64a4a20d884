-- book: the customers that a report is about: a file, the database, or the samples that come with the rules.

local arguments = require "offerengine.cli.arguments"
local failure = require "offerengine.cli.failure"
local intake = require "offerengine.cli.intake"
local offerengine = require "offerengine"
local profiles = require "offerengine.cli.profiles"
local progress = require "offerengine.cli.progress"

local book = {}

-- Options of every command that asks about a book.
book.OPTIONS = {
  { "in", "FILE", "customers as CSV or NDJSON, - for standard input (default: the samples beside the rules)" },
  arguments.DB, arguments.MAP, arguments.SKIP_BAD,
}

local function read_file(given, population, path)
  local show, wipe = progress.start("reading")
  local read, message, code = population:read { path = path, map = given.map, progress = show }
  wipe()
  failure.check(read, message, code)
  intake.warn(read.undeclared_columns, read.undeclared, read.unknown_products)
  intake.judge(given, read.bad, read.bad_rows, "there is no report")
end

-- Customers that the schema does not take are told and left out, as the service does.
local function read_database(given, ruleset, population)
  local store <close> = failure.check(offerengine.open(given.db, { read_only = true }))
  local total, count, skipped = failure.check(store:count()), 0, 0
  local show, wipe = progress.start("reading")
  for _, text in store:scan { json = true } do
    local profile = ruleset:profile_json(text)
    if profile then
      failure.check(population:add(profile))
    else
      skipped = skipped + 1
    end
    count = count + 1
    show(count, total)
  end
  wipe()
  if skipped > 0 then
    io.stderr:write(("warning: %d stored customers are not what the schema takes and were left out\n"):format(skipped))
  end
  local newest = store:generations(1)
  return newest and newest[1] and newest[1].ruleset == ruleset:hash() and newest[1].generation or nil
end

-- { population =, source = words, generation = of these rules where the database knows them }
function book.open(given, ruleset)
  if given["in"] and given.db then
    failure.usage("give either --in or --db, not both")
  end
  local population = offerengine.population(ruleset)
  if given.db then
    return { population = population, source = given.db, generation = read_database(given, ruleset, population) }
  end
  local path = given["in"] or profiles.samples(given)
  read_file(given, population, path)
  return { population = population, source = path == "-" and "standard input" or path }
end

return book
