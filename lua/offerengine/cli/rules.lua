-- rules: the rules folder that a command was given.

local failure = require "offerengine.cli.failure"
local findings = require "offerengine.cli.findings"
local offerengine = require "offerengine"

local rules = {}

-- The ruleset of --rules and the texts it was made of; mistakes go to standard error and end the command.
function rules.load(given)
  local folder = given.rules or "rules"
  local ruleset, message, code, found = offerengine.load(folder)
  if ruleset then
    return ruleset, code
  end
  io.stderr:write(findings.text(folder, found or {}), findings.hint(found or {}))
  failure.stop(message, code)
end

-- What :decide and :explain take, from --at, --limit, --category and --campaign.
function rules.options(given, ruleset)
  if given.category then
    local known, ids = false, {}
    for i, category in ipairs(ruleset:categories()) do
      ids[i] = category.id
      known = known or category.id == given.category
    end
    if not known then
      local near = require("offerengine.core").suggest(given.category, ids)
      failure.usage(("option '--category': unknown category '%s'"):format(given.category)
        .. (near and ("; did you mean '%s'?"):format(near) or "; allowed are " .. table.concat(ids, ", ")))
    end
  end
  return { at = given.at, limit = given.limit, category = given.category, campaign = given.campaign }
end

-- A decision that depended on how fast this machine is must not pass for one that can be repeated: ends the command
-- when a function of the rules was stopped.
function rules.check_stops(ruleset, answer)
  local degraded, found = {}, nil
  for _, rule in ipairs(answer.degraded or {}) do
    degraded[rule] = true
  end
  for _, called in ipairs(ruleset:functions()) do
    if degraded[called.rule] and (not found or called.stops > found.stops) then
      found = called
    end
  end
  if found then
    failure.stop(('%s:%d: the function of "%s" took too long or too much memory and was stopped')
      :format(found.file, found.line, found.rule), failure.FINDINGS)
  end
end

return rules
