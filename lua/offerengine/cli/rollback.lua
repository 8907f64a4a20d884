-- rollback: has the running service decide by rules of its history again.

local arguments = require "offerengine.cli.arguments"
local failure = require "offerengine.cli.failure"
local owner = require "offerengine.cli.owner"

local rollback = {
  name = "rollback",
  summary = "Have the running service decide by earlier rules again.",
  usage = "rollback [GENERATION] [--db FILE] [--author NAME] [--note TEXT] [--json]",
  examples = {
    { "offerengine rollback", "the rules before those that serve" },
    { 'offerengine rollback 12 --note "too many offers"', "generation 12 of 'offerengine history'" },
  },
  operands = { 0, 1 },
  options = {
    { "db", "FILE", "the service's database (default: offerengine.db)" },
    { "author", "NAME", "who wants it" },
    { "note", "TEXT", "why" },
    arguments.JSON,
  },
}

function rollback.run(given)
  local number, problem
  if given[1] then
    number, problem = arguments.whole(1, 2 ^ 53)(given[1])
    if not number then
      failure.usage("generation: " .. problem)
    end
  end
  owner.report(given, owner.post(given.db or "offerengine.db", "/rules/rollback",
    { generation = number, author = given.author or "", note = given.note or "" }))
end

return rollback
