-- history_spec.lua: the rules that served: brought back byte for byte, and not forgotten over a restart.

local live_rules = require "spec.support.live_rules"
local service = require "spec.support.service"

local decoded, generation = live_rules.decoded, live_rules.generation

local BACK = 20

describe("the history of rules", function()
  local folder, rules, server

  before_each(function()
    folder = service.folder()
    rules = live_rules.copy(folder)
  end)

  after_each(function()
    if server and not server.code then
      server:kill()
    end
    service.remove(folder)
  end)

  local function start(...)
    server = assert(service.start { rules = rules.path, db = folder .. "/bank.db", words = { ... } })
  end

  local function roll_back(number)
    local answer = server:ask("POST", "/rules/rollback", nil, number and ('{"generation":%d}'):format(number))
    assert.equal(200, answer.status, answer.body)
    return decoded(answer)
  end

  it(("brings the answers of each of the last %d generations back, also after a restart"):format(BACK), function()
    start "--no-watch"
    local answers = { live_rules.answers(server) }
    for number = 2, BACK do
      rules:change(number)
      assert.equal(200, server:ask("POST", "/rules/reload").status)
      answers[number] = live_rules.answers(server)
      assert.are_not.equal(answers[number - 1], answers[number])
    end
    server:stop()
    start "--no-watch"
    assert.equal(BACK, generation(server))
    for number = BACK - 1, 1, -1 do
      local answer = roll_back(number)
      assert.same({ "loaded", 2 * BACK - number, number, true },
        { answer.result, answer.generation, answer.rolled_back_to, answer.folder_differs })
      assert.equal("the rules folder holds other rules; the next reload makes them serve again, and so does a restart",
        answer.warning)
      assert.equal(answers[number], live_rules.answers(server), number)
    end
    server:stop()
  end)

  -- As when memory ran out between the two.
  it("passes over a generation that was kept and never served", function()
    start "--no-watch"
    local program = "import sqlite3; db = sqlite3.connect('%s', isolation_level=None); "
      .. "db.execute('INSERT INTO generation SELECT 2, at_ms, author, note, texts FROM generation WHERE number = 1')"
    assert.is_true(os.execute(('python3 -c "%s"'):format(program:format(folder .. "/bank.db"))))
    rules:change(1)
    local answer = server:ask("POST", "/rules/reload")
    assert.same({ 200, 3 }, { answer.status, decoded(answer).generation }, answer.body)
    assert.equal(1, roll_back(1).rolled_back_to)
    server:stop()
  end)

  it("goes to the rules before those that serve unless told where to", function()
    start "--no-watch"
    assert.equal(404, server:ask("POST", "/rules/rollback").status)
    local first = live_rules.answers(server)
    rules:change(1)
    server:ask("POST", "/rules/reload")
    local second = live_rules.answers(server)
    assert.equal(1, roll_back().rolled_back_to)
    assert.equal(first, live_rules.answers(server))
    assert.same({ 2, false }, { roll_back().rolled_back_to, roll_back(2).folder_differs })
    assert.equal(second, live_rules.answers(server))
    assert.same({ "unchanged", 4 }, { roll_back(2).result, generation(server) })
    server:stop()
  end)

  it("gives way to the next change that is saved, but not to the folder as it was", function()
    start()
    rules:change(1)
    live_rules.await_generation(server, 2)
    assert.equal("the rules folder holds other rules; the next change that is saved there makes them serve again, and "
      .. "so does a restart", roll_back().warning)
    local function unchanged()
      return tonumber(server:ask("GET", "/metrics").body:match 'rules_reloads_total{result="unchanged"} (%d+)')
    end
    local before = unchanged()
    rules:change(1)
    rules:write("notes.txt", "no rule")
    live_rules.await(server, function() return unchanged() > before end)
    assert.equal(3, generation(server))
    rules:change(2)
    live_rules.await_generation(server, 4)
    assert.equal(rules:load():hash(), decoded(server:ask("GET", "/health")).ruleset)
    server:stop()
  end)

  it("numbers on over restarts: the same texts keep their number, others get a new one", function()
    start()
    server:stop()
    start()
    assert.equal(1, generation(server))
    server:stop()
    rules:change(1)
    start()
    assert.equal(2, generation(server))
    roll_back()
    assert.equal(3, generation(server))
    server:kill()
    start()
    assert.equal(4, generation(server))
    local numbers = {}
    for i, row in ipairs(decoded(server:ask("GET", "/rules/history")).generations) do
      numbers[i] = row.generation .. ":" .. row.ruleset
    end
    assert.equal(4, #numbers)
    assert.equal(numbers[1]:sub(3), numbers[3]:sub(3))
    assert.equal(numbers[2]:sub(3), numbers[4]:sub(3))
    server:stop()
  end)

  it("says of each generation why it serves: the note that was given, or where a rollback went back to", function()
    start "--no-watch"
    rules:change(1)
    server:ask("POST", "/rules/reload")
    roll_back()
    server:ask("POST", "/rules/rollback", nil, '{"generation":2,"note":"as before"}')
    roll_back(1)
    local notes = {}
    for i, row in ipairs(decoded(server:ask("GET", "/rules/history")).generations) do
      notes[i] = row.note
    end
    assert.same({ "back to generation 1", "as before", "back to generation 1", "", "at the start" }, notes)
    server:stop()
  end)

  it("is shown page by page", function()
    start "--no-watch"
    for number = 1, 4 do
      rules:change(number)
      server:ask("POST", "/rules/reload")
    end
    local seen, cursor = {}, ""
    repeat
      local page = decoded(server:ask("GET", "/rules/history?limit=2" .. cursor))
      for _, row in ipairs(page.generations) do
        seen[#seen + 1] = row.generation
      end
      cursor = page.next_cursor and "&cursor=" .. page.next_cursor
    until not cursor
    assert.same({ 5, 4, 3, 2, 1 }, seen)
    server:stop()
  end)
end)
