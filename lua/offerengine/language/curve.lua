-- curve.lua: the words of curves: how a value becomes a share between 0 and 1. Runs in the rule VM.
-- luacheck: read globals use

local tokens = use "offerengine.language.tokens"
local report = use "offerengine.language.report"
local check = use "offerengine.language.check"
local functions = use "offerengine.language.functions"

local POINTS_MAX = 16

local curve = { words = {} }
local words = curve.words

local function token(shape, shown)
  return tokens.new { kind = "curve", curve = shape, line = report.line(), shown = shown }
end

-- The arguments as numbers that rise, or nil.
local function rising(name, count, usage, ...)
  local given = select("#", ...)
  local numbers, sound = {}, true
  for index = 1, given do
    local value = select(index, ...)
    numbers[index] = check.number(value, { line = report.line() }, string.format("argument %d of %s", index, name))
    sound = sound and numbers[index] ~= nil
  end
  if sound and given ~= count then
    report.error("arguments", report.line(), "%s takes %d arguments, got %d: %s", name, count, given, usage)
    sound = false
  end
  return sound and numbers or nil
end

function words.ramp(...)
  local x = rising("ramp", 2, "ramp(0, 75000)", ...)
  if not x then
    return tokens.poison
  elseif x[1] == x[2] then
    report.error("value", report.line(), "ramp(%s, %s): both ends are the same", report.show(x[1]),
      report.show(x[2]))
    return tokens.poison
  end
  return token({ kind = "ramp", x = x }, "ramp(...)")
end

function words.band(...)
  local x = rising("band", 4, "band(18, 25, 40, 60)", ...)
  if not x then
    return tokens.poison
  elseif not (x[1] <= x[2] and x[2] <= x[3] and x[3] <= x[4] and x[1] < x[4]) then
    report.error("value", report.line(), "band: the four numbers must rise: foot, top, top, foot")
    return tokens.poison
  end
  return token({ kind = "band", x = x }, "band(...)")
end

local USAGE = "steps { { 20000, 0.5 }, { 60000, 1 } }"

local function read_point(points, index, point)
  local at, what = { line = report.line() }, string.format("step %d of steps", index)
  if not check.table(point, at, what, "; write " .. USAGE) then
    return false
  end
  local x = check.number(point[1], at, "the value of " .. what)
  local y = check.number_within(point[2], at, "the share of " .. what, 0, 1)
  if not x or not y then
    return false
  elseif index > 1 and x <= points.x[index - 1] then
    report.error("value", at.line, "%s: the values must rise", what)
    return false
  end
  points.x[index], points.y[index] = x, y
  return true
end

function words.steps(...)
  local list = ...
  if select("#", ...) ~= 1 then
    report.error("arguments", report.line(), "steps takes 1 argument, got %d: %s", select("#", ...), USAGE)
    return tokens.poison
  elseif not check.table(list, { line = report.line() }, "the argument of steps", "; write " .. USAGE) then
    return tokens.poison
  elseif #list < 1 or #list > POINTS_MAX then
    report.error("value", report.line(), "steps takes 1 to %d steps, got %d: %s", POINTS_MAX, #list, USAGE)
    return tokens.poison
  end
  local points = { kind = "steps", x = {}, y = {} }
  for index, point in ipairs(list) do
    if not read_point(points, index, point) then
      return tokens.poison
    end
  end
  return token(points, "steps {...}")
end

words.gate = tokens.new { kind = "curve", curve = { kind = "gate" }, line = 0, shown = "gate" }

local function shape_of(value, at, what)
  local meaning = tokens.meaning[value]
  if value == "gate" then
    return { kind = "gate" }
  elseif meaning and meaning.kind == "curve" then
    return meaning.curve
  elseif type(value) == "function" then
    return not functions.is_word(value, at, what) and functions.curve(value, at, what) or nil
  end
  return check.wrong_type(value, at, what,
    "a curve: ramp(lo, hi), band(lo, a, b, hi), steps {...}, gate or a function")
end

-- The shape of a curve value. A wrong one has been reported and counts as a gate, so that what it would have scored is
-- not reported as well.
function curve.read(value, at, what)
  return shape_of(value, at, what) or { kind = "gate" }
end

return curve
