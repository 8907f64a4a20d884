-- readme_spec.lua: every example of rules/README.md is what the language takes, and does what is said beside it.

local loader = require "offerengine.loader"
local readme = require "spec.rules.readme"
local rule_folder = require "rule_folder"

local TOP = (os.getenv("OE_SOURCE") or ".") .. "/rules"

-- The sample rules with an example instead of what it declares anew.
local function files_with(rules)
  local files = rule_folder.read(TOP)
  local function drop(pattern)
    for path, text in pairs(files) do
      files[path] = ("\n" .. text):gsub("\n" .. pattern .. " *%b{}", "\n"):sub(2)
    end
  end
  for word in ("\n" .. rules):gmatch("\n(%l+) *%f[{]") do
    drop(word)
  end
  for word, id in rules:gmatch('(%l+) +"([%w_]+)" *{') do
    drop(word .. ' +"' .. id .. '"')
  end
  for path, text in rules:gmatch "%-%- (%S+%.lua) ends with: ([^\n]+)" do
    files[path] = text
  end
  files["z.lua"] = rules
  return files
end

local function load_example(example)
  local ruleset, findings = rule_folder.load(files_with(example.rules))
  assert.equal("", rule_folder.show(findings), example.rules)
  return ruleset
end

local AT = { at = "2026-02-01" }

local function person(values)
  local all = { customer_id = "C1", age = 40, income = 60000, credit_score = 750, avg_account_balance = 8000,
    existing_products = {} }
  for name, value in pairs(values or {}) do
    all[name] = value
  end
  return all
end

local function find(list, id)
  for _, item in ipairs(list) do
    if item.product_id == id then
      return item
    end
  end
end

-- One product of a person's explanation.
local function explain(ruleset, id, values, at)
  return assert(ruleset:explain(person(values), { at = at or AT.at }, id)).products[1]
end

-- The codes for which a product is refused, as a text; "" when it is offered.
local function refusal(ruleset, id, values, at)
  return table.concat(explain(ruleset, id, values, at).reason_codes or {}, " ")
end

local function share(product, dimension)
  for _, part in ipairs(product.contributions) do
    if part.dimension == dimension then
      return part.subscore
    end
  end
end

local function is_in(ruleset, segment, values)
  local segments = assert(ruleset:decide(person(values), AT)).segments
  return (" " .. table.concat(segments, " ") .. " "):find(" " .. segment .. " ", 1, true) ~= nil
end

