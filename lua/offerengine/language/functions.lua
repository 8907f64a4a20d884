-- functions.lua: functions given as conditions. When a file has run, each of its functions is looked into: what it
-- would assign to, which attributes it names, what it says of a few made-up customers; and the tables that it holds
-- are sealed, so that no call can leave anything behind for another. Runs in the rule VM.
-- luacheck: read globals use builder guarded keep upvalue set_upvalue scan_function

local scanner = use "offerengine.scanner"
local sandbox = use "offerengine.language.sandbox"
local tokens = use "offerengine.language.tokens"
local report = use "offerengine.language.report"
local schema = use "offerengine.language.schema"

local functions = {
  kept = {},         -- those of the running file
  environment = nil, -- of rule files
  is_probing = false, -- the function that is called for a made-up customer
}
local all = {} -- every function so far: { condition = , names = set of the texts in it, read = set of attributes }

-- The builder's condition that calls `value`; `what` ends with the id of the declaration, in quotes.
function functions.condition(value, at, what)
  local id = string.match(what, '"([^"]*)"$') or what
  local number = keep(value)
  local condition = builder.condition { op = "call", ["function"] = number, name = id, line = at.line }
  local own = { value = value, condition = condition, line = at.line, what = what, names = {}, read = {} }
  table.insert(functions.kept, own)
  table.insert(all, own)
  return condition
end

-- ---- what a function reaches ----

local ASSIGNS = {
  upvalue = "%s assigns to a variable that lies outside of it: each customer must find the same rules",
  global = "%s assigns to a global; write local name = ... instead",
  argument = "%s assigns to its argument: a rule reads the customer, it does not change them",
}

local visit

-- The table that stands for `list` from now on: what it holds can be read, not changed.
local function seal(list, walk)
  if tokens.meaning[list] or sandbox.content[list] or list == functions.environment then
    return list
  elseif not walk.sealed[list] then
    walk.sealed[list] = sandbox.sealed(list)
    for key, value in next, list do
      list[key] = visit(value, walk)
    end
  end
  return walk.sealed[list]
end

local function scan(value, walk)
  local scanned = scan_function(value)
  if scanned == nil then
    return false
  elseif not scanned then
    report.error("func", walk.line, "%s cannot be checked", walk.what)
    return false
  end
  for _, write in ipairs(scanned.writes) do
    report.error("func_writes", write.line, ASSIGNS[write.target], walk.what)
  end
  for name in next, scanned.names do
    walk.names[name] = true
  end
  return true
end

local function visit_function(value, walk)
  if walk.seen[value] then
    return
  end
  walk.seen[value] = true
  if not scan(value, walk) then
    return
  end
  for index = 1, 255 do
    local is_there, held = upvalue(value, index)
    if not is_there then
      return
    end
    local sealed = visit(held, walk)
    if sealed ~= held then
      set_upvalue(value, index, sealed)
    end
  end
end

function visit(value, walk)
  if type(value) == "function" then
    visit_function(value, walk)
  elseif type(value) == "table" then
    return seal(value, walk)
  end
  return value
end

-- ---- made-up customers ----

-- Low, middle and high of everything, flags both ways, and nothing on file.
local function sample(name, number)
  local kind, range = schema.attributes[name], schema.ranges[name] or {}
  if number == 4 then
    return nil
  elseif kind == "text" then
    local values = schema.values[name] or { "" }
    return values[math.min(number, #values)]
  elseif kind == "flag" then
    return number ~= 1
  elseif kind == "product_set" then
    return sandbox.sealed {}
  end
  local low, high = range[1] or 0, range[2] or 1000000
  local value = number == 1 and low or number == 3 and high or (low + high) / 2
  return kind == "integer" and math.floor(value) or value
end

local function recording(own, number)
  local customer = sandbox.sealed({}, function(name)
    if schema.attributes[name] == nil then
      own.unknown = own.unknown or { name = name, line = report.line() }
      return nil
    end
    own.read[name] = true
    return sample(name, number)
  end)
  sandbox.watched[customer] = function()
    for _, name in ipairs(schema.attributes) do
      own.read[name] = true
    end
  end
  return customer
end

local function probe(own)
  report.once()
  for number = 1, 4 do
    local customer = recording(own, number)
    functions.is_probing = own
    local done, kind, _, line = guarded(function() own.value(customer) end)
    functions.is_probing = false
    if not done and kind ~= "error" then
      report.error(kind == "stopped" and "endless" or "memory", line > 0 and line or own.line,
        "%s needs too much %s and was ended", own.what, kind == "stopped" and "time" or "memory")
      return
    end
  end
  if own.unknown then
    report.add("error", "unknown_attribute", own.unknown.line > 0 and own.unknown.line or own.line,
      string.format("unknown attribute %s in %s", report.show(own.unknown.name), own.what),
      type(own.unknown.name) == "string" and builder.suggest(own.unknown.name, schema.attributes) or nil)
  end
end

-- To be called when a file has run. Rules that run once more are known to be sound.
-- What a function means hangs on its own text and on what it holds, and all that stands in its file.
function functions.check_file(text)
  local walk = { seen = {}, sealed = {} }
  if #functions.kept > 0 then
    builder.program { text = scanner.plain(text) }
  end
  for _, own in ipairs(functions.kept) do
    walk.names, walk.what, walk.line = own.names, own.what, own.line
    visit(own.value, walk)
    if not builder.again then
      probe(own)
    end
  end
  functions.kept = {}
end

-- To be called when all files have run.
function functions.finish()
  for _, own in ipairs(all) do
    for name in next, schema.protected do
      if own.condition and (own.names[name] or own.read[name]) then
        builder.protect { condition = own.condition }
      end
    end
  end
end

-- For calls: the customer, the table in which its values are put, and the one of the products that it owns.
function functions.customer(set_name, names)
  local known, owned = {}, {}
  for _, name in ipairs(names) do
    known[name] = true
  end
  local values = setmetatable({}, { __index = function(_, name)
    if not known[name] then
      error("there is no such attribute", 0)
    end
  end })
  if set_name then
    values[set_name] = sandbox.sealed(owned)
  end
  return sandbox.sealed(values), values, owned
end

return functions
