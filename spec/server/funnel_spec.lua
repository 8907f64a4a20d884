-- funnel_spec.lua: a funnel of the service from all customers to conversions: today's customers beside what became of
-- the offers made.

local core = require "offerengine.core"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"

local NDJSON = { ["Content-Type"] = "application/x-ndjson" }

describe("GET /reports/funnel by product and category", function()
  local server, made

  -- Every customer is decided for once, the best offer shown, and that of every third accepted.
  setup(function()
    server = assert(service.start())
    made = {}
    local outcomes, decided = {}, 0
    for i = 1, 18 do
      local answer = core.decode_json(server:ask("GET", ("/recommend/C%03d"):format(i)).body)
      decided = decided + 1
      for rank, product in ipairs(answer.recommended_products) do
        local counts = made[product.product_id] or { offered = 0, shown = 0, accepted = 0, converted = 0 }
        made[product.product_id] = counts
        counts.offered = counts.offered + 1
        for step, happened in pairs { shown = rank == 1, accepted = rank == 1 and i % 3 == 0 } do
          if happened then
            counts[step] = counts[step] + 1
            outcomes[#outcomes + 1] = ('{"decision_id":"%s","product_id":"%s","outcome":"%s"}\n'):format(
              answer.decision_id, product.product_id, step)
          end
        end
      end
    end
    local reported = server:ask("POST", "/outcomes", NDJSON, table.concat(outcomes))
    assert(reported.body:find(('"stored":%d,'):format(#outcomes), 1, true), reported.body)
    repeat
      local kept = tonumber(server:ask("GET", "/metrics").body:match "\nofferengine_journalled_total (%d+)")
    until kept == decided
  end)
  teardown(function() server:stop() end)

  local function ask(query)
    local answer = server:ask("GET", "/reports/funnel?" .. query)
    assert.equal(200, answer.status, answer.body)
    return core.decode_json(answer.body)
  end

  it("has today's customers and what became of offers in one row", function()
    local accepted = 0
    for _, row in ipairs(ask("by=product").funnel) do
      local counts = made[row.product_id] or { offered = 0, shown = 0, accepted = 0, converted = 0 }
      assert.same(counts, { offered = row.offered, shown = row.shown, accepted = row.accepted,
        converted = row.converted }, row.product_id)
      assert.same({ 18, counts.offered }, { row.customers, row.offered_now }, row.product_id)
      accepted = accepted + row.accepted
    end
    assert.equal(6, accepted)
  end)

  it("is what the command line tells of the database", function()
    for _, by in ipairs { "product", "category" } do
      local code, out, err = shell.run("report", "funnel", "--by", by, "--db", server.db, "--json")
      assert.equal(0, code, err)
      local told, found = core.decode_json(out), ask("by=" .. by)
      assert.same({ told.funnel, told.steps }, { found.funnel, found.steps })
    end
  end)

  it("is CSV, too, and goes by nothing else", function()
    local answer = server:ask("GET", "/reports/funnel?by=category&format=csv")
    assert.matches("^category,name,customers,available,not_owned,eligible,above_threshold,offered_now,offered,shown,"
      .. "accepted,converted\ncredit,", answer.body)
    assert.equal(422, server:ask("GET", "/reports/funnel?by=channel").status)
    for _, row in ipairs(ask("until=2020-01-01&by=product").funnel) do
      assert.same({ 18, 0 }, { row.customers, row.offered })
    end
  end)
end)
