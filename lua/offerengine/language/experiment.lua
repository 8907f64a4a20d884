-- experiment.lua: the words experiment and holdout: which customers get what by lot. An experiment is a derived
-- attribute whose value is the customer's arm; what its arms do not offer is refused by exclude rules. Runs in the
-- rule VM.
-- luacheck: read globals use builder

local sandbox = use "offerengine.language.sandbox"
local report = use "offerengine.language.report"
local check = use "offerengine.language.check"
local declare = use "offerengine.language.declare"
local schema = use "offerengine.language.schema"
local lot = use "offerengine.language.lot"

local ALL = lot.ALL

-- ---- experiment ----

local function read_arms(value, at, what)
  if not check.table(value, at, what, "; write { control = 50, bold = 50 }") then
    return nil
  end
  local arms, sound = {}, true
  for _, name in ipairs(check.ordered_keys(value, at)) do
    local inside = check.inside(at, name)
    if name == "holdout" then
      report.error("misuse", inside.line, "%s: holdout is a key of the experiment, beside arms", what)
      sound = false
    elseif check.id(name, inside, "the arm") then
      arms[name] = lot.percent(value[name], inside, string.format("%s of %s", name, what))
      sound = sound and arms[name] ~= nil
    else
      sound = false
    end
  end
  if sound and value.control == nil then
    report.error("missing", at.line, "%s have no control: what the others are compared with", what)
    sound = false
  end
  return sound and arms or nil
end

-- A table from arms to lists of products; the arms are looked at when they are all known.
local function read_off(value, at, what)
  if not check.table(value, at, what, '; write { bold = { "gold_card" } }') then
    return nil
  end
  local off = {}
  for _, arm in ipairs(check.ordered_keys(value, at)) do
    local inside = check.inside(at, arm)
    off[#off + 1] = { arm = arm, at = inside, products = check.texts(value[arm], inside,
      string.format("%s of %s", report.show(arm), what)) }
  end
  return off
end

local EXPERIMENT = {
  arms = read_arms,
  holdout = lot.percent,
  off = read_off,
  category = check.texts,
  product = check.texts,
  salt = check.text,
  from = schema.from,
  ["until"] = schema.until_end,
}

-- What an arm does not offer.
local function refuse(id, arm, line, scope)
  local condition = builder.condition { op = "equals", attribute = id, values = { arm }, line = line }
  local reason = arm == "holdout" and "Held out of experiment " .. id or
    string.format("Not offered in arm %s of experiment %s", arm, id)
  builder.rule { id = id .. "." .. arm, reason = reason, categories = scope.category, products = scope.product,
    condition = condition, excludes = true, line = line }
end

local function refuse_arms(id, values, names)
  for _, one in ipairs(values.off or {}) do
    if not values.arms[one.arm] then
      report.add("error", "value", one.at.line, string.format("off of experiment %s: there is no arm %s",
        report.show(id), report.show(one.arm)), type(one.arm) == "string" and builder.suggest(one.arm, names) or nil)
    elseif #one.products > 0 then
      refuse(id, one.arm, one.at.line, { product = one.products })
    end
  end
end

-- In the order of their names, so that turning them in the file turns no customer.
local function shares_of(values)
  local all = { holdout = values.holdout }
  for name, share in next, values.arms do
    all[name] = share
  end
  local names, shares, total = sandbox.sorted_keys(all), {}, 0
  for i, name in ipairs(names) do
    shares[i] = all[name]
    total = total + all[name]
  end
  return names, shares, total
end

declare.word("experiment", function(id, list, at, subject)
  local values = check.read(list, at, subject, EXPERIMENT, { "arms" })
  schema.check_window(values, at, subject)
  if not values.arms then
    return
  end
  local names, shares, total = shares_of(values)
  if #names < 2 then
    report.error("value", check.inside(at, "arms").line, "%s has one arm only; it needs another to compare with",
      subject)
  elseif total ~= ALL then
    report.error("value", check.inside(at, "arms").line, "arms%s of %s add up to %d percent, not 100",
      values.holdout and " and holdout" or "", subject, total)
  else
    lot.add(id, { type = "text", values = names }, { salt = values.salt or id, values = names, shares = shares,
      from_ms = values.from, until_ms = values["until"] }, at)
    declare.note_places({ "category", "product" }, values, at)
    if values.holdout then
      refuse(id, "holdout", check.inside(at, "holdout").line, values)
    end
    refuse_arms(id, values, names)
  end
end)

-- ---- holdout ----

local HOLDOUT = {
  percent = lot.percent,
  salt = check.text,
}

local first_holdout
declare.statement("holdout", function(list, at, subject)
  if first_holdout then
    report.error("misuse", at.line, "holdout stands once only, first in %s", first_holdout)
    return
  end
  first_holdout = string.format("%s:%d", schema.file, at.line)
  local values = check.read(list, at, subject, HOLDOUT, { "percent" })
  if values.percent then
    lot.hold_out(lot.EVERYWHERE, values.percent, values.salt, at)
  end
end)
