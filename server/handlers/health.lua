-- health: GET /health. Nothing here may differ between two calls on an untouched service.

local answer = require "server.answer"
local json = require "offerengine.json"
local offerengine = require "offerengine"

return function(_, service)
  local ruleset = service.ruleset
  return answer.json(json.object("status", "ok", "version", offerengine.version, "ruleset", ruleset:hash(),
    "generation", service.generation, "customers", service.customers(), "products", #ruleset:products(),
    "degraded", json.list {}))
end
