-- condition.lua: the words of conditions, and turning conditions into the builder's. Rules get sealed tokens, whose
-- meaning lies in tokens.meaning, so that no rule can change a condition after it was made. Runs in the rule VM.
-- luacheck: read globals use builder

local sandbox = use "offerengine.language.sandbox"
local tokens = use "offerengine.language.tokens"
local report = use "offerengine.language.report"
local check = use "offerengine.language.check"
local schema = use "offerengine.language.schema"
local functions = use "offerengine.language.functions"

local DEPTH_MAX = 30

local condition = { words = {} }
local words = condition.words

-- ---- words ----

-- Makes a token; `shown` is what messages call it.
local function token(meaning, shown)
  meaning.line = report.line()
  meaning.shown = shown
  return tokens.new(meaning)
end

-- Whether the arguments are as many as needed and none came from an unknown word.
local function has_arguments(name, count, usage, ...)
  local given = select("#", ...)
  for index = 1, given do
    if check.is_poison((select(index, ...))) then
      return false
    end
  end
  if given ~= count then
    report.error("arguments", report.line(), "%s takes %d argument%s, got %d: %s", name, count,
      count == 1 and "" or "s", given, usage)
  end
  return given == count
end

local function here()
  return { line = report.line() }
end

local COMPARISONS = { at_least = "low", above = "low", at_most = "high", below = "high" }
for name, side in next, COMPARISONS do
  words[name] = function(...)
    local usage = name .. "(40000)"
    local number = has_arguments(name, 1, usage, ...) and check.number((...), here(), "the argument of " .. name)
    if not number then
      return tokens.poison
    end
    return token({ kind = "test", op = name, [side] = number }, name .. "(...)")
  end
end

function words.between(...)
  if not has_arguments("between", 2, "between(22, 30)", ...) then
    return tokens.poison
  end
  local low, high = ...
  low = check.number(low, here(), "the first argument of between")
  high = check.number(high, here(), "the second argument of between")
  if not low or not high then
    return tokens.poison
  elseif low > high then
    report.error("value", report.line(), "between(%s, %s) holds for nobody: the lower end comes first",
      report.show(low), report.show(high))
    return tokens.poison
  end
  return token({ kind = "test", op = "between", low = low, high = high }, "between(...)")
end

local function check_value(value, at, what)
  if type(value) == "string" then
    return check.text(value, at, what)
  elseif type(value) == "boolean" then
    return value
  end
  return check.number(value, at, what)
end

function words.equals(...)
  local value
  if has_arguments("equals", 1, 'equals("north")', ...) then
    value = check_value((...), here(), "the argument of equals")
  end
  if value == nil then
    return tokens.poison
  end
  return token({ kind = "test", op = "equals", values = { value } }, "equals(...)")
end

