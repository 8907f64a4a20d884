-- stream_spec.lua: answers that leave while their body comes: the same bytes in any cut, how they end and break off,
-- and that neither memory nor other requests suffer.
local source = os.getenv "OE_SOURCE" or "."
package.path = source .. "/spec/server/http/?.lua;" .. package.path
local wire = require "wire"

local PROGRAM = "spec/server/http/echo_server"
local LAST = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
local TURN = 1000 -- bytes that /stream sends back in a turn

local function head(headers, version)
    return ("POST /stream HTTP/%s\r\nHost: x\r\n%s\r\n"):format(version or "1.1", headers)
end

local function post(body, headers, version)
    return head(("Content-Length: %d\r\n%s"):format(#body, headers or ""), version) .. body
end

local function chunked(body, size)
    local pieces = {}
    for at = 1, #body, size do
        local piece = body:sub(at, at + size - 1)
        pieces[#pieces + 1] = ("%x\r\n%s\r\n"):format(#piece, piece)
    end
    return head "Transfer-Encoding: chunked\r\n" .. table.concat(pieces) .. "0\r\n\r\n"
end

local function letters(count)
    local list = {}
    for i = 1, count do
        list[i] = string.char(97 + i * 7 % 26)
    end
    return table.concat(list)
end

local function resident_bytes(pid)
    local file <close> = assert(io.open(("/proc/%d/statm"):format(pid)))
    return tonumber(file:read "a":match "^%d+ (%d+)") * 4096
end

local function talk(server, bytes)
    return wire.exchange(wire.connect(server), bytes)
end

describe("an answer in pieces", function()
    local server
    setup(function() server = wire.start(PROGRAM, "--linger-ms 500") end)
    teardown(function() assert(server.stop() == 0) end)

    it("holds what was sent, whatever its length", function()
        for _, length in ipairs { 0, 1, TURN - 1, TURN, TURN + 1, 65535, 65536, 300000, 3000000 } do
            local body = letters(length)
            local answers, rest = talk(server, post(body) .. LAST)
            assert.same({ length, 2, 200, "", true },
                { length, #answers, answers[1].status, rest, answers[1].body == body })
        end
    end)

    it("does not depend on how the body is cut", function()
        local body = letters(100000)
        for _, size in ipairs { 1, 7, 1000, 65536, 99999 } do
            local answers, rest = talk(server, chunked(body, size) .. LAST)
            assert.same({ size, 2, "", true }, { size, #answers, rest, answers[1].body == body })
        end
    end)

    it("has a length when it is made in one turn, and chunks otherwise", function()
        local short, long = talk(server, post(letters(TURN)) .. LAST)[1],
            talk(server, post(letters(TURN + 1)) .. LAST)[1]
        assert.same({ "1000", nil }, { short.headers["content-length"], short.headers["transfer-encoding"] })
        assert.same({ nil, "chunked" }, { long.headers["content-length"], long.headers["transfer-encoding"] })
        assert.equal("text/plain", long.headers["content-type"])
    end)

    it("leaves while the body comes", function()
        local client = wire.connect(server)
        client:send(head "Content-Length: 20000\r\n" .. letters(5000))
        repeat until client:receive "*l" == ""
        for at = 1, 5000, TURN do
            assert.equal("3e8\r\n" .. letters(5000):sub(at, at + TURN - 1) .. "\r\n", wire.receive_chunk(client))
        end
        client:send(letters(15000))
        local last
        repeat
            local chunk = wire.receive_chunk(client)
            last = chunk or last
        until chunk == "0\r\n\r\n"
        assert.equal("0\r\n\r\n", last)
        client:close()
    end)

    it("asks for the body before anything else", function()
        local client = wire.connect(server)
        client:send(head "Content-Length: 3000\r\nExpect: 100-continue\r\n")
        assert.equal(100, wire.receive(client).status)
        client:send(letters(3000))
        local answer = wire.receive(client)
        assert.same({ 200, letters(3000) }, { answer.status, answer.body })
        client:close()
    end)

    it("ends with the connection for HTTP/1.0, which knows no chunks", function()
        for _, headers in ipairs { "", "Connection: keep-alive\r\n" } do
            local _, _, text = talk(server, post(letters(5000), headers, "1.0"))
            assert.equal(letters(5000), text:match "\r\n\r\n(.*)$")
            assert.truthy(text:find "\r\nConnection: close\r\n")
            assert.is_nil(text:find "Transfer%-Encoding")
            assert.is_nil(text:find "Content%-Length")
        end
    end)

    it("is followed by the next answers in their order", function()
        local answers, rest = talk(server, post(letters(3000)) .. post "abc" .. chunked(letters(2000), 100)
            .. "GET /silent HTTP/1.1\r\nHost: x\r\n\r\n" .. LAST)
        assert.same({ 5, "" }, { #answers, rest })
        assert.same({ letters(3000), "abc", letters(2000) }, { answers[1].body, answers[2].body, answers[3].body })
        assert.same({ 500, 200 }, { answers[4].status, answers[5].status })
    end)

    it("waits where it is told to", function()
        local body = ("ab?"):rep(40)
        assert.equal(body, talk(server, post(body) .. LAST)[1].body)
        assert.equal(body, talk(server, chunked(body, 1) .. LAST)[1].body)
    end)

    it("may end before the body does, which ends the connection", function()
        local answers, rest = talk(server, post("abc!" .. letters(200000)) .. LAST)
        assert.same({ 1, "abc!", "close", "" }, { #answers, answers[1].body, answers[1].headers.connection, rest })
        answers, rest = talk(server, post(letters(3500) .. "!" .. letters(200000)) .. LAST)
        assert.same({ 1, letters(3500) .. "!", "" }, { #answers, answers[1].body, rest })
    end)

    it("is an error when it fails before anything left, and is broken off later", function()
        assert.equal(422, talk(server, post "abc#" .. LAST)[1].status)
        local answers, rest = talk(server, post(letters(2 * TURN) .. "#") .. LAST)
        assert.same({}, answers)
        assert.truthy(rest:find("\r\n\r\n3e8\r\n", 1, true))
        assert.is_nil(rest:find("\r\n0\r\n\r\n", 1, true))
    end)

    it("is complete for a client that ended its side behind a whole body", function()
        local client = wire.connect(server)
        client:send(post(letters(30000)))
        client:shutdown "send"
        local answers, rest = wire.answers((wire.drain(client)))
        assert.same({ 1, true, "" }, { #answers, answers[1].body == letters(30000), rest })
    end)

    it("is broken off when the body ends too early, and refused when nothing had left", function()
        for _, length in ipairs { 0, 5000 } do
            local client = wire.connect(server)
            client:send(post(letters(9000)):sub(1, length - 9001))
            client:shutdown "send"
            local received = wire.drain(client)
            if length == 0 then
                assert.truthy(received:find('^HTTP/1.1 400 .*"code":"incomplete_request"'))
            else
                assert.truthy(received:find(letters(5000):sub(-50), 1, true))
                assert.is_nil(received:find("\r\n0\r\n\r\n", 1, true))
            end
            client:close()
        end
    end)

    it("is broken off at a chunk that is none", function()
        local bytes = chunked(letters(5000), 5000):gsub("0\r\n\r\n$", "")
        local answers, rest = talk(server, bytes .. "zz\r\n")
        assert.is_true(#answers == 0 or answers[1].status == 400)
        assert.is_nil(rest:find("\r\n0\r\n\r\n", 1, true))
    end)

    it("is forgotten when its client goes away", function()
        for _, bytes in ipairs { post(letters(100000)), post(letters(100000)):sub(1, -2), post "?",
            post("a?"):sub(1, -2), post(letters(3000000)) } do
            for _ = 1, 5 do
                local client = wire.connect(server)
                client:settimeout(0.01)
                client:send(bytes)
                client:close()
            end
        end
        assert.is_true(wire.is_alive(server))
    end)
end)

describe("beside an answer in pieces", function()
    local server
    setup(function() server = wire.start(PROGRAM, "--body-ms 200 --write-ms 300 --linger-ms 200") end)
    teardown(function() assert(server.stop() == 0) end)

    it("other requests of the same worker wait for a turn, not for all", function()
        local client, other, beside = wire.connect(server), wire.connect(server), wire.connect(server)
        local turns, count, ended = 300, 0, false
        client:send(post(("~"):rep(turns)))
        beside:send(post(("~"):rep(turns)))
        client:settimeout(0)
        local received = ""
        while not ended do
            other:send "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
            assert.equal(200, wire.receive(other).status)
            count = count + 1
            local whole, _, partial = client:receive(100000)
            received = received .. (whole or partial)
            ended = received:sub(-5) == "0\r\n\r\n"
        end
        assert.is_true(count >= turns // 10, ("%d answers"):format(count))
        assert.equal(("~"):rep(turns), wire.receive(beside).body)
        client:close()
        beside:close()
        other:close()
    end)

    it("the service keeps no more than a little of what a client does not read", function()
        local client = wire.connect(server)
        client:settimeout(0)
        local before, sent, piece = resident_bytes(server.pid), 0, letters(65536)
        client:send(head "Content-Length: 4000000000\r\n")
        repeat
            local done, _, partial = client:send(piece)
            local count = done or partial or 0
            sent = sent + count
            assert.is_true(wire.is_alive(server))
            assert.is_true(sent < 100000000, "it takes whatever comes")
        until count == 0
        local grown = resident_bytes(server.pid) - before
        assert.is_true(grown < 4000000, ("%d bytes of %d"):format(grown, sent))
        client:close()
    end)

    it("a client that stops sending or reading is cut off", function()
        local client = wire.connect(server)
        client:send(head "Content-Length: 5000\r\n" .. letters(2500))
        local received, reason = wire.drain(client)
        assert.equal("closed", reason)
        assert.truthy(received:find("\r\n\r\n3e8\r\n", 1, true))
        assert.is_nil(received:find("\r\n0\r\n\r\n", 1, true))
        client = wire.connect(server)
        client:send(head "Content-Length: 4000000000\r\n")
        repeat
            local sent, why = client:send(letters(65536))
        until not sent and why == "closed"
        client:close()
    end)
end)
