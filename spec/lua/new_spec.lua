-- new_spec.lua: `offerengine new`: what it writes is taken as it stands, and its test says what is true.

local core = require "offerengine.core"
local format = require "offerengine.format"
local offerengine = require "offerengine"
local shell = require "spec.lua.shell"

-- What a test file declares: title -> table.
local function tests_of(text)
  local tests = {}
  local function test(title)
    return function(declared)
      tests[title] = declared
    end
  end
  assert(load(text, "=test", "t", { test = test }))()
  return tests
end

-- What a test says that is not so, or nil.
local function disproved(ruleset, test)
  test.customer.customer_id = "TEST"
  local explained = assert(ruleset:explain(test.customer, { at = core.time(test.at) }))
  local by_id, offers = {}, {}
  for _, product in ipairs(explained.products) do
    by_id[product.product_id] = product
  end
  for i, offer in ipairs(assert(ruleset:decide(test.customer, { at = core.time(test.at) })).recommended_products) do
    offers[i] = offer.product_id
  end
  if test.offered then
    return by_id[test.offered].outcome ~= "offered" and test.offered or nil
  elseif test.offers then
    return table.concat(test.offers, " ") ~= table.concat(offers, " ") and "offers" or nil
  end
  local id, expected = next(test.refused or test.score)
  if test.refused then
    return by_id[id].reason_codes[1] ~= expected and id or nil
  end
  return math.abs(by_id[id].confidence_score - expected) > 1e-9 and id or nil
end

describe("offerengine new", function()
  local folder, rules

  before_each(function()
    folder = shell.folder()
    rules = folder .. "/rules"
    assert(os.execute(("cp -r %s/rules %s"):format(shell.source, rules)))
  end)

  after_each(function()
    shell.remove(folder)
  end)

  local function new(...)
    local words = { ... }
    words[#words + 1] = { folder = folder }
    return shell.run("new", table.unpack(words))
  end

  local FOLDERS = { product = "products", segment = "segments", rule = "policies" }

  local function assert_begun(kind, ...)
    local code, out, err = new(kind, "brand_new", ...)
    assert.equal("", code == 0 and "" or err)
    local written = ("rules/%s/brand_new.lua\nrules/tests/brand_new.lua\n"):format(FOLDERS[kind])
    assert.same({ 0, written }, { code, out })
    local ruleset = assert(offerengine.load(rules))
    local count = 0
    for path in out:gmatch("[^\n]+") do
      local text = shell.read(folder .. "/" .. path)
      assert.equal(text, format.text(text))
      for line in text:gmatch("[^\n]+") do
        assert.is_true(#line <= 120, line)
      end
    end
    for title, test in pairs(tests_of(shell.read(rules .. "/tests/brand_new.lua"))) do
      assert.is_nil(disproved(ruleset, test), title)
      count = count + 1
    end
    assert.equal(1, count)
    return ruleset
  end

  for _, category in ipairs { "credit", "loan", "commercial_loan", "investment", "retirement", "savings", "deposit",
    "insurance", "account" } do
    it("begins a product, a segment and a rule of the category " .. category, function()
      for kind in pairs(FOLDERS) do
        assert_begun(kind, "--category", category)
        shell.run_line(("rm %s/*/brand_new.lua"):format(rules))
      end
    end)
  end

  it("offers a new product to the customer of its test, in the first category that is not regulated", function()
    local product = assert_begun("product"):product("brand_new")
    assert.same({ "Brand New", "investment", 30000, 100000 },
      { product.name, product.category, product.min_income, product.ideal_income })
    local _, test = next(tests_of(shell.read(rules .. "/tests/brand_new.lua")))
    assert.equal("brand_new", test.offered)
  end)

  it("says why where the rules do not offer it", function()
    shell.write(rules .. "/none.lua", 'exclude "nobody" { category = "savings", reason = "None", when = known("age") }')
    assert_begun("product", "--category", "savings")
    local _, test = next(tests_of(shell.read(rules .. "/tests/brand_new.lua")))
    assert.same({ brand_new = "excluded" }, test.refused)
  end)

  it("goes by the schema that there is", function()
    shell.run_line(("rm -r %s/*"):format(rules))
    shell.write(rules .. "/schema.lua", [[
attribute "holdings" { type = "product_set" }
attribute "points"   { type = "integer", range = { 0, 10 } }
attribute "member"   { type = "flag" }
category "club" { name = "Club" }
scoring { points = { weight = 1, ideal = 10 } }
]])
    local product = assert_begun("product"):product("brand_new")
    assert.same({ "club", 3, 10 }, { product.category, product.min_points, product.ideal_points })
  end)

  it("answers as JSON", function()
    local code, out = new("rule", "brand_new", "--json")
    assert.equal(0, code)
    assert.same({ kind = "rule", name = "brand_new", files = { "rules/policies/brand_new.lua",
      "rules/tests/brand_new.lua" } }, core.decode_json(out))
  end)

  local WRONG = {
    { 2, "unknown kind 'produkt'; did you mean 'product'?", "produkt", "x" },
    { 2, "unknown kind 'zzzzzz'; there are product, segment, rule", "zzzzzz", "x" },
    { 2, "name 'My Card': must be a small letter, then small letters, digits and underscores, at most 64, as in "
      .. "'my_card'", "product", "My Card" },
    { 2, "name '1x': must be", "product", "1x" }, { 2, "name '../x': must be", "product", "../x" },
    { 2, "name 'category': must be", "product", "category" }, { 2, "name '': must be", "product", "" },
    { 2, "usage: offerengine new", "product" },
    { 2, "unknown category 'credt'; did you mean 'credit'?", "product", "x", "--category", "credt" },
    { 2, "unknown category 'zzzzzz'; allowed are credit, loan, ", "product", "x", "--category", "zzzzzz" },
    { 1, "product 'gold_loan' exists already, in products/loans.lua:21", "product", "gold_loan" },
    { 1, "segment 'affluent' exists already, in segments.lua:11", "rule", "affluent" },
    { 1, "rule 'gap_bonus' exists already, in policies.lua:14", "segment", "gap_bonus" },
    { 1, "file 'rules/products/loans.lua' exists already; nothing was written", "product", "loans" },
    { 3, "rules: folder 'nowhere'", "product", "x", "--rules", "nowhere" },
  }
  for _, case in ipairs(WRONG) do
    it("refuses " .. table.concat(case, " ", 3), function()
      local code, out, err = new(table.unpack(case, 3))
      assert.same({ case[1], "" }, { code, out })
      assert.matches(case[2], err, 1, true)
      assert.is_false(shell.exists(rules .. "/tests/x.lua"))
    end)
  end

  it("leaves nothing when the file of its test is there, or the rules have mistakes", function()
    shell.run_line(("mkdir %s/tests"):format(rules))
    shell.write(rules .. "/tests/x.lua", "")
    local code, _, err = new("product", "x")
    assert.equal(1, code)
    assert.matches("file 'rules/tests/x.lua' exists already; nothing was written", err, 1, true)
    shell.write(rules .. "/bad.lua", "prodct 'x' {}")
    code, _, err = new("product", "y")
    assert.equal(1, code)
    assert.matches('rules/bad.lua:1: error[E002]: unknown word "prodct"', err, 1, true)
    assert.is_false(shell.exists(rules .. "/products/x.lua") or shell.exists(rules .. "/products/y.lua"))
  end)
end)
