-- diff_spec.lua: what diff says is what comes out when every customer is decided under both rules and compared; and
-- the fairness table of a book whose rates are known.

local book = require "spec.support.book"
local offerengine = require "offerengine"
local rule_folder = require "rule_folder"
local shell = require "spec.lua.shell"

local RULES = (os.getenv "OE_SOURCE" or ".") .. "/rules"
local AT = { at = "2026-11-22" }
local CUSTOMERS = tonumber(os.getenv "OE_SPEC_PROFILES" or "20000")

local function load(files, base)
  local folder = rule_folder.write(files)
  local ruleset, message, _, findings = offerengine.load(folder, { ruleset = base })
  rule_folder.remove(folder)
  return ruleset or error(findings and rule_folder.show(findings) or message)
end

local function edited(files)
  files["products/loans.lua"] = files["products/loans.lua"]:gsub("min_income = 40000", "min_income = 52000")
    .. 'product "car_loan" { name = "Car Loan", category = "loan", min_income = 20000, reason = "Your income" }\n'
  files["products/commercial.lua"] = nil
  files["scoring.lua"] = files["scoring.lua"]:gsub("commercial_loan = 45", "loan = 40")
    :gsub("weight = 20", "weight = 35")
  files["policies.lua"] = files["policies.lua"]:gsub("default_unused", ""):gsub('"commercial_loan" },', "},")
  return files
end

describe("diff", function()
  local base, new, population, expected, lines
  local folder

  local function decided(ruleset, profile)
    local list, offered = {}, {}
    for i, offer in ipairs(assert(ruleset:decide(profile, AT)).recommended_products) do
      list[i], offered[offer.product_id] = offer.product_id, true
    end
    return list, offered
  end

  local function compare_one(id, values)
    local was, before = decided(base, assert(base:profile(values)))
    local is, after = decided(new, assert(new:profile(values)))
    local gains, loses
    for _, product in ipairs(is) do
      if not before[product] then
        gains, lines[id .. "," .. product .. ",gained"] = true, true
      end
    end
    for _, product in ipairs(was) do
      if not after[product] then
        loses, lines[id .. "," .. product .. ",lost"] = true, true
      end
    end
    expected.customers = expected.customers + 1
    expected.gaining = expected.gaining + (gains and 1 or 0)
    expected.losing = expected.losing + (loses and 1 or 0)
    expected.best_changed = expected.best_changed + (was[1] ~= is[1] and 1 or 0)
    expected.lost_only = expected.lost_only + (was[1] and not is[1] and 1 or 0)
  end

  setup(function()
    folder = shell.folder()
    base = assert(offerengine.load(RULES))
    new = load(edited(rule_folder.read(RULES)), base)
    population = offerengine.population(base)
    assert(population:read { path = book.file(folder .. "/book.csv", CUSTOMERS) })
    expected, lines = { customers = 0, gaining = 0, losing = 0, best_changed = 0, lost_only = 0 }, {}
    for id, values in population:each() do
      compare_one(id, values)
    end
  end)

  teardown(function()
    shell.remove(folder)
  end)

  it("counts what a comparison one by one finds, and lists each flip", function()
    local path = folder .. "/flips.csv"
    local result = assert(offerengine.diff(base, new, population, { at = AT.at, output = path, workers = 2 }))
    for key, count in pairs(expected) do
      assert.equal(count, result[key], key)
    end
    assert.is_true(result.gaining > 0 and result.losing > 0 and result.best_changed > 0)
    local count = 0
    for line in io.lines(path) do
      local flip = line:match("^[^,]*,[^,]*,[^,]*")
      if count > 0 and not lines[flip] then
        error("not a flip: " .. line)
      end
      count = count + 1
    end
    local all = 1
    for _ in pairs(lines) do
      all = all + 1
    end
    assert.equal(all, count)
  end)

  it("says the same whatever the number of threads", function()
    local first, bytes
    for _, workers in ipairs { 1, 2, 5 } do
      local path = ("%s/flips-%d.csv"):format(folder, workers)
      local result = assert(offerengine.diff(base, new, population, { at = AT.at, output = path, workers = workers }))
      first, bytes = first or result, bytes or shell.read(path)
      assert.same(first, result)
      assert.equal(bytes, shell.read(path))
    end
  end)

  it("gives each flip a line of the rules that was changed", function()
    local result = assert(offerengine.diff(base, new, population, AT))
    for _, product in ipairs(result.products) do
      local gained, lost = 0, 0
      for _, blame in ipairs(product.by_edit) do
        assert.is_not_nil(result.edits[blame.edit].line)
        gained, lost = gained + blame.gained, lost + blame.lost
      end
      assert.equal(product.gained, gained)
      assert.equal(product.lost, lost)
    end
  end)

  it("shows how far it is, and lets an error of that through", function()
    local seen = 0
    assert(offerengine.diff(base, new, population, { at = AT.at, progress = function(done, all)
      seen = seen + 1
      assert(done == seen and done <= all)
    end }))
    assert.is_true(seen > 0)
    assert.error_matches(function()
      offerengine.diff(base, new, population, { progress = function() error("enough", 0) end })
    end, "enough")
  end)

  it("refuses rules and populations that do not belong together", function()
    local stranger = assert(offerengine.load(RULES))
    assert.error_matches(function() offerengine.diff(base, stranger, population) end, "options.ruleset")
    assert.error_matches(function() offerengine.diff(stranger, stranger, population) end, "options.ruleset")
    assert.error_matches(function() offerengine.diff(base, new, population, { workers = 0 }) end, "workers")
  end)

  it("ends at a file that cannot be written", function()
    local result, message, code = offerengine.diff(base, new, population, { output = folder .. "/no/where.csv" })
    assert.is_nil(result)
    assert.matches("^output: ", message)
    assert.equal("io_error", code)
  end)
end)
