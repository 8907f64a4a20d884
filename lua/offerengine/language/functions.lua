-- functions.lua: functions given as conditions, curves and messages. When a file has run, each of its functions is
-- looked into: what it would assign to, which attributes it names, what it says of a few made-up customers; and the
-- tables that it holds are sealed, so that no call can leave anything behind for another. Runs in the rule VM.
-- luacheck: read globals use builder guarded keep upvalue set_upvalue scan_function

local sandbox = use "offerengine.language.sandbox"
local tokens = use "offerengine.language.tokens"
local report = use "offerengine.language.report"
local schema = use "offerengine.language.schema"

local functions = {
  kept = {},         -- those of the running file
  words = {},        -- functions that are words of the language -> their names
  environment = nil, -- of rule files
  is_probing = false, -- the function that is called for a made-up customer
}
local all = {} -- by number: { condition = , names = set of the texts in it, read = set of attributes, is_protected = }

-- Whether a word of the language was named instead of called, which has been reported then.
function functions.is_word(value, at, what)
  local name = functions.words[value]
  if name then
    report.error("misuse", at.line, "%s: %s is a word that is called: write %s(...)", what, name, name)
  end
  return name ~= nil
end

-- ---- what a function is, as a number that differs when it does ----

local digest

local function digest_of_text(text)
  local sum = #text
  for index = 1, #text do
    sum = sum * 31 + string.byte(text, index)
  end
  return sum
end

local function digest_of_table(list, seen)
  local sum = 1
  if not tokens.meaning[list] and not sandbox.content[list] and list ~= functions.environment and not seen[list] then
    seen[list] = true
    for key, value in next, list do
      sum = sum + digest(key, seen) * 31 + digest(value, seen) * 37 -- in any order
    end
  end
  return sum
end

function digest(value, seen)
  if type(value) == "table" then
    return digest_of_table(value, seen)
  elseif type(value) ~= "function" then
    return digest_of_text(type(value) .. tostring(value))
  end
  local scanned = not seen[value] and scan_function(value)
  seen[value] = true
  local sum = scanned and scanned.digest or 0
  for index = 1, scanned and 255 or 0 do
    local is_there, held = upvalue(value, index)
    if not is_there then
      break
    end
    sum = sum * 31 + digest(held, seen)
  end
  return sum
end

local function keep_function(value, at, what)
  local own = { value = value, number = keep(value), digest = digest(value, {}), line = at.line,
    what = what, names = {}, read = {} }
  table.insert(functions.kept, own)
  table.insert(all, own)
  return own
end

-- The builder's condition that calls `value`; `what` ends with the id of the declaration, in quotes.
function functions.condition(value, at, what)
  local own = keep_function(value, at, what)
  own.condition = builder.condition { op = "call", ["function"] = own.number, digest = own.digest, line = at.line,
    name = string.match(what, '"([^"]*)"$') or what }
  return own.condition
end

-- The curve that `value` is. Whoever knows what it scores sets curve.own.attribute.
function functions.curve(value, at, what)
  local own = keep_function(value, at, what)
  return { kind = "call", ["function"] = own.number, digest = own.digest, line = at.line, own = own }
end

-- Has `value` say the message of a product.
function functions.message(value, at, product)
  local own = keep_function(value, at, string.format("message of product %s", report.show(product)))
  own.product = product
end

-- The function that computes the attribute `name`; what is derived later than that it may not read.
function functions.derive(value, at, what, name)
  local own = keep_function(value, at, what)
  own.derives = name
  return own
end

function functions.reads_protected(own)
  for name in next, schema.protected do
    if own.names[name] or own.read[name] then
      return true
    end
  end
  return false
end

-- ---- what a function reaches ----

local ASSIGNS = {
  upvalue = "%s assigns to a variable that lies outside of it: each customer must find the same rules",
  global = "%s assigns to a global; write local name = ... instead",
  argument = "%s assigns to its argument: a rule reads the customer, it does not change them",
}

-- What was visited is a node: { names = set of the texts in it, held = list of the nodes that it reaches }.
local visit

-- The table that stands for `list` from now on: what it holds can be read, not changed.
local function seal(list, walk)
  if tokens.meaning[list] or sandbox.content[list] or list == functions.environment then
    return list
  elseif not walk.sealed[list] then
    local sealed, node = sandbox.sealed(list), { names = {}, held = {} }
    walk.sealed[list], walk.nodes[sealed] = sealed, node
    for key, value in next, list do
      list[key] = visit(value, walk, node)
    end
  end
  return walk.sealed[list]
end

-- The texts in a function; nil when there is nothing to look into.
local function scan(value, walk)
  local scanned = scan_function(value)
  if scanned == nil then
    return nil
  elseif not scanned then
    report.error("func", walk.line, "%s cannot be checked", walk.what)
    return nil
  end
  for _, write in ipairs(scanned.writes) do
    report.error("func_writes", write.line, ASSIGNS[write.target], walk.what)
  end
  return scanned.names
end

local function visit_function(value, walk)
  if walk.nodes[value] then
    return
  end
  local node = { names = {}, held = {} }
  walk.nodes[value] = node
  local names = scan(value, walk)
  if not names then
    return
  end
  node.names = names
  for index = 1, 255 do
    local is_there, held = upvalue(value, index)
    if not is_there then
      return
    end
    local sealed = visit(held, walk, node)
    if sealed ~= held then
      set_upvalue(value, index, sealed)
    end
  end
end

