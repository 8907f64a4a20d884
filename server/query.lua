-- query.lua: the query parameters of handlers in Lua. Faults name a parameter, never a value that was sent.

local answer = require "server.answer"

local query = {}

-- A fault for each parameter that is not among `allowed`, in order of their names, and for each that was repeated.
function query.check(request, allowed)
  local known, unknown, faults = {}, {}, {}
  for _, name in ipairs(allowed) do
    known[name] = true
  end
  for name in pairs(request.query) do
    if not known[name] then
      unknown[#unknown + 1] = name
    end
  end
  table.sort(unknown)
  local words = #allowed > 0 and "allowed: " .. table.concat(allowed, ", ") or "this path takes none"
  for i, name in ipairs(unknown) do
    faults[i] = answer.fault({ "query", name }, "unknown parameter; " .. words, "extra_forbidden")
  end
  for _, name in ipairs(request.repeated or {}) do
    faults[#faults + 1] = answer.fault({ "query", name }, "may be given once", "query_repeated")
  end
  return faults
end

-- A handler that answers only when there are no parameters.
function query.none(handler)
  return function(request, service)
    local faults = query.check(request, {})
    if #faults > 0 then
      return answer.failure("validation_failed", faults)
    end
    return handler(request, service)
  end
end

-- Adds a fault when `category` is given and is none of the rules'.
function query.check_category(faults, request, ruleset)
  local wanted, ids = request.query.category, {}
  for i, category in ipairs(ruleset:categories()) do
    if category.id == wanted then
      return
    end
    ids[i] = category.id
  end
  if wanted then
    faults[#faults + 1] = answer.fault({ "query", "category" },
      "must be one of " .. table.concat(ids, ", "), "enum")
  end
end

return query
