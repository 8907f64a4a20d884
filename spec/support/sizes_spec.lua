-- sizes_spec.lua: the size check itself, on both sides of each limit.

local top = os.getenv("OE_SOURCE") or "."
local sizes = dofile(top .. "/spec/support/sizes.lua")

local function no_ranges()
  return {}
end

-- A C function whose braces span `lines` lines.
local function c_function(lines, parameters)
  return ("int f(%s)\n{\n%s}\n"):format(parameters or "void", ("    x();\n"):rep(lines - 2))
end

describe("the size check", function()
  local files = {
    { "core/engine/x.h", 500, 0 }, { "core/engine/x.h", 501, 1 },
    { "core/offerengine.h", 890, 0 }, { "core/offerengine.h", 891, 1 },
    { "spec/lua/x_spec.lua", 700, 0 }, { "spec/lua/x_spec.lua", 701, 1 },
    { "rules/products/x.lua", 150, 0 }, { "rules/products/x.lua", 151, 1 },
  }
  for _, case in ipairs(files) do
    it(("finds %d faults in %s of %d lines"):format(case[3], case[1], case[2]), function()
      assert.equal(case[3], #sizes.check({ [case[1]] = ("\n"):rep(case[2]) }, no_ranges))
    end)
  end

  for _, case in ipairs { { 60, 0 }, { 61, 1 } } do
    it(("finds %d faults in a C function of %d lines"):format(case[2], case[1]), function()
      assert.equal(case[2], #sizes.check({ ["core/engine/x.c"] = c_function(case[1]) }, no_ranges))
    end)
    it(("finds %d faults in a Lua function of %d lines"):format(case[2], case[1]), function()
      local function ranges()
        return { { 1, case[1] } }
      end
      assert.equal(case[2], #sizes.check({ ["lua/offerengine/x.lua"] = "\n" }, ranges))
    end)
  end

  local parameters = {
    { "int a, int b, int c, int d, int e", 0 }, { "int a, int b, int c, int d, int e, int f", 1 },
    { "int a, int b,\n      int c, int d,\n      int e, int f", 1 },
    { "int a, int b, int c, int d, void (*e)(int, int)", 0 },
  }
  for _, case in ipairs(parameters) do
    it(("finds %d faults in the parameters %s"):format(case[2], case[1]:gsub("%s+", " ")), function()
      assert.equal(case[2], #sizes.check({ ["lua/x.c"] = c_function(3, case[1]) }, no_ranges))
    end)
  end
end)
