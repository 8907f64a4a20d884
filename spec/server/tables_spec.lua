-- tables_spec.lua: a table of a lookup alone changes what a service answers, by itself, and comes back with the rules.

local live_rules = require "spec.support.live_rules"
local service = require "spec.support.service"
local socket = require "socket"

local decoded = live_rules.decoded
local TABLE = "tables/market_trends.csv"

describe("a service whose table changes", function()
  local folder, rules, server

  before_each(function()
    folder = service.folder()
    rules = live_rules.copy(folder)
    server = assert(service.start { rules = rules.path, db = folder .. "/bank.db" })
  end)

  after_each(function()
    if not server.code then
      server:kill()
    end
    service.remove(folder)
  end)

  -- The answer to a customer of the south, which is that of the module by the folder's rules when `of_folder`.
  local function answer(of_folder)
    local values = decoded(server:ask("GET", "/customers/C001"))
    values.region, values.market_trend = "south", 50
    local body = require("offerengine.core").encode_json(values)
    local given = server:ask("POST", "/recommend/", nil, body)
    assert.equal(200, given.status, given.body)
    assert.truthy(given.headers["offerengine-warning"], "market_trend is no member")
    if of_folder then
      local ruleset = rules:load()
      local profile = assert(ruleset:profile_json(body))
      assert.equal(ruleset:decide_json(profile), service.decision(given))
    end
    return service.decision(given)
  end

  it("goes by the new one within a second, and back by a rollback", function()
    local before = answer(true)
    assert.falsy(before:find("rising_region", 1, true))
    rules:write(TABLE, "region,trend\nsouth,2.5\n")
    local saved = socket.gettime()
    live_rules.await_generation(server, 2)
    local took = socket.gettime() - saved
    assert.is_true(took < (service.is_sanitized() and 10 or 1), ("%.3f s"):format(took))
    assert.truthy(answer(true):find("rising_region", 1, true))
    local back = server:ask("POST", "/rules/rollback")
    assert.equal(200, back.status, back.body)
    assert.is_true(decoded(back).folder_differs)
    assert.equal(before, answer())
    server:stop()
    server = assert(service.start { rules = rules.path, db = folder .. "/bank.db", words = { "--no-watch" } })
    assert.equal(200, server:ask("POST", "/rules/rollback", nil, '{"generation":1}').status)
    assert.equal(before, answer())
    server:stop()
  end)

  it("keeps the old one when the new one is wrong, and names its line", function()
    local before = answer(true)
    rules:write(TABLE, "region,trend\nsouth,high\neast,1\n")
    local shown = live_rules.await(server, function(now) return #now.findings > 0 end)
    assert.same({ 1, "tables/market_trends.csv", 2, "E101" },
      { shown.generation, shown.findings[1].file, shown.findings[1].line, shown.findings[1].code })
    assert.equal(before, answer())
    server:stop()
  end)
end)
