-- service.lua: the real executable as a server for specs: started on a free port with a database of its own, spoken
-- to over raw sockets, stopped in every way. Waits for what the server says, never for time to pass.

local lfs = require "lfs"
local wire = require "spec.server.http.wire"

local service = {
  source = os.getenv "OE_SOURCE" or ".",
  build = os.getenv "OE_BUILD" or "build",
}

local Server = {}
Server.__index = Server

local function quote(word)
  return "'" .. tostring(word):gsub("'", "'\\''") .. "'"
end

function service.read(path)
  local file <close> = io.open(path, "rb")
  return file and file:read("a") or ""
end

-- Whether the executable was built with a sanitizer, which makes it slow and large.
function service.is_sanitized()
  local program = service.read(service.build .. "/offerengine")
  return program:find("__asan_init", 1, true) ~= nil or program:find("__tsan_init", 1, true) ~= nil
end

-- ---- Folders ----

-- A new folder below the temporary one; service.remove takes it away with all in it.
function service.folder()
  local path = os.tmpname()
  os.remove(path)
  assert(lfs.mkdir(path))
  return path
end

function service.remove(path)
  if lfs.symlinkattributes(path, "mode") == "directory" then
    for name in lfs.dir(path) do
      if name ~= "." and name ~= ".." then
        service.remove(path .. "/" .. name)
      end
    end
    lfs.rmdir(path)
  else
    os.remove(path)
  end
end

-- ---- Starting and ending ----

local function command_of(options, db, log)
  local words = {
    service.build .. "/offerengine", "serve", "--rules", options.rules or service.source .. "/rules", "--db", db,
    "--port", options.port or 0, "--workers", options.workers or 2, table.unpack(options.words or {}),
  }
  for i, word in ipairs(words) do
    words[i] = quote(word)
  end
  return ("echo $$; %s exec %s 2>>%s"):format(options.before or "", table.concat(words, " "), quote(log))
end

-- Starts it and waits until it listens. options: rules, db (else a new one, which goes with server:stop()), port,
-- workers (2), words (more of the command line), before (shell text to run first). nil, exit code and what it wrote
-- on standard error when it does not listen.
function service.start(options)
  options = options or {}
  local folder = not options.db and service.folder() or nil
  local db = options.db or folder .. "/bank.db"
  local log = os.tmpname()
  local pipe = assert(io.popen(command_of(options, db, log)))
  local server = setmetatable({ pid = tonumber(pipe:read "l"), db = db, folder = folder, log = log, pipe = pipe },
    Server)
  local line = pipe:read "l"
  server.address = line and line:match "^listening on (http://.*)$"
  if not server.address then
    local code = server:wait()
    return nil, code, server.text
  end
  server.port = tonumber(server.address:match ":(%d+)$")
  return server
end

-- A spec that failed leaves its server behind: it must not outlive the interpreter, which waits for it.
function Server:__gc()
  if self.pid and not self.code then
    os.execute(("kill -KILL %d 2>/dev/null"):format(self.pid))
  end
end

-- Waits for the end. Exit code, or the signal's number and "signal"; server.text is what was logged.
function Server:wait()
  self.pipe:read "a"
  local _, how, code = self.pipe:close()
  self.code, self.text = code, service.read(self.log)
  os.remove(self.log)
  if self.folder then
    service.remove(self.folder)
  end
  return code, how
end

function Server:signal(name)
  assert(os.execute(("kill -%s %d"):format(name, self.pid)))
end

-- Drains it; anything but exit code 0 is an error. Returns what was logged.
function Server:stop()
  self:signal "TERM"
  local code = self:wait()
  assert(code == 0, ("exit code %s: %s"):format(code, self.text))
  return self.text
end

-- kill -9.
function Server:kill()
  self:signal "KILL"
  return self:wait()
end

-- ---- Speaking ----

local Client = {}
Client.__index = Client

function Server:connect()
  local socket = wire.connect(self)
  socket:settimeout(60) -- no answer is that slow, but for an import under a sanitizer
  return setmetatable({ socket = socket }, Client)
end

-- The bytes of one request. headers: name -> value; a body brings its length and, unless said otherwise, the type
-- application/json.
function service.request(method, path, headers, body)
  local lines = { ("%s %s HTTP/1.1\r\nHost: bank\r\n"):format(method, path) }
  local has_type = false
  for name, value in pairs(headers or {}) do
    lines[#lines + 1] = ("%s: %s\r\n"):format(name, value)
    has_type = has_type or name:lower() == "content-type"
  end
  if body then
    lines[#lines + 1] = (has_type and "" or "Content-Type: application/json\r\n")
      .. ("Content-Length: %d\r\n"):format(#body)
  end
  return table.concat(lines) .. "\r\n" .. (body or "")
end

function Client:send(...)
  return self.socket:send(service.request(...))
end

-- The bytes of the decision in an answer: what every face gives. The service adds its decision_id as the last member,
-- and nothing else; an answer without one is an error.
function service.decision(answer)
  local text, count = answer.body:gsub(',"decision_id":"' .. ("%x"):rep(32) .. '"}$', "}")
  assert(count == 1, "no decision_id: " .. answer.body)
  return text
end

-- The next answer: {status, headers, body, head}; nil when there is none.
function Client:receive(is_head)
  return wire.receive(self.socket, is_head)
end

-- Sends a request and returns its answer. false as body: one without Content-Type is meant.
function Client:ask(method, path, headers, body)
  self:send(method, path, headers, body)
  return self:receive(method == "HEAD")
end

function Client:close()
  self.socket:close()
end

-- Keeps services from writing to a database until the returned function is called.
function service.lock(db)
  local fifo = os.tmpname()
  os.remove(fifo)
  assert(os.execute("mkfifo " .. fifo))
  local program = service.source .. "/spec/support/tamper.py"
  local holder = assert(io.popen(("python3 '%s' '%s' lock <%s"):format(program, db, fifo)))
  local input = assert(io.open(fifo, "w"))
  assert(holder:read "l" == "locked")
  return function()
    input:close()
    holder:close()
    os.remove(fifo)
  end
end

-- One question on a connection of its own.
function Server:ask(...)
  local client = self:connect()
  local answer = assert(client:ask(...))
  client:close()
  return answer
end

return service
