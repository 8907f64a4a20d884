-- serve: the service. The work is done by the executable; the module alone cannot serve.

local arguments = require "offerengine.cli.arguments"
local failure = require "offerengine.cli.failure"

local serve = {
  name = "serve",
  summary = "Serve decisions over HTTP.",
  usage = "serve [options]",
  examples = {
    { "offerengine serve", "rules/ and offerengine.db on http://127.0.0.1:8000" },
    { "offerengine serve --rules rules --db bank.db --port 9000", "another database and port" },
    { "offerengine serve --host 0.0.0.0 --workers 4 --no-samples", "for other machines, without sample customers" },
  },
  options = {
    arguments.RULES,
    { "db", "FILE", "the database (default: offerengine.db)" },
    { "host", "ADDRESS", "address to listen on (default: 127.0.0.1)" },
    { "port", "N", "port to listen on (default: 8000)", arguments.whole(0, 65535) },
    { "workers", "N", "threads that serve (default: one per core)", arguments.whole(1, 256) },
    { "cors", "ORIGINS", "origins whose pages may read answers, with commas between; * for any (default: none)" },
    { "no-watch", nil, "take new rules only by reload or SIGHUP" },
    { "no-journal", nil, "do not record decisions; answers then have no decision_id" },
    { "journal-sync", nil, "answer only when the decision is on disk" },
    { "keep-days", "N", "forget decisions and former profiles after so many days (default: never)",
      arguments.whole(1, 36500) },
    { "no-samples", nil, "do not fill an empty database with the sample customers" },
  },
}

local function origins_of(text)
  local list = {}
  for origin in text:gmatch("[^,%s]+") do
    if origin ~= "*" and not origin:match("^https?://[^/]+$") then
      failure.usage(("--cors: '%s' is no origin; allowed is for example https://desk.bank.example, or *")
        :format(origin))
    end
    list[#list + 1] = origin
  end
  return list
end

function serve.run(given)
  local found, start = pcall(require, "offerengine.serve")
  if not found then
    failure.stop("this build cannot serve", failure.SYSTEM)
  end
  return start {
    rules = given.rules or "rules",
    db = arguments.database(given.db or "offerengine.db"),
    host = given.host or "127.0.0.1",
    port = given.port or 8000,
    workers = given.workers,
    samples = not given.no_samples,
    cors = given.cors and origins_of(given.cors),
    watch = not given.no_watch,
    journal = not given.no_journal,
    journal_sync = given.journal_sync,
    keep_ms = given.keep_days and given.keep_days * 86400000,
  }
end

return serve
