-- sandbox.lua: what rule files have besides the rule words: an allow-list, each entry with bounds of its own, so that
-- no single call can take long or give an answer that differs from run to run. Runs in the rule VM; knows no rule
-- words.

local TEXT_MAX = 65536    -- bytes of a text that a function takes or gives
local PATTERN_MAX = 256   -- bytes of a text that is searched for
local LIST_MAX = 4096     -- items of a list that table.* takes
local VALUES_MAX = 200    -- values that one call may return

local WEAK = { __mode = "k" }
local sandbox = {
  content = setmetatable({}, WEAK), -- sealed table -> what lies behind it
  watched = setmetatable({}, WEAK), -- sealed table -> function to call before all of its keys are read
}

local function fail(message, ...)
  error(string.format(message, ...), 0)
end

local function text_argument(name, value)
  if type(value) == "number" then
    value = tostring(value)
  end
  if type(value) ~= "string" then
    fail("%s: a text expected, got %s", name, type(value))
  elseif #value > TEXT_MAX then
    fail("%s: a text of more than %d bytes", name, TEXT_MAX)
  end
  return value
end

local function integer_argument(name, value, default)
  if value == nil and default ~= nil then
    return default
  end
  local integer = type(value) == "number" and math.tointeger(value)
  if not integer then
    fail("%s: a whole number expected, got %s", name, type(value) == "number" and tostring(value) or type(value))
  end
  return integer
end

local function list_argument(name, value)
  if type(value) ~= "table" then
    fail("%s: a table expected, got %s", name, type(value))
  elseif #value > LIST_MAX then
    fail("%s: a list of more than %d items", name, LIST_MAX)
  end
  return value
end

-- Without addresses, which differ from run to run.
local function show(value)
  local kind = type(value)
  if kind == "string" or kind == "number" or kind == "boolean" or kind == "nil" then
    return tostring(value)
  end
  return kind
end

-- ---- base words ----

local base = {}

function base.assert(value, message, ...)
  if value then
    return value, message, ...
  end
  fail("%s", message == nil and "assertion failed" or show(message))
end

function base.error(message)
  fail("%s", show(message))
end

local function next_item(list, index)
  index = index + 1
  local value = list[index]
  if value ~= nil then
    return index, value
  end
end

function base.ipairs(list)
  if type(list) ~= "table" then
    fail("ipairs: a table expected, got %s", type(list))
  end
  return next_item, list, 0
end

local RANK = { number = 1, string = 2, boolean = 3 }

local function comes_before(a, b)
  local rank_a, rank_b = RANK[type(a)], RANK[type(b)]
  if rank_a ~= rank_b then
    return rank_a < rank_b
  elseif rank_a == 3 then
    return not a and b
  end
  return a < b
end

