-- policy.lua: the words segment, scoring, threshold, tier, exclude, adjust, limit, fallback, on_accept and ladder. Runs
-- in the rule VM.
-- luacheck: read globals use builder

local tokens = use "offerengine.language.tokens"
local report = use "offerengine.language.report"
local check = use "offerengine.language.check"
local declare = use "offerengine.language.declare"
local schema = use "offerengine.language.schema"
local condition = use "offerengine.language.condition"
local curve = use "offerengine.language.curve"

local POINTS_MAX = 100

local function points(value, at, what)
  return check.number_within(value, at, what, -POINTS_MAX, POINTS_MAX)
end

local function read_condition(value, at, what)
  return condition.build(value, at, what)
end

-- ---- segment ----

local function add_boosts(boosts, list, at, what)
  for _, target in ipairs(check.ordered_keys(list, at)) do
    local inside = check.inside(at, target)
    if type(target) ~= "string" then
      report.error("unknown_key", inside.line, "%s: item %s has no key; write product_id = points", what,
        report.show(target))
    elseif target == "category" and not at.in_category then
      local inner = { line = inside.line, fields = inside.fields, in_category = true }
      if check.table(list[target], inside, "category in " .. what, "; write category = { investment = 5 }") then
        add_boosts(boosts, list[target], inner, "category in " .. what)
      end
    elseif type(list[target]) == "table" and not tokens.meaning[list[target]] and not at.in_category then
      report.add("error", "unknown_key", inside.line, string.format("unknown key %s in %s; a product takes points, " ..
        "and category a table of them", report.show(target), what), builder.suggest(target, { "category" }))
    else
      local given = points(list[target], inside, target .. " in " .. what)
      boosts[#boosts + 1] = given and { is_category = at.in_category, target = target, points = given,
        line = inside.line }
    end
  end
end

local SEGMENT = {
  name = check.text,
  when = read_condition,
  threshold = function(value, at, what) return check.number_within(value, at, what, 0, 100) end,
  boost = function(value, at, what)
    local boosts = {}
    if check.table(value, at, what, "; write { credit_card = 8, category = { investment = 5 } }") then
      add_boosts(boosts, value, at, what)
    end
    return boosts
  end,
}

declare.word("segment", function(id, list, at, subject)
  local values = check.read(list, at, subject, SEGMENT, { "when" })
  -- A condition that is wrong counts as nobody, so that references to the segment are not reported as well.
  local built = values.when or builder.condition { op = "any", line = at.line }
  builder.segment { id = id, name = values.name or schema.title(id), condition = built, boosts = values.boost,
    keys = check.lines(list, at), line = at.line }
  if values.threshold then
    builder.threshold { level = "segment", name = id, value = values.threshold,
      line = check.inside(at, "threshold").line }
  end
end)

-- ---- scoring ----

local DIMENSION = {
  weight = function(value, at, what)
    local number = check.number(value, at, what)
    if number and number <= 0 then
      report.error("value", at.line, "%s must be a number above 0, not %s", what, report.show(number))
      return nil
    end
    return number
  end,
  of = function(value, at, what) return check.id(value, at, what) end,
  ideal = check.number,
  every = check.flag,
  curve = function(value, at, what) return curve.read(value, at, what) end,
}

local function add_dimension(name, list, at)
  local subject = string.format("%s in scoring", report.show(name))
  if not check.table(list, at, subject, "; write { weight = 40 }") then
    return
  end
  local values = check.read(list, at, subject, DIMENSION, { "weight" })
  local inside = values.of and check.inside(at, "of") or at
  if values.curve and values.curve.own then
    values.curve.own.attribute = values.of or name
  end
  builder.dimension { name = name, attribute = values.of or name, weight = values.weight or 1,
    ideal = values.ideal, every = values.every, curve = values.curve, keys = check.lines(list, at),
    line = inside.line }
end

declare.statement("scoring", function(list, at)
  for _, name in ipairs(check.ordered_keys(list, at)) do
    local inside = check.inside(at, name)
    if check.id(name, inside, "the dimension") then
      add_dimension(name, list[name], inside)
    end
  end
end)

-- ---- threshold and limit: a default and tables of names ----

local function add_levels(list, at, subject, levels, add)
  check.keys(list, at, subject, levels)
  for _, level in ipairs(levels) do
    local inside = check.inside(at, level)
    local value = list[level]
    if level == "default" and value ~= nil then
      add(level, nil, value, inside, "default of " .. subject)
    elseif value ~= nil and check.table(value, inside, string.format("%s of %s", level, subject)) then
      for _, name in ipairs(check.ordered_keys(value, inside)) do
        local place = check.inside(inside, name)
        if type(name) == "string" then
          add(level, name, value[name], place, string.format("%s in %s of %s", name, level, subject))
        else
          report.error("unknown_key", place.line, "%s of %s: item %s has no name; write name = number", level,
            subject, report.show(name))
        end
      end
    end
  end
end

