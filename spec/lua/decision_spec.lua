-- decision_spec.lua: deciding in Lua: the same answer as table and bytes, options checked, the clock an argument.

local shell = require "spec.lua.shell"
local people = require "spec.lua.people"
local core = require "offerengine.core"
local offerengine = require "offerengine"

local ruleset = assert(offerengine.load(shell.source .. "/rules"))
local AT = { at = people.AT }

describe("deciding", function()
  it("gives the same as table and as bytes", function()
    local answer = assert(ruleset:decide(people.one(), AT))
    assert.same(core.decode_json(ruleset:decide_json(people.one(), AT)), answer)
    assert.equal("C001", answer.customer_id)
    assert.equal(ruleset:hash(), answer.ruleset)
    assert.equal(#answer.recommended_products, answer.total_recommendations)
    assert.is_true(#answer.recommended_products > 0)
  end)

  it("gives the same for a table and a profile, however often", function()
    local profile = assert(ruleset:profile(people.one()))
    local bytes = ruleset:decide_json(people.one(), AT)
    for _ = 1, 3 do
      assert.equal(bytes, ruleset:decide_json(profile, AT))
      assert.is_truthy(ruleset:explain_json(profile, AT))
    end
  end)

  it("takes a time as milliseconds, as a day and as a moment", function()
    local bytes = ruleset:decide_json(people.one(), { at = 1795305600000 })
    for _, at in ipairs { "2026-11-22", "2026-11-22T00:00", "2026-11-22T00:00:00Z", "2026-11-22T05:30:00+05:30" } do
      assert.equal(1795305600000, core.time(at))
      assert.equal(bytes, ruleset:decide_json(people.one(), { at = at }))
    end
  end)

  it("knows the calendar", function()
    local cases = {
      ["1970-01-01"] = 0, ["1969-12-31"] = -86400000, ["2024-02-29"] = 1709164800000,
      ["2000-02-29"] = 951782400000, ["2000-03-01"] = 951868800000,
      ["2100-02-29"] = false, ["2100-03-01"] = 4107542400000,
      ["2026-11-22T10:30:00.250Z"] = 1795343400250,
      ["2023-02-29"] = false, ["2026-13-01"] = false, ["2026-00-01"] = false, ["2026-04-31"] = false,
      ["2026-11-22T24:00"] = false, ["2026-11-22T10:60"] = false, ["2026-11-22x"] = false, [""] = false,
      ["22.11.2026"] = false, ["2026-11-22T10:30:00+15:00"] = false,
    }
    for text, expected in pairs(cases) do
      assert.equal(expected or nil, (core.time(text)), text)
    end
  end)

  it("answers nil, a message and a code for a time or category that is none", function()
    local answer, message, code = ruleset:decide(people.one(), { at = "tomorrow" })
    assert.is_nil(answer)
    assert.matches("^time: ", message)
    assert.equal("invalid", code)
    answer, message, code = ruleset:decide(people.one(), { category = "credt" })
    assert.is_nil(answer)
    assert.equal("category: unknown 'credt'; did you mean 'credit'?", message)
    assert.equal("not_found", code)
  end)

  it("gives at most as many offers as asked for", function()
    local all = ruleset:decide(people.one(), AT).recommended_products
    assert.is_true(#all >= 2)
    local one = ruleset:decide(people.one(), { at = people.AT, limit = 1 }).recommended_products
    assert.equal(1, #one)
    assert.same(all[1], one[1])
  end)

  it("gives offers of one category only", function()
    local answer = ruleset:decide(people.one(), { at = people.AT, category = "investment" })
    for _, offer in ipairs(answer.recommended_products) do
      assert.equal("investment", offer.category)
    end
  end)

  it("raises on wrong options", function()
    local wrong = {
      { lmit = 1 }, { limit = 0 }, { limit = "1" }, { limit = 1.5 }, { limit = 10001 }, { at = {} },
      { at = 1.5 }, { category = 7 },
      { [1] = true }, 7,
    }
    for i, options in ipairs(wrong) do
      assert.has_error(function() ruleset:decide(people.one(), options) end, nil, i)
    end
    assert.error_matches(function() ruleset:decide(people.one(), { lmit = 1 }) end, "did you mean 'limit'")
  end)

  it("decides for now when no time is given", function()
    local before = core.now()
    assert.is_true(before > 1700000000000)
    assert.is_truthy(ruleset:decide(people.one()))
  end)
end)

describe("explaining", function()
  it("gives the same as table and as bytes, with every product", function()
    local answer = assert(ruleset:explain(people.one(), AT))
    assert.same(core.decode_json(ruleset:explain_json(people.one(), AT)), answer)
    assert.equal(#ruleset:products(), #answer.products)
  end)
end)

describe("JSON read into Lua", function()
  local cases = {
    { "1", 1 }, { "1.0", 1.0 }, { "-0.5", -0.5 }, { '"a\\u00e9\\n"', "a\u{e9}\n" }, { "true", true },
    { "false", false }, { "[1,[2],{}]", { 1, { 2 }, {} } }, { '{"a":{"b":[true]},"c":null}', { a = { b = { true } } } },
    { "9007199254740992", 9007199254740992 }, { "1e3", 1000.0 },
  }
  for _, case in ipairs(cases) do
    it("makes a value of " .. case[1], function()
      local value = core.decode_json(case[1])
      assert.same(case[2], value)
      assert.equal(math.type(case[2]), math.type(value))
    end)
  end

  it("keeps the places of a list that are null", function()
    assert.same({ 1, offerengine.null, 3 }, core.decode_json("[1,null,3]"))
  end)

  it("refuses what is not strict JSON", function()
    for _, text in ipairs { "", "{", "[1,]", "nul", '{"a":1,"a":2}', "1 2", "'a'", "NaN" } do
      local value, _, code = core.decode_json(text)
      assert.is_nil(value)
      assert.equal("syntax_error", code)
    end
  end)

  it("reads what is nested sixteen deep and refuses one more", function()
    assert.is_table(core.decode_json(("["):rep(16) .. ("]"):rep(16)))
    assert.is_nil((core.decode_json(("["):rep(17) .. ("]"):rep(17))))
  end)
end)
