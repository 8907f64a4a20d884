-- failure: how a command ends when something is wrong: a message on standard error and an exit code. Commands
-- raise what failure.stop makes; cli catches it.

local failure = { NONE = 0, FINDINGS = 1, USAGE = 2, SYSTEM = 3, GATE = 4 }

local Stop = {}
Stop.__index = Stop

-- Codes of the module (nil, message, code) that mean that what was given is wrong; all others are the system's.
local FINDINGS = { syntax_error = true, invalid = true, conflict = true }

function failure.exit_code(code)
  return FINDINGS[code] and failure.FINDINGS or failure.SYSTEM
end

-- Ends the command: `exit` is a code of the module or an exit code. An empty message prints nothing.
function failure.stop(message, exit)
  if type(exit) ~= "number" then
    exit = failure.exit_code(exit)
  end
  error(setmetatable({ message = message, exit = exit }, Stop), 0)
end

function failure.usage(message)
  failure.stop(message, failure.USAGE)
end

-- Passes on what the module returned, or ends the command with its message.
function failure.check(value, message, code, ...)
  if value == nil then
    failure.stop(message, code)
  end
  return value, message, code, ...
end

-- A fault of ours keeps its trace.
function failure.catch(raised)
  if getmetatable(raised) == Stop then
    return raised
  end
  return setmetatable({ message = debug.traceback(tostring(raised), 2), exit = failure.SYSTEM }, Stop)
end

function failure.report(command, stop)
  if stop.message ~= "" then
    io.stderr:write(("offerengine %s: %s\n"):format(command, stop.message))
    if stop.exit == failure.USAGE then
      io.stderr:write(("see 'offerengine %s --help'\n"):format(command))
    end
  end
  return stop.exit
end

return failure
