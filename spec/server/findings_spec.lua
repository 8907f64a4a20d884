-- findings_spec.lua: what is wrong with a rules folder reads the same wherever it is told: from Lua, on the terminal,
-- as JSON, over HTTP, and by the commands that speak to a service.

local live_rules = require "spec.support.live_rules"
local offerengine = require "offerengine"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"

local decoded = live_rules.decoded

-- Faults of each sort: of a word, of a key, of a value, of the text, of a name that no file declares, of what cannot
-- hold together, and of a file as a whole, which has no line.
local BROKEN = {
  ["products/a.lua"] = 'product "a_card" {\n  name = "Größe \\"A\\"", category = "credit", min_income = "9",\n'
    .. '  resaon = "é <b> & \\\\",\n}\n',
  ["products/b.lua"] = '\nadjust "b" { points = 500, category = "credt" }\nprodct "b" {}\n',
  ["products/c.lua"] = 'product "c_card" {\n  name = "C"\n  category = "credit",\n}\n',
  ["z.lua"] = 'segment "z" {\n  when = { age = below(30) },\n  boost = { credit_card = 5, credit_crad = 5 },\n}\n',
  ["latin.lua"] = 'product "l" { name = "Caf\xE9" }\n',
}
local MEMBERS = { "severity", "code", "file", "line", "message", "source_line", "suggestion" }

local function assert_same(expected, findings, where)
  assert.equal(#expected, #findings, where)
  for number, finding in ipairs(findings) do
    for _, member in ipairs(MEMBERS) do
      assert.equal(expected[number][member], finding[member], ("%s: %s of finding %d"):format(where, member, number))
    end
  end
end

-- The findings in what a terminal shows, the folder taken off. A command that speaks to a service shows none.
local function read_text(text, folder)
  local findings, top = {}, folder and folder .. "/" or ""
  for line in text:gmatch("[^\n]+") do
    local place, severity, code, message = line:match("^(%S+): (%l+)%[(%u%d+)%]: (.*)$")
    local shown, last = line:match("^    (.*)$"), findings[#findings]
    if place then
      assert.equal(top, place:sub(1, #top))
      local file, number = place:sub(#top + 1):match("^(.-):?(%d*)$")
      findings[#findings + 1] = { severity = severity, code = code, message = message, file = file,
        line = math.tointeger(tonumber(number)) }
    elseif shown and shown:find("^did you mean ") then
      last.suggestion = shown:match('^did you mean "(.*)"%?$')
    elseif shown then
      last.source_line = shown
    end
  end
  return findings
end

-- A source line as a terminal shows it: without the blanks around it, and not at all when nothing else is there.
local function as_shown(findings)
  local list = {}
  for number, finding in ipairs(findings) do
    local copy = {}
    for _, member in ipairs(MEMBERS) do
      copy[member] = finding[member]
    end
    local source = (finding.source_line or ""):match("^%s*(.-)%s*$")
    copy.source_line = source ~= "" and source or nil
    list[number] = copy
  end
  return list
end

describe("what is wrong with a rules folder", function()
  local folder, rules, server, expected

  setup(function()
    folder = service.folder()
    rules = live_rules.copy(folder)
    server = assert(service.start { rules = rules.path, db = folder .. "/bank.db", words = { "--no-watch" } })
    for path, text in pairs(BROKEN) do
      rules:write(path, text)
    end
    local ruleset, message, code, findings = offerengine.load(rules.path)
    assert(ruleset == nil and code == "invalid" and message == "rules: 9 errors")
    expected = findings
  end)

  teardown(function()
    server:stop()
    service.remove(folder)
  end)

  it("is told whole from Lua, by file and line, with the word that was meant", function()
    local seen = {}
    for number, finding in ipairs(expected) do
      seen[number] = ("%s:%s %s %s"):format(finding.file, finding.line or "-", finding.code, finding.suggestion or "-")
    end
    assert.same({
      "latin.lua:- E023 -", "products/a.lua:2 E004 -", "products/a.lua:3 E003 reason", "products/b.lua:2 E008 -",
      "products/b.lua:2 E010 credit", "products/b.lua:3 E002 product", "products/c.lua:3 E001 -",
      "z.lua:3 E011 credit_card", "z.lua:3 E072 -",
    }, seen)
  end)

  it("is the same on the terminal", function()
    local code, out, err = shell.run("check", rules.path)
    assert.same({ 1, "" }, { code, err })
    assert_same(as_shown(expected), read_text(out, rules.path), "check")
    assert.truthy(out:find(("\n%s: %d errors, 0 warnings\n"):format(rules.path, #expected), 1, true), out)
  end)

  it("is the same as JSON", function()
    local code, out = shell.run("check", rules.path, "--json")
    local answer = decoded { body = out }
    assert.same({ 1, false, #expected }, { code, answer.ok, answer.errors })
    assert_same(expected, answer.findings, "check --json")
  end)

  it("is the same for a command that needs the rules, and for a service that starts with them", function()
    local _, _, err = shell.run("products", "--rules", rules.path)
    assert_same(as_shown(expected), read_text(err, rules.path), "products")
    local code
    code, _, err = shell.run("serve", "--rules", rules.path, "--db", folder .. "/other.db", "--port", "0")
    assert.is_true(code ~= 0)
    assert_same(as_shown(expected), read_text(err, rules.path), "serve")
  end)

  it("is the same over HTTP, in the answer and for who asks later", function()
    local answer = server:ask("POST", "/rules/reload")
    assert.equal(422, answer.status)
    local body = decoded(answer)
    assert.equal("rules_invalid", body.code)
    assert_same(expected, body.detail, "POST /rules/reload")
    assert_same(expected, decoded(server:ask("GET", "/rules")).findings, "GET /rules")
    local problem = server:ask("POST", "/rules/reload", { Accept = "application/problem+json" })
    assert_same(expected, decoded(problem).errors, "application/problem+json")
  end)

  it("is the same for who has a service reload", function()
    local code, out, err = shell.run("reload", "--db", folder .. "/bank.db")
    assert.same({ 1, "" }, { code, out })
    assert_same(as_shown(expected), read_text(err), "reload")
  end)
end)
