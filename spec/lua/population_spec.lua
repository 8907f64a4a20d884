-- population_spec.lua: many profiles in memory, walked and decided as of one moment.
-- luacheck: ignore 512

local shell = require "spec.lua.shell"
local people = require "spec.lua.people"
local core = require "offerengine.core"
local offerengine = require "offerengine"

local ruleset = assert(offerengine.load(shell.source .. "/rules"))
local AT = { at = people.AT }

local function filled(count)
  local population = offerengine.population(ruleset)
  local list = people.random(count)
  for _, values in ipairs(list) do
    assert(population:add(values))
  end
  return population, list
end

describe("a population", function()
  it("adds, replaces, finds, removes and counts", function()
    local population = offerengine.population(ruleset)
    assert.equal(0, #population)
    assert.equal("created", population:add(people.one()))
    assert.equal("replaced", population:add(assert(ruleset:profile(people.one { age = 36 }))))
    assert.equal(1, #population)
    assert.equal(1, population:count())
    assert.same(people.one { age = 36 }, population:get("C001"))
    assert.is_true(population:remove("C001"))
    assert.is_false(population:remove("C001"))
    local values, message, code = population:get("C001")
    assert.is_nil(values)
    assert.equal("population: customer not found", message)
    assert.equal("not_found", code)
    assert.equal(0, #population)
  end)

  it("refuses what is no profile and stays as it was", function()
    local population = filled(3)
    local outcome, message, code, faults = population:add(people.one { age = -1 })
    assert.is_nil(outcome)
    assert.matches("^profile: age: ", message)
    assert.equal("invalid", code)
    assert.equal("age", faults[1].location)
    assert.equal(3, #population)
  end)

  it("reads a file of customers, of equal ids the last, and counts bad rows", function()
    local population = offerengine.population(ruleset)
    local folder, told = shell.folder(), {}
    local rows = "customer_id,age,income,credit_score,avg_account_balance,existing_products,shoe\n"
      .. "A,40,50000,700,100,,43\nB,-3,50000,700,100,,43\nA,41,50000,,100,yacht;debit_card,43\n"
    local path = shell.write(folder .. "/book.csv", rows)
    local read = assert(population:read { path = path, progress = function(...) told = { ... } end })
    assert.same({ 2, 1, 0, 1, { "shoe" } },
      { read.customers, read.bad, read.undeclared, read.unknown_products, read.undeclared_columns })
    assert.matches("^row 3: age: [^\n]+\n$", read.bad_rows)
    assert.same({ #rows, #rows }, told)
    assert.equal(1, #population)
    assert.equal(41, population:get("A").age)
    local none, message, code = population:read { path = folder .. "/nothing.csv" }
    assert.same({ nil, "not_found" }, { none, code })
    assert.matches("nothing.csv", message, 1, true)
    assert.error_matches(function()
      population:read { path = path, progress = function() error "enough" end }
    end, "enough")
    assert.equal("replaced", population:add(people.one { customer_id = "A" })) -- the write was ended
    shell.remove(folder)
  end)

  it("walks over every customer once", function()
    local count = 600 -- more than two pages
    local population, list = filled(count)
    local seen = {}
    for id, values in population:each() do
      assert.is_nil(seen[id])
      table.sort(values.existing_products) -- they come in the catalogue's order
      seen[id] = values
    end
    for _, values in ipairs(list) do
      table.sort(values.existing_products)
      assert.same(values, seen[values.customer_id])
    end
  end)

  it("walks over the customers of the moment at which the walk began", function()
    local population = filled(300)
    local count = 0
    for id in population:each() do
      population:remove(id)
      population:add(people.one { customer_id = "X" .. id })
      count = count + 1
    end
    assert.equal(300, count)
    assert.equal(300, #population)
  end)

  it("may be walked by several at a time, and left early", function()
    local population = filled(300)
    for _ = 1, 300 do -- more than there are readers: each walk is closed at its end
      for id in population:each() do
        assert.is_string(id)
        break
      end
    end
    local pairs_seen = 0
    for _ in population:each() do
      for _ in population:each() do
        pairs_seen = pairs_seen + 1
        break
      end
    end
    assert.equal(300, pairs_seen)
  end)

  it("decides for all exactly as for each", function()
    local population, list = filled(people.count())
    local answers = {}
    local visited = population:decide_all(AT, function(answer)
      answers[answer.customer_id] = answer
    end)
    assert.equal(#list, visited)
    for _, values in ipairs(list) do
      assert.same(ruleset:decide(values, AT), answers[values.customer_id])
    end
  end)

  it("may be decided by calls that decide themselves", function()
    local population = filled(300)
    population:decide_all(AT, function(answer)
      local again = ruleset:decide(population:get(answer.customer_id), AT)
      assert.same(again, answer)
    end)
  end)

  it("stops deciding when told to", function()
    local population = filled(300)
    local visits = 0
    assert.equal(10, population:decide_all(AT, function()
      visits = visits + 1
      return visits < 10
    end))
  end)

  it("passes on an error raised while deciding and can be used afterwards", function()
    local population = filled(10)
    assert.error_matches(function()
      population:decide_all(AT, function() error("enough") end)
    end, "enough")
    assert.equal(10, population:decide_all(AT, function() end))
  end)

  it("reports a time or category that is none", function()
    local population = filled(1)
    local visited, message, code = population:decide_all({ at = "soon" }, function() end)
    assert.is_nil(visited)
    assert.matches("^time: ", message)
    assert.equal("invalid", code)
  end)

  it("raises on misuse", function()
    local population = filled(1)
    assert.has_error(function() offerengine.population() end)
    assert.has_error(function() offerengine.population({}) end)
    assert.has_error(function() population:add() end)
    assert.has_error(function() population:add("C001") end)
    assert.has_error(function() population:get() end)
    assert.has_error(function() population:remove({}) end)
    assert.has_error(function() population:decide_all(AT) end)
    assert.has_error(function() population:decide_all({ lmit = 1 }, function() end) end)
  end)

  it("may be closed twice, in the middle of a walk too, and is then of no use", function()
    local kept
    do
      local population <close> = filled(10)
      kept = population
      for _ in population:each() do
        population:close()
        break
      end
      population:close()
    end
    debug.getmetatable(kept).__gc(kept)
    assert.error_matches(function() return #kept end, "closed")
    assert.error_matches(function() kept:add(people.one()) end, "closed")
    assert.matches("closed", tostring(kept))
  end)

  it("is kept by a walk that outlives the last reference to it", function()
    local step, state
    do
      local population = filled(5)
      step, state = population:each()
    end
    collectgarbage()
    collectgarbage()
    local count = 0
    while step(state) do
      count = count + 1
    end
    assert.equal(5, count)
  end)

  it("gives back values that are read again to the same decision", function()
    local population, list = filled(50)
    for _, values in ipairs(list) do
      assert.equal(ruleset:decide_json(values, AT), ruleset:decide_json(population:get(values.customer_id), AT))
    end
    assert.is_table(core.decode_json(ruleset:decide_json(list[1], AT)))
  end)
end)
