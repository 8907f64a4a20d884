-- segments: GET /segments.

local answer = require "server.answer"
local catalog = require "offerengine.catalog"
local query = require "server.query"

return query.none(function(request, service)
  return answer.tagged_json(request, service, "/segments", function()
    return catalog.segments(service.ruleset)
  end)
end)
