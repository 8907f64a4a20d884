-- wire.lua: a server process and raw sockets for the HTTP specs. Knows bytes and answers, no routes.
local socket = require "socket"

local wire = {}
local build = os.getenv "OE_BUILD" or "build"

-- Starts a program that prints "port N"; returns { port, pid, stop() } where stop() ends it with SIGTERM (or the
-- signal
-- given) and returns its exit code. `before` is shell text to run first.
function wire.start(program, options, before)
    local command = ("echo $$; %s exec %s/%s %s 2>&1"):format(before or "", build, program, options or "")
    local pipe = assert(io.popen(command))
    local server = { pid = tonumber(pipe:read "l"), lines = {} }
    local line = pipe:read "l"
    server.port = line and tonumber(line:match "^port (%d+)$")
    assert(server.port, "server did not start: " .. tostring(line))
    function server.stop(signal)
        os.execute(("kill -%s %d"):format(signal or "TERM", server.pid))
        local rest = pipe:read "a"
        local _, _, code = pipe:close()
        return code, rest
    end
    return server
end

function wire.connect(server, host)
    local client = (host and socket.tcp6 or socket.tcp)()
    client:settimeout(5)
    assert(client:connect(host or "127.0.0.1", server.port))
    client:setoption("tcp-nodelay", true)
    return client
end

-- Everything until the server closes; second result "closed", or "timeout" when it does not.
function wire.drain(client, seconds)
    client:settimeout(seconds or 5)
    local whole, reason, partial = client:receive "*a"
    if whole then
        return whole, "closed"
    end
    return partial, reason
end

-- The body in chunks that begins at `at`, and where it ends; nil when it is not complete.
local function dechunk(bytes, at)
    local pieces = {}
    while true do
        local size, from = bytes:match("^(%x+)\r\n()", at)
        local length = size and tonumber(size, 16)
        if not size or #bytes < from + length + 1 then
            return nil, at
        end
        assert(bytes:sub(from + length, from + length + 1) == "\r\n", "a chunk without its end")
        pieces[#pieces + 1] = bytes:sub(from, from + length - 1)
        at = from + length + 2
        if length == 0 then
            return table.concat(pieces), at
        end
    end
end

-- Cuts answers out of a byte stream. `bodiless` lists numbers of answers to HEAD. Returns the answers and what is
-- left.
function wire.answers(bytes, bodiless)
    local answers = {}
    local at = 1
    while true do
        local head_end = bytes:find("\r\n\r\n", at, true)
        if not head_end then
            break
        end
        local head = bytes:sub(at, head_end + 1)
        local answer = { status = tonumber(head:match "^HTTP/1%.1 (%d%d%d) [%w -]+\r\n"), headers = {}, head = head }
        for name, value in head:gmatch "\r\n([%w-]+): ([^\r]*)" do
            answer.headers[name:lower()] = value
        end
        local length = tonumber(answer.headers["content-length"] or "0")
        if answer.status == 100 or (bodiless and bodiless[#answers + 1]) then
            length = 0
        end
        local next_at = head_end + 4 + length
        if answer.headers["transfer-encoding"] == "chunked" then
            answer.body, next_at = dechunk(bytes, head_end + 4)
        else
            answer.body = bytes:sub(head_end + 4, next_at - 1)
        end
        if not answer.body or #answer.body < length then
            break
        end
        answers[#answers + 1] = answer
        at = next_at
    end
    return answers, bytes:sub(at)
end

-- Sends bytes on a new connection and reads until the server closes.
function wire.talk(server, bytes, seconds)
    local client = wire.connect(server)
    client:send(bytes)
    local received, reason = wire.drain(client, seconds)
    client:close()
    local answers, rest = wire.answers(received)
    return answers, reason, rest
end

-- The next chunk of an answer on an open connection as it came; "0\r\n\r\n" is the last. nil when there is none.
function wire.receive_chunk(client)
    local size = client:receive "*l"
    local rest = size and client:receive(tonumber(size, 16) + 2)
    return rest and size .. "\r\n" .. rest
end

local function receive_chunks(client)
    local pieces = {}
    repeat
        pieces[#pieces + 1] = assert(wire.receive_chunk(client))
    until pieces[#pieces] == "0\r\n\r\n"
    return table.concat(pieces)
end

-- One answer on an open connection.
function wire.receive(client, is_head)
    local head = {}
    repeat
        local line, reason = client:receive "*l"
        if not line then
            return nil, reason
        end
        head[#head + 1] = line .. "\r\n"
    until line == ""
    local bytes = table.concat(head)
    local length = tonumber(bytes:lower():match "content%-length: (%d+)") or 0
    if bytes:find("\r\nTransfer-Encoding: chunked\r\n", 1, true) then
        bytes = bytes .. receive_chunks(client)
    elseif length > 0 and not is_head then
        bytes = bytes .. assert(client:receive(length))
    end
    return wire.answers(bytes, { is_head })[1]
end

-- Sends bytes and receives at the same time, which long answers to long bodies need, until the server closes. The
-- answers, what is left, and all that came.
function wire.exchange(client, bytes)
    local received, at = {}, 1
    client:settimeout(0)
    repeat
        local _, writable = socket.select({ client }, at <= #bytes and { client } or nil, 5)
        if writable[1] then
            local sent, _, partial = client:send(bytes, at, math.min(#bytes, at + 65535))
            at = (sent or partial or #bytes) + 1
        end
        local whole, reason, partial = client:receive(65536)
        received[#received + 1] = whole or partial
        assert(reason ~= "timeout" or writable[1] or socket.select({ client }, nil, 5)[1], "no answer")
    until reason == "closed"
    client:close()
    local text = table.concat(received)
    local answers, rest = wire.answers(text)
    return answers, rest, text
end

-- Whether the server still answers.
function wire.is_alive(server)
    local answers = wire.talk(server, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    return #answers == 1 and answers[1].status == 200
end

-- Sends the pieces one after the other; between two, a question on a second connection makes sure that the (only)
-- worker
-- has been round its loop.
function wire.send_apart(client, beacon, pieces)
    for i, piece in ipairs(pieces) do
        if not client:send(piece) then
            return
        end
        if i < #pieces then
            beacon:send "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
            assert(wire.receive(beacon))
        end
    end
end

return wire
