-- customers_spec.lua: files of customers: CSV and NDJSON, product ids of another house, bad rows by number.

local shell = require "spec.lua.shell"
local core = require "offerengine.core"
local offerengine = require "offerengine"

local ruleset = assert(offerengine.load(shell.source .. "/rules"))
local HEADER = "customer_id,age,income,credit_score,avg_account_balance,existing_products"

describe("a file of customers", function()
  local folder

  setup(function() folder = shell.folder() end)
  teardown(function() shell.remove(folder) end)

  -- What a file comes to: its good rows as tables, its bad rows as text, its warnings.
  local function read(text, options)
    options = options or {}
    options.path = shell.write(folder .. "/" .. (options.name or "in.csv"), text)
    options.name = nil
    local list, message, code = core.customers(ruleset, options)
    if not list then
      return nil, message, code
    end
    while list:read() do end
    local rows = {}
    for i, json in list:each() do
      rows[i] = core.decode_json(json)
    end
    return rows, list:bad(), { list:warnings() }
  end

  it("is read from CSV by the names of its columns", function()
    local rows, bad = read(HEADER .. "\nA,35,95000.5,735,-20,savings_account|debit_card\nB,20,0,,0,\n")
    assert.equal("", bad)
    assert.same({
      { customer_id = "A", age = 35, income = 95000.5, credit_score = 735, avg_account_balance = -20,
        existing_products = { "savings_account", "debit_card" } },
      { customer_id = "B", age = 20, income = 0, avg_account_balance = 0, existing_products = {} },
    }, rows)
  end)

  it("takes attr.NAME for NAME and warns of every other column once", function()
    local rows, _, warnings = read("event_id,audit.sex,attr.region," .. HEADER
      .. ",outcome\n1,2,north,A,35,1,,1,,accept\n2,1,,B,35,1,,1,,reject\n")
    assert.equal("north", rows[1].region)
    assert.is_nil(rows[2].region)
    assert.same({ { "event_id", "audit.sex", "outcome" }, 0, 0 }, warnings)
  end)

  it("is read from NDJSON, blank lines and a missing last line end included", function()
    local line = '{"customer_id":"%s","age":35,"income":1,"credit_score":null,"avg_account_balance":1,'
      .. '"existing_products":["zz"],"more":1}'
    local rows, bad, warnings = read(line:format("A") .. "\n\n" .. line:format("B"), { name = "in.ndjson" })
    assert.equal("", bad)
    assert.same({ "A", "B" }, { rows[1].customer_id, rows[2].customer_id })
    assert.same({ {}, 2, 2 }, warnings)
  end)

  it("is told apart by its first byte when its name says nothing", function()
    assert.equal(1, #read(HEADER .. "\nA,35,1,,1,\n", { name = "rows" }))
    assert.equal(1, #read('{"customer_id":"A","age":35,"income":1,"credit_score":null,'
      .. '"avg_account_balance":1,"existing_products":[]}', { name = "lines" }))
  end)

  it("names each bad row by its number and everything wrong with it", function()
    local rows, bad = read(HEADER .. "\nA,x,1,,1,\nB,35,1,,1,\n\nC,35,-1,200,1,\nD,35,1,,1\n")
    assert.equal(1, #rows)
    local lines = {}
    for line in bad:gmatch("[^\n]+") do
      lines[#lines + 1] = line
    end
    assert.equal(3, #lines)
    assert.matches("^row 2: age: ", lines[1])
    assert.matches("^row 4: ", lines[2])
    assert.matches("income: ", lines[2], 1, true)
    assert.matches("credit_score: ", lines[2], 1, true)
    assert.matches("row 5", lines[3], 1, true)
  end)

  it("keeps the text of twenty bad rows and the count of all", function()
    local path = shell.write(folder .. "/many.csv", HEADER .. "\n" .. ("A,x,1,,1,\n"):rep(700))
    local list = assert(core.customers(ruleset, { path = path }))
    while list:read() do end
    assert.same({ 0, 700 }, { list:count() })
    assert.equal(20, select(2, list:bad():gsub("\n", "")))
  end)

  it("is refused whole for a header that cannot be", function()
    local cases = {
      { "", "header" },
      { "age,income\n", "missing columns: customer_id" },
      { HEADER:gsub("age", "agee") .. "\n", "missing columns: age;" },
      { HEADER .. ",attr.age\n", "'age'" },
      { HEADER .. ",age\n", "age" },
    }
    for _, case in ipairs(cases) do
      local rows, message = read(case[1])
      assert.is_nil(rows)
      assert.matches(case[2], message, 1, true)
    end
  end)

  it("translates product ids to one, to several or to none", function()
    local map = shell.write(folder .. "/map.csv",
      "from,to,note\nchecking,debit_card,\ncd,fixed_deposit,\ncd,savings_account,\nstocks,,none of ours\n")
    local csv = read(HEADER .. "\nA,35,1,,1,checking|cd|stocks|other\n", { map = map })
    table.sort(csv[1].existing_products)
    assert.same({ "debit_card", "fixed_deposit", "other", "savings_account" }, csv[1].existing_products)
    local lines = read('{"age":35,"existing_products":["checking","cd","stocks","other"],"customer_id":"A","income":1,'
      .. '"credit_score":null,"avg_account_balance":1}\n', { name = "in.ndjson", map = map })
    table.sort(lines[1].existing_products)
    assert.same(csv[1].existing_products, lines[1].existing_products)
  end)

  it("is refused with a map that is none", function()
    for _, text in ipairs { "", "a,b\n1,2\n", "from,to\n,x\n" } do
      local map = shell.write(folder .. "/bad-map.csv", text)
      local rows, message = read(HEADER .. "\n", { map = map })
      assert.is_nil(rows)
      assert.is_string(message)
    end
    local _, _, code = core.customers(ruleset, { path = "x.csv", map = folder .. "/none.csv" })
    assert.equal("not_found", code)
  end)

  it("answers nil, a message and a code when it is not there or a folder", function()
    local list, message, code = core.customers(ruleset, { path = folder .. "/none.csv" })
    assert.is_nil(list)
    assert.matches("none.csv", message, 1, true)
    assert.equal("not_found", code)
    list, message, code = core.customers(ruleset, { path = folder })
    assert.is_nil(list)
    assert.matches("is a folder", message, 1, true)
    assert.equal("io_error", code)
  end)

  it("raises on misuse and may be closed twice", function()
    assert.has_error(function() core.customers(ruleset) end)
    assert.has_error(function() core.customers(ruleset, {}) end)
    assert.has_error(function() core.customers(ruleset, { path = "x", format = "xml" }) end)
    local list = assert(core.customers(ruleset, { path = shell.write(folder .. "/a.csv", HEADER .. "\n") }))
    list:close()
    list:close()
    assert.error_matches(function() list:read() end, "closed")
  end)
end)
