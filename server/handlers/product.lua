-- product: GET /products/{product_id}.

local answer = require "server.answer"
local catalog = require "offerengine.catalog"
local query = require "server.query"

return query.none(function(request, service)
  local ruleset, id = service.ruleset, request.captures.product_id
  local product = ruleset:product(id)
  if not product then
    return answer.failure("product_not_found")
  end
  return answer.tagged_json(request, service, "/products/" .. id, function()
    return catalog.product(product, ruleset:attributes())
  end)
end)
