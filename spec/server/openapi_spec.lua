-- openapi_spec.lua: the interface description against the rules of OpenAPI 3.1, against the routes and against itself.

local json = require "dkjson"
local routes = require "server.routes"
local rule_folder = require "rule_folder"
local schema_check = require "schema_check"
local stand_in = require "stand_in"

local METHODS = { get = true, put = true, post = true, delete = true, patch = true }

local function describe_interface(folder)
  return json.decode(stand_in.call(stand_in.service(nil, folder), "openapi").body, 1, json.null)
end

local document

setup(function()
  document = describe_interface()
end)

local function each_operation(visit)
  for path, item in pairs(document.paths) do
    for method, operation in pairs(item) do
      visit(operation, method, path)
    end
  end
end

-- Calls visit(object, place) for every object below `value`.
local function walk(value, place, visit)
  if type(value) ~= "table" or value == json.null then
    return
  end
  visit(value, place)
  for name, member in pairs(value) do
    walk(member, place .. "/" .. tostring(name), visit)
  end
end

-- Every schema with an example of it: visit(schema, example, place).
local function each_example(visit)
  local function visit_content(content, place)
    for media_type, given in pairs(content or {}) do
      local where = place .. " " .. media_type
      assert.is_table(given.schema, where)
      if given.example ~= nil then
        visit(given.schema, given.example, where)
      end
      for name, example in pairs(given.examples or {}) do
        visit(given.schema, example.value, where .. " " .. name)
      end
    end
  end
  each_operation(function(operation, method, path)
    local place = method .. " " .. path
    visit_content((operation.requestBody or {}).content, place .. " body")
    for status, response in pairs(operation.responses) do
      visit_content(response.content, place .. " " .. status)
    end
    for _, parameter in ipairs(operation.parameters or {}) do
      if parameter.example ~= nil then
        visit(parameter.schema, parameter.example, place .. " " .. parameter.name)
      end
    end
  end)
end

local function operation_of(route)
  return document.paths[route.path][route.method:lower()]
end