-- The keys of a table in one order everywhere: numbers, texts, flags, each rising.
function sandbox.sorted_keys(list)
  local keys = {}
  for key in next, list do
    if not RANK[type(key)] then
      fail("pairs: a key that is a %s has no order", type(key))
    end
    keys[#keys + 1] = key
  end
  table.sort(keys, comes_before)
  return keys
end

function base.pairs(list)
  if type(list) ~= "table" then
    fail("pairs: a table expected, got %s", type(list))
  end
  if sandbox.watched[list] then
    sandbox.watched[list]()
  end
  local keys, at = sandbox.sorted_keys(sandbox.content[list] or list), 0
  return function()
    at = at + 1
    local key = keys[at]
    if key ~= nil then
      return key, list[key]
    end
  end
end

function base.select(n, ...)
  if n == "#" then
    return select("#", ...)
  end
  return select(integer_argument("select", n), ...)
end

function base.tonumber(value, radix)
  if type(value) == "string" and #value > PATTERN_MAX then
    return nil
  elseif radix ~= nil then
    return tonumber(text_argument("tonumber", value), integer_argument("tonumber", radix))
  elseif type(value) == "string" or type(value) == "number" then
    return tonumber(value)
  end
  return nil
end

base.tostring = show

function base.type(value)
  return type(value)
end

-- ---- math ----

local maths = {}
for _, name in ipairs { "abs", "ceil", "floor", "fmod", "max", "min", "sqrt" } do
  local call = math[name]
  maths[name] = function(...)
    for at = 1, math.max(1, select("#", ...)) do
      local value = select(at, ...)
      if type(value) ~= "number" then
        fail("math.%s: a number expected, got %s", name, type(value))
      end
    end
    return (call(...))
  end
end

-- ---- string ----

local texts = {}

function texts.len(text) return #text_argument("string.len", text) end
function texts.upper(text) return string.upper(text_argument("string.upper", text)) end
function texts.lower(text) return string.lower(text_argument("string.lower", text)) end
function texts.reverse(text) return string.reverse(text_argument("string.reverse", text)) end

function texts.sub(text, from, to)
  return string.sub(text_argument("string.sub", text), integer_argument("string.sub", from, 1),
    integer_argument("string.sub", to, -1))
end

function texts.byte(text, from, to)
  from = integer_argument("string.byte", from, 1)
  to = integer_argument("string.byte", to, from)
  text = text_argument("string.byte", text)
  if (to < 0 and #text + to or to) - (from < 0 and #text + from or from) >= VALUES_MAX then
    fail("string.byte: more than %d bytes at once", VALUES_MAX)
  end
  return string.byte(text, from, to)
end

function texts.rep(text, count, separator)
  text = text_argument("string.rep", text)
  count = integer_argument("string.rep", count)
  separator = separator == nil and "" or text_argument("string.rep", separator)
  if count > 0 and (#text + #separator) * math.min(count, TEXT_MAX + 1) > TEXT_MAX then
    fail("string.rep: a text of more than %d bytes", TEXT_MAX)
  end
  return string.rep(text, #text + #separator > 0 and count or 0, separator)
end

-- Plain text only: there are no patterns.
function texts.find(text, part, from)
  part = text_argument("string.find", part)
  if #part > PATTERN_MAX then
    fail("string.find: a search text of more than %d bytes", PATTERN_MAX)
  end
  return string.find(text_argument("string.find", text), part, integer_argument("string.find", from, 1), true)
end

local function format_argument(verb, value)
  if verb == "s" then
    value = show(value)
    return text_argument("string.format", value)
  elseif type(value) ~= "number" then
    fail("string.format: %%%s needs a number, got %s", verb, type(value))
  end
  return value
end

function texts.format(form, ...)
  form = text_argument("string.format", form)
  local arguments, count, size = { ... }, 0, #form
  for flags, verb in string.gmatch(form, "%%([-+ #0-9.]*)(.?)") do
    if verb ~= "%" then
      if not string.find("dixXfgGeEcs", verb, 1, true) or verb == "" or #flags > 8 then
        fail("string.format: %%%s%s is not allowed", flags, verb)
      end
      count = count + 1
      arguments[count] = format_argument(verb, arguments[count])
      size = size + (verb == "s" and #arguments[count] or 0) + 110
    end
  end
  if size > TEXT_MAX then
    fail("string.format: a text of more than %d bytes", TEXT_MAX)
  end
  return string.format(form, table.unpack(arguments, 1, count))
end

-- ---- table ----

local lists = {}

function lists.concat(list, separator, from, to)
  list_argument("table.concat", list)
  separator = separator == nil and "" or text_argument("table.concat", separator)
  from, to = integer_argument("table.concat", from, 1), integer_argument("table.concat", to, #list)
  if to - from > LIST_MAX then
    fail("table.concat: more than %d items", LIST_MAX)
  end
  local size = 0
  for at = from, to do
    size = size + #separator + #text_argument("table.concat", list[at])
    if size > TEXT_MAX then
      fail("table.concat: a text of more than %d bytes", TEXT_MAX)
    end
  end
  return table.concat(list, separator, from, to)
end

-- Without a function that compares, sorting is one call that nothing interrupts: long texts would make it last.
function lists.sort(list, comes_first)
  list_argument("table.sort", list)
  local size = 0
  for at = 1, comes_first == nil and #list or 0 do
    local value = list[at]
    size = size + (type(value) == "string" and #value or 0)
  end
  if size > TEXT_MAX then
    fail("table.sort: texts of more than %d bytes together", TEXT_MAX)
  end
  table.sort(list, comes_first)
end

function lists.insert(list, ...)
  list_argument("table.insert", list)
  table.insert(list, ...)
end

function lists.remove(list, at)
  list_argument("table.remove", list)
  return table.remove(list, integer_argument("table.remove", at, #list))
end

function lists.unpack(list, from, to)
  list_argument("table.unpack", list)
  from, to = integer_argument("table.unpack", from, 1), integer_argument("table.unpack", to, #list)
  if to - from >= VALUES_MAX then
    fail("table.unpack: more than %d values", VALUES_MAX)
  end
  return table.unpack(list, from, to)
end

-- ---- the environment ----

-- A table that rules can read and call but not change: it is empty, and everything lies behind it.
function sandbox.sealed(content, on_unknown, on_assign)
  local table_of = setmetatable({}, {
    __index = on_unknown and function(_, key)
      local value = content[key]
      if value == nil then
        return on_unknown(key)
      end
      return value
    end or content,
    __newindex = on_assign or function(_, key)
      fail("%s: this table cannot be changed", show(key))
    end,
    __len = function() return #content end,
  })
  sandbox.content[table_of] = content
  return table_of
end

-- Methods of texts are the bounded functions as well; texts are no numbers.
local text_metatable = getmetatable("")
for event in next, text_metatable do
  text_metatable[event] = nil
end
text_metatable.__index = sandbox.sealed(texts)

function sandbox.words()
  local words = {}
  for name, value in next, base do
    words[name] = value
  end
  words.math = sandbox.sealed(maths)
  words.string = sandbox.sealed(texts)
  words.table = sandbox.sealed(lists)
  return words
end

return sandbox
