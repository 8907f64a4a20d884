-- transfer_spec.lua: import, export and batch on the command line.

local shell = require "spec.lua.shell"
local core = require "offerengine.core"
local offerengine = require "offerengine"

local run = shell.run
local HEADER = "customer_id,age,income,credit_score,avg_account_balance,existing_products"
local GOOD = HEADER .. "\nA,35,95000.5,735,-20,savings_account|debit_card\nB,20,0,,0,\n"
local BAD = HEADER .. "\nA,35,95000,735,20,\nB,x,0,,0,\nC,20,1,,1,\n"

local folder, db

local function write(name, text)
  return shell.write(folder .. "/" .. name, text)
end

local function count(path)
  local store <close> = assert(offerengine.open(path, { read_only = true }))
  return (store:count())
end

before_each(function()
  folder = shell.folder()
  db = folder .. "/bank.db"
end)

after_each(function()
  collectgarbage()
  shell.remove(folder)
end)

describe("offerengine import", function()
  it("puts all rows into the database and says how many", function()
    local code, out, err = run("import", write("good.csv", GOOD), "--db", db)
    assert.equal("", err)
    assert.equal(0, code)
    assert.equal("2 customers imported: 2 new, 0 replaced\n", out)
    local _, again = run("import", "-", "--db", db, { input = GOOD .. "C,30,1,,1,\n" })
    assert.equal("3 customers imported: 1 new, 2 replaced\n", again)
    assert.equal(3, count(db))
  end)

  it("imports nothing when one row is bad, and names it", function()
    local code, out, err = run("import", write("bad.csv", BAD), "--db", db)
    assert.equal(1, code)
    assert.equal("", out)
    assert.matches("^row 3: age: ", err)
    assert.matches("1 bad row; nothing was imported", err, 1, true)
    assert.is_false(shell.exists(db))
  end)

  it("leaves bad rows out when told to, with a count", function()
    local code, out, err = run("import", write("bad.csv", BAD), "--db", db, "--skip-bad")
    assert.equal(0, code)
    assert.equal("2 customers imported: 2 new, 0 replaced\n", out)
    assert.matches("row 3: age: ", err, 1, true)
    assert.matches("warning: 1 bad row left out", err, 1, true)
    assert.equal(2, count(db))
  end)

  it("warns once of each column that the schema lacks", function()
    local text = "event_id,audit.sex," .. HEADER .. "\n1,2,A,35,1,,1,\n3,4,B,35,1,,1,\n"
    local _, _, err = run("import", write("more.csv", text), "--db", db)
    assert.equal("warning: column 'event_id' is not in the schema and was left out\n"
      .. "warning: column 'audit.sex' is not in the schema and was left out\n", err)
  end)

  it("writes to a pipe or device and does not replace it", function()
    local pipe = folder .. "/pipe"
    assert(os.execute(("mkfifo '%s'"):format(pipe)))
    run("import", write("good.csv", GOOD), "--db", db)
    for _, words in ipairs {
      { "export", "--db", db, "--rules", shell.source .. "/rules", "--format", "ndjson" },
      { "batch", "--in", folder .. "/good.csv", "--rules", shell.source .. "/rules", "--format", "ndjson" },
    } do
      local command = ("cat '%s' > '%s/got' & '%s/offerengine' %s --out '%s' && wait"):format(pipe, folder, shell.build,
        table.concat(words, " "), pipe)
      assert.equal(0, (shell.run_line(command)))
      assert.equal(2, select(2, shell.read(folder .. "/got"):gsub("\n", "")))
      assert.equal("named pipe", require("lfs").attributes(pipe, "mode"))
    end
  end)

  it("shows a progress bar on a terminal", function()
    if shell.run_line "script -qec true /dev/null" ~= 0 then
      pending "this machine has no pseudo-terminals (/dev/pts)"
      return
    end
    local line = ("script -qefc '%s/offerengine import %s --db %s --rules %s/rules' /dev/null"):format(shell.build,
      write("good.csv", GOOD), db, shell.source)
    local code, out = shell.run_line(line)
    assert.equal(0, code)
    assert.matches("\rreading [#", out, 1, true)
    assert.matches("100 %", out, 1, true)
    assert.matches("2 customers imported", out, 1, true)
  end)

  it("shows no progress bar where standard error is no terminal", function()
    local _, _, err = run("import", write("good.csv", GOOD), "--db", db)
    assert.is_nil(err:find("\r", 1, true))
  end)

  it("reports as JSON what the service reports", function()
    local code, out = run("import", write("bad.csv", BAD), "--db", db, "--skip-bad", "--json")
    assert.equal(0, code)
    assert.equal('{"imported":2,"created":2,"replaced":0,"skipped":1,"undeclared_members":0,"unknown_products":0}\n',
      out)
  end)

  it("names all columns that are missing, and how names are written", function()
    local cases = {
      { "Customer_ID;Age\n", "customer_id, age, income, existing_products, avg_account_balance" },
      { "customer_id,attr.age,income\n", "existing_products, avg_account_balance" },
    }
    for _, case in ipairs(cases) do
      local code, _, err = run("import", write("columns.csv", case[1]), "--db", db)
      assert.equal(1, code)
      assert.equal(("offerengine import: csv: row 1: missing columns: %s; names are in lower case, with commas "
        .. "between\n"):format(case[2]), err)
    end
  end)

  it("names the row of a broken record once", function()
    local text = HEADER .. '\nA,35,1,,1,\nB,"35"x,1,,1,\n'
    local code, _, err = run("import", write("broken.csv", text), "--db", db)
    assert.equal(1, code)
    assert.matches("^row 3 %(line 3%), column 2: ", err)
  end)

  it("names the map that it cannot read, and why", function()
    local input = write("good.csv", GOOD)
    local cases = { [folder .. "/nope"] = "No such file or directory",
      [write("wrong.csv", "a,b\n1,2\n")] = "the file must have the columns from and to" }
    for path, cause in pairs(cases) do
      local _, _, err = run("import", input, "--db", db, "--map", path)
      assert.equal(("offerengine import: map: '%s': %s\n"):format(path, cause), err)
    end
  end)

  it("takes an empty file of customers", function()
    local code, out = run("import", write("none.csv", HEADER .. "\n"), "--db", db)
    assert.equal(0, code)
    assert.equal("0 customers imported: 0 new, 0 replaced\n", out)
  end)

  it("says who owns the database when it cannot be reached", function()
    local store <close> = assert(offerengine.open(db))
    assert.is_userdata(store)
    local code, out, err = run("import", write("good.csv", GOOD), "--db", db)
    assert.equal(3, code)
    assert.equal("", out)
    assert.matches("owned by process", err, 1, true)
  end)
end)

