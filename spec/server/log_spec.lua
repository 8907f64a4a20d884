-- log_spec.lua: what stands in the log: failures of the service are errors, what clients do wrong is not, and a flood
-- of connections does not make a flood of lines.

local service = require "spec.support.service"
local wire = require "spec.server.http.wire"

local LIMIT, SURPLUS = 4096, 40
local TRACE = "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"

describe("the log", function()
  it("knows no error where a client sent nonsense, traced or not", function()
    local server = assert(service.start { words = { "--no-samples" } })
    local cases = {
      { 501, "FROBNICATE / HTTP/1.1\r\nHost: bank\r\n" }, { 505, "GET / HTTP/3.0\r\nHost: bank\r\n" },
      { 400, "GET / HTTP/1.1\r\n" }, { 404, "GET /nowhere HTTP/1.1\r\nHost: bank\r\n" },
    }
    for _, case in ipairs(cases) do
      for _, more in ipairs { "", TRACE } do
        local client = wire.connect(server)
        client:send(case[2] .. "Connection: close\r\n" .. more .. "\r\n")
        assert.matches("^HTTP/1.1 " .. case[1], (wire.drain(client)))
        client:close()
      end
    end
    local client = server:connect()
    local lines = client:ask("POST", "/import/customers", { ["Content-Type"] = "application/x-ndjson" }, "{}\n")
    assert.equal(422, lines.status)
    client:close()
    local text = server:stop()
    assert.matches("event=import status=", text, 1, true)
    assert.is_nil(text:find("level=error", 1, true), text)
    assert.is_nil(text:find("level=warning", 1, true), text)
  end)

  it("counts connections over the limit instead of naming each", function()
    local server = assert(service.start { workers = 1, words = { "--no-samples" }, before = "ulimit -n 8192 &&" })
    local open = {}
    for i = 1, LIMIT + SURPLUS do
      open[i] = wire.connect(server)
    end
    local refused = 0
    for i = LIMIT + 1, #open do
      local answer = wire.drain(open[i])
      refused = refused + (answer:find("^HTTP/1.1 503") and 1 or 0)
    end
    for _, client in ipairs(open) do
      client:close()
    end
    local text = server:stop()
    assert.is_true(refused > 0)
    assert.is_nil(text:find("level=error", 1, true), text)
    local _, lines = text:gsub("level=warning event=connections_full turned_away=%d+\n", "")
    assert.is_true(lines >= 1 and lines < refused, ("%d lines for %d refused"):format(lines, refused))
  end)
end)
