-- http_spec.lua: the client by which commands reach the owner of a database.

local shell = require "spec.lua.shell"
local core = require "offerengine.core"

describe("the HTTP client", function()
  local folder

  setup(function() folder = shell.folder() end)
  teardown(function() shell.remove(folder) end)

  -- Posts to a server that gives this answer; what the client returned, and the request as it came.
  local function post(answer, path, body)
    shell.write(folder .. "/answer", answer)
    local server <close> = assert(io.popen(("lua5.4 %s %s %s"):format(
      shell.quote(shell.source .. "/spec/lua/post_server.lua"), shell.quote(folder .. "/answer"),
      shell.quote(folder .. "/request")), "r"))
    local port = assert(server:read("l"), "the server began")
    local results = table.pack(core.http_post("http://127.0.0.1:" .. port, path or "/x", "text/plain", body or ""))
    server:close()
    return results, shell.read(folder .. "/request")
  end

  it("sends one request and gives the status and the body", function()
    local results, request = post("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok", "/import/customers", "a\nb\n")
    assert.same({ 201, "ok", n = 2 }, results)
    assert.matches("^POST /import/customers HTTP/1.1\nHost: 127.0.0.1:%d+\nContent%-Type: text/plain\n", request)
    assert.matches("\nContent-Length: 4\n", request, 1, true)
    assert.matches("\n\na\nb\n$", request)
  end)

  it("gives refusals like any answer", function()
    local results = post('HTTP/1.1 422 Unprocessable Content\r\n\r\n{"detail":[]}')
    assert.same({ 422, '{"detail":[]}', n = 2 }, results)
  end)

  it("takes an answer without a body", function()
    assert.same({ 204, "", n = 2 }, (post("HTTP/1.1 204 No Content\r\n\r\n")))
  end)

  local broken = { nothing = "", ["something else"] = "SSH-2.0-x\r\n\r\n", ["half a head"] = "HTTP/1.1 200 O" }
  for name, answer in pairs(broken) do
    it("answers nil, a message and a code when the server gives " .. name, function()
      local results = post(answer)
      assert.is_nil(results[1])
      assert.matches("^server: ", results[2])
      assert.equal("io_error", results[3])
    end)
  end

  -- What http_get returned for this answer, and the pieces that it handed on, joined.
  local function get(answer)
    shell.write(folder .. "/answer", answer)
    local server <close> = assert(io.popen(("lua5.4 %s %s %s"):format(
      shell.quote(shell.source .. "/spec/lua/post_server.lua"), shell.quote(folder .. "/answer"),
      shell.quote(folder .. "/request")), "r"))
    local port = assert(server:read("l"), "the server began")
    local pieces = {}
    local status, _, code = core.http_get("http://127.0.0.1:" .. port, "/list", function(bytes)
      pieces[#pieces + 1] = bytes
    end)
    server:close()
    return { status or code, table.concat(pieces) }
  end

  it("hands an answer on in pieces, and tells one that breaks off", function()
    local chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    local counted = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
    local cases = {
      { counted .. "abc", 200, "abc" }, { counted .. "ab", "io_error", "ab" },
      { chunked .. "3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n", 200, "abc0123456789" },
      { chunked .. "0\r\n\r\n", 200, "" }, { chunked .. "3\r\nabc\r\n", "io_error", "abc" },
      { chunked .. "3\r\nab", "io_error", "ab" }, { "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404, "" },
      { "HTTP/1.1 200 OK\r\n", "io_error", "" }, { "", "io_error", "" },
    }
    for _, case in ipairs(cases) do
      assert.same({ case[2], case[3] }, get(case[1]), case[1])
    end
  end)

  it("answers nil, a message and a code when nobody listens or the address is none", function()
    local addresses = { "http://127.0.0.1:1", "127.0.0.1:8000", "http://", "http://:80", "http://h:", "ftp://h:1" }
    for _, address in ipairs(addresses) do
      local status, message, code = core.http_post(address, "/", "text/plain", "")
      assert.is_nil(status)
      assert.matches(address, message, 1, true)
      assert.equal("io_error", code)
    end
  end)

  it("raises on misuse", function()
    assert.has_error(function() core.http_post() end)
    assert.has_error(function() core.http_post("http://127.0.0.1:1", "/", "text/plain") end)
  end)
end)

describe("offerengine import with an owned database", function()
  local HEADER = "customer_id,age,income,credit_score,avg_account_balance,existing_products\n"
  local folder, server, child

  before_each(function() folder = shell.folder() end)
  after_each(function()
    if server then
      os.execute("kill -9 " .. child .. " 2>/dev/null")
      server:close()
      server = nil
    end
    shell.remove(folder)
  end)

  -- Starts the service on a free port; its database.
  local function serve()
    local db = folder .. "/bank.db"
    local line = "cd %s && { %s/offerengine serve --db %s --port 0 --workers 1 --no-samples 2>%s & echo $!; wait; }"
    server = assert(io.popen(line:format(shell.quote(shell.source), shell.quote(shell.build), shell.quote(db),
      shell.quote(folder .. "/log")), "r"))
    child = assert(server:read("l"))
    local deadline = core.now() + 20000
    repeat
      local owner = core.owner(db)
    until owner and owner.address or core.now() > deadline
    return db
  end

  it("goes through the owner, all or nothing", function()
    local db = serve()
    shell.write(folder .. "/good.csv", HEADER .. "A,35,95000,,20,\nB,20,1,,1,\n")
    local code, out, err = shell.run("import", folder .. "/good.csv", "--db", db)
    assert.equal("", err)
    assert.equal(0, code)
    assert.matches("^2 customers imported through http://127.0.0.1:%d+: 2 new, 0 replaced\n$", out)
    local _, customers = shell.run("customers", "--db", db, "--json")
    assert.equal(2, core.decode_json(customers).total)
    shell.write(folder .. "/bad.csv", HEADER .. "C,35,95000,,20,\nD,x,1,,1,\n")
    assert.equal(1, (shell.run("import", folder .. "/bad.csv", "--db", db)))
    _, customers = shell.run("customers", "--db", db, "--json")
    assert.equal(2, core.decode_json(customers).total)
  end)
end)
