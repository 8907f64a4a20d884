-- readme_spec.lua: what README.md says is typed here, against the real service.

local service = require "spec.support.service"
local shell = require "spec.lua.shell"

-- The fenced blocks of README.md: { language, text } in their order.
local function blocks()
  local list = {}
  for language, text in shell.read(service.source .. "/README.md"):gmatch "\n```(%w+)\n(.-)```" do
    list[#list + 1] = { language, text }
  end
  return list
end

local function block(language, needle)
  for _, found in ipairs(blocks()) do
    if found[1] == language and found[2]:find(needle, 1, true) then
      return found[2]
    end
  end
  error(("README.md has no %s block with %q"):format(language, needle))
end

describe("README.md", function()
  local server, folder, own

  setup(function()
    server = assert(service.start())
    folder = service.folder()
  end)

  teardown(function()
    server:stop()
    service.remove(folder)
  end)

  -- A text of the README with its address, build folder and scratch paths put where this run has them.
  local function here(text)
    return (text:gsub("/tmp/", folder .. "/"):gsub("build/offerengine", service.build .. "/offerengine")
      :gsub("http://127%.0%.0%.1:8001", own and own.address or "")
      :gsub("http://localhost:8000", server.address):gsub("http://127%.0%.0%.1:8000", server.address))
  end

  local function run(command, name, text)
    local path = shell.write(folder .. "/" .. name, here(text))
    return shell.run_line(("cd '%s' && %s '%s'"):format(service.source, command, path))
  end

  local function masked(text)
    return (text:gsub('"ruleset":"%x+"', '"ruleset":"?"'):gsub('"decision_id":"%x+"', '"decision_id":"?"')
      :gsub("%s+$", ""))
  end

  it("shows the answer that its request gets", function()
    local code, out = run("bash", "ask.sh", block("sh", "recommend/C001?limit=2"))
    assert.equal(0, code)
    assert.equal(masked(block("json", '"customer_id":"C001"')), masked(out))
  end)

  it("works a score out by hand to the number that is served", function()
    local text = shell.read(service.source .. "/README.md")
    local sum = 0
    local shares = { { "income", 40, 0.25 + 0.75 * (95000 - 40000) / (100000 - 40000) },
      { "credit score", 30, 0.25 + 0.75 * (735 - 640) / (800 - 640) }, { "balance", 20, 28000 / 50000 },
      { "age", 10, 1 } }
    for _, row in ipairs(shares) do
      local points = tonumber(text:match("| " .. row[1] .. " | " .. row[2] .. " | [^|]* | ([%d.]+) |"))
      assert.near(row[2] * row[3], points, 1e-9)
      sum = sum + points
    end
    sum = sum + tonumber(text:match "| gap bonus |  ?| [^|]* | (%d+) |")
    assert.equal(("%.15g"):format(sum), text:match "= ([%d.]+), shown as")
    local _, out = run("bash", "loan.sh", (block("sh", "category=loan"):gsub("\n.*", "")))
    local served = out:match '"product_name":"Personal Loan".-"confidence_score":([%d.]+)'
    assert.equal(served, text:match "shown as %*%*([%d.]+)%*%*")
    assert.near(sum, tonumber(served), 0.05)
  end)

  it("changes a rule and shows the effect, a mistake with its line, and the way back", function()
    local copy, serve = block("sh", "serve --rules /tmp/my-rules"):match "^([^\n]*)\n([^\n]*)"
    assert.equal(0, (run("bash", "copy.sh", copy)))
    assert.truthy(serve:find("--rules /tmp/my-rules --db /tmp/my-rules.db --port 8001 &", 1, true))
    own = assert(service.start { rules = folder .. "/my-rules", db = folder .. "/my-rules.db",
      words = { "--no-watch" } })
    local code, out = run("bash", "change.sh", block("sh", "travel.lua <<'LUA'"))
    assert.equal(0, code, out)
    assert.truthy(out:find("generation 2, ruleset %x+: serves now\n.*Travel Card"), out)
    local _, found, err = run("bash", "typo.sh", block("sh", "min_incme"))
    assert.truthy((found .. err):find('products/travel.lua:3: error[E012]: unknown attribute "incme"', 1, true),
      found .. err)
    assert.truthy((found .. err):find('did you mean "income"?', 1, true))
    code, out = run("bash", "back.sh", block("sh", "rollback 1"))
    assert.equal(0, code, out)
    assert.truthy(out:find("a card for the road\n.*at the start\ngeneration 3, "), out)
    own:stop()
  end)

  it("asks of a change what comes of it", function()
    local code, out, err = run("bash -e", "draft.sh", block("sh", "new product bike_loan"))
    assert.equal(0, code, err)
    assert.matches("10 tests, 0 failed.*Bike Loan.*price of min_income.*get no offer", out)
  end)

  local clients = {
    { "Python", "python3", "python", "import requests", "client.py", "Basic Investment Plan 92.4\n" },
    { "JavaScript", "node", "javascript", "await fetch", "client.mjs", "Basic Investment Plan: 92.4\n" },
    { "cURL", "bash", "bash", "curl -X POST", "client.sh", '"confidence_score":92.4' },
  }
  for _, client in ipairs(clients) do
    it(("has a %s client that runs as it stands"):format(client[1]), function()
      local code, out, err = run(client[2], client[5], block(client[3], client[4]))
      assert.equal(0, code, err)
      assert.truthy(out:find(client[6], 1, true), out)
    end)
  end

  it("counts what was offered and what came of it", function()
    local code, out, err = run(("DB='%s' bash"):format(server.db), "reports.sh",
      (block("sh", "report funnel"):gsub("/tmp/book.db", "$DB")))
    assert.equal(0, code, err)
    assert.matches("from decisions to what became of them.*with offer.*\nchannel,offered,shown,", out)
  end)

  it("decides for many customers in one request", function()
    local code, out, err = run("bash", "batch.sh", block("bash", "/recommend/batch"))
    assert.equal(0, code, err)
    local first, second, third = out:match "^([^\n]+)\n([^\n]+)\n([^\n]+)\n$"
    local alone = server:ask("GET", "/recommend/C001?limit=1").body
    assert.same({ masked(alone), true }, { masked(first), second:find('"customer_id":"C002"', 1, true) ~= nil })
    assert.equal(masked(block("json", '"line":3')), third)
  end)

  local reporters = {
    { "Python", "python3", "python", "report.py", "basic_investment stored\n" },
    { "cURL", "bash", "bash", "report.sh", '"stored":2,"repeated":0,"refused":0}' },
    { "JavaScript", "node", "javascript", "report.mjs", "201 stored\n" },
  }
  for _, client in ipairs(reporters) do
    it(("has a %s client that reports outcomes"):format(client[1]), function()
      local code, out, err = run(client[2], client[4], block(client[3], "/outcomes"))
      assert.equal(0, code, err)
      assert.truthy(out:find(client[5], 1, true), out .. err)
    end)
  end

  it("contacts a target group", function()
    service.remove(folder .. "/my-rules")
    assert(os.execute(("cp -r '%s/rules' '%s/my-rules'"):format(service.source, folder)))
    own = assert(service.start { rules = folder .. "/my-rules", db = folder .. "/my-rules.db",
      words = { "--no-watch" } })
    local code, out, err = run("bash -e", "campaign.sh", block("sh", "campaigns/first_cards/runs"))
    assert.equal(0, code, err)
    local id = out:match '"customer_id":"(C%d+)"'
    assert.truthy(out:find(("Dear customer %s, this card"):format(id), 1, true), out)
    assert.equal("customer_id,product_id,", shell.read(folder .. "/first_cards.csv"):sub(1, 23))
    own:stop()
  end)

  it("opts a customer out of a channel, and in again", function()
    local code, out, err = run("bash", "consent.sh", block("bash", "/consent"))
    assert.equal(0, code, err)
    assert.truthy(out:find('{"opt_out":[{"channel":"email"},{"channel":"sms","category":"loan"}]}', 1, true), out)
    assert.truthy(out:find('"recommended_products":[],"total_recommendations":0', 1, true), out)
    assert.equal('{"opt_out":[]}', server:ask("GET", "/customers/C001/consent").body)
  end)

  it("has a Lua example that runs on a plain Lua", function()
    local code, out, err = run("lua5.4", "example.lua", block("lua", 'require "offerengine"'))
    assert.equal(0, code, err)
    assert.truthy(out:find "%g+\t%d+%.?%d*\n", out)
  end)

  it("decides and imports the real households", function()
    local code, out, err = run("bash", "book.sh", block("sh", "--summary"))
    assert.equal(0, code, err)
    assert.truthy(out:find("60 customers", 1, true), out)
  end)
end)