describe("offerengine export", function()
  it("writes CSV and NDJSON that import reads to the same customers", function()
    run("import", write("good.csv", GOOD), "--db", db)
    for _, format in ipairs { "csv", "ndjson" } do
      local path = folder .. "/out." .. format
      local code, out = run("export", "--db", db, "--out", path)
      assert.equal(0, code)
      assert.equal("", out)
      local other = folder .. "/" .. format .. ".db"
      assert.equal(0, (run("import", path, "--db", other)))
      local _, first = run("export", "--db", db, "--format", "ndjson")
      local _, second = run("export", "--db", other, "--format", "ndjson")
      assert.equal(first, second)
      assert.equal(2, select(2, first:gsub("\n", "")))
      local _, on_output = run("export", "--db", db, "--format", format)
      assert.equal(shell.read(path), on_output)
    end
  end)

  it("reports as JSON, which needs a file for the customers", function()
    run("import", write("good.csv", GOOD), "--db", db)
    local path = folder .. "/out.ndjson"
    local code, out, err = run("export", "--db", db, "--out", path, "--json")
    assert.same({ 0, ('{"exported":2,"out":"%s","format":"ndjson"}\n'):format(path), "" }, { code, out, err })
    assert.equal(2, (run("export", "--db", db, "--json")))
  end)

  it("refuses an owned id that would be two in a CSV, by row and position", function()
    for _, id in ipairs { "a|b", "|" } do
      local values = '"age":35,"income":1,"credit_score":null,"avg_account_balance":0,"existing_products":'
      write("one.ndjson", ('{"customer_id":"A",%s[]}\n{"customer_id":"B",%s["gold_loan","%s"]}\n')
        :format(values, values, id))
      assert.equal(0, (run("import", folder .. "/one.ndjson", "--db", db)))
      local code, _, err = run("export", "--db", db, "--out", folder .. "/out.csv")
      assert.equal(1, code)
      assert.equal("offerengine export: row 3, customer 'B': existing_products 2: the id holds '|', which parts ids "
        .. "in a CSV; --format ndjson takes it\n", err)
      assert.is_false(shell.exists(folder .. "/out.csv"))
      assert.equal(0, (run("export", "--db", db, "--out", folder .. "/out.ndjson")))
    end
  end)

  it("leaves no half a file behind when it fails", function()
    run("import", write("good.csv", GOOD), "--db", db)
    local code = run("export", "--db", db, "--rules", "nowhere", "--out", folder .. "/out.csv")
    assert.equal(3, code)
    assert.is_false(shell.exists(folder .. "/out.csv"))
    assert.is_false(shell.exists(folder .. "/out.csv.part"))
  end)
end)

