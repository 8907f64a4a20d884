-- rules: the rules folder that a command was given.

local core = require "offerengine.core"
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

local function check_known(option, name, known)
  for _, one in ipairs(known) do
    if one == name then
      return
    end
  end
  local near = core.suggest(name, known)
  failure.usage(("option '--%s': unknown %s '%s'"):format(option, option, name)
    .. (near and ("; did you mean '%s'?"):format(near) or #known == 0 and "; the rules have none"
      or "; allowed are " .. table.concat(known, ", ")))
end

-- What :decide and :explain take, from --at, --limit, --category and --campaign.
function rules.options(given, ruleset)
  if given.category then
    local ids = {}
    for i, category in ipairs(ruleset:categories()) do
      ids[i] = category.id
    end
    check_known("category", given.category, ids)
  end
  if given.campaign then
    check_known("campaign", given.campaign, ruleset:campaigns())
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