function visit(value, walk, from)
  if type(value) == "function" then
    visit_function(value, walk)
  elseif type(value) == "string" then
    from.names[value] = true
  elseif type(value) == "table" then
    value = seal(value, walk)
  end
  if from and walk.nodes[value] then
    from.held[#from.held + 1] = walk.nodes[value]
  end
  return value
end

-- Adds the texts in all that a node reaches. Rules may share functions, so each asks anew.
local function collect(node, names, done)
  if done[node] then
    return
  end
  done[node] = true
  for name in next, node.names do
    names[name] = true
  end
  for _, held in ipairs(node.held) do
    collect(held, names, done)
  end
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

-- A customer who notes what the function that is called reads.
local function recording(number)
  local customer = sandbox.sealed({}, function(name)
    local own = functions.is_probing
    if schema.attributes[name] == nil then
      own.unknown = own.unknown or { name = name, line = report.line() }
      return nil
    end
    own.read[name] = true
    if own.derives and schema.derived[name] and schema.derived[name] >= schema.derived[own.derives] then
      own.late = own.late or { name = name, line = report.line() }
      return nil
    end
    return sample(name, number)
  end)
  sandbox.watched[customer] = function()
    for _, name in ipairs(schema.attributes) do
      functions.is_probing.read[name] = true
    end
  end
  return customer
end

local made_up = { recording(1), recording(2), recording(3), recording(4) }

-- Whether the budget of the file allows for more.
local function probe(own)
  report.once()
  for number = 1, own.attribute and 3 or 4 do
    local asked = made_up[number]
    if own.attribute then
      asked = sample(own.attribute, number)
    end
    functions.is_probing = own
    local done, kind, _, line = guarded(function() own.value(asked) end, true)
    functions.is_probing = false
    if not done and kind ~= "error" then
      report.error(kind == "stopped" and "endless" or "memory", line > 0 and line or own.line,
        "%s needs too much %s and was ended", own.what, kind == "stopped" and "time" or "memory")
      return false
    end
  end
  if own.late then
    report.error("late", own.late.line > 0 and own.late.line or own.line,
      own.late.name == own.derives and "%s reads %s, which is itself" or
      "%s reads %s, which is derived later; put it before", own.what, own.late.name)
  end
  if own.unknown then
    report.add("error", "unknown_attribute", own.unknown.line > 0 and own.unknown.line or own.line,
      string.format("unknown attribute %s in %s", report.show(own.unknown.name), own.what),
      type(own.unknown.name) == "string" and builder.suggest(own.unknown.name, schema.attributes) or nil)
  end
  return true
end

-- The texts that a message may say; what names an attribute is a key of the customer.
local function declare_message(own)
  local texts = {}
  for _, name in ipairs(sandbox.sorted_keys(own.names)) do
    if schema.attributes[name] == nil and not string.find(name, "%z") then
      texts[#texts + 1] = name
    end
  end
  builder.message { product = own.product, ["function"] = own.number, texts = table.concat(texts, "\n"),
    line = own.line }
end

-- To be called when a file has run: what `guarded` says of looking into its functions.
function functions.check_file()
  local kept = functions.kept
  functions.kept = {}
  local walk = { nodes = {}, sealed = {} }
  local done, kind, message = guarded(function()
    for _, own in ipairs(kept) do
      walk.what, walk.line = own.what, own.line
      visit(own.value, walk)
      collect(walk.nodes[own.value], own.names, {})
      if own.product then
        declare_message(own)
      end
    end
  end)
  for _, own in ipairs(done and kept or {}) do
    if not probe(own) then
      break
    end
  end
  return done, kind, message, walk.line
end

-- To be called when all files have run.
function functions.finish()
  for _, own in ipairs(all) do
    own.is_protected = own.is_protected or functions.reads_protected(own)
    if own.is_protected and own.condition then
      builder.protect { condition = own.condition }
    end
  end
end

-- ---- customers ----

local function is_protected()
  error("this function was not seen to read a protected attribute when it was loaded", 0)
end

-- What all functions see: attributes that are not protected. Reading a protected one is an error, so that what was not
-- known at load decides nothing.
local function open_customer(names)
  local known = {}
  for _, name in ipairs(names) do
    known[name] = true
  end
  local values = setmetatable({}, { __index = function(_, name)
    if schema.protected[name] then
      is_protected()
    elseif not known[name] then
      error("there is no such attribute", 0)
    end
  end })
  local customer = sandbox.sealed(values)
  sandbox.watched[customer] = next(schema.protected) and is_protected or nil
  return customer, values
end

-- What functions see of which load knows that they read protected attributes: all.
local function whole_customer(open_values)
  local values = setmetatable({}, { __index = function(_, name)
    if not schema.protected[name] then
      return open_values[name]
    end
  end })
  local customer = sandbox.sealed(values)
  sandbox.watched[customer] = function()
    local both = {}
    for _, part in ipairs { open_values, values } do
      for name, value in next, part do
        both[name] = value
      end
    end
    sandbox.content[customer] = both
  end
  return customer, values
end

-- For calls: for each function its customer; the tables in which the values of open and of protected attributes are
-- put, and the one of the products that the customer owns.
function functions.customers(set_name, names)
  local owned, list = {}, {}
  local open, open_values = open_customer(names)
  local whole, protected_values = whole_customer(open_values)
  if set_name then
    local holder = schema.protected[set_name] and protected_values or open_values
    holder[set_name] = sandbox.sealed(owned)
  end
  for index, own in ipairs(all) do
    list[index] = own.is_protected and whole or open
  end
  return list, open_values, protected_values, owned
end

return functions
