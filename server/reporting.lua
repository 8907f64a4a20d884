-- reporting.lua: runs one report of server/reports, in a Lua state of a job thread.

local core = require "offerengine.core"
local json = require "offerengine.json"

-- reporting(name, arguments as JSON, service): status and body, or nil, the code of an error and its faults as JSON.
-- `arguments` may be what a client sent: when it is no JSON, the report is given nil.
-- service: { ruleset =, generation =, population =, folder = of the rules, texts() = what the ruleset was loaded from }.
return function(name, arguments, service)
  local status, body, third = require("server.reports." .. name)((core.decode_json(arguments)), service)
  if not status then
    return nil, body, third and json.encode(third)
  end
  return status, body
end
