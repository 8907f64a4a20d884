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
  local ok, problem = file:write(text)
  ok, problem = file:close(), problem
  if not ok then
    os.remove(part)
    failure.stop(("output: %s: %s"):format(path, problem), failure.SYSTEM)
  end
  ok, problem = os.rename(part, path)
  if not ok then
    failure.stop("output: " .. problem, failure.SYSTEM)
  end
end

return files
