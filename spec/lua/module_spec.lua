-- module_spec.lua: what require "offerengine" gives, and that the stubs tell the truth about it.

local shell = require "spec.lua.shell"
local people = require "spec.lua.people"
local offerengine = require "offerengine"

local RULES = shell.source .. "/rules"

local function method_names(object)
  local names = {}
  for name in pairs(debug.getmetatable(object).__index) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

-- Class -> sorted names of its methods, or of the module's functions and fields, as the stubs say.
local function documented()
  local text = ""
  for _, name in ipairs { "meta", "meta_journal", "meta_reports" } do
    text = text .. shell.read(("%s/lua/offerengine/%s.lua"):format(shell.source, name))
  end
  local classes = { offerengine = {} }
  for class, name in text:gmatch("\nfunction (%a+)[.:]([%w_]+)%(") do
    classes[class] = classes[class] or {}
    table.insert(classes[class], name)
  end
  local module = text:match("%-%-%-@class offerengine\n(.-)\nlocal offerengine")
  for name in module:gmatch("%-%-%-@field ([%w_]+)") do
    table.insert(classes.offerengine, name)
  end
  for _, names in pairs(classes) do
    table.sort(names)
  end
  return classes
end

describe("the module", function()
  local ruleset = assert(offerengine.load(RULES))

  it("tells its version as three numbers", function()
    assert.matches("^%d+%.%d+%.%d+$", offerengine.version)
  end)

  it("is the same table however often it is required", function()
    assert.equal(offerengine, require "offerengine")
  end)

  describe("has stubs that", function()
    local classes = documented()
    local folder, objects

    setup(function()
      folder = shell.folder()
      objects = {
        Ruleset = ruleset,
        Profile = assert(ruleset:profile(people.one())),
        Population = offerengine.population(ruleset),
        Store = assert(offerengine.open(folder .. "/bank.db")),
      }
    end)

    teardown(function()
      objects.Store:close()
      shell.remove(folder)
    end)

    it("name every function and field of the module and no other", function()
      local names = {}
      for name in pairs(offerengine) do
        names[#names + 1] = name
      end
      table.sort(names)
      assert.same(names, classes.offerengine)
    end)

    for _, class in ipairs { "Ruleset", "Profile", "Population", "Store" } do
      it("name every method of " .. class .. " and no other", function()
        assert.same(method_names(objects[class]), classes[class])
      end)
    end
  end)
end)

describe("loading rules", function()
  it("gives the ruleset and its warnings", function()
    local ruleset, findings = offerengine.load(RULES)
    assert.is_userdata(ruleset)
    assert.is_table(findings)
    assert.matches("^%x%x%x%x%x%x%x%x%x%x%x%x$", ruleset:hash())
    assert.matches("^%x%x%x%x%x%x%x%x%x%x%x%x$", ruleset:meaning())
    assert.not_equal(ruleset:hash(), ruleset:meaning())
  end)

  it("gives nil, a message, a code and the findings when rules are wrong", function()
    local folder = shell.folder()
    shell.write(folder .. "/schema.lua", 'attribute "income" { typ = "money" }\n')
    local ruleset, message, code, findings = offerengine.load(folder)
    shell.remove(folder)
    assert.is_nil(ruleset)
    assert.is_string(message)
    assert.equal("invalid", code)
    assert.equal("schema.lua", findings[1].file)
    assert.equal(1, findings[1].line)
    assert.equal("error", findings[1].severity)
  end)

  it("gives nil, a message and a code when there is no such folder", function()
    local ruleset, message, code = offerengine.load("/nowhere/at/all")
    assert.is_nil(ruleset)
    assert.is_string(message)
    assert.is_true(code == "not_found" or code == "io_error")
  end)

  it("raises when it is misused", function()
    assert.has_error(function() offerengine.load() end)
    assert.has_error(function() offerengine.load({}) end)
    assert.has_error(function() offerengine.load(RULES, { ruleset = 7 }) end)
  end)
end)

describe("a ruleset", function()
  local ruleset = assert(offerengine.load(RULES))

  it("lists what it holds in the order of declaration", function()
    for _, kind in ipairs { "products", "segments", "attributes", "categories", "rules", "dimensions" } do
      local list = ruleset[kind](ruleset)
      assert.is_true(#list > 0, kind)
      assert.is_string(list[1].id or list[1].name, kind)
      assert.is_string(list[1].file, kind)
      assert.is_true(list[1].line >= 1, kind)
    end
  end)

  it("tells of a product what holds, and what the rule says where a tier changed it", function()
    local product = assert(ruleset:product("premium_credit_card"))
    assert.equal("Premium Credit Card", product.name)
    assert.equal("credit", product.category)
    assert.equal(75000, product.min_income)
    assert.equal(720, product.min_credit_score) -- the premium tier raises it
    assert.same({ min_credit_score = 700 }, product.declared)
    assert.is_nil(product.effective)
    assert.same({}, ruleset:product("business_loan").declared)
    assert.is_false(product.off)
  end)

  it("knows no product that is not there, and suggests the nearest", function()
    local product, message, code = ruleset:product("premium_credit_crad")
    assert.is_nil(product)
    assert.equal("product: unknown 'premium_credit_crad'; did you mean 'premium_credit_card'?", message)
    assert.equal("not_found", code)
  end)

  it("tells the segments of a customer", function()
    local ids = {}
    for i, segment in ipairs(ruleset:segments(people.one { age = 26, income = 50000 })) do
      ids[i] = segment.id
    end
    assert.is_truthy(table.concat(ids, " "):find("young_professionals", 1, true))
  end)

  it("raises on misuse", function()
    assert.has_error(function() ruleset:product() end)
    assert.has_error(function() ruleset:segments(7) end)
    assert.has_error(function() ruleset.hash() end)
    assert.has_error(function() ruleset.hash({}) end)
    assert.has_error(function() ruleset.products(io.stdout) end)
  end)

  it("cannot be tampered with through its metatable", function()
    assert.is_string(getmetatable(ruleset))
    assert.has_error(function() setmetatable(ruleset, {}) end)
  end)

  it("stays alive as long as something made from it does", function()
    local profile, population
    do
      local own = assert(offerengine.load(RULES))
      profile = assert(own:profile(people.one()))
      population = offerengine.population(own)
    end
    collectgarbage()
    collectgarbage()
    assert.equal(35, profile:get("age"))
    assert.equal("created", population:add(people.one()))
    assert.equal(95000, population:get("C001").income)
  end)
end)
