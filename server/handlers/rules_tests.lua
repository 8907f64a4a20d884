-- rules_tests: GET /rules/tests. What it comes to is server/reports/tests.lua.

local answer = require "server.answer"
local query = require "server.query"

return query.none(function()
  return answer.job("tests", {})
end)
