-- customers_spec.lua: customers are written and read: what every verb answers, that everybody sees a write as soon as
-- it was answered, whichever worker is asked, and that writes which cross leave the newest state.

local core = require "offerengine.core"
local service = require "spec.support.service"

local function customer(id, income, more)
  return ('{"customer_id":"%s","age":35,"income":%d,"existing_products":["savings_account"],"credit_score":735,'
    .. '"avg_account_balance":28000%s}'):format(id, income, more or "")
end

describe("customers", function()
  local server, client

  setup(function() server = assert(service.start { words = { "--no-samples" } }) end)
  teardown(function() server:stop() end)
  before_each(function() client = server:connect() end)
  after_each(function() client:close() end)

  it("are none where nobody was put and samples are not wanted", function()
    assert.equal('{"customers":[],"total":0,"next_cursor":null}', client:ask("GET", "/customers").body)
  end)

  it("are created with 201, replaced with 200, and come back as they were sent", function()
    for _, case in ipairs { { 201, 10 }, { 200, 20 } } do
      local answer = client:ask("PUT", "/customers/A1", nil, customer("A1", case[2]))
      assert.same({ case[1], customer("A1", case[2]) }, { answer.status, answer.body })
      local read = client:ask("GET", "/customers/A1")
      assert.same({ 200, customer("A1", case[2]) }, { read.status, read.body })
      assert.equal("no-store", read.headers["cache-control"])
    end
  end)

  it("keep declared further attributes, and lose undeclared ones with a warning", function()
    local sent = customer("A2", 5, ',"hat":7,"region":"north","tenure_months":3')
    local answer = client:ask("PUT", "/customers/A2", nil, sent)
    assert.equal("undeclared_members;count=1", answer.headers["offerengine-warning"])
    assert.equal(customer("A2", 5, ',"tenure_months":3,"region":"north"'), client:ask("GET", "/customers/A2").body)
  end)

  it("are deleted with 204, then are not there", function()
    client:ask("PUT", "/customers/A3", nil, customer("A3", 1))
    local answer = client:ask("DELETE", "/customers/A3")
    assert.same({ 204, "" }, { answer.status, answer.body })
    assert.equal(404, client:ask("GET", "/customers/A3").status)
    assert.equal(404, client:ask("GET", "/recommend/A3").status)
    assert.equal(404, client:ask("DELETE", "/customers/A3").status)
    assert.equal(201, client:ask("PUT", "/customers/A3", nil, customer("A3", 1)).status)
  end)

  it("may have any lawful id", function()
    for id, path in pairs { ["Zoë / 7?"] = "Zo%C3%AB%20%2F%207%3F", ["a+b%"] = "a+b%25", ["€"] = "%E2%82%AC" } do
      assert.equal(201, client:ask("PUT", "/customers/" .. path, nil, customer(id, 3)).status)
      assert.equal(customer(id, 3), client:ask("GET", "/customers/" .. path).body)
      assert.equal(204, client:ask("DELETE", "/customers/" .. path).status)
    end
  end)

  describe("are changed by a merge patch:", function()
    local CASES = {
      { "a member is replaced", '{"income":7}', 200, customer("P", 7) },
      { "an empty patch changes nothing", "{}", 200, customer("P", 100) },
      { "null takes an optional member away", '{"region":null}', 200, customer("P", 100) },
      { "null where it is nullable means not on file", '{"credit_score":null}', 200,
        (customer("P", 100):gsub("735", "null")) },
      { "a list is replaced as a whole", '{"existing_products":["debit_card","gold_loan"]}', 200,
        (customer("P", 100):gsub('%["savings_account"%]', '["debit_card","gold_loan"]')) },
      { "the same id may be named", '{"customer_id":"P","age":36}', 200,
        (customer("P", 100):gsub('"age":35', '"age":36')) },
      { "null where it is not nullable is refused", '{"income":null}', 422 },
      { "another id is refused", '{"customer_id":"Q"}', 422 },
      { "a value out of range is refused", '{"age":131}', 422 },
    }
    for _, case in ipairs(CASES) do
      it(case[1], function()
        client:ask("PUT", "/customers/P", nil, customer("P", 100))
        for _, kind in ipairs { "application/merge-patch+json", "application/json" } do
          local answer = client:ask("PATCH", "/customers/P", { ["Content-Type"] = kind }, case[2])
          assert.equal(case[3], answer.status, answer.body)
          local stored = client:ask("GET", "/customers/P").body
          assert.equal(case[4] or customer("P", 100), stored)
        end
      end)
    end
  end)

  it("show a write to every connection at once, on every worker", function()
    local others = {}
    for i = 1, 12 do
      others[i] = server:connect()
    end
    for round = 1, 30 do
      local writer = others[round % #others + 1]
      local expected = customer("R1", round)
      if round % 3 == 0 then
        assert.equal(200, writer:ask("PATCH", "/customers/R1", nil, ('{"income":%d}'):format(round)).status)
      else
        assert.is_true(writer:ask("PUT", "/customers/R1", nil, expected).status < 300)
      end
      for _, reader in ipairs(others) do
        assert.equal(expected, reader:ask("GET", "/customers/R1").body)
      end
      if round % 5 == 0 then
        assert.equal(204, writer:ask("DELETE", "/customers/R1").status)
        for _, reader in ipairs(others) do
          assert.equal(404, reader:ask("GET", "/recommend/R1").status)
        end
        assert.equal(201, writer:ask("PUT", "/customers/R1", nil, expected).status)
      end
    end
    for _, other in ipairs(others) do
      other:close()
    end
  end)

  it("end as the store has them when writes cross", function()
    local writers = {}
    for i = 1, 12 do
      writers[i] = server:connect()
    end
    for round = 1, 20 do
      for i, writer in ipairs(writers) do
        writer:send("PUT", "/customers/X1", nil, customer("X1", round * 100 + i))
        writer:send(i % 4 == 0 and "DELETE" or "GET", "/customers/X1")
      end
      for _, writer in ipairs(writers) do
        assert.is_true(writer:receive().status < 300)
        local second = writer:receive().status
        assert.is_true(second == 200 or second == 204 or second == 404, second)
      end
      assert.is_true(client:ask("PUT", "/customers/X2", nil, customer("X2", round)).status < 300)
      -- The list is read from the store, the customer from the population.
      local stored = client:ask("GET", "/customers").body:match '{"customer_id":"X1"[^}]*}'
      for _, reader in ipairs(writers) do
        local answer = reader:ask("GET", "/customers/X1")
        assert.equal(stored, answer.status == 200 and answer.body or nil)
      end
    end
    for _, writer in ipairs(writers) do
      writer:close()
    end
  end)

  it("lose no patch when patches cross", function()
    client:ask("PUT", "/customers/X3", nil, customer("X3", 1))
    local names = { "monthly_spend", "transactions_90d", "tenure_months", "lifetime_value", "income", "age" }
    local writers = {}
    for i = 1, 2 * #names do
      writers[i] = server:connect()
    end
    for round = 1, 30 do
      for i, name in ipairs(names) do
        writers[2 * i - round % 2]:send("PATCH", "/customers/X3", nil, ('{"%s":%d}'):format(name, round))
      end
      for i in ipairs(names) do
        assert.equal(200, writers[2 * i - round % 2]:receive().status)
      end
      local stored = core.decode_json(client:ask("GET", "/customers/X3").body)
      for _, name in ipairs(names) do
        assert.equal(round, stored[name], name)
      end
    end
    for _, writer in ipairs(writers) do
      writer:close()
    end
  end)

  describe("are listed", function()
    local paged
    setup(function()
      paged = assert(service.start { words = { "--no-samples" } })
      local writer = paged:connect()
      for i = 1, 25 do
        writer:send("PUT", ("/customers/L%02d"):format(i), nil, customer(("L%02d"):format(i), i))
      end
      for _ = 1, 25 do
        assert(writer:receive().status == 201)
      end
      writer:close()
    end)
    teardown(function() paged:stop() end)

    local function page(query)
      local decoded = core.decode_json(paged:ask("GET", "/customers" .. query).body)
      local ids = {}
      for i, item in ipairs(decoded.customers) do
        ids[i] = item.customer_id
      end
      return ids, decoded.next_cursor, decoded.total
    end

    it("all at once by default, in order of their ids", function()
      local ids, cursor, total = page ""
      assert.same({ 25, 25, "L01", "L25" }, { #ids, total, ids[1], ids[25] })
      assert.is_nil(cursor)
    end)

    for _, size in ipairs { 1, 7, 24, 25, 26 } do
      it(("completely in pages of %d, the total on each"):format(size), function()
        local all, cursor, pages = {}, nil, 0
        repeat
          local ids, following, total = page(("?limit=%d%s"):format(size, cursor and "&cursor=" .. cursor or ""))
          assert.equal(25, total)
          assert.is_true(#ids > 0 and #ids <= size)
          table.move(ids, 1, #ids, #all + 1, all)
          cursor, pages = following, pages + 1
        until not cursor
        assert.equal(25, #all)
        assert.equal(math.ceil(25 / size), pages)
        table.sort(all)
        assert.same({ "L01", "L25" }, { all[1], all[25] })
      end)
    end
  end)
end)
