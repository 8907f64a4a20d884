-- outcome_schema.lua: what POST /outcomes takes and answers.

local json = require "offerengine.json"
local shapes = require "server.docs.shapes"

local object, record = json.object, shapes.record
local text, number, whole, list = shapes.text, shapes.number, shapes.whole, shapes.list

local outcome_schema = {}

outcome_schema.EXAMPLE = object("decision_id", "019c1c3f5a7e7000800000000a1b2c3d", "product_id", "credit_card",
  "outcome", "accepted", "at", "2026-12-03T10:15:30Z", "channel", "branch")

function outcome_schema.outcome()
  return record("What became of one offer.", {
    { "decision_id", text("As the answer gave it.") },
    { "product_id", text("One of the products that the decision offered.") },
    { "outcome", object("type", "string", "enum", { "shown", "clicked", "accepted", "declined", "converted" }) },
    { "at?", object("anyOf", { object("type", "string"), object("type", "integer") },
      "description", "When it happened: a time with its zone or milliseconds since 1970; now, unless given.") },
    { "channel?", text("Where it happened.") },
    { "value?", number("What it was worth, in whatever unit you count.") },
  })
end

local STATUS = object("type", "string", "enum", { "stored", "repeated" },
  "description", "repeated: it was there already, and nothing has changed.")

local LATE = shapes.flag("It was shown when its reservation had ended. It counts toward caps all the same.")

function outcome_schema.result()
  return record("What became of the report.", { { "status", STATUS }, { "late?", LATE } })
end

function outcome_schema.results()
  local line = record("One line.", {
    { "line", whole("Its number, from 1.") },
    { "status", object("type", "string", "enum", { "stored", "repeated", "refused" }) },
    { "late?", LATE },
    { "code?", text("Why it was refused, as in an answer to it alone.") },
    { "detail?", object("description", "The same for people; a list of all faults when it is validation_failed.") },
  })
  return object("anyOf", { shapes.reference "OutcomeResult", record("What became of each line.", {
    { "results", list(line) }, { "stored", whole() }, { "repeated", whole() }, { "refused", whole() },
  }) }, "description", "For one outcome that was there already, or for lines.")
end

return outcome_schema
