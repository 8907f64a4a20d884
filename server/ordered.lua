-- ordered.lua: JSON text whose members stand in the order in which they were given. Knows no route and no rule.

local json = require "offerengine.cli.json"

local ordered = { list = json.list }

local OBJECT, RAW = {}, {}

-- ordered.object("id", 7, "name", nil): members in this order; those that are nil stay out.
function ordered.object(...)
  local names, values = {}, {}
  for i = 1, select("#", ...), 2 do
    local name, value = select(i, ...)
    if value ~= nil then
      names[#names + 1] = name
      values[name] = value
    end
  end
  return setmetatable({ names = names, values = values }, OBJECT)
end

-- One more member at the end of an object.
function ordered.add(object, name, value)
  if value ~= nil then
    object.names[#object.names + 1] = name
    object.values[name] = value
  end
  return object
end

-- Text that is JSON already.
function ordered.raw(text)
  return setmetatable({ text = text }, RAW)
end

ordered.null = ordered.raw("null")

local encode

local function encode_object(object)
  local members = {}
  for i, name in ipairs(object.names) do
    members[i] = json.encode(name) .. ":" .. encode(object.values[name])
  end
  return "{" .. table.concat(members, ",") .. "}"
end

local function encode_list(list)
  local items = {}
  for i, item in ipairs(list) do
    items[i] = encode(item)
  end
  return "[" .. table.concat(items, ",") .. "]"
end

local function is_list(value)
  return getmetatable(value) == json.LIST or value[1] ~= nil
end

-- Plain tables: lists when they have a first item or were marked by ordered.list, else objects with sorted members.
local function encode_plain(value)
  if is_list(value) then
    return encode_list(value)
  end
  local names = {}
  for name in pairs(value) do
    names[#names + 1] = name
  end
  table.sort(names)
  return encode_object { names = names, values = value }
end

function encode(value)
  if type(value) ~= "table" then
    return json.encode(value)
  end
  local kind = getmetatable(value)
  if kind == OBJECT then
    return encode_object(value)
  elseif kind == RAW then
    return value.text
  end
  return encode_plain(value)
end

ordered.encode = encode

return ordered
