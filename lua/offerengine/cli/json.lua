-- json: Lua tables as JSON text, for what commands put together themselves. Decisions and explanations never come
-- here: their bytes are made by the library.

local json = {}

-- Members that stand first, in this order; the others follow by name.
local FIRST = { "id", "product_id", "customer_id", "segment", "stage", "name", "category", "severity", "code", "file",
  "line", "message" }

local RANK = {}
for rank, name in ipairs(FIRST) do
  RANK[name] = rank
end

-- An empty list needs this mark: an empty table is an object otherwise.
json.LIST = {}

function json.list(items)
  return setmetatable(items, json.LIST)
end

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function text(value)
  return '"' .. value:gsub('[%c"\\]', function(byte)
    return ESCAPES[byte] or (byte == "\127" and byte) or ("\\u%04x"):format(byte:byte())
  end) .. '"'
end

local function number(value)
  if math.type(value) == "integer" then
    return ("%d"):format(value)
  elseif value ~= value or value == math.huge or value == -math.huge then
    return "null"
  end
  local short = ("%.15g"):format(value)
  return tonumber(short) == value and short or ("%.17g"):format(value)
end

local encode

local function list(value)
  local items = {}
  for i, item in ipairs(value) do
    items[i] = encode(item)
  end
  return "[" .. table.concat(items, ",") .. "]"
end

local function object(value)
  local names, members = {}, {}
  for name in pairs(value) do
    names[#names + 1] = name
  end
  table.sort(names, function(a, b)
    local left, right = RANK[a] or math.huge, RANK[b] or math.huge
    if left ~= right then
      return left < right
    end
    return a < b
  end)
  for i, name in ipairs(names) do
    members[i] = text(name) .. ":" .. encode(value[name])
  end
  return "{" .. table.concat(members, ",") .. "}"
end

function encode(value)
  local kind = type(value)
  if kind == "table" then
    return (getmetatable(value) == json.LIST or value[1] ~= nil) and list(value) or object(value)
  elseif kind == "string" then
    return text(value)
  elseif kind == "number" then
    return number(value)
  elseif kind == "boolean" then
    return tostring(value)
  end
  return "null"
end

json.encode = encode

return json
