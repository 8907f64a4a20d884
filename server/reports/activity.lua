-- activity: GET /reports/{report}, on a job thread: it may have to read many days, or decide for everybody.

local answer = require "server.answer"
local campaign = require "offerengine.reports.campaign"
local core = require "offerengine.core"
local funnel = require "offerengine.reports.funnel"
local json = require "offerengine.json"
local report = require "offerengine.cli.report"
local reports = require "offerengine.reports.activity"

local function make(asked, service)
  local book = { source = "the service", generation = service.generation, customers = service.customers }
  if asked.name == "funnel" and asked.by then
    return funnel.report(service.ruleset, service.population, book, service.activity, asked,
      { at = core.now(), workers = 1 })
  elseif asked.name == campaign.NAME then
    return campaign.report(service.ruleset, book, service, asked, core.now())
  end
  return reports.report(service.ruleset, book, service.activity, asked, core.now())
end

return function(asked, service)
  local made, message, code = make(asked, service)
  if code == "not_found" then
    return answer.failure("validation_failed", { answer.fault({ "query", "campaign" }, message, "campaign_unknown") })
  elseif not made then
    return answer.failure("unavailable")
  end
  if asked.csv then
    return 200, report.csv(made), true
  end
  return 200, json.encode(report.object(made))
end
