-- rules_check: GET /rules/check.

local answer = require "server.answer"
local json = require "offerengine.json"
local loader = require "offerengine.loader"
local query = require "server.query"

return query.none(function(request, service)
  return answer.tagged_json(request, service, "/rules/check", function()
    local found = service.ruleset:check()
    return {
      ruleset = service.ruleset:hash(),
      warnings = loader.count(found, "warning"),
      notes = loader.count(found, "note"),
      findings = json.list(found),
    }
  end)
end)
