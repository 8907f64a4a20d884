-- reports_spec.lua: the reports of the command line: one head, the same rows as text, JSON and CSV, and what-if.

local shell = require "spec.lua.shell"
local core = require "offerengine.core"
local offerengine = require "offerengine"

local run = shell.run
local SCF = { "--in", "rules/samples/scf-2019-excerpt.csv", "--map", "rules/samples/scf-2019.map.csv" }

local function ask(...)
  local words = { ... }
  table.move(SCF, 1, #SCF, #words + 1, words)
  table.move({ "--at", "2026-11-22" }, 1, 2, #words + 1, words)
  local code, out = run(table.unpack(words))
  assert.equal(0, code)
  return out
end

local function rows_of(csv)
  local rows, names = {}, nil
  for line in csv:gmatch("([^\n]*)\n") do
    local cells = {}
    for cell in (line .. ","):gmatch("([^,]*),") do
      cells[#cells + 1] = cell
    end
    if names then
      local row = {}
      for i, name in ipairs(names) do
        row[name] = cells[i]
      end
      rows[#rows + 1] = row
    else
      names = cells
    end
  end
  return rows
end

describe("a report", function()
  local hash = assert(offerengine.load(shell.source .. "/rules")):hash()

  it("says first which rules, which customers and when", function()
    for _, words in ipairs { { "price", "credit_card", "income" }, { "uncovered" } } do
      local out = ask(table.unpack(words))
      assert.matches(("^[^\n]+\nruleset %s, 60 customers of rules/samples/scf%%-2019%%-excerpt.csv, "
        .. "as of 2026%%-11%%-22T00:00:00Z\n"):format(hash), out)
      table.insert(words, "--json")
      local head = core.decode_json(ask(table.unpack(words)))
      assert.equal(words[1], head.report)
      assert.equal(hash, head.ruleset)
      assert.same({ source = SCF[2], customers = 60 }, head.population)
      assert.equal("2026-11-22T00:00:00Z", head.at)
    end
  end)

  it("has the same rows as JSON, as CSV and from the module", function()
    local ruleset = assert(offerengine.load(shell.source .. "/rules"))
    local population = offerengine.population(ruleset)
    assert(population:read { path = shell.source .. "/" .. SCF[2], map = shell.source .. "/" .. SCF[4] })
    local points = assert(offerengine.price(ruleset, population, "life_insurance", "max_age", { at = "2026-11-22",
      to = 40, steps = 5 })).points
    local json = core.decode_json(ask("price", "life_insurance", "max_age", "--to", "40", "--steps", "5", "--json"))
    local csv = rows_of(ask("price", "life_insurance", "max_age", "--to", "40", "--steps", "5", "--csv"))
    assert.equal(6, #points)
    assert.same({ #points, #points }, { #json.points, #csv })
    local lost = 0
    for i, point in ipairs(points) do
      assert.equal(point.gate - 65, json.points[i].change)
      json.points[i].change = nil
      assert.same(point, json.points[i])
      for _, name in ipairs { "gate", "offered", "gained", "lost", "displaced", "without_offer" } do
        assert.equal(point[name], tonumber(csv[i][name]), name)
      end
      lost = lost + point.lost
    end
    assert.is_true(lost > 0)
  end)

  it("is about the samples unless a file or a database is given, and knows the generation of a database", function()
    assert.matches("18 customers of rules/samples/customers.csv", select(2, run("uncovered")), 1, true)
    local folder = shell.folder()
    local db = folder .. "/bank.db"
    assert.equal(0, (run("import", "rules/samples/customers.csv", "--db", db)))
    local code, out = run("uncovered", "--db", db)
    assert.equal(0, code)
    assert.matches("18 customers of " .. db, out, 1, true)
    assert.equal(2, (run("uncovered", "--db", db, "--in", "x.csv")))
    shell.remove(folder)
  end)

  it("says that rules with a gate would not load, and why", function()
    local out = ask("price", "premium_credit_card", "income", "--to", "170000", "--steps", "2")
    assert.matches('min_income = 170,000 would not load: product "premium_credit_card": ideal_income must lie above',
      out, 1, true)
  end)

  it("refuses bad rows, or leaves them out", function()
    local rows = "customer_id,age,income,credit_score,avg_account_balance,existing_products\n"
      .. "A,40,50000,700,100,\nB,-3,50000,700,100,\n"
    local code, out, err = run("uncovered", "--in", "-", { input = rows })
    assert.same({ 1, "" }, { code, out })
    assert.matches("1 bad row; there is no report", err, 1, true)
    code, out = run("uncovered", "--in", "-", "--skip-bad", { input = rows })
    assert.equal(0, code)
    assert.matches("1 customers of standard input", out, 1, true)
  end)

  local wrong = {
    { { "price", "credit_card" }, 2, "usage: offerengine price" },
    { { "price", "credit_crad", "income" }, 2, "did you mean 'credit_card'?" },
    { { "price", "credit_card", "incme" }, 2, "did you mean 'income'?" },
    { { "price", "credit_card", "max_age" }, 2, "its gates with a number: min_income, min_credit_score, min_age" },
    { { "price", "credit_card", "income", "--to", "x" }, 2, "option '--to': must be a number" },
    { { "price", "credit_card", "income", "--to", "-5" }, 1, "the gate can be moved to 0 to inf" },
    { { "price", "credit_card", "income", "--steps", "0" }, 2, "option '--steps'" },
    { { "price", "credit_card", "income", "--in", "nothing.csv" }, 3, "nothing.csv" },
    { { "uncovered", "--category", "credt" }, 2, "did you mean 'credit'?" },
    { { "explain", "C001", "--what-if", "incme=5" }, 2, "unknown attribute 'incme'; did you mean 'income'?" },
    { { "explain", "C001", "--what-if", "income" }, 2, "must be NAME=VALUE" },
    { { "explain", "C001", "--what-if", "income=lots" }, 2, "income: must be a number" },
    { { "explain", "C001", "--what-if", "age=-1" }, 2, "age: must be at least 0" },
    { { "explain", "C001", "--what-if", "income=" }, 2, "income: " },
  }
  for _, case in ipairs(wrong) do
    it("is refused: offerengine " .. table.concat(case[1], " "), function()
      local code, out, err = run(table.unpack(case[1]))
      assert.same({ case[2], "" }, { code, out })
      assert.matches(case[3], err, 1, true)
    end)
  end
end)

describe("offerengine explain --what-if", function()
  local WORDS = { "explain", "C001", "--at", "2026-11-22", "--product", "credit_card", "--what-if", "income=50000" }

  it("shows each product now and then, then why", function()
    local code, out, err = run(table.unpack(WORDS))
    assert.same({ 0, "" }, { code, err })
    assert.matches("^C001, what if: income=50000\n", out)
    assert.matches("%*  Credit Card  no: gates +offered +%d+%.%d", out)
    assert.matches("\nthen:\n", out, 1, true)
    assert.matches("income 50000 .-rules/products/credit.lua:23", out)
    local _, all = run("explain", "C001", "--what-if", "income=20000", "--what-if", "credit_score=")
    assert.matches("what if: income=20000, credit_score=", all, 1, true)
    assert.matches("credit score, not on file", all, 1, true)
  end)

  it("gives both explanations as JSON, which are those of the module", function()
    local ruleset = assert(offerengine.load(shell.source .. "/rules"))
    local _, customers = run("customers", "--json", "--limit", "1")
    local values = core.decode_json(customers).customers[1]
    local words = table.move(WORDS, 1, #WORDS, 1, {})
    words[#words + 1] = "--json"
    local code, out = run(table.unpack(words))
    assert.equal(0, code)
    local both = core.decode_json(out)
    local options = { at = "2026-11-22" }
    assert.same({ income = 50000 }, both.what_if)
    assert.same(ruleset:explain(values, options, "credit_card"), both.before)
    values.income = 50000
    assert.same(ruleset:explain(values, options, "credit_card"), both.after)
  end)
end)

describe("an explanation", function()
  it("names the file and line of each number and of each gate that was passed", function()
    local _, out = run("explain", "C001", "--at", "2026-11-22", "--product", "home_loan")
    local lines = 0
    for line in out:gmatch("[^\n]+") do
      if line:find("^    [%w]") and not line:find("confidence ", 1, true) then
        assert.matches("rules/[%w_/]+%.lua:%d+$", line)
        lines = lines + 1
      end
    end
    assert.is_true(lines >= 7)
    assert.matches("ok income 95000, at least 90000  rules/products/loans.lua:15", out, 1, true)
  end)

  it("says that a product is not offered, and counts one year as a year", function()
    local _, out = run("explain", "C002", "--at", "2026-11-22", "--product", "business_loan")
    assert.matches("\nnot offered, gates: Business Expansion Loan (business_loan, commercial_loan)", out, 1, true)
    assert.matches("x age is 24, needed is 25: 1 year short  ", out, 1, true)
    assert.matches("x credit score is 660, needed is 680: 20 points short  ", out, 1, true)
  end)
end)
