-- check.lua: what the values in declarations must be. Each check reports what is wrong and returns nil then, so that a
-- declaration goes on with the rest of its keys. Runs in the rule VM.
--
-- `at` says where a table stands: { line = , fields = positions of its keys or nil }; `what` names the value in a
-- message, e.g. `min_age of product "gold_loan"`.
-- luacheck: read globals use builder

local sandbox = use "offerengine.language.sandbox"
local tokens = use "offerengine.language.tokens"
local report = use "offerengine.language.report"

local TEXT_MAX = 500

local check = {}

local function is_poison(value)
  local token = tokens.meaning[value]
  return token ~= nil and token.kind == "poison"
end
check.is_poison = is_poison

-- Where the value of `key` stands, as far as it was written out.
function check.inside(at, key)
  local node = at.fields and at.fields[key]
  if node then
    return { line = node.line, fields = node.fields, written = true, ordinal = node.at }
  end
  return { line = at.line, ordinal = math.huge }
end

-- The keys of a table in the order in which they were written; what code added comes last, sorted.
function check.ordered_keys(list, at)
  local written, added, last = {}, nil, 0
  for key in next, list do
    local node = at.fields and at.fields[key]
    if node then
      written[node.at], last = key, math.max(last, node.at)
    else
      added = added or {}
      added[key] = true
    end
  end
  local keys = {}
  for ordinal = 1, last do
    keys[#keys + 1] = written[ordinal]
  end
  if added then
    local rest = sandbox.sorted_keys(added)
    table.move(rest, 1, #rest, #keys + 1, keys)
  end
  return keys
end

-- The lines of the keys of a declaration.
function check.lines(list, at)
  local lines = {}
  for index, key in ipairs(check.ordered_keys(list, at)) do
    lines[index] = { name = tostring(key), line = check.inside(at, key).line }
  end
  return lines
end

local function wrong_type(value, at, what, needed, hint)
  if is_poison(value) then
    return nil
  elseif type(value) == "function" then
    return check.refuse_function(at, what)
  end
  report.error("wrong_type", at.line, "%s must be %s, not %s%s", what, needed, report.show(value), hint or "")
  return nil
end
check.wrong_type = wrong_type

-- The one place where a function is turned away that is given for a plain value.
function check.refuse_function(at, what)
  report.error("func", at.line, "%s is a function; functions are taken as conditions, curves and messages only, " ..
    "as in when = function(c) return c.income > 2 * c.avg_account_balance end", what)
  return nil
end

function check.number(value, at, what)
  if type(value) ~= "number" then
    local quoted = type(value) == "string" and tonumber(value) and "; write it without quotes" or ""
    return wrong_type(value, at, what, "a number", quoted)
  elseif value ~= value or value == math.huge or value == -math.huge then
    report.error("value", at.line, "%s must be a finite number", what)
    return nil
  end
  return value
end

function check.number_within(value, at, what, low, high)
  local number = check.number(value, at, what)
  if number and (number < low or number > high) then
    report.error("value", at.line, "%s must lie between %s and %s, not %s", what, report.show(low),
      report.show(high), report.show(number))
    return nil
  end
  return number
end

function check.count(value, at, what)
  local number = check.number(value, at, what)
  if number and (number ~= math.floor(number) or number < 1 or number > 1000000) then
    report.error("value", at.line, "%s must be a whole number of at least 1, not %s", what, report.show(number))
    return nil
  end
  return number and math.tointeger(number)
end

function check.flag(value, at, what)
  if type(value) ~= "boolean" then
    return wrong_type(value, at, what, "true or false")
  end
  return value
end

function check.text(value, at, what)
  if type(value) ~= "string" then
    return wrong_type(value, at, what, "a text", type(value) == "number" and "; put it in quotes" or "")
  elseif #value == 0 or #value > TEXT_MAX then
    report.error("value", at.line, "%s must have 1 to %d bytes", what, TEXT_MAX)
    return nil
  elseif string.find(value, "%c") or not builder.is_utf8(value) then
    report.error("value", at.line, "%s must be UTF-8 text without control characters", what)
    return nil
  end
  return value
end

-- One of a few words.
function check.choice(value, at, what, choices)
  local text = check.text(value, at, what)
  if text == nil then
    return nil
  end
  for _, choice in ipairs(choices) do
    if choice == text then
      return text
    end
  end
  report.add("error", "value", at.line, string.format("%s must be %s, not %s", what,
    '"' .. table.concat(choices, '", "') .. '"', report.show(text)), builder.suggest(text, choices))
  return nil
end

-- Ids are what keys and other rules refer to: letters, digits and underscores; products may have dots and dashes.
function check.id(value, at, what, pattern)
  if type(value) ~= "string" then
    return wrong_type(value, at, what, "a text in quotes")
  elseif #value > 64 or not string.find(value, pattern or "^[%a_][%w_]*$") then
    report.error("id", at.line, "%s %s must be 1 to 64 letters, digits and underscores, a letter first", what,
      report.show(value))
    return nil
  end
  return value
end

-- A table that is meant to be written out, not a rule word.
function check.table(value, at, what, hint)
  if type(value) ~= "table" or tokens.meaning[value] then
    return wrong_type(value, at, what, "a table", hint)
  end
  return value
end

-- One text or a list of texts, each with its line: { { "credit", line } , ... } as two lists.
function check.texts(value, at, what)
  if type(value) == "string" then
    value = { value }
  elseif type(value) ~= "table" or tokens.meaning[value] then
    return wrong_type(value, at, what, 'a text or a list of texts, as in { "a", "b" }') or {}
  end
  local texts = {}
  for _, key in ipairs(check.ordered_keys(value, at)) do
    local inside = check.inside(at, key)
    if math.type(key) ~= "integer" then
      report.error("unknown_key", inside.line, "unknown key %s in %s, which is a list", report.show(key), what)
    else
      texts[#texts + 1] = check.text(value[key], inside, string.format("item %d of %s", key, what))
    end
  end
  if next(value) == nil then
    report.error("value", at.line, "%s is empty", what)
  end
  return texts
end

-- Reports every key of `list` that is not among `allowed` (a list); `further` are words for suggestions only.
function check.keys(list, at, what, allowed, further)
  local known = {}
  for _, key in ipairs(allowed) do
    known[key] = true
  end
  for _, key in ipairs(check.ordered_keys(list, at)) do
    local inside = check.inside(at, key)
    if type(key) ~= "string" then
      if not is_poison(list[key]) then
        report.error("unknown_key", inside.line, "%s: item %s has no key; write key = value", what,
          report.show(key))
      end
    elseif not known[key] then
      check.unknown_key(key, inside, what, allowed, further)
    end
  end
end

function check.unknown_key(key, at, what, allowed, further)
  local words = table.move(allowed, 1, #allowed, 1, {})
  table.move(further or {}, 1, #(further or {}), #words + 1, words)
  report.add("error", "unknown_key", at.line, string.format("unknown key %s in %s; allowed: %s", report.show(key),
    what, table.concat(allowed, ", ")), builder.suggest(key, words))
end

local keys_of = setmetatable({}, { __mode = "k" }) -- readers -> their sorted keys, once for all declarations

-- Runs `readers[key](value, at, what)` for each key of a declaration; what is unknown or missing is reported.
-- Returns what the readers returned, by key.
function check.read(list, at, subject, readers, needed)
  local allowed = keys_of[readers] or sandbox.sorted_keys(readers)
  keys_of[readers] = allowed
  check.keys(list, at, subject, allowed)
  local values = {}
  for _, key in ipairs(check.ordered_keys(list, at)) do
    local reader = type(key) == "string" and readers[key]
    if reader then
      values[key] = reader(list[key], check.inside(at, key), string.format("%s of %s", key, subject))
    end
  end
  for _, key in ipairs(needed or {}) do
    if list[key] == nil then
      report.error("missing", at.line, "%s has no %s", subject, key)
    end
  end
  return values
end

return check
