-- export: all customers of the database as CSV or NDJSON, in bytewise order of their ids.

local arguments = require "offerengine.cli.arguments"
local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local json = require "offerengine.json"
local offerengine = require "offerengine"
local progress = require "offerengine.cli.progress"
local rules = require "offerengine.cli.rules"

local export = {
  name = "export",
  summary = "Write the customers of the database to a file.",
  usage = "export --db FILE [--out FILE] [--format csv|ndjson]",
  examples = {
    { "offerengine export --db bank.db --out customers.csv", "a CSV with the columns of the schema" },
    { "offerengine export --db bank.db --format ndjson", "one profile per line on standard output" },
  },
  options = {
    arguments.DB, arguments.RULES,
    { "out", "FILE", "where to write (default: -, standard output)" },
    { "format", "csv|ndjson", "default: by the name of --out, else csv", arguments.one_of("csv", "ndjson") },
    { "json", nil, "report as JSON; needs --out with a file" },
  },
}

-- One customer's line from the stored text.
local function line_writer(given, as_json, file)
  if as_json then
    return function(text) return text .. "\n" end
  end
  local ruleset = rules.load(given)
  file:write(core.csv_header(ruleset))
  local number = 1 -- the header
  return function(text, id)
    local row, message, code = core.csv_row(ruleset, text)
    number = number + 1
    return row or failure.stop(("row %d, customer '%s': %s"):format(number, id, message), code)
  end
end

local function format_of(given)
  return given.format or ((given.out or ""):find("%.[nj][ds]%w*$") and "ndjson" or "csv")
end

local function write_all(given, store, file)
  local line = line_writer(given, format_of(given) == "ndjson", file)
  local total = failure.check(store:count())
  local show, wipe = progress.start("exporting")
  local count = 0
  for id, text in store:scan { json = true } do
    local ok, problem = file:write(line(text, id))
    if not ok then
      wipe()
      failure.stop("output: " .. problem, failure.SYSTEM)
    end
    count = count + 1
    show(count, total)
  end
  wipe()
  return count
end

function export.run(given)
  if not given.db then
    failure.usage("option '--db' is needed")
  end
  local to_output = not given.out or given.out == "-"
  if given.json and to_output then
    failure.usage("option '--json' needs '--out' with a file: the customers go to standard output otherwise")
  end
  local store <close> = failure.check(offerengine.open(given.db, { read_only = true }))
  if to_output then
    write_all(given, store, io.stdout)
    return
  end
  local special = core.is_special(given.out) -- a device is written to, not replaced
  local part = special and given.out or given.out .. ".part"
  local file, problem = io.open(part, "wb")
  if not file then
    failure.stop("output: " .. problem, failure.SYSTEM)
  end
  local ok, count = pcall(write_all, given, store, file)
  local closed, message = file:close()
  if ok and closed and not special then
    closed, message = os.rename(part, given.out)
  end
  if not ok or not closed then
    if not special then
      os.remove(part)
    end
    failure.stop(ok and "output: " .. message or count.message, ok and failure.SYSTEM or count.exit)
  end
  if given.json then
    local report = json.object("exported", count, "out", given.out, "format", format_of(given))
    io.stdout:write(json.encode(report), "\n")
    return
  end
  io.stderr:write(("%d customers written to %s\n"):format(count, given.out))
end

return export
