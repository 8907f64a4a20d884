-- activity: GET /reports/{report}, on a job thread: it may have to read many days.

local answer = require "server.answer"
local core = require "offerengine.core"
local json = require "offerengine.json"
local report = require "offerengine.cli.report"
local reports = require "offerengine.reports.activity"

return function(asked, service)
  local book = { source = "the service", generation = service.generation, customers = service.customers }
  local made = reports.report(service.ruleset, book, service.activity, asked, core.now())
  if not made then
    return answer.failure("unavailable")
  end
  if asked.csv then
    return 200, report.csv(made), true
  end
  return 200, json.encode(report.object(made))
end
