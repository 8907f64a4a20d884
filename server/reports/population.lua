-- population: GET /reports/segments and /reports/unmet, on a job thread.

local answer = require "server.answer"
local core = require "offerengine.core"
local json = require "offerengine.json"
local report = require "offerengine.cli.report"
local reports = require "offerengine.reports.population"

return function(asked, service)
  local book = { source = "the service", generation = service.generation }
  local made = reports.report(asked.name, service.ruleset, service.population, book,
    { at = core.now(), workers = 1 })
  if not made then
    return answer.failure("unavailable")
  end
  if asked.csv then
    return 200, report.csv(made), true
  end
  return 200, json.encode(report.object(made))
end
