-- uncovered: GET /rules/uncovered, on a job thread.

local answer = require "server.answer"
local core = require "offerengine.core"
local json = require "offerengine.json"
local offerengine = require "offerengine"
local report = require "offerengine.cli.report"
local reports = require "offerengine.reports.uncovered"

return function(asked, service)
  local at = core.now()
  local found = offerengine.uncovered(service.ruleset, service.population,
    { at = at, category = asked.category, workers = 1 })
  if not found then
    return answer.failure("unavailable")
  end
  local book = { source = "the service", generation = service.generation }
  return 200, json.encode(report.object(reports.report(service.ruleset, book, found, at)))
end
