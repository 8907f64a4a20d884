-- rules_diff: POST /rules/diff. The body, which may be long, is read by server/reports/diff.lua on its thread.

local answer = require "server.answer"
local json = require "offerengine.json"
local query = require "server.query"

return query.none(function(request)
  return answer.job("diff", json.raw(request.body or ""))
end)
