-- offerengine: what require "offerengine" returns. Misuse raises; where data or the world is at fault, functions
-- return nil, message, code. The types and their methods are in C; meta*.lua describe them.

local core = require "offerengine.core"
local loader = require "offerengine.loader"
local reports = require "offerengine.reports"
local tests = require "offerengine.tests"

return {
  version = core.version,
  null = core.null,
  load = loader.load,
  check = loader.check,
  population = core.population,
  open = core.open,
  diff = core.compare,
  test = tests.examine,
  price = reports.price,
  uncovered = reports.uncovered,
}
