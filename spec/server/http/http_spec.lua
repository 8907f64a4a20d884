-- http_spec.lua: the HTTP layer over raw sockets: what is refused, what is answered, in which order and how it ends.
local source = os.getenv "OE_SOURCE" or "."
package.path = source .. "/spec/server/http/?.lua;" .. package.path
local wire = require "wire"
local refusals = require "refusals"

local PROGRAM = "spec/server/http/echo_server"
local LAST = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
local HELLO = '{"hello":"world"}'

local function request(line, headers, body)
    return line .. " HTTP/1.1\r\nHost: x\r\n" .. (headers or "") .. "\r\n" .. (body or "")
end

local function post(path, body, headers)
    return request("POST " .. path, ("Content-Length: %d\r\n%s"):format(#body, headers or ""), body)
end

-- Bytes cut at random places, always the same ones.
local function shred(bytes, random)
    local pieces, at = {}, 1
    while at <= #bytes do
        local length = random(1, math.max(1, #bytes // 3))
        pieces[#pieces + 1] = bytes:sub(at, at + length - 1)
        at = at + length
    end
    return pieces
end

local function make_random(seed)
    local state = seed
    return function(low, high)
        state = (state * 1103515245 + 12345) % 2147483648
        return low + (state >> 8) % (high - low + 1)
    end
end

local function assert_refused(case, answers, reason, rest)
    assert.equal("closed", reason, case.name)
    assert.equal(1, #answers, case.name)
    assert.equal("", rest, case.name)
    local answer = answers[1]
    assert.equal(case.status, answer.status, case.name)
    assert.equal("close", answer.headers.connection, case.name)
    assert.equal("application/json", answer.headers["content-type"], case.name)
    assert.truthy(answer.body:match '^{"detail":"[^"]+","code":"[%w_]+"}$', case.name .. ": " .. answer.body)
    if case.code then
        assert.equal(case.code, answer.body:match '"code":"([%w_]+)"', case.name)
    end
end

describe("the HTTP layer", function()
    local server
    setup(function()
        server = wire.start(PROGRAM, "--linger-ms 500 --cors 1")
    end)
    teardown(function()
        local code, rest = server.stop()
        assert(code == 0, "exit code " .. tostring(code) .. ": " .. rest)
    end)

    it("knows more than 200 ways to refuse a request", function()
        assert.is_true(#refusals > 200)
    end)

    for _, case in ipairs(refusals) do
        it("refuses " .. case.name, function()
            -- A second request behind the first must never be answered.
            assert_refused(case, wire.talk(server, case.bytes .. (case.silent and "" or LAST)))
            assert.is_true(wire.is_alive(server))
        end)
    end

    it("refuses the same however the bytes are cut", function()
        local random = make_random(20260101)
        local beacon = wire.connect(server)
        for _, case in ipairs(refusals) do
            local client = wire.connect(server)
            wire.send_apart(client, beacon, shred(case.bytes .. LAST, random))
            local received, reason = wire.drain(client)
            client:close()
            local answers, rest = wire.answers(received)
            assert_refused(case, answers, reason, rest)
        end
        beacon:close()
    end)

    local accepted = {
        { "GET /", request "GET /", 200, HELLO },
        { "one empty line before a request", "\r\n" .. request "GET /", 200, HELLO },
        { "HTTP/1.0 with keep-alive", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", 200, HELLO },
        { "an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 200, HELLO },
        { "an IPv6 Host", "GET / HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n", 200, HELLO },
        { "Host in any case", "GET / HTTP/1.1\r\nhOST: x\r\n\r\n", 200, HELLO },
        { "blanks around a value", request("GET /header", "X-Echo: \t a b \t \r\n"), 200, "a b" },
        { "an empty value", request("GET /header", "X-Echo:\r\n"), 200, "" },
        { "upper half bytes in a value", request("GET /header", "X-Echo: \xc3\xa9\r\n"), 200, "\xc3\xa9" },
        { "a query", request "GET /query?a=1&b=x%20y+z&c&%64=%26", 200, "a=1\nb=x y z\nc=\nd=&\n" },
        { "a parameter given twice", request "GET /query?a=1&%61=2", 200, "a=1\na=2 again\n" },
        { "a query of nothing", request "GET /query?&&", 200, "" },
        { "an escaped segment", request "GET /things/a%2Fb%20c", 200, "[a/b c]" },
        { "two captures", request "GET /things/1/parts/%C3%A9", 200, "[1][\xc3\xa9]" },
        { "a plus in a path", request "GET /things/a+b", 200, "[a+b]" },
        { "dots in a path", request "GET /things/..", 200, "[..]" },
        { "a body by length", post("/echo", "hello"), 200, "hello" },
        { "the other spelling of the path", post("/echo/", "hello"), 200, "hello" },
        { "no body", request "POST /echo", 200, "" },
        { "an empty body", post("/echo", ""), 200, "" },
        { "leading zeros in Content-Length", request("POST /echo", "Content-Length: 005\r\n", "hello"), 200,
            "hello" },
        { "a body of 65536 bytes", post("/echo", ("a"):rep(65536)), 200, ("a"):rep(65536) },
        { "a body of NULs", post("/echo", ("\0"):rep(9)), 200, ("\0"):rep(9) },
        { "a chunked body", request("POST /echo", "Transfer-Encoding: chunked\r\n",
            "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"), 200, "hello world" },
        { "CHUNKED", request("POST /echo", "Transfer-Encoding: CHUNKED\r\n", "0005\r\nhello\r\n00000000\r\n\r\n"),
            200, "hello" },
        { "chunk sizes in either case", request("POST /echo", "Transfer-Encoding: chunked\r\n",
            "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"), 200,
            "01234567890123456789" },
        { "a body and captures", request("PUT /things/a%20b", "Content-Length: 3\r\n", "xyz"), 200, "[a b]xyz" },
        { "a body where none is expected", request("GET /", "Content-Length: 5\r\n", "hello"), 200, HELLO },
        { "an upgrade it does not know", request("GET /", "Connection: upgrade\r\nUpgrade: h2c\r\n"), 200, HELLO },
        { "64 headers", request("GET /", ("A: b\r\n"):rep(63)), 200, HELLO },
        { "a header block of 16384 bytes", request("GET /", "A: " .. ("b"):rep(16384 - 16) .. "\r\n"), 200, HELLO },
        { "a request line of 4096 bytes", request("GET /" .. ("a"):rep(4082)), 404 },
        { "an answer of a megabyte", request "GET /large", 200, ("0123456789"):rep(100000) },
        { "an answer given later", request "GET /later/3", 200, "3" },
        { "an answer given later to a body", post("/later/3", "hello"), 200, "3" },
        { "an answer deferred and given at once", request "GET /deferred", 200, "at once" },
        { "a bulk body", post("/bulk", "abc"), 200, "3 294" },
        { "an empty bulk body", post("/bulk", ""), 200, "0 0" },
        { "a chunked bulk body", request("POST /bulk", "Transfer-Encoding: chunked\r\n",
            "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"), 200, "3 294" },
        { "a bulk body taken slowly", post("/bulk/slow", ("a"):rep(300000)), 200, "300000 29100000" },
        { "a handler that forgets to answer", request "GET /silent", 500,
            '{"detail":"Internal Server Error","code":"internal_error"}' },
        { "no such path", request "GET /nowhere", 404, '{"detail":"Not Found","code":"route_not_found"}' },
        { "a path with one segment too many", request "GET /things/a/b", 404 },
        { "a capture without text", request "GET /things/", 404 },
        { "a double slash", request "GET //", 404 },
        { "a body for no path", post("/nowhere", "hello"), 404 },
        { "the wrong method", request "DELETE /", 405,
            '{"detail":"Method Not Allowed","code":"method_not_allowed"}' },
        { "the wrong method with a body", request("PUT /echo", "Content-Length: 5\r\n", "hello"), 405 },
        { "a bad escape", request "GET /things/%zz", 400,
            '{"detail":"request target: \'%\' must be followed by two hexadecimal digits","code":"malformed_escape"}' },
        { "half an escape", request "GET /things/a%4", 400 },
        { "an escape's start", request "GET /things/%", 400 },
        { "an escaped NUL", request "GET /things/a%00", 422,
            '{"detail":[{"loc":["path","id"],"msg":' ..
            '"path: a segment must be UTF-8 without control characters",' ..
            '"type":"path_invalid"}],"code":"path_invalid"}' },
        { "an escaped control character in a path with a body", request("PUT /things/a%7f", "Content-Length: 3\r\n",
            "xyz"), 422 },
        { "bad UTF-8 in a path", request "GET /things/%c3", 422 },
        { "a bad escape in a query", request "GET /query?a=%1", 400 },
        { "a control character in a query", request "GET /query?a=%0a", 422 },
        { "a parameter without a name", request "GET /query?=1", 422 },
        { "33 parameters", request("GET /query?" .. table.concat((function() local t = {} for i = 1,
            33 do t[i] = "a" .. i end return t end)(), "&")), 422 },
        { "a list of faults", post("/shape", "{}"), 422,
            '{"detail":[{"loc":["body","age"],"msg":"m","type":"t"}],"code":"validation_failed"}' },
        { "a list of faults as a problem", post("/shape", "{}",
            "Accept: text/html, application/problem+json;q=0.5\r\n"), 422,
            '{"type":"about:blank","title":"Unprocessable Content","status":422,' ..
            '"detail":"the request holds values that are not allowed","code":"validation_failed","errors":' ..
            '[{"loc":["body","age"],"msg":"m","type":"t"}]}' },
        { "an error as a problem", request("GET /nowhere", "Accept: application/problem+json\r\n"), 404,
            '{"type":"about:blank","title":"Not Found","status":404,"detail":"Not Found","code":"route_not_found"}' },
        { "problems declined", request("GET /nowhere", "Accept: application/problem+json;q=0\r\n"), 404,
            '{"detail":"Not Found","code":"route_not_found"}' },
        { "an error whose asker's block is gone", post("/later/0", "x"), 200, "0" },
    }

    for _, case in ipairs(accepted) do
        local name, bytes, status, body = table.unpack(case)
        it("answers " .. name .. " and goes on", function()
            local answers, reason, rest = wire.talk(server, bytes .. LAST)
            assert.equal("closed", reason)
            assert.equal("", rest)
            assert.same({ status, 200 }, { answers[1].status, answers[2] and answers[2].status })
            if body then
                assert.equal(body, answers[1].body)
            end
            assert.equal(HELLO, answers[2].body)
        end)
    end

    it("answers the same at every cut of a request", function()
        local beacon = wire.connect(server)
        for _, bytes in ipairs {
            request("GET /things/a%20b", "Accept: x\r\n"), request("PUT /things/q%20r", "Content-Length: 4\r\n",
                "wxyz"),
            request("PUT /things/i", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"), "\r\n" ..
                request("GET /later/0"),
            post("/bulk", "abcdef"), request("GET /nowhere", "Accept: application/problem+json\r\n"),
        } do
            local whole = wire.talk(server, bytes .. LAST)
            for cut = 1, #bytes do
                local client = wire.connect(server)
                wire.send_apart(client, beacon, { bytes:sub(1, cut), bytes:sub(cut + 1) .. LAST })
                local answers = wire.answers((wire.drain(client)))
                client:close()
                assert.same({ whole[1].status, whole[1].body, 2 }, { answers[1].status, answers[1].body, #answers })
            end
        end
        beacon:close()
    end)

    it("answers 100 requests of one write in order", function()
        local parts = {}
        for i = 1, 100 do
            parts[i] = i % 7 == 0 and request("GET /later/1") or i % 5 == 0 and post("/echo", "n" ..
                i) or request("GET /things/n" .. i)
        end
        local answers, reason = wire.talk(server, table.concat(parts) .. LAST)
        assert.equal("closed", reason)
        assert.equal(101, #answers)
        for i = 1, 100 do
            assert.equal(i % 7 == 0 and "1" or i % 5 == 0 and "n" .. i or "[n" .. i .. "]", answers[i].body)
        end
    end)

    it("keeps answers in order and whole when the client reads late", function()
        local client = wire.connect(server)
        local parts = {}
        for i = 1, 40 do
            parts[i] = request "GET /large" .. request("GET /things/" .. i)
        end
        client:send(table.concat(parts) .. LAST)
        assert.is_true(wire.is_alive(server))
        local answers = wire.answers((wire.drain(client, 20)))
        assert.equal(81, #answers)
        for i = 1, 40 do
            assert.same({ 1000000, "[" .. i .. "]" }, { #answers[2 * i - 1].body, answers[2 * i].body })
        end
    end)

    it("answers all that came before the client shut its side", function()
        for _, bytes in ipairs { request "GET /", request "GET /later/20", post("/echo", "x") ..
            request "GET /later/1", request "GET /large" } do
            local client = wire.connect(server)
            client:send(bytes)
            client:shutdown "send"
            local received, reason = wire.drain(client)
            client:close()
            local answers, rest = wire.answers(received)
            local _, expected = bytes:gsub("HTTP/1", "")
            assert.same({ "closed", expected, "" }, { reason, #answers, rest })
        end
    end)

    it("tells a client that shut its side within a request", function()
        for _, bytes in ipairs { "G", "GET / HTTP/1.1\r\nHost: x\r\n", post("/echo", "hello"):sub(1, -2),
            post("/bulk", "hello"):sub(1, -2) } do
            local client = wire.connect(server)
            client:send(bytes)
            client:shutdown "send"
            local answers = wire.answers((wire.drain(client)))
            client:close()
            assert.same({ 1, 400, "incomplete_request" }, { #answers, answers[1].status,
                answers[1].body:match '"code":"([%w_]+)"' })
        end
    end)

    it("closes a connection that never asked, without an answer", function()
        local client = wire.connect(server)
        client:shutdown "send"
        assert.same({ "", "closed" }, { wire.drain(client) })
        client:close()
    end)

    it("answers HEAD with the length of GET and no body", function()
        local client = wire.connect(server)
        client:send(request "HEAD /" .. request "HEAD /nowhere" .. request "HEAD /later/3" .. LAST)
        local answers, rest = wire.answers((wire.drain(client)), { true, true, true })
        client:close()
        assert.equal("", rest)
        assert.same({ 200, 404, 200, 200 }, { answers[1].status, answers[2].status, answers[3].status,
            answers[4].status })
        assert.equal(tostring(#HELLO), answers[1].headers["content-length"])
        assert.equal("1", answers[3].headers["content-length"])
        assert.equal(HELLO, answers[4].body)
    end)

    it("invites a body that waits, in order", function()
        local client = wire.connect(server)
        client:send(request "GET /later/3" .. request("POST /echo", "Expect: 100-Continue\r\nContent-Length: 5\r\n"))
        assert.equal("3", wire.receive(client).body)
        assert.equal(100, wire.receive(client).status)
        client:send("hello" .. LAST)
        assert.equal("hello", wire.receive(client).body)
        assert.equal(HELLO, wire.receive(client).body)
        client:close()
    end)

    it("does not invite a body that it will not read", function()
        for line, status in pairs { ["POST /nowhere"] = 404, ["PUT /"] = 405, ["POST /bulk/never"] = 415 } do
            local answers, reason = wire.talk(server, request(line, "Expect: 100-continue\r\nContent-Length: 5\r\n"))
            assert.same({ 1, status, "closed", "close" }, { #answers, answers[1].status, reason,
                answers[1].headers.connection })
        end
    end)

    it("takes no notice of an invitation that is not needed", function()
        for _, bytes in ipairs {
            request("GET /", "Expect: 100-continue\r\n"), request("POST /echo",
                "Expect: 100-continue\r\nContent-Length: 2\r\n", "ok"),
            "POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok",
        } do
            local answers = wire.talk(server, bytes .. LAST)
            assert.same({ 2, 200, 200 }, { #answers, answers[1].status, answers[2].status })
        end
    end)

    it("names the methods of a path", function()
        for line, expected in pairs {
            ["DELETE /"] = "405 GET, HEAD, OPTIONS", ["PATCH /things/1"] = "405 GET, HEAD, PUT, DELETE, OPTIONS",
                ["GET /echo"] = "405 POST, OPTIONS",
            ["OPTIONS /things/1"] = "204 GET, HEAD, PUT, DELETE, OPTIONS",
                ["OPTIONS *"] = "204 GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        } do
            local answers = wire.talk(server, request(line) .. LAST)
            assert.equal(expected, answers[1].status .. " " .. tostring(answers[1].headers.allow))
            assert.equal(2, #answers)
        end
    end)

    it("lets the configured origin read, and no other", function()
        for origin, allowed in pairs { ["https://desk.example"] = true, ["https://desk.example.evil"] = false,
            ["null"] = false } do
            local answers = wire.talk(server, request("GET /", "Origin: " .. origin .. "\r\n") ..
                request("OPTIONS /echo", "Access-Control-Request-Method: POST\r\nOrigin: " .. origin .. "\r\n") ..
                    LAST)
            assert.equal(allowed and origin or nil, answers[1].headers["access-control-allow-origin"])
            assert.equal("Origin", answers[1].headers.vary)
            assert.equal(allowed and "POST, OPTIONS" or nil, answers[2].headers["access-control-allow-methods"])
        end
    end)

    it("gives a valid traceparent back and drops others", function()
        local good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        for value, expected in pairs {
            [good] = good, [good:gsub("^00", "01")] = false, [good:gsub("4bf", "4Bf")] = false, [good .. "0"] = false,
            [good:gsub("00f067aa0ba902b7", "0000000000000000")] = false, [good:sub(1, -2)] = false,
        } do
            for _, path in ipairs { "/", "/later/1", "/nowhere" } do
                local answers = wire.talk(server, request("GET " .. path, "traceparent: " .. value .. "\r\n") .. LAST)
                assert.equal(expected or nil, answers[1].headers.traceparent)
                assert.is_nil(answers[2].headers.traceparent)
            end
        end
    end)

    it("sends no body and no length with 204", function()
        local answers, _, rest = wire.talk(server, request "DELETE /things/1" .. LAST)
        assert.same({ 204, "", 2, "" }, { answers[1].status, answers[1].body, #answers, rest })
        assert.is_nil(answers[1].headers["content-length"])
    end)

    it("says when it answered", function()
        local answers = wire.talk(server, LAST)
        assert.truthy(answers[1].headers.date:match "^%a%a%a, %d%d %a%a%a %d%d%d%d %d%d:%d%d:%d%d GMT$")
        assert.equal(os.date("!%Y"), answers[1].headers.date:match "%a (%d%d%d%d) ")
    end)

    it("closes when it is asked to", function()
        for _, bytes in ipairs {
            LAST, "GET / HTTP/1.0\r\n\r\n", request("GET /", "Connection: x, Close\r\n"), request("GET /",
                "Connection: keep-alive\r\nConnection: close\r\n"),
        } do
            local answers, reason = wire.talk(server, bytes .. request "GET /")
            assert.same({ 1, "close", "closed" }, { #answers, answers[1].headers.connection, reason })
        end
    end)

    it("lets a refused client read the answer while it is still sending", function()
        local client = wire.connect(server)
        client:send(request("POST /echo", "Content-Length: 900000\r\n", ("a"):rep(400000)))
        client:send(("a"):rep(400000))
        local answers = wire.answers((wire.drain(client)))
        client:close()
        assert.same({ 1, 413 }, { #answers, answers[1] and answers[1].status })
    end)

    it("ends a bulk body early when its handler answered", function()
        local answers, reason = wire.talk(server, post("/bulk", ("a"):rep(5000) .. "!" .. ("a"):rep(200000)) .. LAST)
        assert.same({ 1, 422, "closed" }, { #answers, answers[1].status, reason })
    end)

    it("forgets the request of a client that went away", function()
        for _, bytes in ipairs { request "GET /later/5", post("/bulk/slow", ("a"):rep(70000)):sub(1, -2),
            request "GET /large" } do
            for _ = 1, 5 do
                local client = wire.connect(server)
                client:send(bytes)
                client:close()
            end
        end
        local answers = wire.talk(server, request "GET /later/20" .. LAST)
        assert.equal("20", answers[1].body)
    end)
end)

describe("the deadlines of a connection", function()
    local server
    setup(function()
        server = wire.start(PROGRAM, "--header-ms 150 --body-ms 200 --idle-ms 400 --write-ms 300 --linger-ms 200")
    end)
    teardown(function()
        assert(server.stop() == 0)
    end)

    it("end a slow request with 408", function()
        for name, bytes in pairs {
            ["one byte"] = "G", ["half a header block"] = "GET / HTTP/1.1\r\nHo",
                ["a body that never comes"] = request("POST /echo", "Content-Length: 5\r\n"),
            ["half a body"] = post("/echo", "hello"):sub(1, -3), ["half a chunked body"] = request("POST /echo",
                "Transfer-Encoding: chunked\r\n", "5\r\nhel"),
            ["half a bulk body"] = post("/bulk", "hello"):sub(1, -3), ["half a second request"] = request "GET /" ..
                "GET /",
        } do
            local answers, reason = wire.talk(server, bytes)
            local answer = answers[#answers]
            assert.same({ name, 408, "request_timeout", "closed", "close" },
                { name, answer.status, answer.body:match '"code":"([%w_]+)"', reason, answer.headers.connection })
        end
    end)

    it("are not put off by a byte now and then", function()
        local client = wire.connect(server)
        local bytes, sent = request("GET /", "A: " .. ("b"):rep(200) .. "\r\n"), 0
        client:settimeout(0.03)
        local received = ""
        while sent < #bytes and received == "" do
            sent = sent + 1
            if not client:send(bytes:sub(sent, sent)) then
                break
            end
            local _, _, partial = client:receive(100)
            received = partial or "408"
        end
        client:close()
        assert.is_true(sent < #bytes)
    end)

    it("close an idle connection without an answer", function()
        assert.same({ "", "closed" }, { wire.drain(wire.connect(server)) })
        local answers, reason, rest = wire.talk(server, request "GET /")
        assert.same({ 1, 200, "closed", "" }, { #answers, answers[1].status, reason, rest })
    end)

    it("do not touch an answer that takes longer", function()
        assert.equal("700", wire.talk(server, request "GET /later/700")[1].body)
    end)

    it("cut off a client that does not read", function()
        local client = wire.connect(server)
        client:send(request("GET /large"):rep(60))
        client:settimeout(0)
        local began = require "socket".gettime()
        local reason
        repeat
            reason = select(2, client:send "x")
            assert.is_true(wire.is_alive(server))
        until reason == "closed" or require "socket".gettime() - began > 5
        assert.equal("closed", reason)
        local received = wire.drain(client)
        client:close()
        assert.is_true(#received < 60 * 1000000)
    end)
end)

describe("the end of a service", function()
    it("answers what is in flight, closes idle connections at once, and exits with 0", function()
        local server = wire.start(PROGRAM, "--workers 2")
        local idle, busy, half = wire.connect(server), wire.connect(server), wire.connect(server)
        idle:send(request "GET /")
        wire.receive(idle)
        busy:send(request "GET /later/300" .. request "GET /later/1")
        half:send(request("POST /echo", "Expect: 100-continue\r\nContent-Length: 5\r\n"))
        assert.equal(100, wire.receive(half).status)
        assert.is_true(wire.is_alive(server))
        os.execute("kill -TERM " .. server.pid)
        assert.same({ "", "closed" }, { wire.drain(idle) })
        half:send "hello"
        local last = wire.answers((wire.drain(half)))
        assert.same({ 1, "hello", "close" }, { #last, last[1].body, last[1].headers.connection })
        local answers = wire.answers((wire.drain(busy)))
        assert.same({ 1, "300", "close" }, { #answers, answers[1].body, answers[1].headers.connection })
        assert.equal(0, (server.stop "0"))
    end)

    it("comes within its bound, whatever a client does", function()
        local server = wire.start(PROGRAM, "--drain-ms 200")
        local client = wire.connect(server)
        client:send "GET /"
        assert.is_true(wire.is_alive(server))
        assert.equal(0, (server.stop()))
        client:close()
    end)
end)

describe("the number of connections", function()
    it("is limited, and those beyond are told to come again", function()
        local server = wire.start(PROGRAM, "--connections 3 --linger-ms 200")
        local clients = {}
        for i = 1, 3 do
            clients[i] = wire.connect(server)
            clients[i]:send(request "GET /")
            assert.equal(200, wire.receive(clients[i]).status)
        end
        local answers, reason = wire.talk(server, "")
        assert.same({ 1, 503, "1", "closed" }, { #answers, answers[1].status, answers[1].headers["retry-after"],
            reason })
        clients[1]:close()
        clients[2]:send(request "GET /later/30")
        assert.equal(200, wire.receive(clients[2]).status)
        assert.is_true(wire.is_alive(server))
        assert.equal(0, (server.stop()))
    end)

    it("may exceed the descriptors of the process without harm", function()
        local server = wire.start(PROGRAM, "", "ulimit -n 32;")
        local clients = {}
        for i = 1, 60 do
            clients[i] = wire.connect(server)
        end
        for _, client in ipairs(clients) do
            client:close()
        end
        local tries = 0
        repeat -- a connection is dropped as long as the server has not seen the others go
            tries = tries + 1
        until wire.is_alive(server) or tries == 1000
        assert.is_true(wire.is_alive(server))
        assert.equal(0, (server.stop()))
    end)

    it("listens on IPv6 as well", function()
        local server = wire.start(PROGRAM, "--host ::1")
        local client = wire.connect(server, "::1")
        client:send(LAST)
        assert.equal(HELLO, wire.answers((wire.drain(client)))[1].body)
        assert.equal(0, (server.stop()))
    end)
end)
