-- profile_schema.lua: the schema of a customer, made of the attributes that the rules declare.

local json = require "offerengine.json"
local shapes = require "server.docs.shapes"

local profile_schema = {}

local object = json.object

local ID = object("type", "string", "minLength", 1, "maxLength", 128,
  "description", "1 to 128 bytes without control characters.")

local TYPES = {
  number = "number", integer = "integer", money = "number", text = "string", flag = "boolean", product_set = "array",
}

local function words_of(attribute)
  local words = attribute.label or attribute.name:gsub("_", " ")
  words = words:sub(1, 1):upper() .. words:sub(2)
  if attribute.type == "money" then
    words = words .. ", an amount"
  elseif attribute.type == "product_set" then
    words = words .. ": ids of products that the customer owns"
  end
  if attribute.unit then
    words = words .. " (" .. attribute.unit .. ")"
  end
  return words .. (attribute.nullable and ". null: not on file." or ".")
end

-- null is "not on file"; `takes_null` says whether it may be sent.
local function value_schema(attribute, takes_null)
  local name = TYPES[attribute.type]
  local schema = object("type", takes_null and { name, "null" } or name, "description", words_of(attribute))
  if name == "array" then
    return json.add(json.add(schema, "maxItems", 1024), "items", ID)
  elseif name == "string" then
    return json.add(schema, "maxLength", 256)
  end
  return json.add(json.add(schema, "minimum", attribute.minimum), "maximum", attribute.maximum)
end

local function takes_null(attribute)
  return attribute.nullable or attribute.optional
end

function profile_schema.customer(attributes)
  local members = { { "customer_id", ID } }
  for _, attribute in ipairs(attributes) do
    members[#members + 1] = {
      attribute.name .. (attribute.optional and "?" or ""), value_schema(attribute, takes_null(attribute)),
    }
  end
  return shapes.record("One customer. Members that are not listed are ignored, and counted in the header "
    .. "Offerengine-Warning.", members)
end

-- Nothing is required of a merge patch, and null takes a value away where it may be missing.
function profile_schema.patch(attributes)
  local members = { { "customer_id?", ID } }
  for _, attribute in ipairs(attributes) do
    members[#members + 1] = { attribute.name .. "?", value_schema(attribute, takes_null(attribute)) }
  end
  return shapes.record("Members to change.", members)
end

return profile_schema
