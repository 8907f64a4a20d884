-- version_spec.lua: the specs run on the Lua that the product embeds, not on whatever "lua" happens to be.

describe("the interpreter of the specs", function()
  it("is Lua 5.4", function()
    assert.equal("Lua 5.4", _VERSION)
  end)

  it("finds the build under test", function()
    assert.is_string(os.getenv("OE_BUILD"))
    assert.is_string(os.getenv("OE_SOURCE"))
  end)
end)
