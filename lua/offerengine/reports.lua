-- reports: questions about all customers of a population. The work is in C; here options are sorted out and answers
-- named.

local core = require "offerengine.core"

local reports = {}

local OWN = { to = true, steps = true, workers = true }

-- What the question takes, and what deciding takes.
local function split(options)
  local own, rest = {}, {}
  for key, value in pairs(options or {}) do
    (OWN[key] and own or rest)[key] = value
  end
  return own, rest
end

function reports.price(ruleset, population, product, attribute, options)
  local question, rest = split(options)
  question.product, question.attribute = product, attribute
  return core.price(ruleset, population, question, rest)
end

function reports.uncovered(ruleset, population, options)
  local own, rest = split(options)
  local found, message, code = core.coverage(ruleset, population, rest, own.workers)
  if not found then
    return nil, message, code
  end
  return { customers = found.customers, without_offer = found.without_offer, obstacles = found.obstacles,
    categories = found.categories }
end

return reports
