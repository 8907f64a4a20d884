-- derive.lua: the word derive: an attribute that is computed, from a lookup or by a function. The engine is told of
-- them when all files have run: only then is it known what is protected. Runs in the rule VM.
-- luacheck: read globals use builder

local report = use "offerengine.language.report"
local check = use "offerengine.language.check"
local declare = use "offerengine.language.declare"
local schema = use "offerengine.language.schema"
local lookup = use "offerengine.language.lookup"
local functions = use "offerengine.language.functions"

local TYPES = { "number", "integer", "money", "text", "flag" }
local TEXT_MAX = 256
local NOT_ON_FILE = 0 / 0

local derive = {}
local declared = {} -- in order: { name, values, at, file, and what the engine is told of how }

local function anything(value)
  return value
end

local DERIVE = {
  type = function(value, at, what) return check.choice(value, at, what, TYPES) end,
  unit = check.text,
  label = check.text,
  range = schema.read_range,
  words = check.texts,
  values = check.texts,
  step = function(value, at, what) return check.number_within(value, at, what, 1e-9, 1e12) end,
  protected = check.flag,
  lookup = lookup.find,
  column = check.text,
  default = anything,
  value = function(value, at, what)
    if type(value) ~= "function" then
      return check.wrong_type(value, at, what, "a function, as in function(c) return 12 * c.monthly_spend end")
    end
    return not functions.is_word(value, at, what) and value or nil
  end,
}

-- ---- from a lookup ----

-- Why a number cannot be the attribute's, or nil.
local function number_fault(number, values)
  local low, high = (values.range or {})[1], (values.range or {})[2]
  if values.type == "integer" and number ~= number // 1 then
    return "must be a whole number"
  elseif low and number < low or high and number > high then
    return string.format("must lie between %s and %s", low and report.show(low) or "any", high and report.show(high) or
      "any number")
  end
end

local function read_number(cell, values, what, refuse)
  local number = builder.number(cell)
  local fault = number == nil and "must be a number" or number and number_fault(number, values)
  if fault then
    refuse(nil, "%s %s, not %s", what, fault, report.show(cell))
    return nil
  end
  return number
end

local function read_text(cell, values, what, refuse)
  if #cell > TEXT_MAX then
    refuse(nil, "%s must have at most %d bytes", what, TEXT_MAX)
    return nil
  end
  for _, value in ipairs(values.values or { cell }) do
    if value == cell then
      return cell
    end
  end
  refuse(builder.suggest(cell, values.values), '%s must be "%s", not %s', what, table.concat(values.values, '", "'),
    report.show(cell))
  return nil
end

local function has_number(one, place)
  for _, row in ipairs(one.rows) do
    if builder.number(row.cells[place]) then
      return true
    end
  end
  return #one.rows == 0
end

local function read_column(one, place, values, at)
  local name = one.columns[place]
  if values.type ~= "text" and not has_number(one, place) then
    report.error("wrong_type", at.line, "column %s of %s holds no numbers; write type = \"text\"", report.show(name),
      one.subject)
    return
  end
  local keys, cells = {}, {}
  for _, row in ipairs(one.rows) do
    local cell, value = row.cells[place], NOT_ON_FILE
    local function refuse(suggestion, ...)
      lookup.refuse_cell(one.path, row.line, suggestion, ...)
    end
    if cell ~= "" then
      value = (values.type == "text" and read_text or read_number)(cell, values, name, refuse)
    end
    keys[#keys + 1], cells[#cells + 1] = row.key, value or NOT_ON_FILE
  end
  return keys, cells
end

local function read_default(value, values, at, what)
  if value == nil then
    return nil
  elseif values.type == "text" then
    local text = check.text(value, at, what)
    return text and read_text(text, values, what, function(suggestion, ...)
      report.add("error", "value", at.line, string.format(...), suggestion)
    end)
  end
  local number = check.number(value, at, what)
  local fault = number and number_fault(number, values)
  if fault then
    report.error("value", at.line, "%s %s, not %s", what, fault, report.show(number))
  end
  return not fault and number or nil
end

-- The texts that a column has, so that rules can ask for no other.
local function texts_of(cells, default)
  local texts, seen = {}, {}
  for _, text in ipairs(table.move(cells, 1, #cells, 2, { default or "" })) do
    if type(text) == "string" and text ~= "" and not seen[text] then
      seen[text] = true
      texts[#texts + 1] = text
    end
  end
  return texts
end

local function take_lookup(values, list, at, subject)
  local one = values.lookup
  if values.type == "flag" then
    report.error("misuse", at.line, "%s: tables hold numbers and texts, and its type is flag", subject)
    return nil
  elseif list.column == nil then
    report.error("missing", at.line, "%s has no column", subject)
    return nil
  elseif not one or one.is_wrong or not values.column or not values.type then
    return nil
  end
  local inside = check.inside(at, "column")
  local place = lookup.column(one, values.column, inside.line)
  if not place then
    return nil
  end
  local keys, cells = read_column(one, place, values, inside)
  local default = read_default(values.default, values, check.inside(at, "default"), "default of " .. subject)
  if keys and values.type == "text" and not values.values then
    values.values = texts_of(cells, default)
  end
  return keys and { key = one.key, keys = keys, values = cells, otherwise = default }
end

-- ---- the word ----

local function take_value(values, list, at, subject)
  if (list.value == nil) == (list.lookup == nil) then
    report.error(list.value and "misuse" or "missing", at.line, "%s %s", subject, list.value and
      "has both lookup and value; one of them says what it is" or
      "has no value; write lookup and column, or value = function(c) ... end")
    return nil
  elseif list.lookup ~= nil then
    return take_lookup(values, list, at, subject)
  end
  for _, key in ipairs { "column", "default" } do
    if list[key] ~= nil then
      report.error("misuse", check.inside(at, key).line, "%s of %s: only a lookup has it", key, subject)
    end
  end
  return values.value and { own = true }
end

declare.word("derive", function(name, list, at, subject)
  local values = schema.read(list, at, subject, DERIVE)
  local how = take_value(values, list, at, subject)
  schema.note(name, values)
  if how and how.own then
    local inside = check.inside(at, "value")
    how.own = functions.derive(values.value, inside, "value of " .. subject, name)
    how["function"], how.digest = how.own.number, how.own.digest
  end
  schema.derived[name] = schema.derived[name] or #declared + 1
  declared[#declared + 1] = { name = name, values = values, how = how, line = at.line, file = schema.file,
    keys = check.lines(list, at) }
end)

-- To be called when all files have run. What reads something protected is protected itself.
function derive.finish()
  lookup.is_closed = true
  for _, one in ipairs(declared) do
    local how = one.how
    local is_protected = how and (how.own and functions.reads_protected(how.own) or schema.protected[how.key])
    schema.protected[one.name] = is_protected or schema.protected[one.name]
    schema.add(one.name, one.values, { derived = how ~= nil, line = one.line, file = one.file,
      keys = one.keys })
    if how then
      how.own, how.attribute, how.line, how.file = nil, one.name, one.line, one.file
      builder.derive(how)
    end
  end
end

return derive
