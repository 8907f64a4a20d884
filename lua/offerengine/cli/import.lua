-- import: customers from a file into the database, all or nothing unless told otherwise.

local arguments = require "offerengine.cli.arguments"
local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local intake = require "offerengine.cli.intake"
local json = require "offerengine.json"
local offerengine = require "offerengine"
local progress = require "offerengine.cli.progress"
local rules = require "offerengine.cli.rules"

local import = {
  name = "import",
  summary = "Put customers from a CSV or NDJSON file into the database.",
  usage = "import FILE|- --db FILE [options]",
  examples = {
    { "offerengine import customers.csv --db bank.db", "all rows, or none when one is bad" },
    { "offerengine import customers.ndjson --db bank.db --skip-bad", "the good rows, with a count of the bad ones" },
    { "offerengine import scf.csv --map scf-map.csv --db bank.db", "with product ids of another house" },
  },
  operands = { 1, 1 },
  options = {
    arguments.DB, arguments.RULES, arguments.MAP, arguments.SKIP_BAD, arguments.JSON,
    { "format", "csv|ndjson", "what the file is (default: by its name or first byte)",
      arguments.one_of("csv", "ndjson") },
  },
}

local function read(given)
  local list = failure.check(core.customers(rules.load(given),
    { path = given[1], format = given.format, map = given.map }))
  local show, wipe = progress.start("reading")
  repeat
    local more, position, size = list:read()
    if more == nil then
      wipe()
      failure.stop(position, size)
    end
    show(position, size)
  until not more
  wipe()
  return list
end

-- One transaction as long as the file is below what the store takes at once, else several: all rows have been
-- found good before the first.
local function store_rows(list, count, store)
  local first, created, replaced = 1, 0, 0
  local show, wipe = progress.start("storing")
  while first > 0 and count > 0 do
    local following, made, changed = list:store(store, first)
    if not following then
      wipe()
      failure.stop(("%s; %d of %d customers were stored"):format(made, first - 1, count), changed)
    end
    first, created, replaced = following, created + made, replaced + changed
    show(first == 0 and count or first, count)
  end
  wipe()
  return { imported = count, created = created, replaced = replaced }
end

local function send(list, count, owner)
  if not owner.address then
    failure.stop(("the database is owned by process %d, which has told no address"):format(owner.pid), failure.SYSTEM)
  end
  local status, body = failure.check(core.http_post(owner.address, "/import/customers", "application/x-ndjson",
    list:ndjson()))
  local answer = core.decode_json(body)
  if status ~= 200 and status ~= 201 then
    local detail = type(answer) == "table" and type(answer.detail) == "string" and answer.detail or body
    failure.stop(("%s answered %d: %s"):format(owner.address, status, detail),
      status < 500 and failure.FINDINGS or failure.SYSTEM)
  end
  return { imported = count, created = answer.created, replaced = answer.replaced, through = owner.address }
end

-- With --json the members of POST /import/customers.
local function tell(given, report, list, bad)
  if given.json then
    local _, undeclared, unknown = list:warnings()
    local shown = json.object("imported", report.imported, "created", report.created, "replaced", report.replaced,
      "skipped", bad, "undeclared_members", undeclared, "unknown_products", unknown)
    io.stdout:write(json.encode(shown), "\n")
    return
  end
  io.stdout:write(("%d customers imported%s: %d new, %d replaced\n"):format(report.imported,
    report.through and " through " .. report.through or "", report.created, report.replaced))
end

function import.run(given)
  if not given.db then
    failure.usage("option '--db' is needed")
  end
  local list <close> = read(given)
  local count, bad = list:count()
  intake.warn(list:warnings())
  intake.judge(given, bad, list:bad(), "nothing was imported")
  local store, message, code = offerengine.open(given.db)
  if store then
    local opened <close> = store
    tell(given, store_rows(list, count, opened), list, bad)
  elseif code == "busy" then
    tell(given, send(list, count, core.owner(given.db) or failure.stop(message, code)), list, bad)
  else
    failure.stop(message, code)
  end
end

return import
