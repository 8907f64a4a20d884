-- clock.lua: a server whose clock can be moved ahead while it runs: the control of clock.c.

local service = require "spec.support.service"

local clock = {}

local Control = {}
Control.__index = Control

function clock.control()
  local self = setmetatable({ path = os.tmpname() }, Control)
  self:set(0)
  return self
end

-- How many milliseconds it is ahead of the system's from now on, never fewer than before.
function Control:set(ahead_ms)
  local file <close> = assert(io.open(self.path, "r+b"))
  assert(file:write(string.pack("<i8", ahead_ms)))
end

-- Shell text to run before a program that is to live by it.
function Control:before()
  return ("export OE_CLOCK='%s' LD_PRELOAD='%s/spec/bin/clock.so';"):format(self.path, service.build)
end

function Control:close()
  os.remove(self.path)
end

return clock
