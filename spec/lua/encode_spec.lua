-- encode_spec.lua: Lua values as JSON text.

local core = require "offerengine.core"
local json = require "offerengine.json"

local cases = {
  { "an empty table is an object", {}, "{}" },
  { "an empty list needs its mark", json.list {}, "[]" },
  { "a table with a first item is a list", { 1, "a", true }, '[1,"a",true]' },
  { "members stand by name, known ones first", { b = 1, a = 2, id = 3 }, '{"id":3,"a":2,"b":1}' },
  { "an object keeps its order and leaves out nil", json.object("b", 1, "x", nil, "a", false), '{"b":1,"a":false}' },
  { "raw text goes out as it is", { json.raw '{"x":1}', json.null }, '[{"x":1},null]' },
  { "texts are escaped", '"\\\n\1é', '"\\"\\\\\\n\\u0001é"' },
  { "texts go on behind a zero byte", { "\0", "a\0\"é" }, '["\\u0000","a\\u0000\\"é"]' },
  { "numbers keep their digits", { 0.1, 1764000000000, -3, 2.5 }, "[0.1,1764000000000,-3,2.5]" },
  { "what is not finite is null", { math.huge, -math.huge, 0 / 0 }, "[null,null,null]" },
  { "tables nest", { a = { { b = json.list {} } } }, '{"a":[{"b":[]}]}' },
}

local function nested(depth)
  local value = {}
  for _ = 2, depth do
    value = { value }
  end
  return value
end

describe("core.encode_json", function()
  for _, case in ipairs(cases) do
    it(case[1], function()
      assert.equal(case[3], json.encode(case[2]))
    end)
  end

  it("takes 64 tables in one another and refuses 65", function()
    assert.equal(("["):rep(63) .. "{}" .. ("]"):rep(63), json.encode(nested(64)))
    assert.has_error(function() json.encode(nested(65)) end, "json: nested deeper than 64")
  end)

  it("refuses a name with a zero byte, which would be another name", function()
    for _, value in ipairs { { ["a\0b"] = 1, a = 2 }, json.object("a\0b", 1), { { ["\0"] = 1 } } } do
      assert.has_error(function() json.encode(value) end, "json: a name with a zero byte")
    end
  end)

  it("refuses to be called without a value", function()
    assert.has_error(function() core.encode_json() end)
  end)

  it("reads back what it wrote", function()
    local value = { name = "Ünal", list = { 1, 2.25, "x" }, flag = true }
    assert.same(value, core.decode_json(json.encode(value)))
  end)
end)
