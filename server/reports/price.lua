-- price: GET /rules/price, on a job thread.

local answer = require "server.answer"
local core = require "offerengine.core"
local json = require "offerengine.json"
local offerengine = require "offerengine"
local report = require "offerengine.cli.report"
local reports = require "offerengine.reports.price"

return function(asked, service)
  local at = core.now()
  local found, message, code = offerengine.price(service.ruleset, service.population, asked.product, asked.gate,
    { at = at, to = asked.to, steps = asked.steps, workers = 1 })
  if not found and code == "invalid" and message:find("^price: ") then
    return answer.failure("validation_failed", { answer.fault({ "query", "to" }, message, "value_error") })
  elseif not found then -- a function of the rules was stopped, or memory is out
    return answer.failure("unavailable")
  end
  local book = { source = "the service", generation = service.generation }
  return 200, json.encode(report.object(reports.report(service.ruleset, book, found, at)))
end
