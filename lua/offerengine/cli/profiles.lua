-- profiles: where a command finds the customer that it was asked about: a file, the database, or the samples that
-- come with the rules.

local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local offerengine = require "offerengine"

local profiles = {}

local function read_text(path)
  if path == "-" then
    return io.read("a")
  end
  local file, message = io.open(path, "rb")
  if not file then
    failure.stop("input: " .. message, failure.SYSTEM)
  end
  local text, problem = file:read("a")
  file:close()
  return text or failure.stop(("input: %s: %s"):format(path, problem), failure.SYSTEM)
end

function profiles.warn(warnings)
  if not warnings then
    return
  end
  local undeclared = warnings.undeclared
  if undeclared and undeclared ~= 0 then
    io.stderr:write(("warning: %d %s not in the schema and left out\n"):format(
      undeclared, undeclared == 1 and "member is" or "members are"))
  end
  if #warnings.unknown_products > 0 then
    io.stderr:write(("warning: existing_products: unknown product at position %s\n"):format(
      table.concat(warnings.unknown_products, ", ")))
  end
end

local function from_text(ruleset, text)
  local profile, warnings = failure.check(ruleset:profile_json(text))
  profiles.warn(warnings)
  return profile
end

-- All customers of a file; bad rows end the command.
function profiles.read_all(ruleset, path)
  local list = failure.check(core.customers(ruleset, { path = path }))
  while failure.check(list:read()) do end
  local _, bad = list:count()
  if bad > 0 then
    failure.stop(("%s: %d bad rows\n%s"):format(path, bad, list:bad():gsub("\n$", "")), failure.FINDINGS)
  end
  return list
end

function profiles.samples(given)
  return (given.rules or "rules"):gsub("/+$", "") .. "/samples/customers.csv"
end

local function from_samples(given, ruleset, id)
  local text = profiles.read_all(ruleset, profiles.samples(given)):find(id)
  return text or failure.stop(("customer '%s' not found in %s"):format(id, profiles.samples(given)), failure.FINDINGS)
end

local function from_database(given, id)
  local store <close> = failure.check(offerengine.open(given.db, { read_only = true }))
  local text, message, code = store:get_json(id)
  if not text and code == "not_found" then
    failure.stop(("customer '%s' not found in %s"):format(id, given.db), failure.FINDINGS)
  end
  return failure.check(text, message, code)
end

-- The profile of the customer named by the first operand, or of --in.
function profiles.find(given, ruleset)
  local id = given[1]
  if given["in"] then
    return id and failure.usage("give either an ID or --in, not both") or from_text(ruleset, read_text(given["in"]))
  elseif not id then
    failure.usage("give the ID of a customer, or --in FILE")
  end
  return from_text(ruleset, given.db and from_database(given, id) or from_samples(given, ruleset, id))
end

return profiles