describe("offerengine batch", function()
  it("writes one answer per line in the order of the input", function()
    local code, out, err = run("batch", "--in", write("good.csv", GOOD), "--at", "2026-11-22")
    assert.equal("", err)
    assert.equal(0, code)
    local ids = {}
    for line in out:gmatch("[^\n]+") do
      ids[#ids + 1] = core.decode_json(line).customer_id
    end
    assert.same({ "A", "B" }, ids)
  end)

  it("writes one CSV row per offer with the values of the answer", function()
    local input = write("good.csv", GOOD)
    local path = folder .. "/offers.csv"
    assert.equal(0, (run("batch", "--in", input, "--out", path, "--at", "2026-11-22")))
    local _, lines = run("batch", "--in", input, "--at", "2026-11-22")
    local expected = { "customer_id,rank,product_id,product_name,category,confidence_score,priority,reason\n" }
    for line in lines:gmatch("[^\n]+") do
      local answer = core.decode_json(line)
      for rank, offer in ipairs(answer.recommended_products) do
        local reason = offer.reason:find('[",]') and '"' .. offer.reason:gsub('"', '""') .. '"' or offer.reason
        expected[#expected + 1] = ("%s,%d,%s,%s,%s,%.1f,%.1f,%s\n"):format(answer.customer_id, rank, offer.product_id,
          offer.product_name, offer.category, offer.confidence_score, offer.priority or offer.confidence_score, reason)
      end
    end
    assert.equal(table.concat(expected), shell.read(path))
  end)

  it("gives no file and names the rows when some are bad", function()
    local path = folder .. "/offers.ndjson"
    local code, out, err = run("batch", "--in", write("bad.csv", BAD), "--out", path)
    assert.equal(1, code)
    assert.equal("", out)
    assert.matches("row 3: age: ", err, 1, true)
    assert.is_false(shell.exists(path))
    assert.is_false(shell.exists(path .. ".part"))
  end)

  it("does not write over the file that it reads, by whatever name", function()
    local input = write("good.csv", GOOD)
    os.execute(("ln -s good.csv %s/link.csv && ln %s %s/twin.csv"):format(folder, input, folder))
    for _, output in ipairs { input, folder .. "/./good.csv", folder .. "/link.csv", folder .. "/twin.csv" } do
      local code, out, err = run("batch", "--in", input, "--out", output)
      assert.same({ 1, "" }, { code, out })
      assert.equal(("offerengine batch: output: '%s' is the file that is read; name another\n"):format(output), err)
      assert.equal(GOOD, shell.read(input))
    end
  end)

  it("writes nothing behind a bad row", function()
    local code, out = run("batch", "--in", write("bad.csv", BAD .. ("D,30,1,,1,\n"):rep(600)))
    assert.equal(1, code)
    assert.equal("", out)
  end)

  it("leaves bad rows out when told to", function()
    local code, out, err = run("batch", "--in", write("bad.csv", BAD), "--skip-bad")
    assert.equal(0, code)
    assert.equal(2, select(2, out:gsub("\n", "")))
    assert.matches("warning: 1 bad row left out", err, 1, true)
  end)

  it("sums up: offers per product and segment, and why there are none", function()
    local input = write("good.csv", HEADER .. "\nA,35,95000,735,20000,\nB,5,0,,0,\n")
    local code, out, err = run("batch", "--in", input, "--summary", "--at", "2026-11-22")
    assert.equal("", err)
    assert.equal(0, code)
    assert.matches("^2 customers, %d+ offers", out)
    assert.matches("without an offer", out, 1, true)
    local _, json = run("batch", "--in", input, "--summary", "--json", "--at", "2026-11-22")
    local counts = core.decode_json(json)
    assert.equal(2, counts.customers)
    assert.equal(1, counts.without_offer)
    local offers, stages, customers = 0, 0, 0
    for _, product in ipairs(counts.products) do
      offers = offers + product.offers
    end
    for _, stage in ipairs(counts.without_offer_by_stage) do
      stages = stages + stage.customers
    end
    for _, segment in ipairs(counts.segments) do
      customers = customers + segment.customers
    end
    assert.equal(counts.offers, offers)
    assert.equal(counts.without_offer, stages)
    assert.is_true(customers >= 2)
    assert.is_true(#counts.refusals > 0)
  end)

  it("sums up beside writing the decisions", function()
    local path = folder .. "/offers.csv"
    local code, out = run("batch", "--in", write("good.csv", GOOD), "--out", path, "--summary")
    assert.equal(0, code)
    assert.matches("^2 customers", out)
    assert.is_true(shell.exists(path))
  end)

  it("takes no rows", function()
    local code, out, err = run("batch", "--in", write("none.csv", HEADER .. "\n"), "--summary")
    assert.equal("", err)
    assert.equal(0, code)
    assert.matches("^0 customers, 0 offers", out)
  end)
end)
