-- browser.lua: pages in a headless Chromium that reaches this machine and no other: what it made of a page, and what
-- it had to say about it.

local browser = {}

local OPTIONS = {
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--v=0", "--virtual-time-budget=20000",
  "--host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'",
}

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read("a")
end

local function folder()
  local path = os.tmpname()
  os.remove(path)
  return path
end

-- Messages of pages; the browser's own pages speak as well.
local function messages_in(log)
  local messages = {}
  for line in log:gmatch("[^\n]+") do
    local text = line:match(":CONSOLE[^%]]*%] (.*)$")
    if text and not text:find("source: chrome", 1, true) then
      messages[#messages + 1] = text
    end
  end
  return messages
end

-- Renders a page: its document as markup when the scripts are done, and the list of what the console holds.
function browser.render(program, address)
  local place = folder()
  local command = ("timeout 60 '%s' %s --user-data-dir='%s' --dump-dom '%s' >'%s.dom' 2>'%s.log'"):format(program,
    table.concat(OPTIONS, " "), place, address, place, place)
  local ended, how, code = os.execute(command)
  local markup, log = read(place .. ".dom"), read(place .. ".log")
  os.execute(("rm -rf '%s' '%s.dom' '%s.log'"):format(place, place, place))
  assert(ended, ("%s ended by %s %s: %s"):format(program, how, code, log))
  return markup, messages_in(log)
end

return browser
