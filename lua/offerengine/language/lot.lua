-- lot.lua: attributes that customers get by lot: arms of experiments, and who is held out. Runs in the rule VM.
-- luacheck: read globals use builder

local report = use "offerengine.language.report"
local check = use "offerengine.language.check"
local schema = use "offerengine.language.schema"

local lot = {
  ALL = 100, -- percent
  EVERYWHERE = "held_out",
  known = {}, -- flags that say who is held out
}

function lot.percent(value, at, what)
  local number = check.number_within(value, at, what, 1, lot.ALL - 1)
  if number and number ~= math.floor(number) then
    report.error("value", at.line, "%s must be a whole number of percent, not %s", what, report.show(number))
    return nil
  end
  return number and math.tointeger(number)
end

-- Tells the engine of an attribute that customers get by lot.
function lot.add(id, attribute, derivation, at)
  schema.note(id, attribute)
  schema.add(id, attribute, { derived = true, line = at.line })
  derivation.attribute, derivation.line = id, at.line
  builder.derive(derivation)
end

-- A flag that is true for so many percent of the customers.
function lot.hold_out(id, percent, salt, at)
  lot.known[id] = true
  lot.add(id, { type = "flag" }, { salt = salt or id, values = { true, false },
    shares = { percent, lot.ALL - percent } }, at)
end

return lot
