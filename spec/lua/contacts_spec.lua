-- contacts_spec.lua: contact policies as an analyst and a developer meet them: in rule files, tests, the options of a
-- decision, the trace in the terminal and a diff.

local loader = require "offerengine.loader"
local offerengine = require "offerengine"
local report = require "offerengine.reports.diff"
local rule_folder = require "rule_folder"
local tests = require "offerengine.tests"
local waterfall = require "offerengine.cli.waterfall"

local TOP = (os.getenv("OE_SOURCE") or ".") .. "/rules"
local AT = "2026-11-22"
local CUSTOMER = { customer_id = "c", age = 30, income = 60000, credit_score = 700, avg_account_balance = 8000,
  existing_products = {} }

local function folder_with(policies, test)
  local files = rule_folder.read(TOP)
  files["z.lua"] = policies
  files["tests/z.lua"] = test
  return rule_folder.write(files)
end

local function rules_with(policies, base)
  local top = folder_with(policies)
  local ruleset = assert(loader.load(top, base and { ruleset = base }))
  rule_folder.remove(top)
  return ruleset
end

local function offered(ruleset, options)
  local ids = {}
  for i, offer in ipairs(assert(ruleset:decide(CUSTOMER, options)).recommended_products) do
    ids[i], ids[offer.product_id] = offer.product_id, true
  end
  return ids
end

local function failure_of(ruleset, options, product)
  local explained = assert(ruleset:explain(CUSTOMER, options, product)).products[1]
  return explained.failures[1], explained
end

