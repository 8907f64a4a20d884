-- progress: a bar on standard error, only when that is a terminal.

local core = require "offerengine.core"

local progress = {}

local WIDTH = 30

local function nothing() end

-- A function show(done, all) that draws, and one that wipes the line. `all` nil: not known.
function progress.start(title)
  if not core.is_terminal(2) then
    return nothing, nothing
  end
  local last
  local function show(done, all)
    local line
    if all and all > 0 then
      local part = math.min(1, done / all)
      local signs = math.floor(WIDTH * part)
      line = ("%s [%s%s] %3d %%"):format(title, ("#"):rep(signs), (" "):rep(WIDTH - signs), math.floor(part * 100))
    else
      line = ("%s %.1f MB"):format(title, done / 1e6)
    end
    if line ~= last then
      io.stderr:write("\r", line)
      last = line
    end
  end
  return show, function()
    if last then
      io.stderr:write("\r", (" "):rep(#last), "\r")
    end
  end
end

return progress
