-- readme_spec.lua: what rules/README.md shows is what the language takes.

local rule_folder = require "rule_folder"
local loader = require "offerengine.loader"

local TOP = (os.getenv("OE_SOURCE") or ".") .. "/rules"

local function read_readme()
  local file <close> = assert(io.open(TOP .. "/README.md"))
  return file:read("a")
end

-- The README declares again what the sample rules declare; that alone is no fault of an example.
local EXPECTED = { E051 = true }

local function assert_taken(snippet)
  local files = rule_folder.read(TOP)
  local is_settings = snippet:find("settings {", 1, true)
  if is_settings then
    files["schema.lua"] = files["schema.lua"]:gsub("settings %b{}", "")
  end
  files["z.lua"] = snippet
  local _, findings = rule_folder.load(files)
  local wrong = {}
  for _, finding in ipairs(findings) do
    if not EXPECTED[finding.code] then
      wrong[#wrong + 1] = finding
    end
  end
  assert.equal("", rule_folder.show(wrong), snippet)
end

local blocks = {}
for title, block in read_readme():gmatch("\n##+ ([^\n]+)\n+```lua\n(.-)```") do
  blocks[title] = block
end

describe("rules/README.md", function()
  it("shows statements that the language takes", function()
    local count = 0
    for title, block in pairs(blocks) do
      if block:find("^%-%-") or block:find("^%l+ *[\"{]") or block:find("^threshold") then
        if not title:find("^Curves") and not title:find("^Conditions") then
          assert_taken(block)
          count = count + 1
        end
      end
    end
    assert.is_true(count >= 8, count .. " blocks")
  end)

  it("shows functions that say what it says of them", function()
    local files = rule_folder.read(TOP)
    files["z.lua"] = blocks["Functions: conditions that compare one value with another"]
    local ruleset, findings = rule_folder.load(files)
    assert.is_truthy(ruleset, rule_folder.show(findings))
    local function decide(spend, products)
      local answer = ruleset:decide { customer_id = "C1", age = 40, income = 60000, credit_score = 800,
        avg_account_balance = 8000, monthly_spend = spend, existing_products = products or {} }
      local loans = 0
      for _, offer in ipairs(answer.recommended_products) do
        loans = loans + (offer.category == "loan" and 1 or 0)
      end
      return (" " .. table.concat(answer.segments, " ") .. " "):find(" living_beyond ", 1, true) ~= nil, loans > 0
    end
    assert.same({ false, true }, { decide(nil) })
    assert.same({ false, true }, { decide(4000) })
    assert.same({ false, false }, { decide(4001) })
    assert.same({ false, true }, { decide(4001, { "fixed_deposit" }) })
    assert.same({ true, false }, { decide(5001) })
  end)

  it("shows functions as curves and messages that say what it says of them", function()
    local files = rule_folder.read(TOP)
    files["z.lua"] = blocks["Functions as curves and messages"]
    local ruleset, findings = rule_folder.load(files)
    assert.is_truthy(ruleset, rule_folder.show(findings))
    local function decide(income, balance)
      local answer = ruleset:explain({ customer_id = "C1", age = 40, income = income, credit_score = 800,
        avg_account_balance = balance, existing_products = {} }, nil, "nest_egg")
      local message
      for _, offer in ipairs(ruleset:decide({ customer_id = "C1", age = 40, income = income, credit_score = 800,
        avg_account_balance = balance, existing_products = {} }).recommended_products) do
        message = offer.product_id == "nest_egg" and offer.message or message
      end
      for _, given in ipairs(answer.products[1].contributions) do
        if given.attribute == "income" then
          return given.subscore, message
        end
      end
    end
    assert.same({ 1.0, "Your savings last 25 months." }, { decide(50000, 25000) })
    assert.same({ 1.0 }, { decide(900000, 2999) })
    assert.same({ 0.75, "Your savings last 25 months." }, { decide(49999, 25000) })
    assert.same({ 0.5 }, { decide(25000, 2000) })
    assert.same({ 0.25 }, { decide(12500, 2000) })
    assert.same({ 0.0 }, { decide(12499, 2000) })
  end)

  it("shows curves that the language takes", function()
    local count = 0
    for line in blocks["Curves: how a value becomes a share from 0 to 1"]:gmatch("[^\n]+") do
      assert_taken('product "x" { name = "X", category = "savings", min_income = 1,\n ' .. line .. "\n }")
      count = count + 1
    end
    assert.equal(4, count)
  end)

  it("shows messages that the language takes, and what becomes of them", function()
    local count = 0
    for line in blocks["Messages: a sentence with the customer's own values"]:gmatch("[^\n]+") do
      local statement, shown = line:match("^(.-) +%-%- (.-)[ .]*$")
      local product = 'product "x" { name = "X", category = "insurance", min_income = 1,\n ' .. statement .. "\n }"
      assert_taken(product)
      local files = rule_folder.read(TOP)
      files["z.lua"] = product
      local offers = assert(assert(rule_folder.load(files)):decide { customer_id = "C001", age = 35, income = 95000,
        existing_products = {}, credit_score = 735, avg_account_balance = 28000, savings_rate = 0.125,
        monthly_spend = 1200.5 }).recommended_products
      for _, offer in ipairs(offers) do
        if offer.product_id == "x" then
          local said = offer.message:gsub("[%d.]+ points", "84.6 points")
          assert.equal(shown, said:sub(1, #shown))
          count = count + 1
        end
      end
    end
    assert.equal(3, count)
  end)

  it("shows conditions that the language takes", function()
    local count = 0
    for line in blocks["Conditions"]:gmatch("[^\n]+") do
      for condition in line:gsub("%s+%-%-.*", ""):gsub("  +", "\n"):gmatch("[^\n]+") do
        assert_taken('segment "x" { when = ' .. condition .. " }")
        count = count + 1
      end
    end
    assert.is_true(count >= 9, count .. " conditions")
  end)

  it("names every reason code that a refusal can carry, and the interface description does as well", function()
    local function codes_in(path, pattern)
      local file <close> = assert(io.open(TOP .. "/../" .. path))
      local found = {}
      for code in assert(file:read("a"):match(pattern)):gmatch("[`\"]([%l_]+)[`\"]") do
        found[code] = true
      end
      return found
    end
    local real = codes_in("core/engine/ruleset.c", "\nconst char %*oe_cause_name.-};")
    assert.is_true(real.already_owned)
    local shown = codes_in("rules/README.md", "\n| 1 |.-\n\n")
    for _, word in ipairs { "requires", "when", "exclude" } do
      shown[word] = nil
    end
    assert.same(real, shown)
    assert.same(real, codes_in("server/docs/explanation_schema.lua", "\nlocal CODES = {.-}"))
  end)

  it("shows an error as it is", function()
    local shown = read_readme():match("\n```\n(rules/products/credit%.lua:.-)\n```")
    local files = rule_folder.read(TOP)
    local changed
    files["products/credit.lua"], changed = files["products/credit.lua"]:gsub("min_income = 75000", "min_incme = 75000")
    assert.equal(1, changed)
    local _, findings = rule_folder.load(files)
    assert.equal(shown, loader.format(findings[1], "rules"))
  end)
end)
