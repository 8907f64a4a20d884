-- tests_spec.lua: what test files say is compared with what is decided, and every difference is told in words.

local rule_folder = require "rule_folder"
local loader = require "offerengine.loader"
local offerengine = require "offerengine"
local tests = require "offerengine.tests"

local TOP = (os.getenv("OE_SOURCE") or ".") .. "/rules"

local CUSTOMER = "customer = { age = 30, income = 60000, credit_score = 700, avg_account_balance = 8000, "
  .. "existing_products = { \"debit_card\" } }"

-- The problems of the only test, and the findings in the file.
local function judge(text)
  local files = rule_folder.read(TOP)
  files["tests/a.lua"] = text
  local top = rule_folder.write(files)
  local judged = assert(tests.judge(top, assert(loader.load(top))))
  rule_folder.remove(top)
  return judged.results[1] and judged.results[1].problems, judged.findings, judged
end

describe("a test file", function()
  local cases = {
    { 'offered = "credit_card"' },
    { 'offered = { "credit_card", "savings_account" }' },
    { 'offered = "premium_credit_card"',
      "^offered: expected premium_credit_card, got below_minimum %(income is 60000, needed is 75000%); offered are .*, "
        .. "credit_card" },
    { 'refused = { premium_credit_card = "below_minimum" }' },
    { 'refused = { premium_credit_card = "already_owned" }',
      "^refused: expected already_owned for premium_credit_card, got below_minimum$" },
    { 'refused = { credit_card = "below_minimum" }',
      "^refused: expected below_minimum for credit_card, got an offer$" },
    { 'refused = { debit_card = "already_owned" }' },
    { "score = { credit_card = SCORE }" },
    { "score = { credit_card = 12.3 }", "^score: expected 12%.3 for credit_card, got %d+%.%d$" },
    { "score = { debit_card = 50 }", "^score: expected 50%.0 for debit_card, got none: already_owned$" },
    { "segments = { SEGMENTS }" },
    { "segments = {}", "^segments: expected nothing, got young_professionals$" },
    { "offers = {}", "^offers: expected nothing, got .*credit_card" },
    { 'offered = "credit_crad"', '^unknown product "credit_crad"; did you mean "credit_card"%?$' },
    { 'segments = { "young_professional" }',
      '^unknown segment "young_professional"; did you mean "young_professionals"%?$' },
  }

  local known = assert(loader.load(TOP)):explain({ customer_id = "x", age = 30, income = 60000, credit_score = 700,
    avg_account_balance = 8000, existing_products = { "debit_card" } }, nil, "credit_card").products[1]

  for _, case in ipairs(cases) do
    it(("that says %s %s"):format(case[1], case[2] and "is told what differs" or "holds"), function()
      local line = case[1]:gsub("SCORE", known.confidence_score):gsub("SEGMENTS", '"young_professionals"')
      local problems, findings = judge(('test "it" { %s, %s }'):format(CUSTOMER, line))
      assert.equal("", rule_folder.show(findings))
      assert.equal(case[2] and 1 or 0, #problems, table.concat(problems, "\n"))
      if case[2] then
        assert.matches(case[2], problems[1])
      end
    end)
  end

  it("names an attribute that does not exist, and one that is missing", function()
    local problems = judge 'test "it" { customer = { age = 30, incme = 5, existing_products = {} }, offers = {} }'
    assert.same({ 'unknown attribute "incme"; did you mean "income"?',
      "profile: income: is missing; avg_account_balance: is missing" }, problems)
  end)

  it("decides at the time that it names", function()
    local files = rule_folder.read(TOP)
    files["z.lua"] = 'product "may_deal" { name = "May", category = "deposit", min_income = 1, until = "2026-05-31" }'
    for day, expected in pairs { ["2026-05-31"] = 0, ["2026-06-01"] = 1 } do
      files["tests/a.lua"] = ('test "it" { %s, at = "%s", offered = "may_deal" }'):format(CUSTOMER, day)
      local top = rule_folder.write(files)
      local judged = assert(tests.judge(top, assert(loader.load(top))))
      rule_folder.remove(top)
      assert.equal(expected, #judged.results[1].problems, day)
    end
  end)

  local broken = {
    { 'test "it" { offers = {} }', "E006", 1, 'test "it" has no customer' },
    { ('test "it" { %s }'):format(CUSTOMER), "E006", 1,
      'test "it" expects nothing; write offers, offered, refused, score or segments' },
    { ('test "it" {\n %s, offers = {},\n ofered = "credit_card" }'):format(CUSTOMER), "E003", 3 },
    { ('test "it" { %s, at = "2026-02-30", offers = {} }'):format(CUSTOMER), "E007", 1 },
    { ('test "it" { %s, score = { credit_card = "12" } }'):format(CUSTOMER), "E004", 1 },
    { 'test "it" { customer = { age = function() end }, offers = {} }', "E022", 1 },
    { "product \"x\" {}", "E002", 1, 'unknown word "product"' },
    { "while true do end", "E024", 1 },
    { "test \"it\"", "E006", 1 },
    { "x = 1", "E020", 1 },
    { "test {", "E001", 1 },
  }
  for _, case in ipairs(broken) do
    it(("that holds %s is refused with its line"):format((case[1]:gsub("%s+", " "):sub(1, 50))), function()
      local problems, findings = judge(case[1])
      assert.is_nil(problems)
      assert.equal(case[2], findings[1].code, rule_folder.show(findings))
      assert.equal("tests/a.lua", findings[1].file)
      assert.equal(case[3], findings[1].line)
      if case[4] then
        assert.equal(case[4], findings[1].message)
      end
    end)
  end

  it("does not change what the rules are called", function()
    local files = rule_folder.read(TOP)
    local plain = assert(rule_folder.load(files)):hash()
    files["tests/a.lua"] = ('test "it" { %s, offers = {} }'):format(CUSTOMER)
    assert.equal(plain, assert(rule_folder.load(files)):hash())
  end)
end)

describe("offerengine.test", function()
  local top
  setup(function()
    local files = rule_folder.read(TOP)
    files["tests/a.lua"] = ('test "one" { %s, offered = "credit_card" }\ntest "two" { %s, offers = {} }\n'):format(
      CUSTOMER, CUSTOMER)
    top = rule_folder.write(files)
  end)
  teardown(function() rule_folder.remove(top) end)

  it("tells of a folder what stands against its rules, or against others", function()
    local own = assert(offerengine.test(top))
    assert.same({ 2, 0, 0, 1, "E120", "tests/a.lua", 2 }, { #own.results, own.signed, #own.changed, #own.findings,
      own.findings[1].code, own.findings[1].file, own.findings[1].line })
    local harder = rule_folder.read(TOP)
    harder["z.lua"] = 'exclude "everybody" { reason = "Nothing for anybody", when = { age = at_least(0) } }'
    local changed = assert(offerengine.test(top, (assert(rule_folder.load(harder)))))
    assert.same({ 1, 1 }, { #changed.findings, changed.findings[1].line })
  end)

  it("gives what is wrong with rules that do not load", function()
    local broken = rule_folder.write { ["schema.lua"] = "attribut" }
    local tested, message, code, found = offerengine.test(broken)
    rule_folder.remove(broken)
    assert.same({ nil, "invalid", true, true }, { tested, code, type(message) == "string", #found > 0 })
  end)
end)
