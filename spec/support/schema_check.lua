-- schema_check.lua: whether a JSON value is what a schema says, for the words of JSON Schema that the interface
-- description uses; any other word is a fault of its own. Values are as dkjson decodes them, null being dkjson.null.

local json = require "dkjson"

local schema_check = {}

local KNOWN = {}
for word in ([[type description properties required additionalProperties items enum minimum maximum minLength maxLength
  maxItems default examples anyOf $ref]]):gmatch("%S+") do
  KNOWN[word] = true
end

-- The value that "#/components/schemas/X" names, or nil.
function schema_check.resolve(document, reference)
  local at = document
  if reference:sub(1, 2) ~= "#/" then
    return nil
  end
  for part in reference:sub(3):gmatch("[^/]+") do
    at = type(at) == "table" and at[part] or nil
  end
  return at
end

local function is_list(value)
  return type(value) == "table" and (getmetatable(value) or {}).__jsontype == "array"
end

local IS = {
  null = function(value)
    return value == json.null
  end,
  string = function(value)
    return type(value) == "string"
  end,
  boolean = function(value)
    return type(value) == "boolean"
  end,
  number = function(value)
    return type(value) == "number"
  end,
  integer = function(value)
    return type(value) == "number" and value % 1 == 0
  end,
  array = is_list,
  object = function(value)
    return type(value) == "table" and value ~= json.null and not is_list(value)
  end,
}

local function has_type(value, types)
  for _, name in ipairs(type(types) == "table" and types or { types }) do
    if assert(IS[name], "unknown type " .. tostring(name))(value) then
      return true
    end
  end
  return false
end

local function includes(list, value)
  for _, item in ipairs(list) do
    if item == value then
      return true
    end
  end
  return false
end

local check

local function check_scalar(report, schema, value)
  if schema.enum and not includes(schema.enum, value) then
    report("is none of the enum")
  end
  if type(value) == "number" then
    if value < (schema.minimum or value) or value > (schema.maximum or value) then
      report("is out of range")
    end
  elseif type(value) == "string" then
    if #value < (schema.minLength or 0) or #value > (schema.maxLength or math.huge) then
      report("has a wrong length")
    end
  end
end

local function check_members(state, schema, value, path)
  for _, name in ipairs(schema.required or {}) do
    if value[name] == nil then
      table.insert(state.faults, path .. "." .. name .. " is missing")
    end
  end
  for name, member in pairs(value) do
    local of = (schema.properties or {})[name]
    if of then
      check(state, of, member, path .. "." .. name)
    elseif type(schema.additionalProperties) == "table" then
      check(state, schema.additionalProperties, member, path .. "." .. name)
    elseif schema.additionalProperties == false or (state.is_closed and schema.properties) then
      table.insert(state.faults, path .. "." .. name .. " is not in the schema")
    end
  end
end

-- The faults of the first alternative, unless one has none.
local function check_any(state, alternatives, value, path)
  local first
  for _, alternative in ipairs(alternatives) do
    local tried = { document = state.document, faults = {}, is_closed = state.is_closed }
    check(tried, alternative, value, path)
    if #tried.faults == 0 then
      return
    end
    first = first or tried.faults
  end
  table.move(first, 1, #first, #state.faults + 1, state.faults)
end

function check(state, schema, value, path)
  local function report(what)
    table.insert(state.faults, path .. " " .. what)
  end
  for word in pairs(schema) do
    if not KNOWN[word] then
      report("has a schema with the unknown word " .. word)
    end
  end
  if schema.anyOf then
    return check_any(state, schema.anyOf, value, path)
  end
  if schema["$ref"] then
    local target = schema_check.resolve(state.document, schema["$ref"])
    return target and check(state, target, value, path) or not target and report("has a reference to nothing")
  end
  if schema.type and not has_type(value, schema.type) then
    return report("has the wrong type")
  end
  check_scalar(report, schema, value)
  if is_list(value) then
    for i, item in ipairs(schema.items and value or {}) do
      check(state, schema.items, item, path .. "[" .. i .. "]")
    end
  elseif IS.object(value) then
    check_members(state, schema, value, path)
  end
end

-- The faults of a value, an empty list when there are none. Members that no schema names are faults as well: what
-- is documented must be all of it.
function schema_check.faults(document, schema, value)
  local state = { document = document, faults = {}, is_closed = true }
  check(state, schema, value, "$")
  return state.faults
end

return schema_check
