-- rules: GET /rules.

local answer = require "server.answer"
local catalog = require "offerengine.catalog"
local query = require "server.query"

return query.none(function(request, service)
  return answer.tagged_json(request, service, "/rules", function()
    return catalog.rules(service.ruleset, service.generation)
  end)
end)
