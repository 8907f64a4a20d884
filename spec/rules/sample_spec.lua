-- sample_spec.lua: the rules that ship: complete, sound, and as the documentation describes them.

local rule_folder = require "rule_folder"
local loader = require "offerengine.loader"

local TOP = (os.getenv("OE_SOURCE") or ".") .. "/rules"

local function lines_of(path)
  local lines = {}
  for line in io.lines(TOP .. "/" .. path) do
    lines[#lines + 1] = line
  end
  return lines
end

local function split(line)
  local cells = {}
  for cell in (line .. ","):gmatch("([^,]*),") do
    cells[#cells + 1] = cell
  end
  return cells
end

-- What the rule files declare, by word: ids in order of files and lines.
local function declared(word)
  local ids = {}
  for _, text in pairs(rule_folder.read(TOP)) do
    for id in ("\n" .. text):gmatch("\n" .. word .. "%s+\"([^\"]+)\"") do
      ids[id] = true
    end
  end
  return ids
end

describe("the sample rules", function()
  it("load without a finding", function()
    local ruleset, findings = loader.load(TOP)
    assert.equal("", rule_folder.show(ruleset and findings or {}))
    assert.is_truthy(ruleset)
  end)

  it("hold the fifteen products, nine categories and five segments", function()
    local PRODUCTS = { "premium_credit_card", "credit_card", "secured_credit_card", "personal_loan", "home_loan",
      "gold_loan", "business_loan", "savings_account", "debit_card", "basic_investment", "investment_account",
      "wealth_management", "retirement_account", "fixed_deposit", "life_insurance" }
    local expected = {}
    for _, id in ipairs(PRODUCTS) do
      expected[id] = true
    end
    assert.same(expected, declared "product")
    local CATEGORIES = { credit = true, loan = true, commercial_loan = true, investment = true, retirement = true,
      savings = true, deposit = true, insurance = true, account = true }
    assert.same(CATEGORIES, declared "category")
    assert.same({ young_professionals = true, affluent = true, retirement_planners = true, credit_builders = true,
      new_to_bank = true }, declared "segment")
  end)

  it("keep every file within 150 lines", function()
    for path in pairs(rule_folder.read(TOP)) do
      assert.is_true(#lines_of(path) <= 150, path)
    end
  end)

  it("load without the business loan as well, and with it in a file of the plainest keys", function()
    local files = rule_folder.read(TOP)
    files["products/commercial.lua"] = nil
    local ruleset, findings = rule_folder.load(files)
    assert.equal("", rule_folder.show(findings))
    assert.is_truthy(ruleset)
    files["products/business.lua"] = [[
product "business_loan" {
  name = "Business Expansion Loan", min_income = 80000, min_credit_score = 680, min_age = 25,
  reason = "Strong income and credit score", category = "commercial_loan",
}]]
    ruleset, findings = rule_folder.load(files)
    assert.equal("", rule_folder.show(findings))
    assert.is_truthy(ruleset)
  end)

  it("refuse to grade age in regulated credit", function()
    local files = rule_folder.read(TOP)
    files["z.lua"] = 'adjust "young" { category = "credit", points = 5,\n when = { age = below(30) } }\n' ..
      'product "x" { name = "X", category = "loan", min_income = 1,\n curve = { age = ramp(70, 18) } }'
    local ruleset, findings = rule_folder.load(files)
    assert.is_nil(ruleset)
    local places = {}
    for _, finding in ipairs(findings) do
      places[#places + 1] = finding.file .. ":" .. finding.line .. " " .. finding.code
    end
    assert.same({ "z.lua:1 E072", "z.lua:4 E072" }, places)
  end)

  it("refuse a reason that names what is not scored", function()
    local files = rule_folder.read(TOP)
    files["z.lua"] = 'product "x" { name = "X", category = "savings", min_age = 18, reason = "A good credit score" }'
    local _, findings = rule_folder.load(files)
    assert.equal("E079", findings[1].code)
  end)
end)

describe("the sample customers", function()
  local rows = lines_of "samples/customers.csv"
  local names = split(rows[1])

  it("are at least 12, C001 on, with the six fields in their order first", function()
    assert.is_true(#rows > 12)
    assert.same({ "customer_id", "age", "income", "existing_products", "credit_score", "avg_account_balance" },
      { table.unpack(names, 1, 6) })
    for at = 2, #rows do
      assert.equal(("C%03d"):format(at - 1), split(rows[at])[1])
      assert.equal(#names, #split(rows[at]))
    end
  end)

  it("own nothing that the catalogue does not have, and have no column that the schema does not have", function()
    local products, attributes = declared "product", declared "attribute"
    for at = 2, #names do
      assert.is_true(attributes[names[at]], names[at])
    end
    for at = 2, #rows do
      for id in split(rows[at])[4]:gmatch("[^|]+") do
        assert.is_true(products[id], id)
      end
    end
  end)

  it("include a score that is not on file, an overdraft and somebody who owns nothing", function()
    local seen = {}
    for at = 2, #rows do
      local cells = split(rows[at])
      seen.no_score = seen.no_score or cells[5] == ""
      seen.overdraft = seen.overdraft or tonumber(cells[6]) < 0
      seen.owns_nothing = seen.owns_nothing or cells[4] == ""
    end
    assert.same({ no_score = true, overdraft = true, owns_nothing = true }, seen)
  end)
end)

describe("the SCF excerpt", function()
  it("is about 60 households without a credit score, and its map leads to products of the catalogue", function()
    local rows = lines_of "samples/scf-2019-excerpt.csv"
    assert.is_true(#rows > 50)
    for at = 2, #rows do
      assert.equal("", split(rows[at])[5])
    end
    local products = declared "product"
    local map = lines_of "samples/scf-2019.map.csv"
    assert.is_true(#map > 8)
    for at = 2, #map do
      assert.is_true(products[split(map[at])[2]], map[at])
    end
  end)
end)
