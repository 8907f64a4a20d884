-- diff_edits_spec.lua: the line that diff blames is the line that was changed, for single edits of the sample rules,
-- alone and together with an edit of another product.

local book = require "spec.support.book"
local offerengine = require "offerengine"
local rule_folder = require "rule_folder"

local RULES = (os.getenv "OE_SOURCE" or ".") .. "/rules"
local CUSTOMERS = 3000
local PAIRS = tonumber(os.getenv "OE_PAIRS" or "60")

-- What it is, file, the text behind which it is looked for, what stands there, what stands there instead (nil: the
-- declaration goes), edits that both sides have, and the line where the changed text is not what does it.
local EDITS = {
  { "a minimum", "products/loans.lua", "personal_loan", "min_income = 40000", "min_income = 55000" },
  { "a minimum on a scored line", "products/credit.lua", "premium_credit_card", "min_income = 75000",
    "min_income = 99000" },
  { "a minimum of points", "products/loans.lua", "personal_loan", "min_credit_score = 640", "min_credit_score = 690" },
  { "a minimum that goes", "products/loans.lua", "personal_loan", "  min_credit_score = 640,\n", "" },
  { "an age limit", "products/loans.lua", "gold_loan", "min_age  = 21", "min_age  = 35" },
  { "a maximum", "products/everyday.lua", "life_insurance", "max_age = 65", "max_age = 55" },
  { "a maximum that comes", "products/loans.lua", "gold_loan", "min_age  = 21,",
    "min_age  = 21,\n  max_income = 90000," },
  { "an ideal", "products/loans.lua", "gold_loan", "ideal_income = 60000", "ideal_income = 99000" },
  { "an ideal that goes", "products/everyday.lua", "debit_card", "  ideal_avg_account_balance = 5000,\n", "",
    { "scoring.lua", "threshold", "default = 30", "default = 60" } },
  { "a curve", "products/investment.lua", "retirement_account", "band(25, 45, 62, 75)", "band(50, 55, 58, 60)" },
  { "a gate", "products/investment.lua", "basic_investment", '"low", "medium", "high"', '"medium", "high"' },
  { "a part of a gate", "products/credit.lua", 'product "credit_card"', "{ credit_score = below(720) }",
    "{ credit_score = below(650) }" },
  { "a requirement that comes", "products/loans.lua", "home_loan", "min_age  = 25,",
    'min_age  = 25,\n  requires = { risk_tolerance = "low" },' },
  { "a product that is switched off", "products/everyday.lua", "fixed_deposit", "min_age  = 18,",
    "min_age  = 18,\n  off = true," },
  { "a window that opens later", "products/everyday.lua", "life_insurance", "min_income = 25000,",
    'min_income = 25000,\n  from = "2030-01-01",' },
  { "a window that is over", "products/everyday.lua", "savings_account", "min_age  = 16,",
    'min_age  = 16,\n  ["until"] = "2020-01-01",' },
  { "a product to own first", "products/investment.lua", "investment_account", "min_age  = 18,",
    'min_age  = 18,\n  after = { "savings_account" },' },
  { "a product not to own", "products/credit.lua", "premium_credit_card", '  not_with = { "credit_card" },', "  " },
  { "a tier that comes", "products/loans.lua", "home_loan", "min_age  = 25,", 'min_age  = 25,\n  tier = "premium",' },
  { "a tier's raise", "policies.lua", "tier", "raise(20)", "raise(70)" },
  { "an exclusion group", "products/credit.lua", "secured_credit_card", 'group    = "card"', 'group    = "starter"' },
  { "a lever", "products/credit.lua", 'product "credit_card"', "min_age  = 18,", "min_age  = 18,\n  lever = 5," },
  { "a value", "products/credit.lua", 'product "secured_credit_card"', "min_age  = 18,",
    "min_age  = 18,\n  value = 0.2," },
  { "a category", "products/loans.lua", "gold_loan", 'category = "loan"', 'category = "savings"' },
  { "a product that goes", "products/commercial.lua", "with a business", 'product "business_loan" {', nil },
  { "a product that comes", "products/loans.lua", "private customers.\n", "\n",
    '\nproduct "car_loan" { name = "Car", category = "loan", min_income = 20000, reason = "Your income" }\n' },
  { "the weight of a dimension", "scoring.lua", "scoring {", "weight = 40", "weight = 90" },
  { "another weight", "scoring.lua", "balance ", "weight = 20", "weight = 80" },
  { "the ideal of a dimension", "scoring.lua", "income ", "ideal = 100000", "ideal = 900000" },
  { "a dimension for every product", "scoring.lua", "credit_score = ", "ideal = 800", "ideal = 800, every = true" },
  { "the curve of a dimension", "scoring.lua", "income ", "ideal = 100000", "ideal = 100000, curve = ramp(0, 900000)" },
  { "a dimension that comes", "scoring.lua", "scoring {", "\n",
    '\n  tenure = { weight = 60, of = "tenure_months", ideal = 100, every = true },\n' },
  { "the default threshold", "scoring.lua", "threshold", "default = 30", "default = 45" },
  { "the threshold of a category", "scoring.lua", "threshold", "commercial_loan = 45", "commercial_loan = 62" },
  { "the threshold of a product", "scoring.lua", "threshold", "gold_loan = 50", "gold_loan = 60" },
  { "the threshold of a segment", "segments.lua", '"affluent"', "boost =", "threshold = 90,\n  boost =" },
  { "the condition of a segment", "segments.lua", "retirement_planners", "at_least(45)", "at_least(70)" },
  { "a part of a segment", "segments.lua", "new_to_bank",
    '\n    lacks_category("investment"), lacks_category("retirement"),',
    '\n    lacks_category("retirement"),' , { "segments.lua", "new_to_bank", "boost = {",
    "boost = { gold_loan = 50," } },
  { "a boost of a product", "segments.lua", "retirement_planners", "retirement_account = 10",
    "retirement_account = -40" },
  { "a boost of a category", "segments.lua", "retirement_planners", "insurance = 3", "insurance = -50" },
  { "a boost that comes", "segments.lua", "affluent", "wealth_management = 10,",
    "wealth_management = 10, gold_loan = -50," },
  { "the condition of an exclusion", "policies.lua", "overdrawn", "below(0)", "below(3000)" },
  { "what an exclusion is for", "policies.lua", "overdrawn", '{ "credit", "loan", "commercial_loan" }', '"credit"' },
  { "an exclusion that comes", "policies.lua", "on top of the score", "\n",
    '\nexclude "young" { category = "savings", when = { age = below(30) } }\n' },
  { "the points of an adjustment", "policies.lua", "gap_bonus", "points = 5", "points = -30" },
  { "the condition of an adjustment", "policies.lua", "gap_bonus", "lacks_category()", 'owns("home_loan")' },
  { "an adjustment that goes", "policies.lua", "owns nothing yet.\n", 'adjust "gap_bonus" {', nil },
  { "a limit of a group", "policies.lua", "limit", "card = 1", "card = 2" },
  { "a limit over all", "policies.lua", "limit {", " group", " default = 3, group" },
  { "a fallback that goes", "policies.lua", "fallback", ', "debit_card"', "",
    { "scoring.lua", "threshold", "default = 30", "default = 98" } },
  { "a function", "products/loans.lua", "gold_loan", "c.income > 20000", "c.income > 50000",
    { "products/loans.lua", "gold_loan", "min_age  = 21,",
      "min_age  = 21,\n  when = function(c) return c.income > 20000 end," } },
  { "a segment that a gate asks for", "segments.lua", '"affluent"', "income = at_least(100000)",
    "income = at_least(200000)",
    { "products/loans.lua", "gold_loan", "min_age  = 21,", 'min_age  = 21,\n  when = in_segment("affluent"),' } },
  { "a curve that is a function", "products/loans.lua", "gold_loan", "v > 0 ", "v > 20000 ",
    { "products/loans.lua", "gold_loan", "min_age  = 21,",
      "min_age  = 21,\n  curve = { avg_account_balance = function(v) return v > 0 and 1 or 0 end }," } },
  { "a derived attribute", "schema.lua", "wealth", "c.income + c", "c.income - c",
    { "schema.lua", 'category "account"', "\n", [[

derive "wealth" { type = "money", value = function(c) return c.income + c.avg_account_balance end }
]] },
    { "products/loans.lua", "gold_loan", "min_age  = 21,", "min_age  = 21,\n  min_wealth = 20000," } },
  { "what a function holds", "products/loans.lua", "private customers.", "LEAST = 20000", "LEAST = 50000",
    { "products/loans.lua", "private customers.", "\n", "\nlocal LEAST = 20000\n" },
    { "products/loans.lua", "gold_loan", "min_age  = 21,",
      "min_age  = 21,\n  when = function(c) return c.income > LEAST end," }, 28 },
  { "what stands above a function", "products/loans.lua", "personal_loan", "min_age  = 21,",
    "min_age  = 21,\n  off = true,",
    { "products/loans.lua", "gold_loan", "min_age  = 21,",
      "min_age  = 21,\n  when = function(c) return c.income > 20000 end," } },
}

