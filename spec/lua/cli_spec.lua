-- cli_spec.lua: the command line: exit codes, what goes where, and that wrong words are told so.

local shell = require "spec.lua.shell"
local core = require "offerengine.core"

local run = shell.run

describe("the command line", function()
  local commands = { "serve", "check", "test", "diff", "recommend", "explain", "price", "uncovered", "experiment",
    "campaign", "batch", "import", "export", "products", "customers", "new", "fmt", "version", "help" }

  it("lists every command in its help, on standard output", function()
    local code, out, err = run("help")
    assert.equal(0, code)
    assert.equal("", err)
    for _, name in ipairs(commands) do
      assert.matches("\n  " .. name .. " ", out, 1, true)
    end
  end)

  it("shows its help on standard error and fails when called without a word", function()
    local code, out, err = run()
    assert.equal(2, code)
    assert.equal("", out)
    assert.matches("Commands:", err, 1, true)
  end)

  for _, name in ipairs(commands) do
    it("tells about " .. name .. " in the one style, examples first", function()
      local code, out, err = run(name, "--help")
      assert.equal(0, code)
      assert.equal("", err)
      local examples, usage, options = out:find("\nExamples:\n", 1, true), out:find("\nUsage: offerengine " .. name, 1,
        true), out:find("\nOptions:\n", 1, true)
      assert.is_true(examples < usage and usage < options)
      local _, same = run("help", name)
      assert.equal(out, same)
    end)
  end

  it("explains the code of a finding, in capital or small letters", function()
    local code, out, err = run("help", "E012")
    assert.equal(0, code)
    assert.equal("", err)
    assert.matches("^E012: unknown attribute\n", out)
    assert.matches("\nWrong:\n.*\n    +min_incme = 45000, .*\nRight:\n.*\n    +min_income = 45000,\n", out)
    local _, same = run("help", "e012")
    assert.equal(out, same)
  end)

  local wrong = {
    { { "help", "E999" }, "unknown code 'E999'; there are E001, " },
    { { "help", "e12" }, "unknown code 'e12'; did you mean 'E012'?" },
    { { "explain", "C001", "--product", "home_laon" }, "unknown 'home_laon'; did you mean 'home_loan'?\n" },
    { { "explain", "C001", "--product", "zzzzzzzz" }, "unknown 'zzzzzzzz'; 'offerengine products' lists them" },
    { { "recomend" }, "unknown command 'recomend'; did you mean 'recommend'?" },
    { { "frobnicate" }, "unknown command 'frobnicate'" },
    { { "check", "--jsn" }, "unknown option '--jsn'; did you mean '--json'?" },
    { { "recommend", "C001", "--limti", "3" }, "did you mean '--limit'?" },
    { { "recommend", "C001", "--limit", "0" }, "option '--limit': must be a whole number" },
    { { "recommend", "C001", "--limit", "x" }, "option '--limit': must be a whole number" },
    { { "recommend", "C001", "--limit" }, "option '--limit' needs a value" },
    { { "recommend", "C001", "--at", "tomorrow" }, "option '--at': time: " },
    { { "recommend", "C001", "--json=yes" }, "option '--json' takes no value" },
    { { "recommend", "C001", "--category", "credt" }, "did you mean 'credit'?" },
    { { "recommend", "C001", "--campaign", "sprong" }, "unknown campaign 'sprong'; the rules have none" },
    { { "recommend", "C001", "C002" }, "unexpected 'C002'" },
    { { "recommend" }, "give the ID of a customer" },
    { { "recommend", "C001", "--in", "x.json" }, "not both" },
    { { "check", "-x" }, "unknown option '-x'" },
    { { "import", "x.csv" }, "option '--db' is needed" },
    { { "import", "--db", "x.db" }, "usage: offerengine import" },
    { { "export" }, "option '--db' is needed" },
    { { "batch" }, "option '--in' is needed" },
    { { "batch", "--in", "x.csv", "--format", "xml" }, "must be csv or ndjson" },
    { { "batch", "--in", "x.csv", "--summary", "--out", "-" }, "--summary goes to standard output" },
    { { "help", "nothing" }, "unknown command 'nothing'" },
  }
  for _, case in ipairs(wrong) do
    it("refuses: offerengine " .. table.concat(case[1], " "), function()
      local code, out, err = run(table.unpack(case[1]))
      assert.equal(2, code)
      assert.equal("", out)
      assert.matches(case[2], err, 1, true)
      assert.matches("see 'offerengine ", err, 1, true)
    end)
  end

  local absent = {
    { "check", "nowhere" }, { "products", "--rules", "nowhere" }, { "recommend", "--in", "nowhere.json" },
    { "recommend", "C001", "--db", "nowhere.db" }, { "customers", "--db", "nowhere.db" },
    { "export", "--db", "nowhere.db" }, { "batch", "--in", "nowhere.csv" },
    { "import", "nowhere.csv", "--db", "nowhere/x.db" }, { "batch", "--in", "rules" },
    { "batch", "--in", "rules/samples/customers.csv", "--out", "nowhere/x" },
    { "batch", "--in", "rules/samples/customers.csv", "--map", "nowhere.csv" },
  }
  for _, words in ipairs(absent) do
    it("fails when the world does: offerengine " .. table.concat(words, " "), function()
      local code, out, err = run(table.unpack(words))
      assert.equal(3, code)
      assert.equal("", out)
      assert.matches("^offerengine " .. words[1] .. ": ", err)
    end)
  end

  it("notices when its output cannot be written", function()
    local code = shell.run_line(("cd %s && %s/offerengine products >/dev/full"):format(shell.quote(shell.source),
      shell.quote(shell.build)))
    assert.equal(3, code)
  end)

  it("takes options as two words or one, in any place, and operands behind --", function()
    local _, out = run("recommend", "--limit=1", "C001", "--at", "2026-11-22", "--json")
    local _, same = run("recommend", "--at=2026-11-22", "--json", "--limit", "1", "--", "C001")
    assert.equal(out, same)
    assert.equal(1, #core.decode_json(out).recommended_products)
  end)

  it("tells its version", function()
    local code, out = run("version")
    assert.equal(0, code)
    assert.equal("offerengine " .. core.version .. "\n", out)
    local _, json = run("version", "--json")
    assert.equal(core.version, core.decode_json(json).version)
    assert.equal(out, select(2, run("--version")))
  end)
end)

describe("offerengine check", function()
  local folder

  before_each(function()
    folder = shell.folder()
    assert(os.execute(("cp -r %s %s"):format(shell.quote(shell.source .. "/rules"), shell.quote(folder))))
  end)
  after_each(function() shell.remove(folder) end)

  it("finds no mistake in the rules that come with it, and notes with place and severity", function()
    local code, out, err = run("check")
    assert.equal(0, code)
    assert.matches('^rules/policies.lua:%d+: note%[N108%]: fallback "debit_card": ', out)
    assert.matches("\nrules: ruleset %x+, %d+ products, %d+ segments; 2 notes\nhelp: offerengine help N108\n$", out)
    assert.equal("", err)
  end)

  it("says so where there is nothing to say", function()
    shell.run_line(("sed -i '/^fallback/d' %s/rules/policies.lua"):format(folder))
    local code, out = run("check", { folder = folder })
    assert.equal(0, code)
    assert.matches("^rules: ruleset %x+, %d+ products, %d+ segments; no mistakes\n$", out)
    assert.equal(0, (run("check", "--strict", { folder = folder })))
  end)

  it("exits 0 on warnings and notes, and 1 with --strict", function()
    shell.write(folder .. "/rules/products/new.lua", 'product "new_loan" {\n  name = "New", category = "loan",\n'
      .. "  min_income = 5000,\n  requires = { income = below(5000) },\n}\n")
    local code, out = run("check", { folder = folder })
    assert.equal(0, code)
    assert.matches('rules/products/new.lua:3: warning[W101]: product "new_loan": nobody can get it: ', out, 1, true)
    assert.matches("min_income = 5000 and requires: income < 5000 (products/new.lua:4) cannot hold together", out,
      1, true)
    assert.matches("; 1 warning, 2 notes\nhelp: offerengine help N108; the same for W101\n$", out)
    local strict, again = run("check", "--strict", { folder = folder })
    assert.same({ 1, out }, { strict, again })
  end)

  it("shows each mistake with its place, its line and the nearest right word", function()
    shell.write(folder .. "/rules/products/new.lua", 'product "new_card" {\n  name = "New Card",\n'
      .. '  category = "credit",\n  min_incme = 75000,\n  reason = "New",\n}\n')
    local code, out, err = run("check", { folder = folder })
    assert.equal(1, code)
    assert.equal("", err)
    assert.matches("rules/products/new.lua:4: error[", out, 1, true)
    assert.matches("min_incme = 75000,", out, 1, true)
    assert.matches('did you mean "', out, 1, true)
    assert.matches("rules: 1 error, 0 warnings\nhelp: offerengine help E012\n$", out)
  end)

  it("tells of a misspelt limit once, not again where the reason speaks of it", function()
    shell.write(folder .. "/rules/products/new.lua", 'product "new_card" {\n  name = "New Card", category = "credit",\n'
      .. '  min_income = 75000, min_credit_scroe = 700,\n  reason = "Good credit score",\n}\n')
    local _, out = run("check", { folder = folder })
    assert.matches("rules: 1 error, 0 warnings\nhelp: offerengine help E012\n$", out)
    local code, _, err = run("explain", "C001", { folder = folder })
    assert.equal(1, code)
    assert.matches('did you mean "credit_score"%?\nhelp: offerengine help E012\n', err)
  end)

  it("says where the codes are explained, each once", function()
    shell.write(folder .. "/rules/products/new.lua", 'product "new_card" {\n  name = 5,\n'
      .. '  category = "credit",\n  min_incme = 75000, min_ag = 18,\n  reason = "New",\n}\n')
    local _, out = run("check", { folder = folder })
    assert.matches("\nhelp: offerengine help E004; the same for E012\n$", out)
  end)

  it("gives the same as JSON", function()
    shell.write(folder .. "/rules/products/new.lua", 'product "new_card" { name = "New", category = "credt" }\n')
    local code, out = run("check", folder .. "/rules", "--json")
    assert.equal(1, code)
    local answer = core.decode_json(out)
    assert.is_false(answer.ok)
    assert.equal(answer.errors, #answer.findings)
    assert.equal("products/new.lua", answer.findings[1].file)
    assert.equal("error", answer.findings[1].severity)
    local _, good = run("check", "--json")
    assert.same({ ok = true, errors = 0 }, { ok = core.decode_json(good).ok, errors = core.decode_json(good).errors })
    assert.matches('"notes":2,"ok":true', good, 1, true)
    assert.equal("note", core.decode_json(good).findings[1].severity)
  end)

  it("makes every other command stop with the findings on standard error", function()
    shell.write(folder .. "/rules/products/new.lua", 'product "new_card" { name = "New", category = "credt" }\n')
    for _, words in ipairs { { "recommend", "C001" }, { "products" }, { "batch", "--in", "-" } } do
      words[#words + 1] = { folder = folder }
      local code, out, err = run(table.unpack(words))
      assert.equal(1, code)
      assert.equal("", out)
      assert.matches("rules/products/new.lua:1: error[", err, 1, true)
    end
  end)
end)

describe("rules without schema.lua", function()
  it("are told so first", function()
    local folder = shell.folder()
    shell.run_line(("cp -r %s/rules %s/rules && rm %s/rules/schema.lua"):format(shell.source, folder, folder))
    local code, out, err = run("check", "rules", { folder = folder })
    assert.equal(1, code)
    assert.matches("^rules: error%[E023%]: rules: schema.lua is missing; ", out .. err)
    local counted = (out .. err):match "rules: (%d+) errors"
    local _, _, message = run("products", { folder = folder })
    assert.matches(("offerengine products: rules: %s errors"):format(counted), message, 1, true)
    shell.remove(folder)
  end)
end)

describe("a database that is none", function()
  it("is named, and nothing is left beside it", function()
    local folder = shell.folder()
    local path = shell.write(folder .. "/notes.txt", "these are notes, not customers\n")
    for _, words in ipairs { { "serve", "--port", "0" }, { "customers" }, { "export" }, { "recommend", "C001" },
      { "import", "rules/samples/customers.csv" } } do
      words[#words + 1], words[#words + 2] = "--db", path
      local code, out, err = run(table.unpack(words))
      assert.same({ 3, "" }, { code, out }, words[1])
      assert.equal(("offerengine %s: store: '%s' is not a database of offerengine\n"):format(words[1], path), err)
    end
    local _, beside = shell.run_line("ls -A " .. shell.quote(folder))
    assert.equal("notes.txt\n", beside)
    shell.remove(folder)
  end)
end)

describe("offerengine products", function()
  it("lists every product", function()
    local code, out = run("products")
    assert.equal(0, code)
    assert.matches("premium_credit_card", out, 1, true)
    local _, json = run("products", "--json")
    local answer = core.decode_json(json)
    assert.equal(answer.total, #answer.products)
    assert.matches('^{"products":%[{"id":"', json)
  end)
end)

describe("offerengine recommend and explain", function()
  it("show offers as a table, best first", function()
    local code, out, err = run("recommend", "C001", "--at", "2026-11-22")
    assert.equal(0, code)
    assert.equal("", err)
    assert.matches("^C001: %d+ offers?, ruleset %x+\n", out)
    assert.matches("#", out, 1, true)
  end)

  it("give for --json the bytes of the module, for an id, a file and standard input", function()
    local offerengine = require "offerengine"
    local ruleset = assert(offerengine.load(shell.source .. "/rules"))
    local folder = shell.folder()
    local _, customers = run("customers", "--json", "--limit", "1")
    local first = core.decode_json(customers).customers[1]
    local profile = assert(ruleset:profile(first)):json()
    shell.write(folder .. "/one.json", profile)
    for command, method in pairs { recommend = "decide_json", explain = "explain_json" } do
      local bytes = ruleset[method](ruleset, first, { at = "2026-11-22" })
      local ways = {
        { command, first.customer_id, "--at", "2026-11-22", "--json" },
        { command, "--in", folder .. "/one.json", "--at", "2026-11-22", "--json" },
        { command, "--in", "-", "--at", "2026-11-22", "--json", { input = profile } },
      }
      for _, words in ipairs(ways) do
        local code, out, err = run(table.unpack(words))
        assert.equal("", err)
        assert.equal(0, code)
        assert.equal(bytes, out)
      end
    end
    shell.remove(folder)
  end)

  it("say so when there is no such customer", function()
    for _, command in ipairs { "recommend", "explain" } do
      local code, out, err = run(command, "C999")
      assert.equal(1, code)
      assert.equal("", out)
      assert.matches("customer 'C999' not found", err, 1, true)
    end
  end)

  it("name every fault of a profile and never its values", function()
    local code, out, err = run("recommend", "--in", "-",
      { input = '{"customer_id":"X","age":-77,"income":"secret","existing_products":[]}' })
    assert.equal(1, code)
    assert.equal("", out)
    for _, member in ipairs { "age", "income", "credit_score", "avg_account_balance" } do
      assert.matches(member, err, 1, true)
    end
    assert.is_nil(err:find("77", 1, true))
    assert.is_nil(err:find("secret", 1, true))
  end)

  it("tell where JSON is malformed", function()
    local code, _, err = run("recommend", "--in", "-", { input = "{" })
    assert.equal(1, code)
    assert.matches("byte 1", err, 1, true)
  end)

  it("explain every product, or the one asked for", function()
    local code, out, err = run("explain", "C001", "--at", "2026-11-22")
    assert.equal("", err)
    assert.equal(0, code)
    assert.matches("Premium Credit Card", out, 1, true)
    assert.matches("rules/", out, 1, true)
    local _, one = run("explain", "C001", "--product", "home_loan", "--at", "2026-11-22")
    assert.matches("Home Loan", one, 1, true)
    assert.is_nil(one:find("Premium Credit Card", 1, true))
    local wrong, _, message = run("explain", "C001", "--product", "home_laon")
    assert.equal(2, wrong)
    assert.matches("did you mean 'home_loan'?", message, 1, true)
  end)
end)

describe("offerengine customers", function()
  it("lists the samples in order, in parts if wanted", function()
    local _, out = run("customers", "--json")
    local all = core.decode_json(out)
    assert.equal(all.total, #all.customers)
    local _, part = run("customers", "--json", "--limit", "2", "--after", all.customers[2].customer_id)
    local some = core.decode_json(part).customers
    assert.same({ all.customers[3], all.customers[4] }, some)
    local code, text = run("customers", "--limit", "2")
    assert.equal(0, code)
    assert.matches(("2 of %d"):format(all.total), text, 1, true)
  end)
end)
