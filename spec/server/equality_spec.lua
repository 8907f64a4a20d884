-- equality_spec.lua: one book of customers through every face: GET, POST, batch, the Lua module and the command line
-- give the same bytes; HTTP adds its decision_id behind them and nothing else. The book: the real households (all of
-- them where ../shared/data is, else the excerpt) and OE_SPEC_PROFILES random profiles (10,000).

local people = require "spec.lua.people"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"
local offerengine = require "offerengine"

local RULES = service.source .. "/rules"
local ALL = service.source .. "/../shared/data/scf-2019/scf.dev.csv.gz"
local PROFILES = tonumber(os.getenv "OE_SPEC_PROFILES" or "10000")
local DEPTH = 32

local function lines_of(path)
  local lines = {}
  for line in io.lines(path) do
    lines[#lines + 1] = line
  end
  return lines
end

describe("the same bytes", function()
  local folder, server, book, decided
  local different = {}

  local function households()
    if not shell.exists(ALL) then
      return RULES .. "/samples/scf-2019-excerpt.csv"
    end
    assert(os.execute(("gunzip -c '%s' > '%s/scf.csv'"):format(ALL, folder)))
    return folder .. "/scf.csv"
  end

  local function run(...)
    local code, out, err = shell.run(...)
    assert(code == 0, err)
    return out
  end

  local function write_random(path)
    local ruleset = assert(offerengine.load(RULES))
    local file <close> = assert(io.open(path, "wb"))
    for _, values in ipairs(people.random(PROFILES)) do
      assert(file:write(assert(ruleset:profile(values)):json(), "\n"))
    end
  end

  setup(function()
    folder = service.folder()
    local db = folder .. "/book.db"
    write_random(folder .. "/random.ndjson")
    run("import", households(), "--map", RULES .. "/samples/scf-2019.map.csv", "--db", db, "--rules", RULES)
    run("import", folder .. "/random.ndjson", "--db", db, "--rules", RULES)
    run("export", "--db", db, "--format", "ndjson", "--out", folder .. "/book.ndjson", "--rules", RULES)
    run("batch", "--in", folder .. "/book.ndjson", "--out", folder .. "/decided.ndjson", "--rules", RULES)
    book, decided = lines_of(folder .. "/book.ndjson"), lines_of(folder .. "/decided.ndjson")
    server = assert(service.start { db = db })
  end)

  teardown(function()
    if server then
      server:stop()
    end
    service.remove(folder)
  end)

  -- Asks for every customer, DEPTH requests on their way at a time, and counts the bodies that differ from the batch.
  local function ask_all(request_of)
    local client = server:connect()
    different = {}
    for first = 1, #book, DEPTH do
      local last = math.min(first + DEPTH - 1, #book)
      local requests = {}
      for i = first, last do
        requests[#requests + 1] = request_of(book[i])
      end
      client.socket:send(table.concat(requests))
      for i = first, last do
        local answer = assert(client:receive())
        if answer.status ~= 200 or service.decision(answer) ~= decided[i] then
          different[#different + 1] = i
        end
      end
    end
    client:close()
    return #different
  end

  local function id_of(line)
    return line:match '^{"customer_id":"([%w_-]+)"'
  end

  it("has a book of every household and random profile", function()
    assert.is_true(#book >= PROFILES + 60)
    assert.equal(#book, #decided)
  end)

  it("comes from GET /recommend/{id} and from a batch", function()
    assert.equal(0, ask_all(function(line) return service.request("GET", "/recommend/" .. id_of(line)) end))
  end)

  it("comes from POST /recommend/ and from a batch", function()
    assert.equal(0, ask_all(function(line) return service.request("POST", "/recommend/", nil, line) end))
  end)

  it("comes from the Lua module and from a batch", function()
    local ruleset = assert(offerengine.load(RULES))
    local count = 0
    for i, line in ipairs(book) do
      local profile = assert(ruleset:profile_json(line))
      count = count + (ruleset:decide_json(profile) == decided[i] and 0 or 1)
    end
    assert.equal(0, count)
  end)

  it("comes from the command line and from a batch, for every two-hundredth customer", function()
    for i = 1, #book, 200 do
      shell.write(folder .. "/one.json", book[i])
      assert.equal(decided[i], run("recommend", "--in", folder .. "/one.json", "--json", "--rules", RULES))
    end
  end)
end)
