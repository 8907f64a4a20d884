-- health: GET /health. Nothing here may differ between two calls on an untouched service.

local answer = require "server.answer"
local json = require "offerengine.json"
local offerengine = require "offerengine"

-- The rules of functions that are not called any more, each once.
local function degraded(ruleset)
  local list, seen = {}, {}
  for _, called in ipairs(ruleset:functions()) do
    if called.quarantined and not seen[called.rule] then
      seen[called.rule] = true
      list[#list + 1] = called.rule
    end
  end
  return list
end

return function(_, service)
  local ruleset = service.ruleset
  return answer.json(json.object("status", "ok", "version", offerengine.version, "ruleset", ruleset:hash(),
    "generation", service.generation, "customers", service.customers(), "products", #ruleset:products(),
    "degraded", json.list(degraded(ruleset))))
end
