-- same_bytes_spec.lua: module, population, batch and command line give the same bytes: for the real households that
-- come with the rules, for random profiles, for any number of threads.

local shell = require "spec.lua.shell"
local people = require "spec.lua.people"
local core = require "offerengine.core"
local offerengine = require "offerengine"

local ruleset = assert(offerengine.load(shell.source .. "/rules"))
local AT = { at = people.AT }
-- OE_SPEC_HOUSEHOLDS names the whole file; without it the excerpt that comes with the rules is decided.
local HOUSEHOLDS = os.getenv("OE_SPEC_HOUSEHOLDS") or shell.source .. "/rules/samples/scf-2019-excerpt.csv"
local MAP = shell.source .. "/rules/samples/scf-2019.map.csv"

local function lines_of(text)
  local lines = {}
  for line in text:gmatch("[^\n]+") do
    lines[#lines + 1] = line
  end
  return lines
end

describe("the bytes of a decision", function()
  local folder

  setup(function() folder = shell.folder() end)
  teardown(function() shell.remove(folder) end)

  -- Decides a file in one batch; the answers by line.
  local function batch(path, options)
    local words = { "batch", "--in", path, "--out", folder .. "/out.ndjson", "--at", people.AT }
    table.move(options or {}, 1, #(options or {}), #words + 1, words)
    local code, _, err = shell.run(table.unpack(words))
    assert.equal(0, code, err)
    return lines_of(shell.read(folder .. "/out.ndjson"))
  end

  local function random_file(list)
    local texts = {}
    for i, values in ipairs(list) do
      texts[i] = assert(ruleset:profile(values)):json() .. "\n"
    end
    return shell.write(folder .. "/random.ndjson", table.concat(texts))
  end

  it("are the same from module, batch and population for random profiles", function()
    local list = people.random(people.count())
    local answers = batch(random_file(list))
    assert.equal(#list, #answers)
    local population = offerengine.population(ruleset)
    for i, values in ipairs(list) do
      assert.equal(ruleset:decide_json(values, AT), answers[i])
      assert(population:add(values))
    end
    local by_id = {}
    population:decide_all(AT, function(answer) by_id[answer.customer_id] = answer end)
    for i, values in ipairs(list) do
      assert.same(core.decode_json(answers[i]), by_id[values.customer_id])
    end
  end)

  it("are the same for one thread and for many, in the order of the input", function()
    local path = random_file(people.random(people.count(), 7))
    local one = batch(path, { "--workers", "1" })
    for _, workers in ipairs { "2", "7" } do
      assert.same(one, batch(path, { "--workers", workers }))
    end
  end)

  it("are the same from batch, module and command line for the real households", function()
    local answers = batch(HOUSEHOLDS, { "--map", MAP })
    assert.is_true(#answers > 0)
    local list = assert(core.customers(ruleset, { path = HOUSEHOLDS, map = MAP }))
    while list:read() do end
    assert.same({ #answers, 0 }, { list:count() })
    for i, json in list:each() do
      local profile = assert(ruleset:profile_json(json))
      assert.is_nil(profile:get("credit_score"))
      assert.equal(answers[i], ruleset:decide_json(profile, AT))
      if i % 100 == 1 then
        local _, out = shell.run("recommend", "--in", "-", "--json", "--at", people.AT, { input = json })
        assert.equal(answers[i], out)
      end
    end
  end)

  it("say that the score of the real households is not on file, not that it is zero", function()
    local list = assert(core.customers(ruleset, { path = HOUSEHOLDS, map = MAP }))
    while list:read() do end
    local _, json = list:each()(list, 0)
    local text = ruleset:explain_json(assert(ruleset:profile_json(json)), AT)
    assert.matches("not_on_file", text, 1, true)
  end)
end)
