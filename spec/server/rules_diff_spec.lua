-- rules_diff_spec.lua: a draft compared with what serves over HTTP, and the tests of the folder: the answers of the
-- command line.

local core = require "offerengine.core"
local json = require "offerengine.json"
local live_rules = require "spec.support.live_rules"
local people = require "spec.lua.people"
local rule_folder = require "rule_folder"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"

local decoded = live_rules.decoded

describe("a draft that is sent to the service", function()
  local folder, rules, server

  setup(function()
    folder = service.folder()
    rules = live_rules.copy(folder)
    server = assert(service.start { db = folder .. "/bank.db", rules = rules.path, words = { "--no-watch" } })
  end)

  teardown(function()
    server:stop()
    service.remove(folder)
  end)

  local function diff(texts)
    return server:ask("POST", "/rules/diff", nil, json.encode(json.object("texts", texts)))
  end

  -- What the command line says of the same change, without what cannot be the same.
  local function by_command(change)
    local draft = folder .. "/draft"
    assert(os.execute(("rm -rf '%s' && cp -r '%s/rules' '%s'"):format(draft, shell.source, draft)))
    change(draft)
    local code, out, err = shell.run("diff", "--new", draft, "--db", folder .. "/bank.db", "--json")
    assert.equal(0, code, err)
    return core.decode_json(out)
  end

  local function comparable(answer)
    answer.at, answer.generation, answer.population.source, answer.gates = nil, nil, nil, nil
    return answer
  end

  local LOANS = rule_folder.read(shell.source .. "/rules")["products/loans.lua"]
  local DEARER = LOANS:gsub("min_income = 40000", "min_income = 75000")

  it("is answered as offerengine diff --json answers", function()
    local answer = decoded(diff { ["products/loans.lua"] = DEARER })
    local expected = by_command(function(draft) shell.write(draft .. "/products/loans.lua", DEARER) end)
    assert.is_true(answer.losing > 0)
    assert.same({ "the service", {} }, { answer.population.source, answer.gates })
    assert.same(comparable(expected), comparable(answer))
  end)

  it("may add files and take them away", function()
    local added = live_rules.product(1)
    local answer = decoded(diff { ["products/live.lua"] = added, ["products/commercial.lua"] = core.null })
    local expected = by_command(function(draft)
      shell.write(draft .. "/products/live.lua", added)
      os.remove(draft .. "/products/commercial.lua")
    end)
    assert.is_true(answer.losing > 0 and answer.gaining > 0)
    assert.same(comparable(expected), comparable(answer))
  end)

  it("is compared with the rules that serve, not with the folder, and changes nothing", function()
    local before = live_rules.answers(server)
    rules:spoil()
    local answer = decoded(diff {})
    os.remove(rules.path .. "/products/live.lua")
    assert.same({ 0, 0, 0, answer.base.ruleset, 1 }, { answer.losing, answer.gaining, #answer.edits, answer.ruleset,
      answer.base.generation })
    decoded(diff { ["products/loans.lua"] = DEARER })
    assert.same({ before, 1 }, { live_rules.answers(server), live_rules.generation(server) })
  end)

  it("may have attributes of its own, which leave nothing behind", function()
    local shoe = 'attribute "shoe" { type = "%s", optional = true }\n'
    local rule = shoe:format("text") .. 'exclude "shoeless" { category = "loan", reason = "No shoes", '
      .. 'when = { shoe = unknown() } }\n'
    local answer = decoded(diff { ["shoe.lua"] = rule })
    local expected = by_command(function(draft) shell.write(draft .. "/shoe.lua", rule) end)
    assert.is_true(answer.losing > 0)
    assert.same(comparable(expected), comparable(answer))
    assert.equal(200, diff({ ["shoe.lua"] = shoe:format("number") }).status)
    local broken = diff { ["shoe.lua"] = shoe:format("flag") .. "product" }
    assert.equal(422, broken.status)
  end)

  it("is told which of its own release gates a reload would refuse it for", function()
    local answer = decoded(diff { ["products/loans.lua"] = DEARER, ["release.lua"] = "release { max_lost = 1 }" })
    assert.same({ "max_lost", 1, 100 * answer.losing / answer.customers },
      { answer.gates[1].gate, answer.gates[1].limit, answer.gates[1].value })
  end)

  it("is refused with its mistakes, at their lines", function()
    local answer = diff { ["products/live.lua"] = 'product "live_card" { nam = "Card" }\n' }
    local body = decoded(answer)
    assert.same({ 422, "rules_invalid", "products/live.lua", 1, "name" }, { answer.status, body.code,
      body.detail[1].file, body.detail[1].line, body.detail[1].suggestion })
  end)

  -- Nothing reaches an endless loop under ThreadSanitizer.
  local it_stops = people.is_signalled() and it or pending
  it_stops("is refused when one of its functions has to be stopped", function()
    local answer = diff { ["live.lua"] = [[
product "never" { name = "Never", category = "savings", reason = "Never",
  when = function(c)
    while c.age > 40 and c.income > 70000 and c.income < 90000 do
    end
    return true
  end,
}]] }
    local body = decoded(answer)
    assert.same({ 422, "rules_invalid", "E024" }, { answer.status, body.code, body.detail[1].code })
    assert.matches('the function of "never" took too long', body.detail[1].message, 1, true)
  end)

  it("is refused when it holds more than JSON is read for", function()
    local texts = {}
    for i = 1, 600 do
      texts[("f%d.lua"):format(i)] = ""
    end
    local answer = diff(texts)
    assert.same({ 422, "holds more than 500 files" }, { answer.status, decoded(answer).detail[1].msg })
  end)

  local many = {}
  for i = 1, 501 do
    many[("f%d.lua"):format(i)] = ""
  end
  local PATH, TEXT = "1 paths are none of a rule file", "1 texts are neither null nor UTF-8 text"
  local refused = {
    { { ["../secret.lua"] = "" }, PATH }, { { ["/secret.lua"] = "" }, PATH }, { { ["secret.txt"] = "" }, PATH },
    { { ["tests/secret.lua"] = "" }, PATH }, { { ["samples/secret.lua"] = "" }, PATH }, { { [""] = "" }, PATH },
    { { [".secret.lua"] = "" }, PATH }, { { ["a/.b/secret.lua"] = "" }, PATH }, { { ["a//secret.lua"] = "" }, PATH },
    { { ["tables/secret.lua"] = "" }, PATH }, { { ["tables/a/secret.csv"] = "" }, PATH },
    { { ["a:secret.lua"] = "" }, PATH }, { { ["a\nsecret.lua"] = "" }, PATH },
    { { [("a/"):rep(8) .. "secret.lua"] = "" }, PATH }, { { [("s"):rep(510) .. ".lua"] = "" }, PATH },
    { { ["a.lua"] = 7 }, TEXT }, { { ["a.lua"] = "\27secret" }, TEXT },
    { { ["a.lua"] = ("-"):rep((64 << 10) + 1) }, TEXT }, { many, "holds more than 500 files" },
  }
  for i, case in ipairs(refused) do
    it(("is refused when it is no set of rule files, without a word of it, no. %d"):format(i), function()
      local answer = diff(case[1])
      local body = decoded(answer)
      assert.same({ 422, "validation_failed", { "body", "texts" } }, { answer.status, body.code, body.detail[1].loc })
      assert.equal(case[2], body.detail[1].msg:sub(1, #case[2]))
      assert.is_nil(answer.body:find("secret", 1, true))
    end)
  end

  local taken = {
    { ["a.lua"] = "" }, { [("a/"):rep(7) .. "b.lua"] = "" }, { ["tables/a.csv"] = "a,b\n1,2\n" },
    { [("s"):rep(508) .. ".lua"] = "" }, { ["a.lua"] = ("-"):rep(64 << 10) }, { ["nobody.lua"] = core.null },
  }
  for i, texts in ipairs(taken) do
    it(("is taken at the edge of what a file may be, no. %d"):format(i), function()
      local answer = diff(texts)
      assert.equal(200, answer.status, answer.body)
    end)
  end
end)

describe("the tests of the folder", function()
  local folder, rules, server

  setup(function()
    folder = service.folder()
    rules = live_rules.copy(folder)
    server = assert(service.start { db = folder .. "/bank.db", rules = rules.path, words = { "--no-watch" } })
    assert(os.execute(("rm -rf '%s/tests' && mkdir '%s/tests'"):format(rules.path, rules.path)))
  end)

  teardown(function()
    server:stop()
    service.remove(folder)
  end)

  local TEST = [[
test "somebody with %d a year" {
  customer = { age = 30, income = %d, credit_score = 720, avg_account_balance = 5000, existing_products = {} },
  offered = "credit_card",
}
]]

  it("are judged as offerengine test --json judges them, by the rules that serve", function()
    rules:write("tests/card.lua", TEST:format(60000, 60000) .. TEST:format(100, 100))
    local code, out = shell.run("test", rules.path, "--json")
    local answer = server:ask("GET", "/rules/tests")
    assert.same({ 1, 200 }, { code, answer.status })
    assert.equal(out, answer.body .. "\n")
    local body = decoded(answer)
    assert.same({ false, 2, "E120", 5 }, { body.ok, body.tests, body.findings[1].code, body.findings[1].line })
    rules:spoil()
    assert.equal(answer.body, server:ask("GET", "/rules/tests").body)
    os.remove(rules.path .. "/products/live.lua")
  end)

  it("are told to be damaged when they are", function()
    rules:write("tests/signed.csv", "a,b\n")
    local body = decoded(server:ask("GET", "/rules/tests"))
    assert.same({ false, "E120" }, { body.ok, body.findings[1].code })
    assert.matches("tests/signed.csv: column 1 must be number", body.findings[1].message, 1, true)
  end)
end)
