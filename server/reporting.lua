-- reporting.lua: runs one report of server/reports, in a Lua state of a job thread.

local core = require "offerengine.core"
local json = require "offerengine.json"

-- reporting(name, arguments as JSON, service): status, body and whether that is CSV, or nil, the code of
-- an error and its faults as JSON. `arguments` may be what a client sent: when it cannot be read, the report is given
-- nil and a third value, why.
-- service: { ruleset =, generation =, population =, folder = of the rules, texts() = those that the ruleset was loaded
-- from, customers = their number, activity(by, from_day, until_day), runs() }.
return function(name, arguments, service)
  local asked, _, problem = core.decode_json(arguments, true)
  local status, body, third = require("server.reports." .. name)(asked, service, problem)
  if not status then
    return nil, body, third and json.encode(third)
  end
  return status, body, third
end
