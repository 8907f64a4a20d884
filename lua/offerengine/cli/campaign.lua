-- campaign: runs campaigns through the service that owns the database, and waits for them.

local arguments = require "offerengine.cli.arguments"
local bars = require "offerengine.cli.bars"
local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local json = require "offerengine.json"
local owner = require "offerengine.cli.owner"
local progress = require "offerengine.cli.progress"

local POLL_MS = 100

local campaign = {
  name = "campaign",
  summary = "Contact the target group of a campaign, through the running service.",
  usage = "campaign run NAME | list [NAME] | cancel NAME RUN [options]",
  examples = {
    { "offerengine campaign run spring_cards --out cards.csv --format csv", "whom to write to, and what" },
    { "offerengine campaign list spring_cards", "its runs and how far they are" },
    { "offerengine campaign cancel spring_cards 3", "stop one" },
  },
  operands = { 1, 3 },
  options = {
    { "db", "FILE", "the service's database (default: offerengine.db)" },
    { "out", "FILE", "where the list goes (default: standard output)" },
    { "format", "ndjson|csv", "what the list is (default: ndjson)", arguments.one_of("ndjson", "csv") },
    { "at", "TIME", "the clock of the run, not in the future (default: now)", core.time },
    { "seed", "N", "what the ids of its decisions are made of (default: by chance)",
      arguments.whole(0, 9007199254740992) },
    arguments.JSON,
  },
}

local NONE = "no service runs on the database %s; start one with 'offerengine serve'"

local function quote(name)
  return (name:gsub("[^%w_-]", function(byte)
    return ("%%%02X"):format(byte:byte())
  end))
end

local function path_of(name, run)
  return ("/campaigns/%s/runs%s"):format(quote(name), run and "/" .. run or "")
end

local function describe(run)
  local counts = "%d customers looked at, %d contacted with %d offers, %d not of the group, %d without an offer"
  counts = counts:format(run.looked_at, run.contacted, run.offers, run.not_targeted, run.without_offer)
  return ("run %d of %s: %s; %s"):format(run.run, run.campaign, run.state, counts)
end

local function wait(address, path)
  local show, wipe = progress.start("running")
  local run
  repeat
    run = owner.get(address, path)
    show(run.looked_at, run.customers)
    if run.state == "running" then
      core.sleep(POLL_MS)
    end
  until run.state ~= "running"
  wipe()
  return run
end

-- A list that broke off leaves no file that looks whole.
local function fetch(given, address, path)
  local file = given.out and (io.open(given.out, "wb") or failure.stop("cannot write " .. given.out, failure.SYSTEM))
  local into = file or io.stdout
  local status, message, code = core.http_get(address, path .. "/list?format=" .. (given.format or "ndjson"),
    function(bytes)
      assert(into:write(bytes))
    end)
  if file then
    file:close()
  end
  if status ~= 200 then
    if file then
      os.remove(given.out)
    end
    failure.stop(message or ("%s answered %d"):format(address, status), code or failure.SYSTEM)
  end
end

local function run(given, address, name)
  local asked = owner.post(given.db or "offerengine.db", path_of(name),
    json.object("clock_ms", given.at, "seed", given.seed))
  local path = path_of(name, asked.run)
  local made = wait(address, path)
  if made.state == "done" then
    fetch(given, address, path)
  end
  io.stderr:write(given.json and core.encode_json(made) or describe(made), "\n")
  if made.state ~= "done" then
    failure.stop(made.state == "failed" and made.reason or "the run was cancelled", failure.FINDINGS)
  end
end

local function show_runs(runs)
  local rows = {}
  for i, one in ipairs(runs) do
    rows[i] = { tostring(one.run), one.campaign, one.state, tostring(one.looked_at), tostring(one.contacted),
      tostring(one.offers), tostring(one.generation), tostring(one.seed) }
  end
  io.stdout:write(bars.table({ "run", "campaign", "state", "looked at", "contacted", "offers", "generation", "seed" },
    rows))
end

local function list(given, address, name)
  local names, runs = { name }, {}
  if not name then
    for i, one in ipairs(owner.get(address, "/campaigns").campaigns) do
      names[i] = one.campaign
    end
  end
  for _, one in ipairs(names) do
    local found = owner.get(address, path_of(one)).runs
    table.move(found, 1, #found, #runs + 1, runs)
  end
  if given.json then
    io.stdout:write(core.encode_json(runs), "\n")
  else
    show_runs(runs)
  end
end

local function cancel(given, address, name, number)
  local _, body = owner.delete(address, path_of(name, quote(number)))
  io.stdout:write(given.json and body or describe(core.decode_json(body)), "\n")
end

local ACTIONS = { run = { run, 2 }, list = { list, 1, 2 }, cancel = { cancel, 3 } }

function campaign.run(given)
  local action = ACTIONS[given[1]]
  if not action or #given < action[2] or #given > (action[3] or action[2]) then
    failure.usage("what follows is run NAME, list [NAME] or cancel NAME RUN")
  end
  action[1](given, owner.address(given.db or "offerengine.db", NONE), given[2], given[3])
end

return campaign
