-- walk_contact_spec.lua: a customer from onboarding to a second look, as three applications of a bank live it: what the
-- README's clients report of the first decision is respected by the next.

local core = require "offerengine.core"
local live_rules = require "spec.support.live_rules"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"

local POLICIES = [[
cap       "enough" { at_most = 3, per = "30 days" }
cool_down "no"     { days = 90 }
]]

describe("a customer between three applications", function()
  local folder, server, client

  setup(function()
    folder = service.folder()
    local rules = live_rules.copy(folder)
    rules:write("contact.lua", POLICIES)
    server = assert(service.start { rules = rules.path, words = { "--no-watch" } })
    client = server:connect()
  end)

  teardown(function()
    server:stop()
    service.remove(folder)
  end)

  -- The block of README.md in that language that holds the text, typed against this service.
  local function run(command, language, needle, name)
    local readme = shell.read(service.source .. "/README.md")
    for found, text in readme:gmatch "\n```(%w+)\n(.-)```" do
      if found == language and text:find(needle, 1, true) then
        local path = shell.write(folder .. "/" .. name, (text:gsub("http://localhost:8000", server.address)))
        local code, out, err = shell.run_line(("%s '%s'"):format(command, path))
        assert.equal(0, code, err)
        return out
      end
    end
    error("README.md has no such block: " .. needle)
  end

  local function offers(query)
    local decision, list = core.decode_json(client:ask("GET", "/recommend/C001" .. (query or "")).body), {}
    for i, offer in ipairs(decision.recommended_products) do
      list[i] = offer.product_id
    end
    return list
  end

  local function explained(id)
    for _, product in ipairs(core.decode_json(client:ask("GET", "/explain/C001").body).products) do
      if product.product_id == id then
        return product
      end
    end
  end

  it("is onboarded, looked up, reported on and looked up again", function()
    -- Onboarding decides for who is in the form, and stores nothing.
    local onboarding = run("bash", "bash", "curl -X POST", "onboard.sh")
    assert.truthy(onboarding:find('"decision_id"', 1, true), onboarding)

    -- The relationship manager looks the customer up and reads why.
    local first = offers "?explain=true"
    assert.equal(3, #first)
    assert.equal("basic_investment", first[1])
    assert.equal("offered", explained(first[1]).outcome)

    -- The Python application reports what was shown: the same three, for they are reserved.
    local reported = run("python3", "python", "/outcomes", "report.py")
    local expected = {}
    for i, id in ipairs(first) do
      expected[i] = id .. " stored\n"
    end
    assert.equal(table.concat(expected), reported)

    -- The script of the branch says that the first was declined.
    local declined = run("bash", "bash", "/outcomes", "report.sh")
    assert.truthy(declined:find('"stored":2,"repeated":0,"refused":0', 1, true), declined)

    -- The second look: what was declined rests, and nothing takes its place.
    local second = offers()
    assert.same({ first[2], first[3] }, second)
    local product = explained(first[1])
    assert.same({ "contact_policy", "cooling_down" }, { product.outcome, product.reason_codes[1] })

    -- The web application reports that the next one was accepted.
    assert.equal("201 stored\n", run("node", "javascript", "/outcomes", "report.mjs"))

    -- Then the customer wants no more of it by post, and goes.
    assert.equal(200, client:ask("PUT", "/customers/C001/consent", nil, '{"opt_out":[{"channel":"post"}]}').status)
    assert.same({}, offers "?channel=post")
    local gone = client:ask("DELETE", "/customers/C001")
    assert.equal(204, gone.status)
    assert.truthy(gone.headers["offerengine-erased"]:find("consents=1", 1, true))
    assert.truthy(gone.headers["offerengine-erased"]:find("events=6", 1, true), gone.headers["offerengine-erased"])
  end)
end)
