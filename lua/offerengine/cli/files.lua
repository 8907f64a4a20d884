-- files: writes a file whole or not at all.

local failure = require "offerengine.cli.failure"

local files = {}

-- Puts `text` in the place of a file, whose folder must exist or lies one below one that does.
function files.replace(path, text)
  local folder = path:match "^(.*)/[^/]*$"
  local part = path .. ".part"
  local file, message = io.open(part, "wb")
  if not file and folder and os.execute(("mkdir '%s' 2>/dev/null"):format(folder:gsub("'", "'\\''"))) then
    file, message = io.open(part, "wb")
  end
  if not file then
    failure.stop("output: " .. message, failure.SYSTEM)
  end
  local written, problem = file:write(text)
  local closed, late = file:close()
  if written and closed then
    closed, late = os.rename(part, path)
  end
  if not (written and closed) then
    os.remove(part)
    failure.stop(("output: %s: %s"):format(path, problem or late), failure.SYSTEM)
  end
end

return files
