-- post_server.lua: a server for one request, for the specs of the HTTP client: prints its port, takes a request, gives
-- back what it was told to. usage: lua5.4 post_server.lua ANSWER REQUEST (files; REQUEST gets what came)

local socket = require "socket"

local answer_path, request_path = ...

local server = assert(socket.bind("127.0.0.1", 0))
server:settimeout(20)
local _, port = server:getsockname()
io.stdout:write(port, "\n")
io.stdout:flush()

local file <close> = assert(io.open(answer_path, "rb"))
local answer = file:read("a")
local client = assert(server:accept())
client:settimeout(20)
local head, length = {}, 0
repeat
  local line = assert(client:receive("*l"))
  head[#head + 1] = line
  length = tonumber(line:match("^Content%-Length: (%d+)")) or length
until line == ""
local body = length > 0 and assert(client:receive(length)) or ""
local request <close> = assert(io.open(request_path, "wb"))
request:write(table.concat(head, "\n"), "\n", body)
request:close()
client:send(answer)
client:close()
