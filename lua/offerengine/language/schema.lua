-- schema.lua: the words of the vocabulary: attribute, category, settings; and dates, which depend on the settings.
-- Runs in the rule VM.
-- luacheck: read globals use builder

local sandbox = use "offerengine.language.sandbox"
local report = use "offerengine.language.report"
local check = use "offerengine.language.check"
local declare = use "offerengine.language.declare"

local TYPES = { "number", "integer", "money", "text", "flag", "product_set" }
local NUMERIC = { number = true, integer = true, money = true }
local DAY_MS = 86400000

local schema = {
  attributes = {}, -- a list of names, and name -> type
  values = {},     -- attribute -> list of the texts that it may have
  ranges = {},     -- attribute -> { low, high }, nil where open
  protected = {},  -- attribute -> true
  derived = {},    -- attribute -> its place among the derived ones
  file = nil,      -- the rule file that runs
}
local offset_ms, is_offset_used = 0, false

-- ---- dates ----

-- A date as milliseconds UTC: 00:00 of the day, or for `until` the end of that day. A time of day is taken as it is.
local function read_date(value, at, what, is_last)
  local text = check.text(value, at, what)
  if text == nil then
    return nil
  end
  local time_ms = builder.time(text)
  if time_ms == nil then
    report.error("date", at.line, '%s is no date: %s; write "2026-12-31" or "2026-12-31T10:00"', what,
      report.show(text))
    return nil
  end
  local has_zone = string.find(text, "[Zz]$") or string.find(text, "[T ].*[+-]%d%d:%d%d$")
  is_offset_used = true
  if not has_zone then
    time_ms = time_ms - offset_ms
  end
  return is_last and #text == #"2026-12-31" and time_ms + DAY_MS or time_ms
end

function schema.from(value, at, what)
  return read_date(value, at, what, false)
end

function schema.until_end(value, at, what)
  return read_date(value, at, what, true)
end

-- Whether a window is one; `values` are what the readers gave.
function schema.check_window(values, at, subject)
  if values.from and values["until"] and values.from >= values["until"] then
    report.error("value", check.inside(at, "until").line, "until of %s lies before from", subject)
    values.from, values["until"] = nil, nil
  end
end

-- Minutes from UTC; from here on they are settled.
function schema.offset_minutes()
  is_offset_used = true
  return offset_ms // 60000
end

local UNITS_MS = { minute = 60000, hour = 3600000, day = DAY_MS }

