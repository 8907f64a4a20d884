-- reports: GET /reports/{report}. What it comes to is server/reports/activity.lua, or of segments and unmet
-- server/reports/population.lua.

local answer = require "server.answer"
local campaign = require "offerengine.reports.campaign"
local core = require "offerengine.core"
local funnel = require "offerengine.reports.funnel"
local population = require "offerengine.reports.population"
local query = require "server.query"
local reports = require "offerengine.reports.activity"

local function is_one_of(word, words)
  for _, known in ipairs(words) do
    if known == word then
      return true
    end
  end
  return false
end

local function check_word(faults, request, name, words)
  local given = request.query[name]
  if given and not is_one_of(given, words) then
    faults[#faults + 1] = answer.fault({ "query", name }, "must be one of " .. table.concat(words, ", "), "enum")
  end
  return given
end

local function check_day(faults, request, name)
  local given = request.query[name]
  local at = given and core.time(given)
  if given and not at then
    faults[#faults + 1] = answer.fault({ "query", name }, "must be a date like 2026-11-22", "date_parsing")
  end
  return at
end

local function answer_population(request, name)
  local faults = query.check(request, { "format" })
  local asked = { name = name, csv = check_word(faults, request, "format", { "json", "csv" }) == "csv" }
  if #faults > 0 then
    return answer.failure("validation_failed", faults)
  end
  return answer.job("population", asked)
end

-- What the report can be kept apart by.
local BY = { conversion = reports.BY, funnel = funnel.BY }

local function check_campaign(faults, request)
  if not request.query.campaign then
    faults[#faults + 1] = answer.fault({ "query", "campaign" }, "is missing", "missing")
  end
  return request.query.campaign
end

return function(request)
  local name = request.captures.report
  if is_one_of(name, population.NAMES) then
    return answer_population(request, name)
  elseif name ~= campaign.NAME and not is_one_of(name, reports.NAMES) then
    return answer.failure("not_found")
  end
  local own = BY[name] and "by" or name == campaign.NAME and "campaign" or nil
  local faults = query.check(request, { "from", "until", "format", own })
  local asked = { name = name, by = BY[name] and check_word(faults, request, "by", BY[name]) or nil,
    campaign = name == campaign.NAME and check_campaign(faults, request) or nil,
    from_ms = check_day(faults, request, "from"), until_ms = check_day(faults, request, "until"),
    csv = check_word(faults, request, "format", { "json", "csv" }) == "csv" }
  if #faults > 0 then
    return answer.failure("validation_failed", faults)
  end
  return answer.job("activity", asked)
end
