-- json: Lua tables as JSON text, for what is put together in Lua. Decisions, profiles and explanations never come
-- here: their bytes are made by the library.

local core = require "offerengine.core"

local json = {}

local LIST, OBJECT, RAW = { json = "list" }, { json = "object" }, { json = "raw" }

-- Members that stand first in plain tables, in this order; the others follow by name.
local FIRST = { "id", "product_id", "customer_id", "segment", "stage", "name", "category", "severity", "code", "file",
  "line", "message" }

-- An empty list needs this mark: an empty table is an object otherwise.
function json.list(items)
  return setmetatable(items, LIST)
end

-- json.object("id", 7, "name", nil): members in this order; those that are nil stay out.
function json.object(...)
  local object = setmetatable({ names = {}, values = {} }, OBJECT)
  for i = 1, select("#", ...), 2 do
    json.add(object, (select(i, ...)), (select(i + 1, ...)))
  end
  return object
end

-- One more member at the end of an object.
function json.add(object, name, value)
  if value ~= nil then
    object.names[#object.names + 1] = name
    object.values[name] = value
  end
  return object
end

-- Text that is JSON already.
function json.raw(text)
  return setmetatable({ text = text }, RAW)
end

json.null = json.raw "null"

function json.encode(value)
  return core.encode_json(value, FIRST)
end

return json
