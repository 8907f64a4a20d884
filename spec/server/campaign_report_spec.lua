-- campaign_report_spec.lua: the report of one campaign: the numbers are those of its answers, outcomes and runs alone,
-- however many others there are, over HTTP and at the command line.

local core = require "offerengine.core"
local live_rules = require "spec.support.live_rules"
local offerengine = require "offerengine"
local people = require "spec.lua.people"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"

local NDJSON = { ["Content-Type"] = "application/x-ndjson" }
local STEPS = { "shown", "clicked", "accepted", "declined", "converted" }
local CAMPAIGNS = [[
campaign "spring" { category = { "credit", "investment", "savings" }, per_customer = 2 }
campaign "autumn" { category = { "credit", "loan" } }
campaign "resting" { category = "credit" }
campaign "sent" { category = { "credit", "investment" }, holdout = 10 }
cap "flyers" { campaign = "flyer", at_most = 1, per = "7 days" }
]]
-- Further customers, asked for each of these.
local ASKED = { "spring", "autumn", "" }

describe("the report of a campaign", function()
  local folder, rules, ruleset, server, expected, run, targets

  local function count(campaign, product, step)
    local rows = expected[campaign] or {}
    expected[campaign] = rows
    rows[product] = rows[product] or { offered = 0, shown = 0, clicked = 0, accepted = 0, declined = 0, converted = 0 }
    rows[product][step] = rows[product][step] + 1
  end

  -- Decides for the lines and notes what was offered; every offer gets an outcome as its place says.
  local function decide(campaign, lines, outcomes)
    local query = campaign ~= "" and "?campaign=" .. campaign or ""
    local answer = server:ask("POST", "/recommend/batch" .. query, NDJSON, table.concat(lines))
    local seen, decided, without = 0, 0, 0
    for text in answer.body:gmatch "[^\n]+" do
      local decision = core.decode_json(text)
      decided = decided + 1
      without = without + (decision.total_recommendations == 0 and 1 or 0)
      for _, offer in ipairs(decision.recommended_products) do
        seen = seen + 1
        count(campaign, offer.product_id, "offered")
        for place, step in ipairs(STEPS) do
          if seen % place == 0 and #outcomes < 1000 then
            count(campaign, offer.product_id, step)
            outcomes[#outcomes + 1] = ('{"decision_id":"%s","product_id":"%s","outcome":"%s"}\n'):format(
              decision.decision_id, offer.product_id, step)
          end
        end
      end
    end
    expected[campaign].decided, expected[campaign].without_offer = decided, without
    return decided
  end

  local function make_run()
    local path = server:ask("POST", "/campaigns/sent/runs", nil, "{}").headers.location
    repeat
      run = core.decode_json(server:ask("GET", path).body)
    until run.state ~= "running"
    targets = {}
    for line in server:ask("GET", path .. "/list").body:gmatch "[^\n]+" do
      local product = core.decode_json(line).product_id
      targets[product] = (targets[product] or 0) + 1
    end
  end

  setup(function()
    folder, expected = service.folder(), {}
    rules = live_rules.copy(folder)
    rules:write("campaigns.lua", CAMPAIGNS)
    server = assert(service.start { rules = rules.path, db = folder .. "/book.db", words = { "--no-watch" } })
    ruleset = assert(offerengine.load(rules.path))
    local lines, outcomes, decided = {}, {}, 0
    for i, values in ipairs(people.random(100, 9)) do
      lines[i] = ruleset:profile(values):json() .. "\n"
    end
    for _, campaign in ipairs(ASKED) do
      decided = decided + decide(campaign, lines, outcomes)
    end
    local answer = server:ask("POST", "/outcomes", NDJSON, table.concat(outcomes))
    assert(answer.body:find(('"stored":%d,"repeated":0,"refused":0'):format(#outcomes), 1, true), answer.body:sub(-200))
    repeat
      local kept = tonumber(server:ask("GET", "/metrics").body:match "\nofferengine_journalled_total (%d+)")
    until kept == decided
    make_run()
  end)

  teardown(function()
    server:stop()
    service.remove(folder)
  end)

  local function ask(query)
    local answer = server:ask("GET", "/reports/campaign?campaign=" .. query)
    assert.equal(200, answer.status, answer.body)
    return core.decode_json(answer.body)
  end

  local function steps_of(row)
    return { offered = row.offered, shown = row.shown, clicked = row.clicked, accepted = row.accepted,
      declined = row.declined, converted = row.converted }
  end

  it("counts what was decided for it and what came of that, in all and by product", function()
    for _, campaign in ipairs { "spring", "autumn" } do
      local wanted, found, whole = {}, {}, steps_of { offered = 0, shown = 0, clicked = 0, accepted = 0, declined = 0,
        converted = 0 }
      for product, row in pairs(expected[campaign]) do
        if type(row) == "table" then
          wanted[product] = row
          for step, times in pairs(row) do
            whole[step] = whole[step] + times
          end
        end
      end
      local told = ask(campaign)
      local total = table.remove(told.rates, 1)
      for _, row in ipairs(told.rates) do
        found[row.product_id] = steps_of(row)
        assert.is_nil(row.decided)
        assert.equal(ruleset:product(row.product_id).name, row.name)
      end
      assert.same(wanted, found)
      assert.same(whole, steps_of(total))
      assert.is_true(whole.offered > 0 and whole.converted > 0)
      assert.same({ "in all", expected[campaign].decided, expected[campaign].without_offer },
        { total.name, total.decided, total.without_offer })
      assert.same({}, told.runs)
    end
  end)

  it("gives rates from thirty shown on, with their bounds", function()
    local seen = {}
    for _, campaign in ipairs { "spring", "autumn", "resting" } do
      for _, row in ipairs(ask(campaign).rates) do
        seen[row.shown >= 30] = true
        if row.shown < 30 then
          assert.is_nil(row.accepted_pct or row.accepted_low_pct or row.converted_pct)
        else
          assert.near(100 * row.accepted / row.shown, row.accepted_pct, 1e-9)
          assert.is_true(row.accepted_low_pct < row.accepted_pct and row.accepted_pct < row.accepted_high_pct)
        end
      end
    end
    assert.same({ [true] = true, [false] = true }, seen)
  end)

  it("tells of its runs, how far they came and what they offered", function()
    local told, found = ask "sent", {}
    assert.equal(1, #told.runs)
    for key, value in pairs(told.runs[1]) do
      assert.equal(run[key], value, key)
    end
    assert.same({ "done", run.looked_at }, { told.runs[1].state,
      run.contacted + run.not_targeted + run.without_offer + run.unreadable })
    assert.is_true(run.contacted > 0)
    for i = 2, #told.rates do
      found[told.rates[i].product_id] = told.rates[i].offered
    end
    assert.same(targets, found)
    assert.same({ run.contacted, run.offers }, { told.rates[1].decided, told.rates[1].offered })
  end)

  it("is empty for one that nothing was decided for, also when only a policy names it", function()
    for _, campaign in ipairs { "resting", "flyer" } do
      local told = ask(campaign)
      assert.same({ 1, 0, 0, 0 }, { #told.rates, told.rates[1].decided, told.rates[1].offered, #told.runs })
    end
  end)

  it("ends where it is told to, by the days of the decisions", function()
    local today, day = os.date("!%Y-%m-%d"), 86400
    local tomorrow, yesterday = os.date("!%Y-%m-%d", os.time() + day), os.date("!%Y-%m-%d", os.time() - day)
    local decided = expected.spring.decided
    for query, wanted in pairs { ["&from=" .. today] = decided, ["&until=" .. today] = decided,
      ["&from=" .. tomorrow] = 0, ["&until=" .. yesterday] = 0 } do
      assert.equal(wanted, ask("spring" .. query).rates[1].decided, query)
    end
  end)

  it("comes as CSV, the whole first", function()
    local answer = server:ask("GET", "/reports/campaign?campaign=spring&format=csv")
    assert.equal("text/csv; charset=utf-8", answer.headers["content-type"])
    local total = ask("spring").rates[1]
    assert.equal("product_id,name,decided,without_offer,offered,shown,clicked,accepted,declined,converted,accepted_pct,"
      .. "accepted_low_pct,accepted_high_pct,converted_pct", answer.body:match "^[^\n]*")
    local row = ("\n,in all,%d,%d,%d,%d,%d,%d,%d,%d,"):format(total.decided, total.without_offer, total.offered,
      total.shown, total.clicked, total.accepted, total.declined, total.converted)
    assert.truthy(answer.body:find(row, 1, true), answer.body)
  end)

  it("is the same at the command line, beside the service", function()
    for _, campaign in ipairs { "spring", "sent" } do
      local code, out, err = shell.run("report", "campaign", campaign, "--db", server.db, "--json", "--rules",
        rules.path)
      assert.equal(0, code, err)
      local told, served = core.decode_json(out), ask(campaign)
      assert.same({ campaign, served.rates, served.runs }, { told.campaign, told.rates, told.runs })
    end
    local code, out = shell.run("report", "campaign", "sent", "--db", server.db, "--rules", rules.path)
    assert.equal(0, code)
    assert.truthy(out:find("what became of the campaign sent", 1, true) and out:find("in all", 1, true)
      and out:find("done", 1, true), out)
  end)

  it("knows a campaign that left the rules by what was counted and run", function()
    rules:write("campaigns.lua", "-- none any more\n")
    for campaign, wanted in pairs { spring = { 0, 0 }, sent = { 0, 1 }, resting = { 1 } } do
      local code, out = shell.run("report", "campaign", campaign, "--db", server.db, "--json", "--rules", rules.path)
      assert.same(wanted, { code, code == 0 and #core.decode_json(out).runs or nil }, campaign)
    end
    rules:write("campaigns.lua", CAMPAIGNS)
  end)

  it("is refused for one that nothing knows, with the nearest name", function()
    local code, _, err = shell.run("report", "campaign", "sprong", "--db", server.db, "--rules", rules.path)
    assert.equal(1, code)
    assert.truthy(err:find("'sprong' is no campaign of the rules; did you mean 'spring'?", 1, true), err)
    local answer = server:ask("GET", "/reports/campaign?campaign=sprong")
    assert.equal(422, answer.status)
    assert.truthy(answer.body:find("did you mean 'spring'?", 1, true), answer.body)
    assert.is_nil(answer.body:find("sprong", 1, true))
    for _, path in ipairs { "campaign", "campaign?campaign=spring&by=day", "funnel?campaign=spring",
      "campaign?campaign=", "campaign?campaign=spring&from=soon" } do
      assert.equal(422, server:ask("GET", "/reports/" .. path).status, path)
    end
    for _, words in ipairs { { "campaign" }, { "funnel", "spring" }, { "campaign", "spring", "--by", "day" },
      { "campaign", "spring", "--in", "x.csv" } } do
      assert.equal(2, (shell.run("report", table.unpack(words))))
    end
  end)
end)
