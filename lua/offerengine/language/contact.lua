-- contact.lua: the words cap, cool_down and quiet: how often and when customers may be contacted. Runs in the rule VM.
-- luacheck: read globals use builder

local report = use "offerengine.language.report"
local check = use "offerengine.language.check"
local declare = use "offerengine.language.declare"
local schema = use "offerengine.language.schema"

local MINUTE_MS, DAY_MS = 60000, 86400000
local WINDOW_MAX_MS = 400 * DAY_MS
local WEEKDAYS = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" }

local function one_of(choices)
  return function(value, at, what) return check.choice(value, at, what, choices) end
end

-- ---- times of the day ----

local function read_hour(value, at, what)
  local text = check.text(value, at, what)
  if text == nil then
    return nil
  end
  local hour, minute = string.match(text, "^(%d%d):(%d%d)$")
  if not hour or tonumber(hour) > 23 or tonumber(minute) > 59 then
    report.error("value", at.line, '%s must be a time of the day, as in "21:00", not %s', what, report.show(text))
    return nil
  end
  return math.tointeger(tonumber(hour) * 60 + tonumber(minute))
end

local function read_hours(value, at, what)
  if not check.table(value, at, what, '; write { "21:00", "08:00" }') then
    return nil
  elseif #value ~= 2 then
    report.error("value", at.line, '%s must be two times of the day: { "21:00", "08:00" }', what)
    return nil
  end
  local first = read_hour(value[1], check.inside(at, 1), "the first of " .. what)
  local last = read_hour(value[2], check.inside(at, 2), "the second of " .. what)
  if first and first == last then
    report.error("value", at.line, "%s is empty: it ends when it begins; leave hours out for whole days", what)
    return nil
  end
  return first and last and { first, last }
end

local function read_weekdays(value, at, what)
  local days = 0
  for index, day in ipairs(check.texts(value, at, what) or {}) do
    local known = check.choice(day, check.inside(at, index), what, WEEKDAYS)
    for bit, name in ipairs(WEEKDAYS) do
      days = name == known and days | 1 << bit - 1 or days
    end
  end
  return days
end

-- ---- the words ----

local function readers_with(further)
  local readers = { category = check.texts, product = check.texts, channel = check.texts, campaign = check.texts,
    reason = check.text, from = schema.from, ["until"] = schema.until_end }
  for key, reader in next, further do
    readers[key] = reader
  end
  return readers
end

local function read_days(value, at, what)
  local days = check.count(value, at, what)
  if days and days > WINDOW_MAX_MS // DAY_MS then
    report.error("value", at.line, "%s must be at most 400 days, not %s", what, report.show(days))
    return nil
  end
  return days
end

local CAP = readers_with {
  at_most = check.count,
  per = function(value, at, what) return schema.duration(value, at, what, MINUTE_MS, WINDOW_MAX_MS) end,
  each = one_of { "product", "category" },
}
local COOL_DOWN = readers_with { days = read_days, each = one_of { "product", "category", "scope" } }
local QUIET = readers_with { hours = read_hours, weekdays = read_weekdays }

-- `policy`: what is special about it.
local function add(id, list, at, subject, values, policy)
  schema.check_window(values, at, subject)
  declare.note_places({ "category", "product" }, values, at)
  policy.id, policy.reason = id, values.reason
  policy.categories, policy.products = values.category, values.product
  policy.channels, policy.campaigns = values.channel, values.campaign
  policy.from_ms, policy.until_ms = values.from, values["until"]
  policy.keys, policy.line = check.lines(list, at), at.line
  builder.policy(policy)
end

declare.word("cap", function(id, list, at, subject)
  local values = check.read(list, at, subject, CAP, { "at_most", "per" })
  add(id, list, at, subject, values, { kind = "cap", at_most = values.at_most or 1,
    window_ms = values.per or DAY_MS, each = values.each or "scope" })
end)

declare.word("cool_down", function(id, list, at, subject)
  local values = check.read(list, at, subject, COOL_DOWN, { "days" })
  add(id, list, at, subject, values, { kind = "cool_down", window_ms = (values.days or 1) * DAY_MS,
    each = values.each or "product" })
end)

declare.word("quiet", function(id, list, at, subject)
  local values = check.read(list, at, subject, QUIET)
  if list.hours == nil and list.weekdays == nil then
    report.error("missing", at.line, "%s has no hours and no weekdays", subject)
  end
  local hours = values.hours or { 0, 0 }
  add(id, list, at, subject, values, { kind = "quiet", from_minute = hours[1], until_minute = hours[2],
    weekdays = values.weekdays, offset_minutes = schema.offset_minutes() })
end)
