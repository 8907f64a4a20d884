-- release.lua: the word release: what a change of the rules may do to the customers. Runs in the rule VM.
-- luacheck: read globals use builder

local declare = use "offerengine.language.declare"
local check = use "offerengine.language.check"
local report = use "offerengine.language.report"
local schema = use "offerengine.language.schema"

local first

local function percent(value, at, what)
  return check.number_within(value, at, what, 0, 100)
end

local READERS = {
  max_lost = percent,
  max_lost_only = percent,
  max_best_changed = percent,
  min_ratio = function(value, at, what) return check.number_within(value, at, what, 0, 1) end,
  min_group = check.count,
}

declare.statement("release", function(list, at, subject)
  if first then
    report.error("misuse", at.line, "release stands once only, first in %s", first)
    return
  end
  first = string.format("%s:%d", schema.file, at.line)
  local values = check.read(list, at, subject, READERS)
  values.line = at.line
  builder.release(values)
end)
