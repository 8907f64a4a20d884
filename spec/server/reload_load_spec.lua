-- reload_load_spec.lua: many reloads under load: no answer fails, each names its generation and is that generation's.
-- OE_RELOADS says how many reloads there are.

local live_rules = require "spec.support.live_rules"
local service = require "spec.support.service"
local socket = require "socket"

local RELOADS = tonumber(os.getenv "OE_RELOADS" or "100")
local CLIENTS, REQUESTS, WARM = 4, 30, 20
local CUSTOMERS = { "C001", "C004", "C007", "C010" }

local function memory_kib(pid)
  return tonumber(service.read(("/proc/%d/status"):format(pid)):match "VmRSS:%s*(%d+)")
end

describe("reloads under load", function()
  local folder, rules, server, clients, profiles

  setup(function()
    folder = service.folder()
    rules = live_rules.copy(folder)
    server = assert(service.start { rules = rules.path, db = folder .. "/bank.db", words = { "--no-watch" } })
    clients, profiles = {}, {}
    for i = 1, CLIENTS do
      clients[i] = server:connect()
      profiles[i] = server:ask("GET", "/customers/" .. CUSTOMERS[i]).body
    end
  end)

  teardown(function()
    if not server.code then
      server:kill()
    end
    service.remove(folder)
  end)

  -- What each client must be told under the folder's rules.
  local function expected_now()
    local ruleset, texts = rules:load(), {}
    for i, profile in ipairs(profiles) do
      texts[i] = assert(ruleset:decide_json(assert(ruleset:profile_json(profile))))
    end
    return texts
  end

  local function send_all()
    for i, client in ipairs(clients) do
      local requests = {}
      for n = 1, REQUESTS do
        requests[n] = service.request("GET", "/recommend/" .. CUSTOMERS[i])
      end
      assert(client.socket:send(table.concat(requests)))
    end
  end

  -- Compares what every client was told; the generations must not fall. Counts the answers of each in `seen`.
  local function take_all(expected, seen)
    for i, client in ipairs(clients) do
      local last = 0
      for _ = 1, REQUESTS do
        local answer = assert(client:receive())
        assert.equal(200, answer.status)
        local number = tonumber(answer.headers["ruleset-generation"])
        assert.is_true(number >= last)
        assert.is_table(expected[number], number)
        assert.equal(expected[number][i], service.decision(answer))
        last, seen[number] = number, (seen[number] or 0) + 1
      end
    end
    return seen
  end

  -- One reload while requests come without end; the number of the generation that serves afterwards, and how many
  -- answers were of which one.
  local function reload(round, serving, expected, asking)
    local is_broken, seen = round % 10 == 0, {}
    if is_broken then
      rules:spoil()
    else
      rules:change(round)
      expected[serving + 1] = expected_now()
    end
    send_all()
    asking:send("POST", "/rules/reload", nil, "{}")
    repeat
      send_all()
      take_all(expected, seen)
    until #socket.select({ asking.socket }, nil, 0) > 0
    take_all(expected, seen)
    local answer = assert(asking:receive())
    assert.equal(is_broken and 422 or 200, answer.status, answer.body)
    serving = is_broken and serving or serving + 1
    if not is_broken then
      assert.equal(serving, live_rules.decoded(answer).generation)
    end
    send_all()
    assert.same({ [serving] = CLIENTS * REQUESTS }, take_all(expected, {}))
    return serving, seen
  end

  it(("answer every request by one generation, %d times"):format(RELOADS), function()
    local asking, serving, expected = server:connect(), 1, { expected_now() }
    local mixed, answered, slowest, before = 0, 0, 0, nil
    local round = 0
    while round < RELOADS or mixed == 0 and round < 20 * RELOADS do -- on until a reload met requests on their way
      round = round + 1
      local begun, previous, seen = socket.gettime(), serving
      serving, seen = reload(round, serving, expected, asking)
      slowest = math.max(slowest, socket.gettime() - begun)
      mixed = mixed + (serving > previous and seen[serving] and seen[previous] and 1 or 0)
      expected[serving - 1] = nil
      for _, count in pairs(seen) do
        answered = answered + count
      end
      before = round == WARM and memory_kib(server.pid) or before
    end
    local grown = memory_kib(server.pid) - (before or 0)
    asking:close()
    assert.is_true(mixed > 0, "no reload met requests on their way")
    assert.equal(round - round // 10 + 1, serving)
    if os.getenv "OE_VERBOSE" then
      print(("%d reloads, %d switches seen within a batch, %d answers, slowest round %.3f s, memory +%d KiB")
        :format(round, mixed, answered, slowest, grown))
    end
    if not service.is_sanitized() and RELOADS > WARM then
      assert.is_true(grown <= 4096, ("memory grew by %d KiB"):format(grown))
    end
    for _, client in ipairs(clients) do
      client:close()
    end
    server:stop()
  end)
end)
