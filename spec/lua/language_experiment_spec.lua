-- language_experiment_spec.lua: experiments and the holdout in rule files: what is wrong is told with its line, who is
-- in which arm, and what the arms change.

local rule_folder = require "rule_folder"
local tests = require "offerengine.tests"

local TOP = (os.getenv("OE_SOURCE") or ".") .. "/rules"

local function load_with(text, further)
  local files = rule_folder.read(TOP)
  files["z.lua"] = text
  for path, more in pairs(further or {}) do
    files[path] = more
  end
  return rule_folder.load(files)
end

local function person(id)
  return { customer_id = id, age = 40, income = 95000, existing_products = {}, credit_score = 735,
    avg_account_balance = 20000 }
end

-- The arm of an experiment in an answer; nil: none.
local function arm_in(answer, experiment)
  for _, given in ipairs(answer.experiments) do
    if given.experiment == experiment then
      return given.arm
    end
  end
end

local function offers(answer, product)
  for _, offer in ipairs(answer.recommended_products) do
    if offer.product_id == product then
      return offer
    end
  end
end

-- The answers of 300 customers.
local function decide_all(ruleset, options)
  local answers = {}
  for i = 1, 300 do
    answers[i] = assert(ruleset:decide(person("C" .. i), options))
  end
  return answers
end

local CARD = [[
experiment "card_message" {
  arms = { control = 45, bold = 45 },
  holdout = 10, product = "gold_loan", from = "2026-02-01", ["until"] = "2026-02-28",
}
]]
local DURING = { at = "2026-02-10" }

