-- test.lua: the word of test files: test "title" { customer = {...}, offers = {...} }. It only takes down what is
-- expected; offerengine/tests.lua decides and compares. Runs in the rule VM.
-- luacheck: read globals use builder

local language = use "offerengine.language"
local declare = use "offerengine.language.declare"
local check = use "offerengine.language.check"
local report = use "offerengine.language.report"
local schema = use "offerengine.language.schema"

local USAGE = 'test "title" { customer = { age = 30, income = 60000 }, offered = "credit_card" }'

local function read_value(value, at, what)
  if type(value) == "table" then
    return next(value) and check.texts(value, at, what) or {}
  elseif type(value) == "number" then
    return check.number(value, at, what)
  elseif type(value) == "string" or type(value) == "boolean" then
    return value
  end
  return check.wrong_type(value, at, what, "a number, a text, true or false, or a list of products")
end

-- A table from names to what `read` takes; nil when something in it is wrong.
local function read_named(value, at, what, read)
  if not check.table(value, at, what, "; write " .. USAGE) then
    return nil
  end
  local named = {}
  for _, name in ipairs(check.ordered_keys(value, at)) do
    local inside = check.inside(at, name)
    if type(name) ~= "string" then
      report.error("unknown_key", inside.line, "%s: item %s has no name; write name = value", what, report.show(name))
      return nil
    end
    named[name] = read(value[name], inside, name .. " of " .. what)
    if named[name] == nil then
      return nil
    end
  end
  return named
end

local function named_by(read)
  return function(value, at, what) return read_named(value, at, what, read) end
end

local function read_list(value, at, what)
  if type(value) == "table" and next(value) == nil then
    return {}
  end
  return check.texts(value, at, what)
end

local function read_time(value, at, what)
  if schema.from(value, at, what) then
    return value
  end
end

-- What happened to a product: each of these has a product, or a category where the customer opted out.
local KINDS = { "shown", "declined", "opt_out" }

local CONTACT = {
  shown = check.text,
  declined = check.text,
  opt_out = check.text,
  on = read_time,
  channel = check.text,
  campaign = check.text,
}

local function read_contact(value, at, what)
  if not check.table(value, at, what, '; write { shown = "credit_card", on = "2026-05-20" }') then
    return nil
  end
  local values, kind = check.read(value, at, what, CONTACT), nil
  for _, name in ipairs(KINDS) do
    if value[name] ~= nil and kind then
      report.error("misuse", at.line, "%s is either %s or %s", what, kind, name)
      return nil
    end
    kind = value[name] ~= nil and name or kind
  end
  if not kind then
    report.error("missing", at.line, '%s has nothing that happened; write shown, declined or opt_out', what)
    return nil
  end
  return { kind = kind, product = kind ~= "opt_out" and values[kind] or nil,
    category = kind == "opt_out" and values[kind] or nil, at = values.on, channel = values.channel,
    campaign = values.campaign }
end

local function read_contacts(value, at, what)
  if not check.table(value, at, what, '; write { { shown = "credit_card", on = "2026-05-20" } }') then
    return nil
  end
  local contacts = {}
  for index, key in ipairs(check.ordered_keys(value, at)) do
    contacts[index] = read_contact(value[key], check.inside(at, key), string.format("item %d of %s", index, what))
  end
  return contacts
end

local READERS = {
  customer = named_by(read_value),
  at = read_time,
  contacts = read_contacts,     -- what the customer was shown and said before
  channel = check.text,
  campaign = check.text,
  offers = read_list,           -- exactly these, in this order
  offered = check.texts,        -- these among others
  refused = named_by(check.text), -- product -> reason code
  score = named_by(check.number), -- product -> confidence, to the tenth
  segments = read_list,         -- exactly these
}

declare.word("test", function(title, list, at, subject)
  local case = check.read(list, at, subject, READERS, { "customer" })
  if list.offers == nil and list.offered == nil and list.refused == nil and list.score == nil and
    list.segments == nil then
    report.error("missing", at.line, "%s expects nothing; write offers, offered, refused, score or segments", subject)
  end
  case.title, case.file, case.line = title, schema.file, at.line
  builder.test(case)
end)

language.replace_words { test = declare.words.test }

return language
