-- starve.lua: a server whose memory runs out on demand: the control of starve.c.

local service = require "spec.support.service"

local starve = {}
starve.library = service.build .. "/spec/bin/starve.so"

local FORMAT = "<i8i8i8i8i8i8i8i8"
local NEVER = 1 << 60

local Control = {}
Control.__index = Control

function starve.control()
  local self = setmetatable({ path = os.tmpname() }, Control)
  self:write(0, 0, 0, 0, 0)
  return self
end

function Control:write(...)
  local numbers = { ... }
  for i = #numbers + 1, 8 do
    numbers[i] = 0
  end
  local file <close> = assert(io.open(self.path, "r+b"))
  assert(file:write(string.pack(FORMAT, table.unpack(numbers))))
end

-- What has happened since: {count =, refused =, live =}.
function Control:read()
  local from, to, count, refused, live = string.unpack(FORMAT, service.read(self.path))
  return { from = from, to = to, count = count, refused = refused, live = live }
end

-- From now on the allocation `number` is refused (1: the next one), and with `onwards` all behind it.
function Control:refuse(number, onwards)
  local file <close> = assert(io.open(self.path, "r+b"))
  file:setvbuf "full"
  assert(file:write(string.pack("<i8i8i8i8", number, onwards and NEVER or number, 0, 0)))
end

function Control:feed()
  local file <close> = assert(io.open(self.path, "r+b"))
  assert(file:write(string.pack("<i8", 0)))
end

-- Shell text to run before a program that is to starve.
function Control:before()
  return ("export OE_STARVE='%s' LD_PRELOAD='%s';"):format(self.path, starve.library)
end

function Control:close()
  os.remove(self.path)
end

return starve
