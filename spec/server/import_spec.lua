-- import_spec.lua: POST /import/customers: all or nothing, or the good lines with a count; in any cut; seen at once.

local core = require "offerengine.core"
local service = require "spec.support.service"

local NDJSON = { ["Content-Type"] = "application/x-ndjson" }

local function line(id, income)
  return ('{"customer_id":"%s","age":35,"income":%s,"existing_products":["savings_account"],"credit_score":735,'
    .. '"avg_account_balance":28000}\n'):format(id, income)
end

local function lines(count, prefix)
  local list = {}
  for i = 1, count do
    list[i] = line(("%s%05d"):format(prefix, i), i)
  end
  return table.concat(list)
end

describe("an import", function()
  local server

  setup(function() server = assert(service.start { words = { "--no-samples" } }) end)
  teardown(function() server:stop() end)

  local function import(body, query)
    local answer = server:ask("POST", "/import/customers" .. (query or ""), NDJSON, body)
    return answer.status, core.decode_json(answer.body), answer.body
  end

  local function total()
    return core.decode_json(server:ask("GET", "/health").body).customers
  end

  it("stores every line and says how many were new", function()
    local status, report = import(lines(300, "A"))
    assert.equal(200, status)
    assert.same({ imported = 300, created = 300, replaced = 0, skipped = 0, undeclared_members = 0,
      unknown_products = 0, errors = {} }, report)
    assert.equal(300, total())
    local _, again = import(lines(301, "A"))
    assert.same({ 301, 1, 300 }, { again.imported, again.created, again.replaced })
    assert.equal(line("A00007", 7), server:ask("GET", "/customers/A00007").body .. "\n")
    assert.equal(200, server:ask("GET", "/recommend/A00301").status)
  end)

  it("takes nothing, blank lines, CR LF and a last line without its end", function()
    assert.same({ 200, 0 }, { (import "") , select(2, import "").imported })
    local _, report = import("\n" .. line("B1", 1):gsub("\n", "\r\n") .. "\n\n" .. line("B2", 2):gsub("\n", ""))
    assert.equal(2, report.imported)
    assert.equal(200, server:ask("GET", "/customers/B2").status)
  end)

  it("keeps the last of equal ids", function()
    local _, report = import(line("C1", 1) .. line("C2", 2) .. line("C1", 3))
    assert.equal(3, report.imported)
    assert.equal(line("C1", 3), server:ask("GET", "/customers/C1").body .. "\n")
    local stored = server:ask("GET", "/customers").body
    assert.truthy(stored:find(line("C1", 3):gsub("\n", ""), 1, true))
  end)

  it("counts undeclared members and unknown products", function()
    local _, report = import((line("D1", 1):gsub("savings_account", "moon_loan"):gsub("}", ',"hat":1}')))
    assert.same({ 1, 1 }, { report.undeclared_members, report.unknown_products })
  end)

  it("stores nothing when one line is bad, and names lines and members but no values", function()
    local before = total()
    local body = lines(3, "E") .. line("E9", '"secret"') .. "\n{bad\n" .. line("E8", -5)
    local status, report, text = import(body)
    assert.equal(422, status)
    assert.equal("validation_failed", report.code)
    assert.same({ "body", 4, "income" }, report.detail[1].loc)
    assert.same({ "body", 6 }, report.detail[2].loc)
    assert.same({ "body", 7, "income" }, report.detail[3].loc)
    assert.equal(3, #report.detail)
    assert.is_nil(text:find("secret", 1, true))
    assert.equal(before, total())
    assert.equal(404, server:ask("GET", "/customers/E00001").status)
  end)

  it("leaves bad lines out when told so, with their count", function()
    local status, report = import(lines(3, "F") .. line("F9", '"secret"') .. "{bad\n" .. line("F8", 5),
      "?skip_bad=true")
    assert.same({ 200, 4, 2, 2 }, { status, report.imported, report.skipped, #report.errors })
    assert.equal(200, server:ask("GET", "/customers/F8").status)
    assert.equal(404, server:ask("GET", "/customers/F9").status)
    assert.equal(422, (import(line("F7", '"x"'), "?skip_bad=false")))
  end)

  it("names at most the first bad lines", function()
    local status, report = import(("{\n"):rep(500))
    assert.equal(422, status)
    assert.equal(64, #report.detail)
  end)

  it("comes in pieces, cut anywhere", function()
    local body, client = lines(2000, "G"), server:connect()
    client.socket:send("POST /import/customers HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    local at, size = 1, 1
    while at <= #body do
      local piece = body:sub(at, at + size - 1)
      client.socket:send(("%x\r\n%s\r\n"):format(#piece, piece))
      at, size = at + size, size * 3 % 9973
    end
    client.socket:send "0\r\n\r\n"
    assert.equal(2000, core.decode_json(client:receive().body).imported)
    client:close()
  end)

  it("of more than one batch is stored whole", function()
    local before = total()
    local _, report = import(lines(100100, "H"))
    assert.same({ 100100, 100100, before + 100100 }, { report.imported, report.created, total() })
    assert.equal(200, server:ask("GET", "/recommend/H100100").status)
  end)

  it("does not hold up other requests", function()
    local importer, other = server:connect(), server:connect()
    importer:send("POST", "/import/customers", NDJSON, lines(20000, "H"))
    for _ = 1, 200 do
      assert.equal(200, other:ask("GET", "/recommend/A00001").status)
    end
    assert.equal(20000, core.decode_json(importer:receive().body).replaced)
    importer:close()
    other:close()
  end)

  it("of another type is refused before its body is read", function()
    local client = server:connect()
    client.socket:send("POST /import/customers HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
      .. "Content-Length: 100000\r\n\r\n")
    local answer = client:receive()
    assert.same({ 415, "close" }, { answer.status, answer.headers.connection })
    client:close()
  end)

  it("that breaks off stores nothing", function()
    local before, client = total(), server:connect()
    client.socket:send("POST /import/customers HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" .. lines(10, "Z"))
    client:close()
    assert.equal(before, total())
    assert.equal(404, server:ask("GET", "/customers/Z00001").status)
  end)

  it("through the command line reaches the database that the service owns", function()
    local path = os.tmpname()
    local file <close> = assert(io.open(path, "wb"))
    file:write(lines(50, "K"))
    file:flush()
    local pipe = assert(io.popen(("'%s/offerengine' import '%s' --db '%s' --rules '%s/rules' --format ndjson 2>&1")
      :format(service.build, path, server.db, service.source)))
    local text = pipe:read "a"
    local _, _, code = pipe:close()
    os.remove(path)
    assert.equal(0, code, text)
    assert.truthy(text:find "50 customers imported")
    assert.equal(200, server:ask("GET", "/recommend/K00050").status)
  end)
end)
