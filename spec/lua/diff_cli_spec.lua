-- diff_cli_spec.lua: the command diff: what it compares, what it writes, when it exits with 4.

local book = require "spec.support.book"
local core = require "offerengine.core"
local rule_folder = require "rule_folder"
local shell = require "spec.lua.shell"

local RULES = shell.source .. "/rules"
local run = shell.run

describe("offerengine diff", function()
  local folder, draft, customers

  local function diff(...)
    return run("diff", "--new", draft, "--in", customers, "--base", RULES, "--at", "2026-11-22", ...)
  end

  setup(function()
    folder = shell.folder()
    customers = book.file(folder .. "/book.csv", 2000)
    local files = rule_folder.read(RULES)
    files["products/loans.lua"] = files["products/loans.lua"]:gsub("min_income = 40000", "min_income = 55000")
    draft = rule_folder.write(files)
    assert(os.execute(("cp -r '%s/tables' '%s/' 2>/dev/null; true"):format(RULES, draft)))
  end)

  teardown(function()
    rule_folder.remove(draft)
    shell.remove(folder)
  end)

  it("says who is asked, under which rules and when, who loses, and the line that did it", function()
    local code, out = diff()
    assert.equal(0, code)
    assert.matches("^What changes for whom\nruleset %x+, 2,000 customers of .-book.csv, as of 2026%-11%-22T00:00:00Z\n",
      out)
    assert.matches("compared with .-/rules, ruleset %x+\n", out)
    assert.matches("\n  " .. draft .. "/products/loans.lua:6  product personal_loan min_income  changed", out, 1, true)
    assert.matches("Personal Loan .- %-+  B%d+", out)
    assert.matches("Fairness under the new rules: ", out, 1, true)
  end)

  it("shows where in the base something stood that is gone", function()
    local files = rule_folder.read(RULES)
    files["products/loans.lua"] = files["products/loans.lua"]:gsub("  min_credit_score = 640,\n", "")
    local without = rule_folder.write(files)
    local code, out = run("diff", "--new", without .. "/", "--in", customers, "--base", RULES)
    local back, other_way = run("diff", "--new", RULES, "--in", customers, "--base", without)
    rule_folder.remove(without)
    assert.same({ 0, 0 }, { code, back })
    local shown = "\n  " .. RULES .. "/products/loans.lua:7  product personal_loan min_credit_score  "
    assert.matches(shown .. "removed", out, 1, true)
    assert.matches(shown .. "added", other_way, 1, true)
  end)

  it("writes each flip as a row, and nothing else to the same place", function()
    local code, out = diff("--out", "-")
    assert.equal(0, code)
    assert.matches("^customer_id,product_id,change,from,to,cause,confidence,best_before,best_after,rule,file,line\n",
      out)
    for line in out:gmatch("\n([^\n]+)") do
      assert.matches("^B%d+,personal_loan,lost,offered,%w+,below_%w+,[%d.]+,[%w_]*,[%w_]*," ..
        "product personal_loan min_income,products/loans.lua,6$", line)
    end
    local path = folder .. "/flips.csv"
    assert.equal(0, (diff("--out", path, "--workers", "3")))
    assert.equal(out, shell.read(path))
    assert.is_false(shell.exists(path .. ".part"))
  end)

  it("gives JSON and CSV for programs", function()
    local code, out = diff("--json")
    assert.equal(0, code)
    local report = assert(core.decode_json(out))
    assert.equal("diff", report.report)
    assert.equal(2000, report.population.customers)
    assert.equal(report.losing, report.edits[1].lost)
    assert.equal("products/loans.lua", report.edits[1].file)
    assert.is_true(#report.fairness_groups > #report.fairness)
    local _, csv = diff("--csv")
    assert.matches("^product_id,name,offers_before,offers_after,lost,gained,.-\npersonal_loan,Personal Loan,", csv)
  end)

  it("exits with 4 and names the gate that is exceeded, by how much, and customers", function()
    local code, out, err = diff("--max-lost", "0.1%")
    assert.equal(4, code)
    assert.matches("^What changes", out)
    assert.matches("gate max%-lost: [%d.]+ %% of customers %(%d+%) lose an offer; at most 0.1 %% are allowed, " ..
      "[%d.]+ too many; for example B%d+", err)
    assert.equal(0, (diff("--max-lost", "90%", "--max-lost-only", "0%")))
    code, out, err = diff("--min-ratio", "0.9", "--json")
    assert.equal(4, code)
    assert.matches("gate min%-ratio: [%w_]+, age [%w ]+: offered 0%.%d+ times as often as to [%w ]+; " ..
      "at least 0.9 is asked", err)
    assert.equal("min_ratio", core.decode_json(out).gates[1].gate)
  end)

  it("compares with what serves, for the customers of the database", function()
    local db = folder .. "/bank.db"
    assert.equal(0, (run("import", customers, "--db", db, "--rules", RULES)))
    local code, _, err = run("diff", "--new", draft, "--db", db)
    assert.equal(2, code)
    assert.matches("has no generation yet; give --base", err, 1, true)
    code, _, err = run("diff", "--new", draft, "--db", db, "--base", "7")
    assert.equal(2, code)
    assert.matches("has no generation 7", err, 1, true)
    local out
    code, out = run("diff", "--new", draft, "--db", db, "--base", RULES, "--at", "2026-11-22")
    assert.equal(0, code)
    assert.matches("2,000 customers of " .. db, out, 1, true)
  end)

  local wrong = {
    { {}, "option '--base' is needed" },
    { { "--new", "no/such", "--base", RULES }, "no/such" },
    { { "--new", RULES, "--db", "no.db", "--base", "x" }, "x" },
    { { "--new", RULES, "--max-lost", "many" }, "must be a share of the customers" },
    { { "--new", RULES, "--max-lost", "101%" }, "must be a share of the customers" },
    { { "--new", RULES, "--min-ratio", "0" }, "must be a number above 0" },
    { { "--new", RULES, "--out", "-", "--json" }, "give --out a file" },
  }
  for _, case in ipairs(wrong) do
    it("refuses " .. (table.concat(case[1], " "):gsub("^$", "nothing")), function()
      local code, out, err = run("diff", table.unpack(case[1]))
      assert.is_true(code == 2 or code == 3)
      assert.equal("", out)
      assert.matches(case[2], err, 1, true)
    end)
  end
end)
