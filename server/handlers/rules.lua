-- rules: GET /rules.

local answer = require "server.answer"
local catalog = require "offerengine.catalog"
local query = require "server.query"

return query.none(function(request, service)
  return answer.fresh_json(request, service, catalog.rules(service.ruleset, service.generation, service.last_load()))
end)
