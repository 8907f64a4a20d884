-- test_command_spec.lua: `offerengine test`: what it prints, what it signs, how it ends.

local core = require "offerengine.core"
local rule_folder = require "rule_folder"
local shell = require "spec.lua.shell"

local RULES = {
  ["schema.lua"] = [[
attribute "age" { type = "integer", range = { 0, 130 }, protected = true }
attribute "income" { type = "money", range = { 0, nil } }
attribute "credit_score" { type = "integer", range = { 300, 850 }, nullable = true }
attribute "tenure_months" { type = "integer", range = { 0, 1200 }, optional = true }
attribute "owned" { type = "product_set" }
category "credit" { regulated = "credit" }
scoring { income = { weight = 60, ideal = 100000 }, credit_score = { weight = 40, ideal = 800 } }
]],
  ["cards.lua"] = [[
product "business_loan" { name = "Business Loan", category = "credit", min_income = 80000, min_credit_score = 680 }
product "credit_card" { name = "Credit Card", category = "credit", min_credit_score = 620, min_age = 18 }
]],
}

local GOOD = [[
test "a good score opens the card" {
  customer = { age = 30, income = 60000, credit_score = 700, owned = {} },
  offered = "credit_card",
}
]]

describe("offerengine test", function()
  local top
  before_each(function()
    local files = { ["tests/cards.lua"] = GOOD }
    for path, text in pairs(RULES) do
      files[path] = text
    end
    top = rule_folder.write(files)
  end)
  after_each(function()
    rule_folder.remove(top)
  end)

  it("says that all is well", function()
    local code, out, err = shell.run("test", top)
    assert.same({ 0, ("%s: 1 test, 0 failed; 0 signed cases, 0 changed\n"):format(top), "" }, { code, out, err })
  end)

  it("names file and line of a test that fails, and ends with 1", function()
    shell.write(top .. "/tests/cards.lua", "\n" .. GOOD:gsub("700", "600"))
    local code, out = shell.run("test", top)
    assert.equal(1, code)
    assert.matches(top .. '/tests/cards.lua:2: error[E120]: test "a good score opens the card": offered: expected '
      .. "credit_card, got ", out, 1, true)
    assert.matches("1 test, 1 failed", out, 1, true)
  end)

  it("gives the same as JSON", function()
    shell.write(top .. "/tests/cards.lua", GOOD:gsub("700", "600"))
    local code, out = shell.run("test", top, "--json")
    local said = core.decode_json(out)
    assert.same({ 1, false, 1, 0 }, { code, said.ok, said.tests, said.signed })
    assert.same({ "E120", "tests/cards.lua", 1 }, { said.findings[1].code, said.findings[1].file,
      said.findings[1].line })
  end)

  it("signs, then notices a number that changed, and forgets it when it is signed anew", function()
    local _, _, err = shell.run("test", top, "--sign")
    assert.equal("standard input is no terminal: sign with --yes", err:match "test: ([^\n]*)")
    local code, out = shell.run("test", top, "--sign", "--yes")
    assert.equal(0, code)
    local count = assert(out:match "\n(%d+) cases signed in ")
    assert.matches("just below: income 79999.99", shell.read(top .. "/tests/signed.csv"), 1, true)
    code, out = shell.run("test", top)
    assert.same({ 0, ("%s: 1 test, 0 failed; %s signed cases, 0 changed\n"):format(top, count) }, { code, out })

    local path = top .. "/cards.lua"
    local text = shell.read(path)
    shell.write(path, (text:gsub("80000", "80001")))
    code, out = shell.run("test", top)
    assert.equal(1, code)
    assert.matches("/tests/signed.csv:%d+: error%[E121%]: product business_loan of cards.lua:1 " ..
      ".- %(at: income 80000%): signed offered %S*, now below_minimum; if that is meant, sign it", out)
    assert.equal(0, (shell.run("test", top, "--sign", "--yes")))
    assert.equal(0, (shell.run("test", top)))
    shell.write(path, text)
    assert.equal(1, (shell.run("test", top)))
  end)

  it("shows a condition that no case has seen from both sides, and not one that was", function()
    shell.write(top .. "/planted.lua", [[
exclude "never" { category = "credit", when = { tenure_months = at_least(1190) }, reason = "Too loyal" }
]])
    shell.write(top .. "/tests/cards.lua", GOOD:gsub("owned", "tenure_months = 12, owned"))
    local code, out = shell.run("test", top, "--coverage")
    assert.equal(0, code)
    assert.matches(top .. "/planted.lua:1 +always failed +tenure_months >= 1190", out)
    shell.write(top .. "/tests/loyal.lua", GOOD:gsub("owned", "tenure_months = 1190, owned")
      :gsub('offered = "credit_card"', 'refused = { credit_card = "excluded" }'))
    local _, both = shell.run("test", top, "--coverage")
    assert.is_nil(both:find("planted.lua", 1, true))
  end)

  it("ends with 1 and the finding when rules or tests are wrong in themselves, with 3 without a folder", function()
    shell.write(top .. "/tests/cards.lua", 'test "x" {')
    local code, out = shell.run("test", top)
    assert.equal(1, code)
    assert.matches("/tests/cards.lua:1: error[E001]", out, 1, true)
    shell.write(top .. "/z.lua", 'prodct "x" {}')
    local _, _, err = shell.run("test", top)
    assert.matches('/z.lua:1: error[E002]: unknown word "prodct"', err, 1, true)
    assert.equal(3, (shell.run("test", top .. "/nowhere")))
  end)
end)
