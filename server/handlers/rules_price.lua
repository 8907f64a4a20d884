-- rules_price: GET /rules/price. What is asked is checked here, what it comes to is server/reports/price.lua.

local answer = require "server.answer"
local query = require "server.query"

-- The gates with a number that a product has, by each name that means one of them.
local function gates_of(ruleset, product)
  local names, listed = {}, {}
  for _, attribute in ipairs(ruleset:attributes()) do
    local low, high = "min_" .. attribute.name, "max_" .. attribute.name
    for _, gate in ipairs { low, high } do
      if product[gate] then
        names[gate] = gate
        listed[#listed + 1] = gate
      end
    end
    if (product[low] == nil) ~= (product[high] == nil) then
      names[attribute.name] = product[low] and low or high
    end
  end
  return names, listed
end

local function number_of(faults, request, name, is_lawful, words)
  local text = request.query[name]
  local value = text and tonumber(text)
  if text and not (value and is_lawful(value)) then
    faults[#faults + 1] = answer.fault({ "query", name }, words, "value_error")
  end
  return value
end

return function(request, service)
  local faults = query.check(request, { "product", "attribute", "to", "steps" })
  for _, name in ipairs { "product", "attribute" } do
    if not request.query[name] then
      faults[#faults + 1] = answer.fault({ "query", name }, "is missing", "missing")
    end
  end
  local to = number_of(faults, request, "to", function(value) return value == value and math.abs(value) < math.huge end,
    "must be a number")
  local steps = number_of(faults, request, "steps", function(value)
    return math.tointeger(value) and value >= 1 and value <= 1000
  end, "must be a whole number from 1 to 1000")
  local product = request.query.product and service.ruleset:product(request.query.product)
  if #faults == 0 and not product then
    return answer.failure("product_not_found")
  end
  local gates, listed = {}, {}
  if product then
    gates, listed = gates_of(service.ruleset, product)
  end
  local gate = gates[request.query.attribute]
  if #faults == 0 and not gate then
    faults[1] = answer.fault({ "query", "attribute" }, "must be one of the product's gates with a number: "
      .. (#listed > 0 and table.concat(listed, ", ") or "it has none"), "enum")
  end
  if #faults > 0 then
    return answer.failure("validation_failed", faults)
  end
  return answer.job("price", { product = product.id, gate = gate, to = to, steps = steps and math.tointeger(steps) })
end
