-- contact_time_spec.lua: what time does to contacts, over HTTP: reservations end, what is shown late counts all the
-- same, windows pass, and a restart changes nothing of it.

local clock = require "spec.support.clock"
local core = require "offerengine.core"
local live_rules = require "spec.support.live_rules"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"

local MINUTE = 60000
local DAY = 1440 * MINUTE
local RULES = 'cap "two" { at_most = 2, per = "7 days" }\n'

describe("contacts in time", function()
  if service.is_sanitized() then
    pending "are tried on the plain build: sanitizers want to come before the clock"
    return
  end

  local folder, rules, control, server

  local function start()
    server = assert(service.start { rules = rules.path, db = folder .. "/bank.db", before = control:before(),
      words = { "--no-watch" } })
  end

  before_each(function()
    folder = service.folder()
    rules = live_rules.copy(folder)
    rules:write("contact.lua", RULES)
    control = clock.control()
    start()
  end)
  after_each(function()
    server:stop()
    control:close()
    service.remove(folder)
  end)

  -- The products offered in a category (nil: all), as a list, and the decision.
  local function decide(category)
    local answer = server:ask("GET", "/recommend/C001" .. (category and "?category=" .. category or ""))
    assert.equal(200, answer.status, answer.body)
    local decision, list = core.decode_json(answer.body), {}
    for i, offer in ipairs(decision.recommended_products) do
      list[i] = offer.product_id
    end
    return list, decision
  end

  local function show(decision, product)
    local answer = server:ask("POST", "/outcomes", nil,
      core.encode_json { decision_id = decision.decision_id, product_id = product, outcome = "shown" })
    return answer.status, core.decode_json(answer.body)
  end

  local function late_total()
    return tonumber(server:ask("GET", "/metrics").body:match "\nofferengine_late_shown_total (%d+)")
  end

  for _, restarts in ipairs { false, true } do
    it("end with their reservation when nobody showed them" .. (restarts and ", also after a kill" or ""), function()
      local held = decide()
      assert.equal(2, #held)
      control:set(29 * MINUTE)
      if restarts then
        server:kill()
        start()
      end
      assert.same(held, (decide()))
      assert.same({}, (decide "credit"))
      control:set(30 * MINUTE)
      if restarts then
        server:kill()
        start()
      end
      assert.equal(1, #decide "credit")
    end)
  end

  it("count when they are shown late, which is said and counted, until their window is over", function()
    local held, decision = decide()
    assert.same({ 201, { status = "stored" } }, { show(decision, held[1]) })
    assert.equal(0, late_total())
    control:set(31 * MINUTE)
    local credit = decide "credit"
    assert.equal(1, #credit)
    assert.same({ 201, { status = "stored", late = true } }, { show(decision, held[2]) })
    assert.equal(200, (show(decision, held[2])))
    assert.equal(1, late_total())
    assert.same({ credit[1] }, (decide())) -- still reserved; two were shown, and no other is left
    control:set(62 * MINUTE)
    for _ = 1, 2 do
      assert.same({}, (decide()))
      server:kill()
      start()
    end
    control:set(7 * DAY + 29 * MINUTE)
    assert.equal(1, #decide()) -- the first one's window is over, not that of the late one
    control:set(7 * DAY + 62 * MINUTE)
    assert.equal(2, #decide())
  end)

  it("replay to the byte whatever became of them", function()
    for _, minutes in ipairs { 0, 10, 40, 100 } do
      control:set(minutes * MINUTE)
      decide()
      decide "credit"
    end
    server:kill()
    local code, out = shell.run("replay", "--db", folder .. "/bank.db", "--from", "2000-01-01", "--json")
    assert.same({ 0, 8 }, { code, core.decode_json(out).same })
    start()
  end)
end)
