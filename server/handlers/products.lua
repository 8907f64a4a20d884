-- products: GET /products, all of them or those of one category.

local answer = require "server.answer"
local catalog = require "offerengine.catalog"
local query = require "server.query"

return function(request, service)
  local faults = query.check(request, { "category" })
  query.check_category(faults, request, service.ruleset)
  if #faults > 0 then
    return answer.failure("validation_failed", faults)
  end
  local category = request.query.category
  return answer.tagged_json(request, service, "/products?" .. (category or ""), function()
    return catalog.products(service.ruleset, category)
  end)
end