local DECOY = { "products/everyday.lua", "life_insurance", "min_income = 25000", "min_income = 60000" }

-- The whole declaration that begins at `first`.
local function declaration(text, first)
  return text:sub(first, select(2, assert(text:find("\n}\n", first, true))))
end

local function replace(text, behind, from, to)
  local _, anchor = assert(text:find(behind, 1, true))
  local first = assert(text:find(from, anchor + 1, true), from)
  if to == nil then
    from, to = declaration(text, first), ""
  end
  return text:sub(1, first - 1) .. to .. text:sub(first + #from)
end

-- The line on which two texts begin to differ.
local function line_of_difference(a, b)
  local at = 1
  while a:byte(at) == b:byte(at) do
    at = at + 1
  end
  local _, newlines = a:sub(1, at - 1):gsub("\n", "")
  return newlines + 1
end

describe("the line that diff blames", function()
  local base, population, files

  setup(function()
    files = rule_folder.read(RULES)
    base = assert(offerengine.load(RULES))
    population = offerengine.population(base)
    local path = book.file(os.tmpname(), CUSTOMERS)
    assert(population:read { path = path, format = "csv" })
    os.remove(path)
    assert.equal(CUSTOMERS, #population)
  end)

  local function changed(...)
    local copy = {}
    for path, text in pairs(files) do
      copy[path] = text
    end
    for index = 1, select("#", ...) do
      local edit = select(index, ...)
      if edit then
        copy[edit[1]] = replace(copy[edit[1]], edit[2], edit[3], edit[4])
      end
    end
    return copy
  end

  local function load(copy)
    local folder = rule_folder.write(copy)
    local ruleset, message, _, findings = offerengine.load(folder, { ruleset = base })
    rule_folder.remove(folder)
    return ruleset or error(findings and rule_folder.show(findings) or message)
  end

  local function diff(from, to)
    return assert(offerengine.diff(load(from), load(to), population, { at = "2026-11-22", workers = 2 }))
  end

  -- Calls check(product, rule, place, flips) for whatever was blamed for something.
  local function each_blame(result, check)
    for _, product in ipairs(result.products) do
      for _, blame in ipairs(product.by_edit) do
        local edit = result.edits[blame.edit] or {}
        check(product.product_id, edit.rule, ("%s:%s"):format(edit.file, edit.line), blame.gained + blame.lost)
      end
    end
  end

  local titles = {}
  for _, edit in ipairs(EDITS) do
    local title, path, common = edit[1], edit[2], edit[6]
    local single = { table.unpack(edit, 2, 5) }
    titles[#titles + 1] = title
    it("is the changed one: " .. title, function()
      local before = changed(common, edit[7])
      local after = changed(common, edit[7], single)
      local place = ("%s:%d"):format(path, edit[8] or line_of_difference(before[path], after[path]))
      local result, flips = diff(before, after), 0
      assert.equal(1, #result.edits)
      each_blame(result, function(_, _, blamed, count)
        assert.equal(place, blamed)
        flips = flips + count
      end)
      assert.is_true(flips > 0, "nothing flips")
      if path == DECOY[1] then
        return -- the lines of the other edit would move
      end
      local decoy = ("%s:%d"):format(DECOY[1], line_of_difference(files[DECOY[1]], changed(DECOY)[DECOY[1]]))
      local both = diff(before, changed(common, edit[7], single, DECOY))
      assert.equal(2, #both.edits)
      each_blame(both, function(product, _, blamed)
        if product ~= DECOY[2] or blamed ~= place then
          assert.equal(product == DECOY[2] and decoy or place, blamed)
        end
      end)
    end)
  end

  -- The offers gained and lost, by customer and product, with the line blamed.
  local function flips(to)
    local path = os.tmpname()
    assert(offerengine.diff(base, to, population, { at = "2026-11-22", output = path, workers = 2 }))
    local found, count = {}, 0
    for line in io.lines(path) do
      local id, product, change, place = line:match("^([^,]*),([^,]*),(%a+),.*,([^,]*,%d+)$")
      if id then
        found[id .. product .. change], count = place:gsub(",", ":"), count + 1
      end
    end
    os.remove(path)
    return found, count
  end

  local function place_of(files_after, edit)
    return ("%s:%d"):format(edit[2], line_of_difference(files[edit[2]], files_after[edit[2]]))
  end

  -- Of two edits, what one is blamed for either comes from it alone or does not come from the other alone.
  it("of two edits is one without which it would not have come, or that alone brings it", function()
    local draw, alone, wrong, all = 20261122, {}, {}, 0
    local function random(n)
      draw = (draw * 1103515245 + 12345) % 2147483648
      return draw // 65536 % n + 1
    end
    local function of(index)
      if not alone[index] then
        local copy = changed({ table.unpack(EDITS[index], 2, 5) })
        alone[index] = { place = place_of(copy, EDITS[index]), flips = (flips(load(copy))) }
      end
      return alone[index]
    end
    local pairs_tried = 0
    while pairs_tried < PAIRS do
      local a, b = random(#EDITS), random(#EDITS)
      if not EDITS[a][6] and not EDITS[b][6] and EDITS[a][2] ~= EDITS[b][2] then
        pairs_tried = pairs_tried + 1
        local both = load(changed({ table.unpack(EDITS[a], 2, 5) }, { table.unpack(EDITS[b], 2, 5) }))
        for key, place in pairs((flips(both))) do
          local own, other = of(a), of(b)
          if place == other.place then
            own, other = other, own
          end
          all = all + 1
          if place ~= own.place or not (own.flips[key] or not other.flips[key]) then
            wrong[#wrong + 1] = ("%s and %s: %s by %s"):format(EDITS[a][1], EDITS[b][1], key, place)
          end
        end
      end
    end
    assert.is_true(all > 1000)
    assert.equal("", table.concat(wrong, "\n", 1, math.min(5, #wrong)), #wrong .. " of " .. all)
  end)

  it("was tried with many edits", function()
    assert.is_true(#titles >= 30)
  end)
end)
