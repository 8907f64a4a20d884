-- profile_spec.lua: profiles from tables and from JSON: strict, complete in their faults, never coercing.

local shell = require "spec.lua.shell"
local people = require "spec.lua.people"
local offerengine = require "offerengine"

local ruleset = assert(offerengine.load(shell.source .. "/rules"))
local ABSENT = people.ABSENT

local function locations(faults)
  local list = {}
  for i, fault in ipairs(faults) do
    list[i] = fault.location
  end
  table.sort(list)
  return list
end

describe("a profile", function()
  it("gives back what it was made from", function()
    local profile = assert(ruleset:profile(people.one()))
    assert.equal("C001", profile:id())
    assert.equal(735, profile:get("credit_score"))
    assert.equal("C001", profile:get("customer_id"))
    assert.same({ "savings_account", "debit_card" }, profile:get("existing_products"))
    assert.same(people.one(), profile:table())
  end)

  it("reads its own JSON to the same bytes", function()
    local profile = assert(ruleset:profile(people.one { income = 0.1, region = "north" }))
    local again = assert(ruleset:profile_json(profile:json()))
    assert.equal(profile:json(), again:json())
  end)

  it("takes nil and null as not on file", function()
    for _, nothing in ipairs { ABSENT, offerengine.null } do
      local profile = assert(ruleset:profile(people.one { credit_score = nothing, region = nothing }))
      assert.is_nil(profile:get("credit_score"))
      assert.is_nil(profile:get("region"))
    end
  end)

  it("shows its id and none of its values as text", function()
    local text = tostring(assert(ruleset:profile(people.one())))
    assert.matches("C001", text, 1, true)
    assert.is_nil(text:find("95000", 1, true))
  end)

  it("raises when asked for an attribute that the schema lacks", function()
    local profile = assert(ruleset:profile(people.one()))
    assert.error_matches(function() profile:get("incme") end, "did you mean 'income'")
  end)

  it("may be closed twice and is then of no use", function()
    local kept
    do
      local profile <close> = assert(ruleset:profile(people.one()))
      kept = profile
    end
    debug.getmetatable(kept).__gc(kept)
    assert.error_matches(function() kept:id() end, "closed")
    assert.error_matches(function() ruleset:decide(kept) end, "closed")
  end)

  it("is refused by another ruleset", function()
    local other = assert(offerengine.load(shell.source .. "/rules"))
    local profile = assert(ruleset:profile(people.one()))
    assert.error_matches(function() other:decide(profile) end, "another ruleset")
  end)
end)

describe("a table for a profile", function()
  local cases = {
    { "a number as text", { age = "32" }, { "age" } },
    { "an age that is not whole", { age = 32.5 }, { "age" } },
    { "an age below its range", { age = -1 }, { "age" } },
    { "an age above its range", { age = 131 }, { "age" } },
    { "a score below its range", { credit_score = 299 }, { "credit_score" } },
    { "a score above its range", { credit_score = 851 }, { "credit_score" } },
    { "a negative income", { income = -1 }, { "income" } },
    { "an income that is not finite", { income = 1 / 0 }, { "income" } },
    { "an income that is no number", { income = 0 / 0 }, { "income" } },
    { "a flag for a number", { income = true }, { "income" } },
    { "a number for the id", { customer_id = 7 }, { "customer_id" } },
    { "an empty id", { customer_id = "" }, { "customer_id" } },
    { "an id with a line break", { customer_id = "a\nb" }, { "customer_id" } },
    { "an id that is not UTF-8", { customer_id = "\xff" }, { "customer_id" } },
    { "text with a zero byte", { region = "a\0b" }, { "region" } },
    { "an id of 129 bytes", { customer_id = ("x"):rep(129) }, { "customer_id" } },
    { "no age", { age = ABSENT }, { "age" } },
    { "null for a member that must be there", { income = offerengine.null }, { "income" } },
    { "text for the products", { existing_products = "savings_account" }, { "existing_products" } },
    { "products with a hole", { existing_products = { [1] = "a", [3] = "b" } }, { "existing_products" } },
    { "a product that is no text", { existing_products = { "a", 7 } }, { "existing_products[1]" } },
    { "many faults at once", { age = "x", income = -5, credit_score = 1 }, { "age", "credit_score", "income" } },
  }
  for _, case in ipairs(cases) do
    it("is refused for " .. case[1], function()
      for _, method in ipairs { "profile", "decide", "decide_json", "explain", "segments" } do
        local result, message, code, faults = ruleset[method](ruleset, people.one(case[2]))
        assert.is_nil(result)
        assert.matches("^profile: ", message)
        assert.equal("invalid", code)
        assert.same(case[3], locations(faults))
      end
    end)
  end

  local taken = {
    { "a whole number written as a float", { age = 32.0 } },
    { "the ends of a range", { age = 0, credit_score = 300 } },
    { "the other ends", { age = 130, credit_score = 850 } },
    { "an overdraft", { avg_account_balance = -250.5 } },
    { "no products", { existing_products = {} } },
    { "an id of 128 bytes", { customer_id = ("x"):rep(128) } },
  }
  for _, case in ipairs(taken) do
    it("is taken with " .. case[1], function()
      assert.is_truthy(ruleset:profile(people.one(case[2])))
    end)
  end

  it("names what the schema does not know and where products are unknown", function()
    local _, warnings = ruleset:profile(people.one { incme = 1, existing_products = { "savings_account", "zz" } })
    assert.same({ "incme" }, warnings.undeclared)
    assert.same({ 2 }, warnings.unknown_products)
  end)

  it("comes without warnings when there are none", function()
    local _, warnings = ruleset:profile(people.one())
    assert.is_nil(warnings)
  end)

  it("raises when it is no table, or holds what no profile can", function()
    assert.has_error(function() ruleset:profile() end)
    assert.has_error(function() ruleset:profile("C001") end)
    assert.has_error(function() ruleset:decide(7) end)
    assert.has_error(function() ruleset:profile(people.one { age = print }) end)
    assert.has_error(function() ruleset:profile(people.one { [1] = "x" }) end)
  end)

  it("is refused when it holds itself", function()
    local loop = {}
    loop[1] = loop
    local _, _, code = ruleset:profile(people.one { existing_products = loop })
    assert.equal("invalid", code)
  end)
end)

describe("JSON for a profile", function()
  it("is refused with the offset when it is malformed", function()
    local profile, message, code = ruleset:profile_json('{"customer_id": }')
    assert.is_nil(profile)
    assert.matches("16", message)
    assert.equal("syntax_error", code)
  end)

  it("is refused with every fault when it is no profile", function()
    local _, _, code, faults = ruleset:profile_json('{"customer_id":"C1","age":-1,"income":"x"}')
    assert.equal("invalid", code)
    assert.is_true(#faults >= 3)
  end)

  it("must be text", function()
    assert.has_error(function() ruleset:profile_json({}) end)
    assert.has_error(function() ruleset:profile_json() end)
  end)
end)
