-- rules_uncovered: GET /rules/uncovered. What it comes to is server/reports/uncovered.lua.

local answer = require "server.answer"
local query = require "server.query"

return function(request, service)
  local faults = query.check(request, { "category" })
  query.check_category(faults, request, service.ruleset)
  if #faults > 0 then
    return answer.failure("validation_failed", faults)
  end
  return answer.job("uncovered", { category = request.query.category })
end
