-- history: the rules that served. Reads the database beside a running service.

local arguments = require "offerengine.cli.arguments"
local bars = require "offerengine.cli.bars"
local failure = require "offerengine.cli.failure"
local json = require "offerengine.json"
local offerengine = require "offerengine"

local history = {
  name = "history",
  summary = "List the rules that served, the newest first: since when, whose, and why.",
  usage = "history [--db FILE] [--limit N] [--json]",
  examples = {
    { "offerengine history", "the newest 100 generations" },
    { "offerengine history --limit 1 --json", "the newest one, for programs" },
  },
  options = {
    { "db", "FILE", "the database (default: offerengine.db)" },
    { "limit", "N", "at most so many (default: 100)", arguments.whole(1, 1000) },
    arguments.JSON,
  },
}

local function write_json(list)
  local shown = {}
  for i, row in ipairs(list) do
    shown[i] = json.object("generation", row.generation, "ruleset", row.ruleset, "at_ms", row.at_ms,
      "author", row.author, "note", row.note)
  end
  io.stdout:write(json.encode(json.object("generations", json.list(shown))), "\n")
end

local function write_text(list)
  local rows = {}
  for i, row in ipairs(list) do
    rows[i] = { row.generation, os.date("!%Y-%m-%dT%H:%M:%SZ", row.at_ms // 1000), row.ruleset,
      row.author ~= "" and row.author or "-", row.note }
  end
  io.stdout:write(bars.table({ "generation", "since", "ruleset", "author", "note" }, rows))
end

function history.run(given)
  local store <close> = failure.check(offerengine.open(given.db or "offerengine.db", { read_only = true }))
  local list = failure.check(store:generations(given.limit))
  if given.json then
    write_json(list)
  else
    write_text(list)
  end
end

return history