describe("the interface description", function()
  it("is OpenAPI 3.1 with what that requires", function()
    assert.equal("3.1.0", document.openapi)
    assert.equal(require("offerengine").version, document.info.version)
    assert.is_string(document.info.title)
    assert.is_nil(document.info.license.url) -- identifier and url exclude each other
    assert.same({ "/" }, { document.servers[1].url })
  end)

  it("documents every route, and nothing else", function()
    local expected, found = {}, {}
    for _, route in ipairs(routes) do
      expected[route.method:lower() .. " " .. route.path] = route.id
    end
    each_operation(function(operation, method, path)
      assert.is_true(METHODS[method])
      found[method .. " " .. path] = operation.operationId
    end)
    assert.same(expected, found)
  end)

  it("gives each operation an id of its own, a tag that is declared and a summary", function()
    local ids, tags = {}, {}
    for _, tag in ipairs(document.tags) do
      tags[tag.name] = true
    end
    each_operation(function(operation, method, path)
      assert.truthy(operation.operationId:match("^%a[%w]*$"))
      assert.is_nil(ids[operation.operationId], operation.operationId)
      ids[operation.operationId] = true
      assert.is_true(tags[operation.tags[1]], path)
      assert.is_string(operation.summary, method .. path)
    end)
  end)

  it("declares each capture of a path as a required parameter, and no other", function()
    each_operation(function(operation, _, path)
      local captures, declared, names = {}, {}, {}
      for name in path:gmatch("{(.-)}") do
        captures[name] = true
      end
      for _, parameter in ipairs(operation.parameters or {}) do
        assert.truthy(({ path = true, query = true, header = true })[parameter["in"]])
        assert.is_boolean(parameter.required)
        assert.is_true(parameter.required or parameter["in"] ~= "path", parameter.name)
        assert.is_nil(names[parameter.name])
        names[parameter.name] = true
        declared[parameter.name] = parameter["in"] == "path" or nil
      end
      assert.same(captures, declared)
    end)
  end)

  it("has a response with a description for each operation, and errors by their own schema", function()
    each_operation(function(operation, method, path)
      local place, has_success = method .. " " .. path, false
      for status, response in pairs(operation.responses) do
        assert.truthy(status:match("^[1-5]%d%d$"), place)
        assert.is_string(response.description, place .. status)
        has_success = has_success or status:sub(1, 1) == "2"
        if status >= "400" then
          assert.is_table(response.content["application/json"])
          assert.is_table(response.content["application/problem+json"])
        end
        assert.is_falsy((status == "204" or status == "304") and response.content, place)
      end
      assert.is_true(has_success, place)
    end)
  end)

  it("refers to nothing that is not there, and declares no schema in vain", function()
    local used = {}
    walk(document, "#", function(object, place)
      local reference = object["$ref"]
      if type(reference) == "string" then
        assert.is_table(schema_check.resolve(document, reference), place .. ": " .. reference)
        used[reference:match("[^/]+$")] = true
      end
    end)
    for name in pairs(document.components.schemas) do
      assert.is_true(used[name], name)
    end
  end)

  it("speaks in words of 3.1: no nullable, and lists of types", function()
    walk(document.components.schemas, "#/components/schemas", function(object, place)
      assert.are_not.equal("boolean", type(object.nullable), place)
    end)
  end)

  it("shows examples that are what their schemas say, all members included", function()
    local count = 0
    each_example(function(schema, example, place)
      assert.same({}, schema_check.faults(document, schema, example), place)
      count = count + 1
    end)
    assert.is_true(count > 20, "examples: " .. count)
  end)

  it("shows the customer of the documentation for POST /recommend/", function()
    local body = document.paths["/recommend/"].post.requestBody
    local example = body.content["application/json"].example
    assert.is_true(body.required)
    assert.same({ "savings_account", "debit_card" }, { table.unpack(example.existing_products) })
    example.existing_products = nil
    assert.same({ customer_id = "NEW001", age = 32, income = 85000, credit_score = 710, avg_account_balance = 25000 },
      example)
  end)

  it("answers with what the rules really decide for that customer", function()
    local answer = document.paths["/recommend/"].post.responses["200"].content["application/json"].example
    assert.equal("NEW001", answer.customer_id)
    assert.equal(#answer.recommended_products, answer.total_recommendations)
    assert.is_true(answer.total_recommendations > 0)
  end)

  it("says of every route in which errors it can end", function()
    local errors = require "server.docs.errors"
    for _, route in ipairs(routes) do
      for _, code in ipairs(route.errors or {}) do
        local response = operation_of(route).responses[tostring(errors[code].status)]
        assert.is_table(response.content["application/json"].examples[code], route.path .. " " .. code)
      end
    end
  end)
end)

describe("the schema of a customer", function()
  local customer

  setup(function()
    customer = document.components.schemas.Customer
  end)

  it("requires what the rules require, in their order", function()
    assert.same({ "customer_id", "age", "income", "existing_products", "credit_score", "avg_account_balance" },
      { table.unpack(customer.required) })
  end)

  it("carries types, ranges and null where it may be sent", function()
    local properties = customer.properties
    assert.same({ "integer", 0, 130 }, { properties.age.type, properties.age.minimum, properties.age.maximum })
    assert.same({ "integer", "null" }, { table.unpack(properties.credit_score.type) })
    assert.same({ 300, 850 }, { properties.credit_score.minimum, properties.credit_score.maximum })
    assert.same({ "number", 0 }, { properties.income.type, properties.income.minimum })
    assert.is_nil(properties.income.maximum)
    assert.is_nil(properties.avg_account_balance.minimum)
    assert.same({ "array", "string" }, { properties.existing_products.type, properties.existing_products.items.type })
    assert.same({ "string", "null" }, { table.unpack(properties.region.type) })
  end)

  local cases = {
    { "age", 0, true }, { "age", 130, true }, { "age", -1, false }, { "age", 131, false }, { "age", 32.5, false },
    { "age", "32", false }, { "age", json.null, false }, { "credit_score", json.null, true },
    { "credit_score", 299, false }, { "credit_score", 300, true }, { "credit_score", 850, true },
    { "credit_score", 851, false }, { "avg_account_balance", -5000, true }, { "income", -0.01, false },
    { "customer_id", "", false }, { "customer_id", ("x"):rep(128), true }, { "customer_id", ("x"):rep(129), false },
    { "region", json.null, true }, { "region", 7, false }, { "existing_products", { 7 }, false },
  }
  for _, case in ipairs(cases) do
    it(("and the service agree on %s = %s"):format(case[1], tostring(case[2]):sub(1, 12)), function()
      local values = { customer_id = "C1", age = 30, income = 1, credit_score = 700, avg_account_balance = 0 }
      values.existing_products = setmetatable({}, { __jsontype = "array" })
      values[case[1]] = case[2]
      if case[1] == "existing_products" then
        setmetatable(values.existing_products, { __jsontype = "array" })
      end
      assert.equal(case[3], #schema_check.faults(document, customer, values) == 0)
      assert.equal(case[3], stand_in.service().ruleset:profile_json(json.encode(values)) ~= nil)
    end)
  end
end)

describe("the description of other rules", function()
  it("follows their schema, and still shows a lawful customer", function()
    local folder = rule_folder.write {
      ["schema.lua"] = [[
        attribute "age" { type = "integer", range = { 40, 50 } }
        attribute "balance" { type = "money", range = { nil, 10 } }
        attribute "vip" { type = "flag" }
        attribute "city" { type = "text" }
        attribute "owned" { type = "product_set" }
        category "savings" { name = "Savings" }
      ]],
      ["products/one.lua"] = [[
        product "one" { name = "One", category = "savings", min_age = 40 }
      ]],
      ["scoring.lua"] = [[ scoring { age = { weight = 10, curve = gate, every = true } } ]],
    }
    local other = describe_interface(folder)
    rule_folder.remove(folder)
    local customer = other.components.schemas.Customer
    assert.same({ "customer_id", "age", "balance", "vip", "city", "owned" }, { table.unpack(customer.required) })
    local example = other.paths["/recommend/"].post.requestBody.content["application/json"].example
    assert.same({}, schema_check.faults(other, customer, example))
    assert.equal(40, example.age)
  end)
end)
