-- language_ladder_spec.lua: ladders in rule files: what is wrong is told with its line, and answers say how far a
-- customer is.

local rule_folder = require "rule_folder"

local TOP = (os.getenv("OE_SOURCE") or ".") .. "/rules"

local function load_with(text)
  local files = rule_folder.read(TOP)
  files["z.lua"] = text
  return rule_folder.load(files)
end

describe("a ladder", function()
  local wrong = {
    { 'ladder "x" {\n steps = {\n "savings_account",\n "fixd_deposit" } }', 4, "E011", 'unknown product "fixd_deposit"',
      "fixed_deposit" },
    { 'ladder "x" {\n steps = {\n "savings_account",\n "savings_account" } }', 4, "E094",
      'ladder "x": "savings_account" is a step of it already' },
    { 'ladder "x" {\n steps = { "savings_account" } }', 1, "E093", 'ladder "x": needs at least two steps' },
    { 'ladder "x" {\n steps = {} }', 1, "E093", 'ladder "x": needs at least two steps' },
    { 'ladder "x" { }', 1, "E006", 'ladder "x" has no steps' },
    { 'ladder "investor" {\n steps = { "debit_card", "savings_account" } }', 1, "E051" },
    { 'ladder "x" {\n step = {\n "debit_card", "savings_account" } }', 2, "E003", nil, "steps" },
    { 'ladder "x" {\n steps = "debit_card" }', 2, "E004" },
    { 'ladder "x" {\n steps = { "debit_card", first = "savings_account", "fixed_deposit" } }', 2, "E003" },
  }
  for _, case in ipairs(wrong) do
    it("is refused when it reads " .. case[1]:gsub("\n", ""), function()
      local ruleset, findings = load_with(case[1])
      assert.is_nil(ruleset)
      local found
      for _, finding in ipairs(findings) do
        if finding.code == case[3] then
          assert.is_nil(found, rule_folder.show(findings))
          found = finding
        end
      end
      assert.is_truthy(found, rule_folder.show(findings))
      assert.same({ "z.lua", case[2], case[5] }, { found.file, found.line, found.suggestion })
      assert.equal(case[4] or found.message, found.message)
    end)
  end

  it("tells in answer and explanation how far a customer is", function()
    local ruleset = assert(load_with 'ladder "saver" { steps = { "debit_card", "savings_account", "fixed_deposit" } }')
    local customer = { customer_id = "C1", age = 40, income = 95000, existing_products = { "savings_account" },
      credit_score = 735, avg_account_balance = 20000 }
    local expected = { { ladder = "investor", step = 1, of = 4, next = "basic_investment" },
      { ladder = "saver", step = 2, of = 3, next = "fixed_deposit" } }
    assert.same(expected, assert(ruleset:decide(customer)).ladders)
    assert.same(expected, assert(ruleset:explain(customer, nil, "gold_loan")).ladders)
    assert.same({ "debit_card", "savings_account", "fixed_deposit" }, ruleset:ladders()[2].steps)
  end)

  it("adds nothing to answers of rules without one", function()
    local files = rule_folder.read(TOP)
    files["policies.lua"] = files["policies.lua"]:gsub('ladder "investor" %b{}', "")
    local json = assert(rule_folder.load(files)):decide_json { customer_id = "C1", age = 40, income = 95000,
      existing_products = {}, credit_score = 735, avg_account_balance = 20000 }
    assert.is_truthy(json:find('"portfolio_gaps":[^%]]*%],"ruleset":'))
  end)
end)