declare.statement("threshold", function(list, at, subject)
  add_levels(list, at, subject, { "default", "category", "product", "segment" },
    function(level, name, value, place, what)
      local number = check.number_within(value, place, what, 0, 100)
      if number then
        builder.threshold { level = level, name = name, value = number, line = place.line }
      end
    end)
end)

declare.statement("limit", function(list, at, subject)
  add_levels(list, at, subject, { "default", "category", "group" }, function(level, name, value, place, what)
    local number = check.count(value, place, what)
    if number then
      builder.limit { level = level, name = name, value = number, line = place.line }
    end
  end)
end)

-- ---- tier ----

function declare.words.raise(...)
  local number = select("#", ...) == 1 and (...)
  if check.is_poison(number) then
    return tokens.poison
  elseif select("#", ...) ~= 1 then
    report.error("arguments", report.line(), "raise takes 1 argument, got %d: raise(40)", select("#", ...))
    return tokens.poison
  end
  number = check.number(number, { line = report.line() }, "the argument of raise")
  return number and tokens.new { kind = "raise", points = number, shown = "raise(...)" } or tokens.poison
end

declare.word("tier", function(id, list, at, subject)
  for _, attribute in ipairs(check.ordered_keys(list, at)) do
    local inside, meaning = check.inside(at, attribute), tokens.meaning[list[attribute]]
    if type(attribute) ~= "string" then
      report.error("unknown_key", inside.line, "%s: item %s has no key; write credit_score = raise(40)", subject,
        report.show(attribute))
    elseif meaning and meaning.kind == "raise" then
      builder.tier { tier = id, attribute = attribute, points = meaning.points, line = inside.line }
    else
      check.wrong_type(list[attribute], inside, string.format("%s of %s", attribute, subject), "raise(number)")
    end
  end
  if next(list) == nil then
    report.error("missing", at.line, "%s raises nothing; write { credit_score = raise(40) }", subject)
  end
end)

-- ---- exclude and adjust ----

local function rule_readers(further)
  local readers = { category = check.texts, product = check.texts, when = read_condition, reason = check.text,
    from = schema.from, ["until"] = schema.until_end }
  for key, reader in next, further do
    readers[key] = reader
  end
  return readers
end

local EXCLUDE = rule_readers {
  unknown = function(value, at, what) return check.choice(value, at, what, { "exclude" }) end,
}
local ADJUST = rule_readers { points = points }

local function add_rule(id, list, at, values)
  declare.note_places({ "category", "product" }, values, at)
  if list.when ~= nil and values.when == nil then
    return -- the condition was wrong, and has been reported
  end
  builder.rule { id = id, reason = values.reason, categories = values.category, products = values.product,
    condition = values.when, points = values.points, excludes = values.excludes,
    unknown_excludes = values.unknown == "exclude", from_ms = values.from, until_ms = values["until"],
    keys = check.lines(list, at), line = at.line }
end

declare.word("exclude", function(id, list, at, subject)
  local values = check.read(list, at, subject, EXCLUDE, { "when" })
  schema.check_window(values, at, subject)
  values.excludes = true
  add_rule(id, list, at, values)
end)

declare.word("adjust", function(id, list, at, subject)
  local values = check.read(list, at, subject, ADJUST, { "points" })
  schema.check_window(values, at, subject)
  add_rule(id, list, at, values)
end)

-- ---- lists of products: fallback and ladder ----

-- Calls add(product, line) for each item; other keys are reported.
local function read_products(list, at, subject, add)
  for _, key in ipairs(check.ordered_keys(list, at)) do
    local inside = check.inside(at, key)
    if math.type(key) ~= "integer" then
      report.error("unknown_key", inside.line, "unknown key %s in %s, which is a list of products",
        report.show(key), subject)
    else
      local product = check.text(list[key], inside, string.format("item %d of %s", key, subject))
      if product then
        add(product, inside.line)
      end
    end
  end
end

declare.statement("fallback", function(list, at, subject)
  read_products(list, at, subject, function(product, line)
    builder.fallback { product = product, line = line }
  end)
end)

-- ---- on_accept ----

local first_on_accept
declare.statement("on_accept", function(list, at, subject)
  if first_on_accept then
    report.error("misuse", at.line, "on_accept stands once only, first in %s", first_on_accept)
    return
  end
  first_on_accept = string.format("%s:%d", schema.file, at.line)
  builder.on_accept { own = check.read(list, at, subject, { own = check.flag }, { "own" }).own }
end)

-- ---- ladder ----

local LADDER = {
  steps = function(value, at, what)
    local steps = {}
    if not check.table(value, at, what, '; write { "savings_account", "basic_investment" }') then
      return nil
    end
    read_products(value, at, what, function(product, line)
      steps[#steps + 1] = { product = product, line = line }
    end)
    return steps
  end,
}

declare.word("ladder", function(id, list, at, subject)
  local values = check.read(list, at, subject, LADDER, { "steps" })
  if values.steps then
    builder.ladder { id = id, steps = values.steps, line = at.line }
  end
end)