local function check_values(name, list)
  local at = here()
  if not check.table(list, at, "the argument of " .. name, string.format('; write %s { "a", "b" }', name)) then
    return nil
  end
  local values, sound = {}, true
  for _, key in ipairs(sandbox.sorted_keys(list)) do
    if math.type(key) ~= "integer" then
      report.error("unknown_key", at.line, "unknown key %s in %s, which takes a list", report.show(key), name)
      sound = false
    else
      values[#values + 1] = check_value(list[key], at, string.format("item %d of %s", key, name))
      sound = sound and values[#values] ~= nil
    end
  end
  if next(list) == nil then
    report.error("value", at.line, "%s of nothing: name at least one value", name)
    sound = false
  end
  return sound and #values > 0 and values or nil
end

for _, name in ipairs { "one_of", "none_of" } do
  words[name] = function(...)
    local usage = name .. ' { "north", "west" }'
    local values = has_arguments(name, 1, usage, ...) and check_values(name, (...))
    if not values then
      return tokens.poison
    end
    return token({ kind = "test", op = name, values = values }, name .. " {...}")
  end
end

-- known() tests the attribute whose key it stands at, known("income") stands alone.
for _, name in ipairs { "known", "unknown" } do
  words[name] = function(...)
    if select("#", ...) == 0 then
      return token({ kind = "test", op = name }, name .. "()")
    end
    local usage = string.format('%s("income")', name)
    local attribute = has_arguments(name, 1, usage, ...) and
      check.id((...), here(), "the attribute in " .. name)
    if not attribute then
      return tokens.poison
    end
    return token({ kind = "condition", op = name, attribute = attribute }, name .. "(...)")
  end
end

local NAMED = { owns = "credit_card", lacks = "credit_card", in_segment = "affluent", lacks_category = "credit" }
for name, example in next, NAMED do
  words[name] = function(...)
    if name == "lacks_category" and select("#", ...) == 0 then
      return token({ kind = "condition", op = name }, "lacks_category()")
    end
    local usage = string.format('%s("%s")', name, example)
    local given = has_arguments(name, 1, usage, ...) and check.text((...), here(), "the argument of " .. name)
    if not given then
      return tokens.poison
    end
    return token({ kind = "condition", op = name, name = given }, name .. "(...)")
  end
end

for _, name in ipairs { "any", "all", "none" } do
  words[name] = function(...)
    local usage = name .. ' { owns("debit_card"), { age = below(30) } }'
    local list = has_arguments(name, 1, usage, ...) and
      check.table((...), here(), "the argument of " .. name, "; write " .. usage)
    if not list then
      return tokens.poison
    end
    return token({ kind = "condition", op = name, list = list }, name .. " {...}")
  end
end

-- ---- building ----

local function line_of(at, meaning)
  return at.written and at.line or meaning.line > 0 and meaning.line or at.line
end

-- Conditions as language data are nested tables: a table may hold itself.
local function is_too_deep(at, what, depth)
  if depth > DEPTH_MAX then
    report.error("value", at.line, "%s nests deeper than %d conditions", what, DEPTH_MAX)
  end
  return depth > DEPTH_MAX
end

function condition.of_function(value, at, what)
  return not functions.is_word(value, at, what) and functions.condition(value, at, what) or nil
end

local function build_test(attribute, value, at, what)
  local meaning = tokens.meaning[value]
  if type(value) == "function" then
    return not functions.is_word(value, at, what) and check.refuse_function(at, what) or nil
  elseif meaning == nil and type(value) == "table" then
    report.error("wrong_type", at.line, "%s must be a value or a test, not a table; for several values write " ..
      'one_of { "a", "b" }, for a range between(low, high)', what)
    return nil
  elseif meaning == nil then
    local plain = check_value(value, at, what)
    if plain == nil or not schema.check_value(attribute, plain, at, what) then
      return nil
    end
    return builder.condition { op = "equals", attribute = attribute, values = { plain }, line = at.line }
  elseif meaning.kind == "poison" then
    return nil
  elseif meaning.kind ~= "test" then
    report.error("misuse", at.line, "%s: %s tests no attribute; write it without '%s ='", what, meaning.shown,
      attribute)
    return nil
  end
  for _, allowed in ipairs(meaning.values or {}) do
    if not schema.check_value(attribute, allowed, at, what) then
      return nil
    end
  end
  return builder.condition { op = meaning.op, attribute = attribute, low = meaning.low, high = meaning.high,
    values = meaning.values, line = line_of(at, meaning) }
end

-- An attribute whose test is wrong is named to the engine all the same, so that its name is checked in the same run.
local function test_of_attribute(attribute, value, at, what)
  local built = build_test(attribute, value, at, what)
  if built == nil then
    builder.condition { op = "known", attribute = attribute, line = at.line }
  end
  return built
end

-- The parts of a table of conditions and attribute tests; nil when one of them is wrong.
local function parts_of(list, at, what, depth)
  local parts, sound = {}, true
  for _, key in ipairs(check.ordered_keys(list, at)) do
    local inside, part = check.inside(at, key), nil
    if math.type(key) == "integer" then
      part = condition.build(list[key], inside, what, depth + 1)
    elseif type(key) ~= "string" then
      report.error("unknown_key", inside.line, "%s: unknown key %s", what, report.show(key))
    elseif words[key] then
      report.error("misuse", inside.line, "%s: %s is a word, not an attribute; write %s(...)", what, key, key)
    else
      part = test_of_attribute(key, list[key], inside, key .. " in " .. what)
    end
    sound = sound and part ~= nil
    parts[#parts + 1] = part
  end
  if next(list) == nil then
    report.error("value", at.line, "%s is empty: it would hold for everybody", what)
    sound = false
  end
  return sound and parts or nil
end

local function group(op, parts, line)
  if #parts == 1 and op ~= "none" then
    return parts[1]
  elseif op == "none" then
    local any = #parts == 1 and parts[1] or builder.condition { op = "any", parts = parts, line = line }
    return builder.condition { op = "not", parts = { any }, line = line }
  end
  return builder.condition { op = op, parts = parts, line = line }
end

local function build_token(meaning, at, what, depth)
  local line = line_of(at, meaning)
  if meaning.kind == "poison" then
    return nil
  elseif meaning.kind == "test" then
    report.error("misuse", at.line, "%s: %s needs an attribute; write { income = %s }", what, meaning.shown,
      meaning.shown)
    return nil
  elseif meaning.kind ~= "condition" then
    report.error("misuse", at.line, "%s: %s is no condition", what, meaning.shown)
    return nil
  elseif meaning.list then
    local parts = parts_of(meaning.list, { line = line, fields = at.fields }, what, depth)
    return parts and group(meaning.op, parts, line)
  end
  return builder.condition { op = meaning.op, attribute = meaning.attribute, name = meaning.name, line = line }
end

-- The builder's number of a condition, nil when it is wrong (which has been reported).
function condition.build(value, at, what, depth)
  depth = depth or 1
  local meaning = tokens.meaning[value]
  if is_too_deep(at, what, depth) then
    return nil
  elseif meaning then
    return build_token(meaning, at, what, depth)
  elseif type(value) == "function" then
    return condition.of_function(value, at, what)
  elseif type(value) ~= "table" then
    return check.wrong_type(value, at, what, "a condition, as in { income = at_least(40000) }")
  end
  local parts = parts_of(value, at, what, depth)
  return parts and group("all", parts, at.line)
end

-- A gate for each attribute of `requires`, so that a refusal names the one that failed.
function condition.requires(value, at, what, gates)
  if not check.table(value, at, what, '; write { region = one_of { "north" } }') then
    return
  end
  for _, key in ipairs(check.ordered_keys(value, at)) do
    local inside = check.inside(at, key)
    local built = condition.build({ [key] = value[key] }, { line = inside.line, fields = at.fields }, what)
    gates[#gates + 1] = built and { name = "requires", condition = built, line = inside.line } or nil
  end
  if next(value) == nil then
    report.error("value", at.line, "%s is empty", what)
  end
end

return condition
