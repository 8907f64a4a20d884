-- activity_spec.lua: reports of what was decided and what became of it: the numbers are those of the answers and the
-- outcomes, whoever asks and however it is kept apart.

local core = require "offerengine.core"
local offerengine = require "offerengine"
local people = require "spec.lua.people"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"

local CHANNELS = { "app", "branch", "" }
local NDJSON = { ["Content-Type"] = "application/x-ndjson" }
local STEPS = { "shown", "clicked", "accepted", "declined", "converted" }

describe("reports of activity", function()
  local server, ruleset, offers, decided, without

  -- Decides for 300 customers in three channels and reports on some offers; `offers` is what was seen of that.
  setup(function()
    server = assert(service.start())
    ruleset = assert(offerengine.load(service.source .. "/rules"))
    offers, decided, without = {}, 0, 0
    local lines, outcomes = {}, {}
    for i, values in ipairs(people.random(100, 5)) do
      lines[i] = ruleset:profile(values):json() .. "\n"
    end
    for _, channel in ipairs(CHANNELS) do
      local query = channel ~= "" and "?channel=" .. channel or ""
      local answer = server:ask("POST", "/recommend/batch" .. query, NDJSON, table.concat(lines))
      for text in answer.body:gmatch "[^\n]+" do
        local decision = core.decode_json(text)
        decided = decided + 1
        without = without + (decision.total_recommendations == 0 and 1 or 0)
        for rank, product in ipairs(decision.recommended_products) do
          local offer = { channel = channel, product = product.product_id }
          for place, step in ipairs(STEPS) do
            if (#offers + rank) % (place + 1) == 0 and #outcomes < 1000 then
              offer[step] = 1
              outcomes[#outcomes + 1] = ('{"decision_id":"%s","product_id":"%s","outcome":"%s"}\n'):format(
                decision.decision_id, product.product_id, step)
            end
          end
          offers[#offers + 1] = offer
        end
      end
    end
    local report = server:ask("POST", "/outcomes", NDJSON, table.concat(outcomes))
    repeat
      local kept = tonumber(server:ask("GET", "/metrics").body:match "\nofferengine_journalled_total (%d+)")
    until kept == decided
    assert(report.body:find(('"stored":%d,"repeated":0,"refused":0'):format(#outcomes), 1, true), report.body:sub(-200))
  end)
  teardown(function() server:stop() end)

  local function ask(path)
    local answer = server:ask("GET", path)
    assert.equal(200, answer.status, answer.body)
    return core.decode_json(answer.body), answer
  end

  local function category_of(id)
    return ruleset:product(id).category
  end

  -- What the rows must be, by the value that `key` gives an offer.
  local function expected(key)
    local rows = {}
    for _, offer in ipairs(offers) do
      local row = rows[key(offer)] or { offered = 0, shown = 0, clicked = 0, accepted = 0, declined = 0, converted = 0 }
      rows[key(offer)] = row
      row.offered = row.offered + 1
      for _, step in ipairs(STEPS) do
        row[step] = row[step] + (offer[step] or 0)
      end
    end
    return rows
  end

  local function found(rows, name)
    local list = {}
    for _, row in ipairs(rows) do
      list[row[name]] = { offered = row.offered, shown = row.shown, clicked = row.clicked, accepted = row.accepted,
        declined = row.declined, converted = row.converted }
    end
    return list
  end

  it("count offers and outcomes by product, category, channel, generation, campaign and day", function()
    local today = os.date("!%Y-%m-%d")
    for by, key in pairs {
      product = function(offer) return offer.product end,
      category = function(offer) return category_of(offer.product) end,
      channel = function(offer) return offer.channel end,
      generation = function() return 1 end,
      campaign = function() return "" end,
      day = function() return today end,
    } do
      local rates = ask("/reports/conversion?by=" .. by).rates
      assert.same(expected(key), found(rates, by == "product" and "product_id" or by), by)
    end
    assert.same(ask("/reports/conversion").rates, ask("/reports/conversion?by=product").rates)
  end)

  it("follow decisions through to conversions", function()
    local all, steps = expected(function() return 1 end)[1], {}
    for _, row in ipairs(ask("/reports/funnel").steps) do
      steps[row.step] = row.count
    end
    assert.same({ decided = decided, with_offer = decided - without, offered = all.offered, shown = all.shown,
      clicked = all.clicked, accepted = all.accepted, converted = all.converted, declined = all.declined }, steps)
  end)

  it("give no rate below thirty shown, and its bounds from there on", function()
    local rows, seen = ask("/reports/conversion").rates, {}
    for _, row in ipairs(rows) do
      seen[row.shown >= 30] = true
      if row.shown < 30 then
        assert.is_nil(row.accepted_pct or row.accepted_low_pct or row.converted_pct)
      else
        assert.near(100 * row.accepted / row.shown, row.accepted_pct, 1e-9)
        assert.is_true(row.accepted_low_pct <= row.accepted_pct and row.accepted_pct <= row.accepted_high_pct)
      end
    end
    assert.is_true(seen[true])
  end)

  it("name every product of the rules, offered or not", function()
    local rows, count = ask("/reports/products").products, 0
    for _, row in ipairs(rows) do
      assert.equal(category_of(row.product_id), row.category)
      count = count + 1
    end
    assert.equal(#ruleset:products(), count)
    local seen = found(rows, "product_id")
    for id, row in pairs(expected(function(offer) return offer.product end)) do
      assert.same(row, seen[id])
    end
  end)

  it("end where they are told to", function()
    local today, day = os.date("!%Y-%m-%d"), 86400
    local tomorrow, yesterday = os.date("!%Y-%m-%d", os.time() + day), os.date("!%Y-%m-%d", os.time() - day)
    for query, count in pairs { ["?from=" .. today] = #offers, ["?until=" .. today] = #offers,
      ["?from=" .. tomorrow] = 0, ["?until=" .. yesterday] = 0 } do
      assert.equal(count, ask("/reports/funnel" .. query).steps[3].count, query)
    end
  end)

  it("come as CSV", function()
    local _, rows = ask "/reports/funnel", {}
    local answer = server:ask("GET", "/reports/conversion?by=channel&format=csv")
    assert.equal("text/csv; charset=utf-8", answer.headers["content-type"])
    for line in answer.body:gmatch "[^\n]+" do
      rows[#rows + 1] = line
    end
    assert.equal(4, #rows)
    assert.truthy(rows[1]:find("channel,offered,shown,clicked,accepted,declined,converted,", 1, true))
    local app = expected(function(offer) return offer.channel end).app
    assert.truthy(rows[3]:find(("app,%d,%d,%d,%d,%d,%d,"):format(app.offered, app.shown, app.clicked, app.accepted,
      app.declined, app.converted), 1, true), rows[3])
  end)

  it("are the same at the command line, beside the service", function()
    for _, name in ipairs { "funnel", "conversion", "products" } do
      local code, out, err = shell.run("report", name, "--db", server.db, "--json", "--rules",
        service.source .. "/rules")
      assert.equal(0, code, err)
      local told, served = core.decode_json(out), ask("/reports/" .. name)
      for _, table_name in ipairs { "steps", "rates", "products" } do
        assert.same(served[table_name], told[table_name])
      end
    end
    local code, out = shell.run("report", "funnel", "--db", server.db, "--rules", service.source .. "/rules")
    assert.equal(0, code)
    assert.truthy(out:find("offered", 1, true), out)
  end)

  -- Decides for every customer of the samples one by one.
  local function count_alone()
    local population = offerengine.population(ruleset)
    assert(population:read { path = service.source .. "/rules/samples/customers.csv" })
    local segments, gaps, without_offer = {}, {}, 0
    for _, customer in ipairs(core.decode_json(server:ask("GET", "/customers").body).customers) do
      local decision = core.decode_json(server:ask("GET", "/recommend/" .. customer.customer_id).body)
      local offered = {}
      for _, product in ipairs(decision.recommended_products) do
        offered[category_of(product.product_id)] = true
      end
      for _, category in ipairs(decision.portfolio_gaps) do
        gaps[category] = (gaps[category] or 0) + (offered[category] and 0 or 1)
      end
      without_offer = without_offer + (decision.total_recommendations == 0 and 1 or 0)
      for _, id in ipairs(#decision.segments > 0 and decision.segments or { "none" }) do
        local row = segments[id] or { customers = 0, offers = 0, without_offer = 0 }
        segments[id] = { customers = row.customers + 1, offers = row.offers + decision.total_recommendations,
          without_offer = row.without_offer + (decision.total_recommendations == 0 and 1 or 0) }
      end
    end
    return segments, gaps, without_offer
  end

  it("decide anew for today's customers by segment and category", function()
    local segments, gaps, without_offer = count_alone()
    local told, unmet = ask "/reports/segments", ask "/reports/unmet"
    assert.same({ without_offer, without_offer, 18 }, { told.without_offer, unmet.without_offer,
      told.population.customers })
    for _, row in ipairs(told.segments) do
      assert.same(segments[row.segment or "none"] or { customers = 0, offers = 0, without_offer = 0 },
        { customers = row.customers, offers = row.offers, without_offer = row.without_offer }, row.name)
    end
    for _, row in ipairs(unmet.categories) do
      assert.equal(gaps[row.category], row.gaps, row.category)
      gaps[row.category] = nil
    end
    for category, count in pairs(gaps) do
      assert.equal(0, count, category)
    end
    for _, name in ipairs { "segments", "unmet" } do
      local code, out, err = shell.run("report", name, "--db", server.db, "--json", "--rules",
        service.source .. "/rules")
      assert.equal(0, code, err)
      assert.same(ask("/reports/" .. name)[name == "unmet" and "categories" or name],
        core.decode_json(out)[name == "unmet" and "categories" or name])
    end
    assert.truthy(server:ask("GET", "/reports/segments?format=csv").body:find "^segment,name,customers,offers,")
    assert.equal(422, server:ask("GET", "/reports/unmet?by=day").status)
  end)

  it("refuse what they do not know", function()
    assert.equal(404, server:ask("GET", "/reports/boats").status)
    for _, query in ipairs { "conversion?by=hat", "funnel?by=day", "funnel?from=soon", "products?format=xml",
      "products?x=1" } do
      assert.equal(422, server:ask("GET", "/reports/" .. query).status, query)
    end
    for _, words in ipairs { { "report", "boats" }, { "report", "funnel", "--by", "day" }, { "report" },
      { "report", "conversion", "--by", "hat" } } do
      assert.equal(2, (shell.run(table.unpack(words))))
    end
  end)
end)
