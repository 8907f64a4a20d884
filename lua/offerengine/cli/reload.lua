-- reload: has the running service load its rules folder.

local arguments = require "offerengine.cli.arguments"
local owner = require "offerengine.cli.owner"

local reload = {
  name = "reload",
  summary = "Have the running service take the rules as they are now.",
  usage = "reload [--db FILE] [--author NAME] [--note TEXT] [--json]",
  examples = {
    { "offerengine reload", "the service that owns offerengine.db" },
    { 'offerengine reload --author Ada --note "spring limits"', "say who changed the rules and why" },
  },
  options = {
    { "db", "FILE", "the service's database (default: offerengine.db)" },
    { "author", "NAME", "who changed the rules" },
    { "note", "TEXT", "why" },
    arguments.JSON,
  },
}

function reload.run(given)
  owner.report(given, owner.post(given.db or "offerengine.db", "/rules/reload",
    { author = given.author or "", note = given.note or "" }))
end

return reload