-- "30 days" as milliseconds, within bounds that are whole minutes or days.
function schema.duration(value, at, what, low_ms, high_ms)
  local text = check.text(value, at, what)
  if text == nil then
    return nil
  end
  local count, unit = string.match(text, "^(%d+) (%l-)s?$")
  local unit_ms = UNITS_MS[unit]
  if not unit_ms or #count > 9 then
    report.error("value", at.line, '%s must be minutes, hours or days, as in "30 days", not %s', what,
      report.show(text))
    return nil
  end
  local ms = math.tointeger(count) * unit_ms
  if ms < low_ms or ms > high_ms then
    report.error("value", at.line, "%s must lie between %d minute and %d day%s, not %s", what, low_ms // 60000,
      high_ms // DAY_MS, high_ms == DAY_MS and "" or "s", report.show(text))
    return nil
  end
  return ms
end

-- ---- attribute ----

local function read_range(value, at, what)
  if not check.table(value, at, what, "; write { 0, 130 }, with nil for an open end") then
    return nil
  end
  local range = {}
  for _, key in ipairs(sandbox.sorted_keys(value)) do
    if key ~= 1 and key ~= 2 then
      report.error("unknown_key", at.line, "%s has two ends, { low, high }; unknown key %s", what, report.show(key))
    else
      range[key] = check.number(value[key], check.inside(at, key), what)
    end
  end
  if range[1] and range[2] and range[1] > range[2] then
    report.error("value", at.line, "%s must rise from its lower to its upper end", what)
    return nil
  end
  return range
end

-- Where the groups of a fairness report begin.
local function read_groups(value, at, what)
  if not check.table(value, at, what, "; write { 40, 62 }") then
    return nil
  end
  local groups = {}
  for index, limit in ipairs(value) do
    local number = check.number(limit, check.inside(at, index), what)
    if number and index > 1 and type(value[index - 1]) == "number" and number <= value[index - 1] then
      report.error("value", at.line, "%s must rise", what)
    end
    groups[#groups + 1] = number
  end
  return groups
end

schema.read_range = read_range

local ATTRIBUTE = {
  type = function(value, at, what) return check.choice(value, at, what, TYPES) end,
  unit = check.text,
  label = check.text,
  range = read_range,
  words = check.texts,
  values = check.texts,
  optional = check.flag,
  nullable = check.flag,
  protected = check.flag,
  immutable = check.flag,
  groups = read_groups,
  step = function(value, at, what) return check.number_within(value, at, what, 1e-9, 1e12) end,
}

-- Keys that the attribute's type has no use for.
local function check_keys_of_type(list, values, at, subject)
  if list.values ~= nil and values.type ~= nil and values.type ~= "text" then
    report.error("misuse", check.inside(at, "values").line, "values of %s: only texts have them, and its type is %s",
      subject, values.type)
  end
  if values.type == nil or NUMERIC[values.type] then
    return
  end
  for _, key in ipairs { "range", "step", "groups" } do
    if list[key] ~= nil then
      report.error("misuse", check.inside(at, key).line, "%s of %s: only numbers have it, and its type is %s", key,
        subject, values.type)
    end
  end
end

-- From here on the rules may speak of it.
function schema.note(name, values)
  schema.values[name] = values.values
  if schema.attributes[name] == nil then
    schema.attributes[#schema.attributes + 1] = name
    schema.attributes[name] = values.type or "number"
  end
  schema.ranges[name] = values.range or {}
  schema.protected[name] = values.protected or nil
end

-- Tells the engine. `further`: where it stands, and what is special about it.
function schema.add(name, values, further)
  local range = values.range or {}
  local attribute = { name = name, type = values.type or "number", unit = values.unit, label = values.label,
    minimum = range[1], maximum = range[2], step = values.step, optional = values.optional,
    nullable = values.nullable, protected = schema.protected[name], immutable = values.immutable,
    words = values.words, values = values.values, groups = values.groups }
  for key, value in next, further do
    attribute[key] = value
  end
  builder.attribute(attribute)
end

-- The keys of an attribute, with others in addition to or instead of them.
function schema.read(list, at, subject, readers)
  local values = check.read(list, at, subject, readers or ATTRIBUTE, { "type" })
  check_keys_of_type(list, values, at, subject)
  return values
end

declare.word("attribute", function(name, list, at, subject)
  local values = schema.read(list, at, subject)
  schema.note(name, values)
  schema.add(name, values, { line = at.line, keys = check.lines(list, at) })
end)

-- Whether `value` is one that the attribute may have, as far as its values are declared by now.
function schema.check_value(attribute, value, at, what)
  local values = schema.values[attribute]
  return values == nil or type(value) ~= "string" or check.choice(value, at, what, values) ~= nil
end

-- Words for "did you mean" with a prefix such as min_.
function schema.prefixed(prefixes)
  local words = {}
  for _, prefix in ipairs(prefixes) do
    for _, name in ipairs(schema.attributes) do
      if NUMERIC[schema.attributes[name]] then
        words[#words + 1] = prefix .. name
      end
    end
  end
  return words
end

-- ---- category ----

-- "commercial_loan" becomes "Commercial loan".
function schema.title(id)
  local words = string.gsub(id, "_", " ")
  return string.upper(string.sub(words, 1, 1)) .. string.sub(words, 2)
end

local CATEGORY = {
  name = check.text,
  regulated = function(value, at, what) return check.choice(value, at, what, { "credit" }) end,
}

declare.word("category", function(id, list, at, subject)
  local values = check.read(list, at, subject, CATEGORY)
  schema.first_category = schema.first_category or id
  builder.category { id = id, name = values.name or schema.title(id),
    regulated_credit = values.regulated == "credit", line = at.line }
end)

-- ---- settings ----

local function read_currency(value, at, what)
  local text = check.text(value, at, what)
  if text and not string.find(text, "^%u%u%u$") then
    report.error("value", at.line, '%s must be three capital letters, as in "USD", not %s', what, report.show(text))
    return nil
  end
  return text
end

local function read_offset(value, at, what)
  local text = check.text(value, at, what)
  if text == nil then
    return
  end
  local sign, hours, minutes = string.match(text, "^([+-])(%d%d):(%d%d)$")
  if not sign or tonumber(hours) > 14 or tonumber(minutes) > 59 then
    report.error("value", at.line, '%s must be hours and minutes from UTC, as in "+05:30", not %s; named zones ' ..
      "differ between machines", what, report.show(text))
  elseif is_offset_used then
    report.error("misuse", at.line, "%s comes after the first date: put settings at the top of schema.lua", what)
  else
    offset_ms = (tonumber(hours) * 60 + tonumber(minutes)) * 60000 * (sign == "-" and -1 or 1)
  end
end

-- For how long an offer that was made is held for its customer.
local function read_reservation(value, at, what)
  return schema.duration(value, at, what, 60000, DAY_MS)
end

local first_settings
declare.statement("settings", function(list, at, subject)
  if first_settings then
    report.error("misuse", at.line, "settings stand once only, first in %s", first_settings)
    return
  end
  first_settings = string.format("%s:%d", schema.file, at.line)
  local values = check.read(list, at, subject, { currency = read_currency, utc_offset = read_offset,
    reservation = read_reservation })
  builder.settings { currency = values.currency, reservation_ms = values.reservation }
end)

return schema
