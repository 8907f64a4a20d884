-- same_bytes_spec.lua: HTTP gives the bytes that the module gives, for the samples and for random customers, stored
-- and sent.

local offerengine = require "offerengine"
local people = require "spec.lua.people"
local service = require "spec.support.service"

local COUNT = tonumber(os.getenv "OE_PROFILES" or "500")

describe("the bytes of an answer over HTTP", function()
  local server, client, ruleset

  setup(function()
    ruleset = assert(offerengine.load(service.source .. "/rules"))
    server = assert(service.start())
    client = server:connect()
  end)
  teardown(function()
    client:close()
    server:stop()
  end)

  -- What HTTP says for a profile that is sent, and for the same one stored.
  local function assert_same_bytes(profile, id)
    local expected = ruleset:decide_json(profile)
    assert.equal(expected, service.decision(client:ask("POST", "/recommend/", nil, profile:json())))
    assert.equal(expected, service.decision(client:ask("GET", "/recommend/" .. id)))
    assert.equal(profile:json(), client:ask("GET", "/customers/" .. id).body)
  end

  it("are those of the module for every sample", function()
    local list = client:ask("GET", "/customers").body
    local count = 0
    for text, id in list:gmatch '({"customer_id":"([^"]+)"[^{}]*})' do
      assert_same_bytes(assert(ruleset:profile_json(text)), id)
      assert.equal(ruleset:explain_json(assert(ruleset:profile_json(text))), client:ask("GET", "/explain/" .. id).body)
      count = count + 1
    end
    assert.is_true(count >= 12)
  end)

  it(("are those of the module for %d random customers"):format(COUNT), function()
    local list, lines = people.random(COUNT, 99), {}
    for i, values in ipairs(list) do
      list[i] = { id = values.customer_id, profile = assert(ruleset:profile(values)) }
      lines[i] = list[i].profile:json() .. "\n"
    end
    local report = client:ask("POST", "/import/customers", { ["Content-Type"] = "application/x-ndjson" },
      table.concat(lines))
    assert.equal(200, report.status, report.body)
    for _, one in ipairs(list) do
      assert_same_bytes(one.profile, one.id)
    end
  end)

  it("are those of the module with a limit and a category", function()
    local profile = assert(ruleset:profile(people.one()))
    for _, options in ipairs { { limit = 1 }, { limit = 3 }, { category = "loan" },
      { category = "loan", limit = 1 } } do
      local query = {}
      for name, value in pairs(options) do
        query[#query + 1] = name .. "=" .. value
      end
      local target = "?" .. table.concat(query, "&")
      assert.equal(ruleset:decide_json(profile, options),
        service.decision(client:ask("POST", "/recommend/" .. target, nil, profile:json())), target)
    end
  end)

  it("are those of the command line for the catalogue and for the customers", function()
    local function printed(command)
      local words = ("%s/offerengine %s --rules %s/rules --json"):format(service.build, command, service.source)
      local pipe <close> = assert(io.popen(words))
      return pipe:read "a"
    end
    assert.equal(client:ask("GET", "/products").body .. "\n", printed "products")
    local samples = assert(service.start())
    local reader = samples:connect()
    local listed = reader:ask("GET", "/customers").body
    reader:close()
    samples:stop()
    assert.matches('"credit_score":null', listed, 1, true)
    assert.equal(listed:gsub(',"next_cursor":null}$', "}\n"), printed "customers")
  end)
end)
