-- consent_schema.lua: what PUT /customers/{customer_id}/consent takes and answers.

local json = require "offerengine.json"
local shapes = require "server.docs.shapes"

local object, record, text = json.object, shapes.record, shapes.text

local consent_schema = {}

function consent_schema.consent(ruleset)
  local ids = {}
  for i, category in ipairs(ruleset:categories()) do
    ids[i] = category.id
  end
  local category = object("type", "string", "description", "All of them, unless given.")
  if #ids > 0 then
    json.add(category, "enum", ids)
  end
  local entry = record("What is not to be offered; everything, when it is empty.", {
    { "channel?", text("All of them, unless given.") }, { "category?", category },
  }, false)
  return record("What a customer opted out of.", {
    { "opt_out", json.add(shapes.list(entry), "maxItems", 64) },
  }, false)
end

function consent_schema.example(ruleset)
  local category = ruleset:categories()[1]
  local entries = { object("channel", "email") }
  entries[2] = category and object("channel", "sms", "category", category.id)
  return object("opt_out", entries)
end

return consent_schema