describe("rules/README.md", function()
  for _, example in ipairs(readme.examples()) do
    it(("shows what the language takes, at %s: %s"):format(example.title, example.shown:match("^[^\n]+")), function()
      assert.is_truthy(load_example(example))
    end)
  end

  it("shows functions that say what it says of them", function()
    local ruleset = load_example(readme.below("Functions: conditions")[1])
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
    local ruleset = load_example(readme.below("Functions as curves")[1])
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

  it("shows derived fields that do what it says of them", function()
    local ruleset = load_example(readme.below("derive and lookup")[1])
    local function gets(region, spend)
      for _, adjustment in ipairs(explain(ruleset, "basic_investment", { region = region, monthly_spend = spend })
        .adjustments) do
        if adjustment.rule == "room_to_invest" then
          return true
        end
      end
      return false
    end
    assert.same({ true, true, false, false }, { gets("north", 2000), gets(nil, 2000), gets("north", 2001),
      gets("west", 2000) })
    assert.same({ true, false }, { gets("elsewhere", 1), gets("north", nil) })
    local _, warnings = assert(ruleset:profile(person { spend_share = 1 }))
    assert.same({ "spend_share" }, warnings.undeclared)
    assert.is_true(is_in(ruleset, "seniors", { age = 65 }) and not is_in(ruleset, "seniors", { age = 64 }))
    local protected = {}
    for _, attribute in ipairs(ruleset:attributes()) do
      protected[attribute.name] = attribute.protected
    end
    assert.same({ true, false }, { protected.life_stage, protected.trend or false })
  end)

  it("shows messages that read as it says", function()
    local messages = readme.below "Messages"
    assert.equal(3, #messages)
    for _, example in ipairs(messages) do
      local shown = example.shown:match(" +%-%- (.-)[ .]*$")
      local offers = load_example(example):decide(person { income = 95000, age = 35, customer_id = "C001",
        credit_score = 735, avg_account_balance = 28000, savings_rate = 0.125, monthly_spend = 1200.5 })
      local said = find(offers.recommended_products, "x").message:gsub("[%d.]+ points", "84.6 points")
      assert.equal(shown, said:sub(1, #shown))
    end
  end)

  it("shows curves that give the shares that it names", function()
    local CURVES = {
      { "income", { [20000] = 0, [50000] = 0.5, [80000] = 1, [90000] = 1 } },
      { "age", { [25] = 0, [35] = 0.5, [45] = 1, [62] = 1, [75] = 0, [80] = 0 } },
      { "income", { [19999] = 0, [20000] = 0.5, [59999] = 0.5, [60000] = 1 } },
      { "age", { [18] = 1, [80] = 1 } },
    }
    local examples = readme.below "Curves"
    assert.equal(#CURVES, #examples)
    for number, curve in ipairs(CURVES) do
      local ruleset = load_example(examples[number])
      for value, expected in pairs(curve[2]) do
        assert.equal(expected, share(explain(ruleset, "x", { [curve[1]] = value }), curve[1]), examples[number].shown)
      end
    end
  end)

  it("shows conditions that hold for whom it says", function()
    local young, card = { age = 29 }, { existing_products = { "debit_card" } }
    local both = { age = 29, existing_products = { "debit_card" } }
    local north, south, west = { region = "north" }, { region = "south" }, { region = "west" }
    local function earns(income) return { income = income } end
    local function is(age) return { age = age } end
    local function owner(id) return { existing_products = { id } } end
    local HOLDS = { -- condition -> for whom it holds, for whom not
      ["{ income = at_least(40000) }"] = { { earns(40000) }, { earns(39999) } },
      ["{ income = at_most(40000) }"] = { { earns(40000) }, { earns(40001) } },
      ["{ income = above(40000) }"] = { { earns(40001) }, { earns(40000) } },
      ["{ income = below(40000) }"] = { { earns(39999) }, { earns(40000) } },
      ["{ age = between(22, 30) }"] = { { is(22), is(30) }, { is(21), is(31) } },
      ['{ region = "north" }'] = { { north }, { south, {} } },
      ['{ region = equals("north") }'] = { { north }, { south, {} } },
      ['{ region = one_of { "north", "west" } }'] = { { north, west }, { south, {} } },
      ['{ region = none_of { "north", "west" } }'] = { { south }, { north, west, {} } },
      ["{ income = at_least(40000), age = below(30) }"] = { { young },
        { is(30), { age = 29, income = 39999 } } },
      ['all { owns("debit_card"), { age = below(30) } }'] = { { both }, { young, card, {} } },
      ['any { owns("debit_card"), { age = below(30) } }'] = { { both, young, card }, { {} } },
      ['none { owns("debit_card"), { age = below(30) } }'] = { { {} }, { both, young, card } },
      ['owns("credit_card")'] = { { owner "credit_card" }, { {}, card } },
      ['lacks("credit_card")'] = { { {}, card }, { owner "credit_card" } },
      ['lacks_category("investment")'] = { { {}, card }, { owner "wealth_management" } },
      ['in_segment("affluent")'] = { { { income = 100000, avg_account_balance = 50000 } }, { {} } },
      ['known("region")'] = { { north }, { {} } },
      ['unknown("region")'] = { { {} }, { north } },
    }
    for _, example in ipairs(readme.below "Conditions") do
      local cases = assert(HOLDS[example.shown], "no case for " .. example.shown)
      HOLDS[example.shown] = nil
      local ruleset = load_example(example)
      for expected, people in pairs { [true] = cases[1], [false] = cases[2] } do
        for number, values in ipairs(people) do
          assert.equal(expected, is_in(ruleset, "x", values), example.shown .. " " .. number)
        end
      end
    end
    assert.same({}, HOLDS)
  end)

  it("shows a product whose limits, dates and neighbours do what stands beside them", function()
    local ruleset = load_example(readme.below("product")[1])
    local good = { income = 130000, region = "north", existing_products = { "savings_account" } }
    local function with(changes)
      local values = {}
      for _, part in ipairs { good, changes } do
        for name, value in pairs(part) do
          values[name] = value
        end
      end
      return values
    end
    local CASES = {
      { {}, "" }, { { income = 90000 }, "" }, { { income = 89999 }, "below_minimum" },
      { { age = 70 }, "" }, { { age = 71 }, "above_maximum" },
      { { region = "south" }, "condition_not_met" },
      { { existing_products = { "savings_account", "gold_loan" } }, "excluded_by_product" },
      { { existing_products = {}, tenure_months = 24 }, "needs_product" },
      { { credit_score = 719 }, "below_minimum" }, { { credit_score = 720 }, "" }, -- 700 and the tier's 20
      { {}, "not_yet_available", "2025-12-31T23:59:59Z" }, { {}, "", "2026-01-01" },
      { {}, "", "2026-06-30T23:59:59Z" }, { {}, "no_longer_available", "2026-07-01" },
    }
    for number, case in ipairs(CASES) do
      assert.equal(case[2], refusal(ruleset, "home_loan", with(case[1]), case[3]), "case " .. number)
    end
    assert.equal(1, share(explain(ruleset, "home_loan", good), "income"))
    assert.equal(0.75, share(explain(ruleset, "home_loan", with { income = 100000 }), "income"))
    local offer = find(ruleset:decide(person(good), AT).recommended_products, "home_loan")
    assert.is_true(math.abs(offer.priority - 3.6 * offer.confidence_score) < 0.2)
  end)

  it("shows a date with a time of day, up to which a product is offered", function()
    local ruleset = load_example(readme.below("Dates")[1])
    for at, expected in pairs { ["2026-02-28T23:59:59Z"] = "not_yet_available", ["2026-03-01"] = "",
      ["2026-05-31T17:59:59Z"] = "", ["2026-05-31T18:00:00Z"] = "no_longer_available" } do
      assert.equal(expected, refusal(ruleset, "spring_deposit", nil, at), at)
    end
    local text = readme.text():match("A date that is none.-window")
    for date in text:gmatch('"([^"]+)"') do
      local _, findings = rule_folder.load(files_with(('adjust "x" { points = 1, until = "%s" }'):format(date)))
      assert.equal("E007", findings[1].code, date)
    end
  end)

  it("explains a confidence by a sum that comes out", function()
    local text = readme.text():match("With weights(.-)%.\n? ?From")
    local w1, w2, s1, s2, result = text:match("(%d+)%s+and (%d+) and shares ([%d.]+) and ([%d.]+).-= ([%d.]+)$")
    local sum = 100 * (w1 * s1 + w2 * s2) / (w1 + w2)
    assert.equal(result, ("%.1f"):format(sum))
    local product = explain(load_example(readme.below("scoring")[1]), "home_loan", { income = 90000 })
    assert.equal(0.25, share(product, "income"))
    local points, weights = 0, 0
    for _, part in ipairs(product.contributions) do
      points, weights = points + part.weight * part.subscore, weights + part.weight
    end
    assert.equal(("%.1f"):format(100 * points / weights), ("%.1f"):format(product.score))
  end)

  it("shows thresholds of which the nearest one holds", function()
    local ruleset = load_example(readme.below("scoring")[1])
    local rich = { income = 200000, avg_account_balance = 60000 }
    local function threshold(id, values) return explain(ruleset, id, values).threshold end
    for id, expected in pairs { gold_loan = { 35, 35 }, business_loan = { 45, 45 }, debit_card = { 30, 25 } } do
      assert.same(expected, { threshold(id), threshold(id, rich) }, id)
    end
  end)

  it("shows an exclude that refuses on what is not on file, and points in a period", function()
    local ruleset = load_example(readme.below("tier")[1])
    local function refused(values, at)
      return refusal(ruleset, "home_loan", values, at):find("excluded", 1, true) ~= nil
    end
    assert.same({ true, true, false, false, true }, { refused { region = "north" }, refused {},
      refused { region = "west" }, refused({}, "2027-01-01"), refused { region = "west", avg_account_balance = -1 } })
    local function spring(id, at)
      for _, part in ipairs(explain(ruleset, id, nil, at).adjustments) do
        if part.rule == "spring" then
          return part.points
        end
      end
    end
    assert.same({ -3, -3 }, { spring("gold_loan", "2026-03-01"), spring("fixed_deposit", "2026-05-31") })
    assert.is_nil(spring("fixed_deposit", "2026-06-01"))
    assert.is_nil(spring("home_loan", "2026-03-01"))
  end)

  it("shows limits and a fallback that do what it says", function()
    local ruleset = load_example(readme.below("limit")[1])
    local offers = ruleset:decide(person { income = 100000 }, AT).recommended_products
    assert.equal(5, #offers)
    local cards = 0
    for _, offer in ipairs(offers) do
      cards = cards + (offer.category == "credit" and 1 or 0)
    end
    assert.is_true(cards <= 1)
    local example = { rules = readme.below("limit")[1].rules .. '\nadjust "x" { points = -100 }' }
    local left = load_example(example):decide(person { avg_account_balance = 0 }, AT).recommended_products
    local found = {}
    for number, offer in ipairs(left) do
      found[number] = offer.product_id .. (offer.fallback and " (fallback)" or "")
    end
    assert.same({ "debit_card (fallback)", "savings_account (fallback)" }, found)
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
    local shown = readme.text():match("\n```\n(rules/products/credit%.lua:.-)\n```")
    local files = rule_folder.read(TOP)
    local changed
    files["products/credit.lua"], changed = files["products/credit.lua"]:gsub("min_income = 75000", "min_incme = 75000")
    assert.equal(1, changed)
    local _, findings = rule_folder.load(files)
    assert.equal(shown, loader.format(findings[1], "rules"))
  end)

  it("includes numbers of another file", function()
    local ruleset = load_example(readme.below("include")[1])
    assert.equal("below_minimum", refusal(ruleset, "steady_card", { income = 44999, credit_score = 720 }))
    assert.equal("below_minimum", refusal(ruleset, "steady_card", { income = 45000, credit_score = 719 }))
    assert.equal("", refusal(ruleset, "steady_card", { income = 45000, credit_score = 720 }))
  end)
end)