describe("an experiment", function()
  local wrong = {
    { 'experiment "x" { arms = { control = 100 } }', 1, "E008",
      "control of arms of experiment \"x\" must lie between 1 and 99, not 100" },
    { 'experiment "x" {\n arms = { control = 50 } }', 2, "E008",
      'experiment "x" has one arm only; it needs another to compare with' },
    { 'experiment "x" { holdout = 10,\n arms = { control = 50, bold = 50 } }', 2, "E008",
      'arms and holdout of experiment "x" add up to 110 percent, not 100' },
    { 'experiment "x" { arms = { control = 50,\n holdout = 50 } }', 2, "E009",
      'arms of experiment "x": holdout is a key of the experiment, beside arms' },
    { 'experiment "x" { arms = {\n control = 12.5, bold = 88 } }', 2, "E008",
      'control of arms of experiment "x" must be a whole number of percent, not 12.5' },
    { 'experiment "x" { arms = { control = 50,\n ["so bold"] = 50 } }', 2, "E027" },
    { 'experiment "x" { arms = { control = 50,\n 50 } }', 2, "E004" },
    { 'experiment "x" { arms = 2 }', 1, "E004" },
    { CARD .. 'exclude "y" { product = "gold_loan",\n when = { card_message = "bald" } }', 6, "E008", nil, "bold" },
  }
  for _, case in ipairs(wrong) do
    it("is refused when it reads " .. case[1]:gsub("\n", ""), function()
      local ruleset, findings = load_with(case[1])
      assert.is_nil(ruleset)
      assert.equal(1, #findings, rule_folder.show(findings))
      local found = findings[1]
      assert.same({ "z.lua", case[2], case[3], case[5] }, { found.file, found.line, found.code, found.suggestion })
      assert.equal(case[4] or found.message, found.message)
    end)
  end

  it("tells an arm that nobody is in, in files before it as well", function()
    local ruleset, findings = load_with(CARD,
      { ["a.lua"] = 'exclude "y" { product = "gold_loan", when = { card_message = "bald" } }' })
    assert.is_nil(ruleset)
    assert.equal(1, #findings, rule_folder.show(findings))
    local found = findings[1]
    assert.same({ "a.lua", 1, "E105", "bold", 'attribute "card_message" is never "bald"' },
      { found.file, found.line, found.code, found.suggestion, found.message })
  end)

  it("puts each customer into one arm, the same in every answer", function()
    local ruleset = assert(load_with(CARD))
    local counts = { control = 0, bold = 0, holdout = 0 }
    for i, answer in ipairs(decide_all(ruleset, DURING)) do
      local arm = arm_in(answer, "card_message")
      counts[arm] = counts[arm] + 1
      assert.equal(arm, arm_in(assert(ruleset:explain(person("C" .. i), DURING, "gold_loan")), "card_message"))
    end
    assert.is_true(counts.control > 100 and counts.bold > 100 and counts.holdout > 10)
  end)

  it("offers the holdout nothing of it, and says why", function()
    local ruleset = assert(load_with(CARD))
    local plain = decide_all(assert(load_with ""), DURING)
    for i, answer in ipairs(decide_all(ruleset, DURING)) do
      local held = arm_in(answer, "card_message") == "holdout"
      assert.is_truthy(offers(plain[i], "gold_loan"))
      assert.equal(not held, offers(answer, "gold_loan") ~= nil)
      if held then
        local why = assert(ruleset:explain(person("C" .. i), DURING, "gold_loan")).products[1].failures[1]
        assert.same({ "excluded", "card_message.holdout", "z.lua", 3, "Held out of experiment card_message" },
          { why.code, why.rule, why.file, why.line, why.text })
      end
    end
  end)

  it("decides outside of its days as if it were not there", function()
    local ruleset, plain = assert(load_with(CARD)), assert(load_with "")
    for _, at in ipairs { "2026-01-31T23:59", "2026-03-01" } do
      for i, answer in ipairs(decide_all(ruleset, { at = at })) do
        assert.same({}, answer.experiments)
        answer.experiments = nil
        local expected = assert(plain:decide(person("C" .. i), { at = at }))
        answer.ruleset, expected.ruleset = nil, nil
        assert.same(expected, answer)
      end
    end
  end)

  it("switches products off for an arm", function()
    local ruleset = assert(load_with [[
experiment "shorter" { arms = { control = 50, short = 50 }, off = { short = { "gold_loan" } } }]])
    for _, answer in ipairs(decide_all(ruleset)) do
      assert.equal(arm_in(answer, "shorter") == "control", offers(answer, "gold_loan") ~= nil)
    end
  end)

  it("is asked for by conditions and functions", function()
    local ruleset = assert(load_with(CARD .. [[
adjust "bolder" { product = "gold_loan", when = { card_message = "bold" }, points = -7 }
adjust "plainer" { product = "basic_investment", points = -7,
  when = function(c) return c.card_message == "control" end }]]))
    local plain = assert(load_with ""):decide(person "C1", DURING)
    local loan = offers(plain, "gold_loan").confidence_score
    local investment = offers(plain, "basic_investment").confidence_score
    for _, answer in ipairs(decide_all(ruleset, DURING)) do
      local arm = arm_in(answer, "card_message")
      if arm ~= "holdout" then
        assert.near(loan - (arm == "bold" and 7 or 0), offers(answer, "gold_loan").confidence_score, 1e-9)
      end
      assert.near(investment - (arm == "control" and 7 or 0),
        offers(answer, "basic_investment").confidence_score, 1e-9)
    end
  end)

  local function arms_of(text)
    local arms = {}
    for i, answer in ipairs(decide_all(assert(load_with(text)))) do
      arms[i] = arm_in(answer, "x")
    end
    return table.concat(arms, " ")
  end

  it("draws by its salt, not by the order or the place of its arms", function()
    local first = arms_of 'experiment "x" { arms = { control = 50, bold = 50 } }'
    assert.equal(first, arms_of '\n\nexperiment "x" { arms = {\n bold = 50, control = 50 } }')
    assert.equal(first, arms_of 'experiment "x" { salt = "x", arms = { control = 50, bold = 50 } }')
    assert.not_equal(first, arms_of 'experiment "x" { salt = "y", arms = { control = 50, bold = 50 } }')
  end)

  it("cannot be chosen by who asks", function()
    local ruleset = assert(load_with(CARD))
    local free = assert(ruleset:decide_json(person "C1", DURING))
    for _, arm in ipairs { "control", "bold", "holdout" } do
      local chosen = person "C1"
      chosen.card_message = arm
      assert.equal(free, (ruleset:decide_json(chosen, DURING)))
    end
  end)

  describe("in a test", function()
    local ruleset

    setup(function()
      ruleset = assert(load_with(CARD))
    end)

    local function problems_of(values, at)
      local customer = person(nil)
      for key, value in pairs(values) do
        customer[key] = value
      end
      local case = { title = "t", customer = customer, at = at or DURING.at, offered = { "gold_loan" } }
      return table.concat(tests.run(ruleset, { case })[1].problems, "\n")
    end

    it("puts a customer into the arm that is asked for", function()
      assert.equal("", problems_of { card_message = "bold" })
      assert.equal("", problems_of { card_message = "control" })
      assert.matches("^offered: expected gold_loan, got excluded", problems_of { card_message = "holdout" })
    end)

    it("tells an arm that nobody is in, and one that is asked for with an id", function()
      assert.equal("nobody is in arm bald of card_message then", problems_of { card_message = "bald" })
      assert.equal("nobody is in arm bold of card_message then", problems_of({ card_message = "bold" }, "2026-03-01"))
      assert.equal("a test says the arms of experiments or a customer_id, not both",
        problems_of { card_message = "bold", customer_id = "C1" })
    end)
  end)

  it("adds nothing to answers of rules without one", function()
    assert.is_nil(assert(load_with ""):decide_json(person "C1", DURING):find("experiments", 1, true))
  end)
end)

describe("the holdout of all customers", function()
  it("refuses nothing by itself, and rules ask for it", function()
    local plain, asking = assert(load_with "holdout { percent = 20 }"), assert(load_with [[
holdout { percent = 20 }
exclude "untouched" { when = { held_out = true }, reason = "Held out to measure by" }]])
    local held = 0
    for i, answer in ipairs(decide_all(asking)) do
      local derived = plain:derived(person("C" .. i)).held_out == 1
      assert.equal(derived, #answer.recommended_products == 0)
      assert.is_true(#assert(plain:decide(person("C" .. i))).recommended_products > 0)
      held = held + (derived and 1 or 0)
    end
    assert.is_true(held > 30 and held < 90, held .. " of 300")
  end)
end)
