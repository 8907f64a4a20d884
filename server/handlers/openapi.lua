-- openapi: GET /openapi.json.

local answer = require "server.answer"
local openapi = require "server.docs.openapi"
local routes = require "server.routes"
local offerengine = require "offerengine"

return function(request, service)
  return answer.tagged_json(request, service, "/openapi.json", function()
    return openapi.document(routes, service.ruleset, offerengine.version)
  end)
end