describe("a decision with contacts", function()
  it("offers the best ones that a cap leaves", function()
    local ruleset = rules_with 'cap "three" { at_most = 3, per = "30 days" }'
    local all = offered(ruleset, { at = AT })
    assert.is_true(#all > 3)
    local some = offered(ruleset, { at = AT, contacts = {} })
    assert.same({ all[1], all[2], all[3] }, { some[1], some[2], some[3] })
    assert.equal(3, #some)
    local one = offered(ruleset, { at = AT, contacts = {
      { kind = "shown", product = all[1], at_ms = "2026-11-01" },
      { kind = "shown", product = all[2], at_ms = "2026-10-24" } } })
    assert.same({ all[1] }, { one[1] })
    assert.equal(1, #one)
  end)

  it("counts up to the edge of the window, and no further", function()
    local ruleset = rules_with 'cap "one" { product = "credit_card", at_most = 1, per = "30 days" }'
    for day, counts in pairs { ["2026-10-23"] = false, ["2026-10-23T00:00:01"] = true } do
      local contacts = { { kind = "shown", product = "credit_card", at_ms = day } }
      assert.equal(not counts, offered(ruleset, { at = AT, contacts = contacts }).credit_card or false, day)
    end
  end)

  it("respects a decline, a channel, a campaign and an opt-out", function()
    local ruleset = rules_with('cool_down "rest" { days = 90 }\n'
      .. 'cap "sms" { channel = "sms", campaign = { "spring", "autumn" }, at_most = 1, per = "7 days" }')
    local declined = { kind = "declined", product = "credit_card", at_ms = "2026-11-21" }
    local shown = { kind = "shown", product = "debit_card", at_ms = "2026-11-21", channel = "sms", campaign = "autumn" }
    local out = { kind = "opt_out", category = "credit" }
    assert.is_nil(offered(ruleset, { at = AT, contacts = { declined } }).credit_card)
    assert.is_true(offered(ruleset, { at = "2027-02-19", contacts = { declined } }).credit_card)
    assert.is_true(offered(ruleset, { at = AT, contacts = { shown } }).credit_card)
    assert.equal(0, #offered(ruleset, { at = AT, contacts = { shown }, channel = "sms", campaign = "spring" }))
    assert.is_nil(offered(ruleset, { at = AT, contacts = { out } }).credit_card)
    assert.equal("opted_out", failure_of(ruleset, { at = AT, contacts = { out } }, "credit_card").code)
  end)

  it("is quiet at night where the bank is", function()
    local files = rule_folder.read(TOP)
    files["schema.lua"] = files["schema.lua"]:gsub("settings %b{}", 'settings { utc_offset = "+05:30" }')
    files["z.lua"] = 'quiet "nights" { hours = { "21:00", "08:00" } }'
    local ruleset = assert(rule_folder.load(files))
    for time, quiet in pairs { ["15:29"] = false, ["15:30"] = true, ["02:29"] = true, ["02:30"] = false } do
      local options = { at = "2026-11-22T" .. time .. ":00Z", contacts = {} }
      assert.equal(quiet, #offered(ruleset, options) == 0, time)
    end
    local at_night = { at = "2026-11-22T16:00:00Z", contacts = {} }
    assert.equal("2026-11-23T02:30:00Z", failure_of(ruleset, at_night, "debit_card")["until"])
  end)

  it("is refused with what is no contact", function()
    local ruleset = rules_with ""
    local wrong = { { contacts = 5 }, { contacts = { 5 } }, { contacts = { { kind = "seen", product = "x" } } },
      { contacts = { { kind = "shown" } } }, { contacts = { { kind = "shown", product = "x", when = 1 } } },
      { contacts = { { kind = "shown", product = "x", at_ms = "soon" } } }, { channel = 5, contacts = {} } }
    for i, options in ipairs(wrong) do
      assert.is_false(pcall(ruleset.decide, ruleset, CUSTOMER, options), i)
    end
    assert.is_false(pcall(offerengine.diff, ruleset, ruleset, nil, { contacts = {} }))
  end)
end)

describe("the trace of a contact policy", function()
  local ruleset = rules_with '\ncap "cards" { category = "credit", at_most = 1, per = "30 days" }'
  local options = { at = AT, contacts = { { kind = "shown", product = "credit_card", at_ms = "2026-11-03" } } }

  it("names the rule, its line, and until when it holds", function()
    local failure, explained = failure_of(ruleset, options, "credit_card")
    assert.same({ stage = "contact_policy", code = "capped", rule = "cards", text = "at most 1 in 30 days",
      file = "z.lua", line = 2, ["until"] = "2026-12-03T00:00:00Z" }, failure)
    assert.same({ "capped" }, explained.reason_codes)
    assert.same({ possible = false, cause = "contact_policy" }, explained.smallest_change)
  end)

  it("reads well in the terminal", function()
    local text = waterfall.text(assert(ruleset:explain(CUSTOMER, options, "credit_card")), ruleset, "rules")
    assert.matches("not offered, contact policy: Credit Card", text)
    assert.matches("x capped until 2026%-12%-03: at most 1 in 30 days %(cards%)  rules/z%.lua:2\n", text)
    assert.matches("> no smallest change: how often or when customers may be contacted stands in the way\n", text)
  end)
end)

describe("a test of contact policies", function()
  local RULES = 'cap "cards" { category = "credit", channel = "sms", at_most = 1, per = "30 days" }'

  local function judge(contacts, expected)
    local top = folder_with(RULES, ([[test "it" { customer = { age = 30, income = 60000, credit_score = 700,
      avg_account_balance = 8000, existing_products = {} }, at = "2026-11-22", %s %s }]]):format(contacts, expected))
    local judged = assert(tests.judge(top, assert(loader.load(top))))
    rule_folder.remove(top)
    return judged.results[1] and judged.results[1].problems, judged.findings
  end

  local SHOWN = 'channel = "sms", contacts = { { shown = "credit_card", on = "2026-11-20", channel = "sms" } },'
  local cases = {
    { SHOWN, 'refused = { credit_card = "capped" }', 0 },
    { SHOWN, 'offered = "credit_card"', 1 },
    { SHOWN:gsub("sms", "web"), 'offered = "credit_card"', 0 },
    { "", 'offered = "credit_card"', 0 },
    { SHOWN:gsub("credit_card", "credit_crad"), 'offered = "credit_card"', 1 },
  }
  for i, case in ipairs(cases) do
    it("says what comes of it, case " .. i, function()
      local problems, findings = judge(case[1], case[2])
      assert.equal("", rule_folder.show(findings))
      assert.equal(case[3], #problems, table.concat(problems, "\n"))
    end)
  end

  local wrong = {
    ['contacts = "credit_card",'] = "^contacts of test \"it\" must be a table, not",
    ['contacts = { { on = "2026-11-20" } },'] = "has nothing that happened; write shown, declined or opt_out$",
    ['contacts = { { shown = "a", declined = "b" } },'] = "is either shown or declined$",
    ['contacts = { { shwn = "a" } },'] = "^unknown key \"shwn\" in item 1 of contacts of test",
    ['contacts = { { shown = "a", on = "yesterday" } },'] = "^on of item 1 of contacts of test \"it\" is no date",
    ["channel = 5,"] = "^channel of test \"it\" must be a text",
  }
  for text, message in pairs(wrong) do
    it("is refused when it reads " .. text, function()
      local _, findings = judge(text, 'offered = "credit_card"')
      assert.equal("error", findings[1] and findings[1].severity, text)
      assert.matches(message, findings[1].message)
    end)
  end
end)

describe("a diff of contact policies", function()
  local function compare(before, after)
    local base = rules_with(before)
    local new = rules_with(after, base)
    local population = offerengine.population(base)
    assert(population:add(CUSTOMER))
    local answer = assert(offerengine.diff(base, new, population, { at = AT }))
    local shown = report.report(answer, { ruleset = new }, { words = "before", ruleset = base }, {})
    return answer.edits, table.concat(shown.lines, "\n")
  end

  local ONE = 'cap "one" { at_most = 1, per = "30 days" }'
  local cases = {
    { ONE, 'cap "one" { at_most = 2, per = "30 days" }', "changed", "cap one" },
    { ONE, "", "removed", "cap one" },
    { "", 'cool_down "rest" { days = 9 }', "added", "cool_down rest" },
    { 'quiet "nights" { hours = { "21:00", "08:00" } }', 'quiet "nights" { hours = { "22:00", "08:00" } }', "changed",
      "quiet nights" },
  }
  for i, case in ipairs(cases) do
    it("names them, and says that none was counted, case " .. i, function()
      local edits, lines = compare(case[1], case[2])
      assert.equal(1, #edits)
      assert.equal(case[3], edits[1].change)
      assert.matches("^" .. case[4], edits[1].rule)
      assert.matches("counts on neither side", lines)
    end)
  end

  it("says nothing of it when no policy has changed", function()
    local edits, lines = compare(ONE, ONE .. '\nadjust "less" { product = "gold_loan", points = -50 }')
    assert.equal(1, #edits)
    assert.is_nil(lines:find("neither side", 1, true))
  end)
end)
