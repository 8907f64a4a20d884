-- shapes.lua: JSON Schema pieces, in the order in which they are to be read.

local json = require "offerengine.json"

local shapes = {}

local object = json.object

function shapes.reference(name)
  return object("$ref", "#/components/schemas/" .. name)
end

function shapes.text(words, more)
  return json.add(json.add(object("type", "string"), "description", words), "examples", more)
end

function shapes.number(words)
  return object("type", "number", "description", words)
end

function shapes.whole(words)
  return object("type", "integer", "minimum", 0, "description", words)
end

function shapes.flag(words)
  return object("type", "boolean", "description", words)
end

-- `item` is a schema or the name of one.
function shapes.list(item, words)
  return object("type", "array", "description", words, "items",
    type(item) == "string" and shapes.reference(item) or item)
end

-- `members` is a list of { name, schema }; a name with "?" may be missing. What may come besides is `rest`, a schema
-- or false; anything by default.
function shapes.record(words, members, rest)
  local properties, required = object(), {}
  for _, member in ipairs(members) do
    local name, optional = member[1]:match("^([^?]+)(%??)$")
    json.add(properties, name, member[2])
    if optional == "" then
      required[#required + 1] = name
    end
  end
  return object("type", "object", "description", words, "required", #required > 0 and required or nil,
    "properties", properties, "additionalProperties", rest)
end

return shapes
