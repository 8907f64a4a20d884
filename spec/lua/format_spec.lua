-- format_spec.lua: the one style of rule files: what it looks like, that it comes to rest, and that nothing is lost.

local format = require "offerengine.format"
local mangle = require "mangle"
local rule_folder = require "rule_folder"
local scanner = require "offerengine.scanner"

local TOP = (os.getenv("OE_SOURCE") or ".") .. "/rules"
local VARIANTS = tonumber(os.getenv("OE_VARIANTS") or 40) -- of every text, drawn by fixed seeds

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read("a")
end

-- The sample rules without their tables.
local function rule_texts()
  local texts = rule_folder.read(TOP)
  for path in pairs(texts) do
    texts[path] = path:find("%.lua$") and texts[path] or nil
  end
  return texts
end

-- A text with everything that Lua has; the rules around it are the sample's.
local HARD = [==[
local LIMIT <const> = 5; local NAMES = { "a"; 'b', [[c]] }
local deep = { { { 1, 2 }, { } }, x = -1, y = - -2, z = #NAMES, ["k k"] = not true, [3] = 2 .. "x", s = [=[
 long ]] text
]=], }
for _, id in ipairs { "one", "two" } do
  segment(id .. "_s") { when = { income = at_least(LIMIT * 1e+3) }, name = ("x"):rep(2) }
  if id == "one" then product ("p_" .. id) { name = "P", category = "loan", min_income = 0x1F, until = "2026-01-01" }
  else local y; repeat y = 1 until y == 1 end
end
local function helper(a, ...) -- helps
  local t = { a,
    b = 3   , -- kept
  }


  while a<5 do a = a+1; if a ~= 3 then goto out end end
  ::out:: return t,    a
end
product "fn" {
name = "F", category = 'savings', min_income = 1,
when = any { function(c) return c.income<12 * (c.monthly_spend or 0) end, function(c)
-- inside
      local spend = c.monthly_spend   -- behind
  if not spend then return false end

      return (c.income > spend
        and c.age
        > 5)
end },   -- after all
  message = "{{ }} -- [[", from = "2026-01-01", until = "2026-02-01";
  curve = { income = steps { { 20000, 0.5 }, { 60000, 1 } } }, not_with = { "gold_loan", "home_loan", "credit_card" }
}
exclude "z" { when = all{ { income = between(22,30) }, any{ lacks_category() }, }, reason = 'it\'s "so"', } --[[ x ]]
adjust "y" { points = 1 }
]==]

describe("the style", function()
  local CASES = {
    ["keeps a table on one line"] = {
      'tier "a"{credit_score=raise( 20 ),}', 'tier "a" { credit_score = raise(20) }\n' },
    ["puts entries between the braces of a table that was written on several lines"] = {
      'limit { default = 5,\n  category = {credit=1} }',
      "limit {\n  default  = 5,\n  category = { credit = 1 },\n}\n" },
    ["opens a table of more than 120 columns"] = {
      "fallback { " .. ('"aaaaaaaaaaaaaaaaaa", '):rep(4) .. '"12345678901234567" }',
      "fallback { " .. ('"aaaaaaaaaaaaaaaaaa", '):rep(4) .. '"12345678901234567" }\n',
      "fallback { " .. ('"aaaaaaaaaaaaaaaaaa", '):rep(4) .. '"123456789012345678" }',
      "fallback {\n" .. ('  "aaaaaaaaaaaaaaaaaa",\n'):rep(4) .. '  "123456789012345678",\n}\n' },
    ["pads the keys of a table whose first line holds one, limits aside"] = {
      'product "x" {\nname = "X",\nmin_credit_score = 1,\nmin_age = 2, max_age = 3,\ncategory = "loan" }',
      'product "x" {\n  name     = "X",\n  min_credit_score = 1,\n  min_age  = 2, max_age = 3,\n'
        .. '  category = "loan",\n}\n' },
    ["pads no keys of a table whose first line holds several"] = {
      'attribute "x" {\n type = "text", unit = "u",\n optional = true }',
      'attribute "x" {\n  type = "text", unit = "u",\n  optional = true,\n}\n' },
    ["puts statements of one line each in columns"] = {
      'tier "a" {}\nexclude "long" {}\n\ntier "b" {}', 'tier    "a"    {}\nexclude "long" {}\n\ntier "b" {}\n' },
    ["puts comments behind lines that follow each other in one column"] = {
      "limit {\ndefault = 5,   -- a\ngroup = { x = 1 }, -- b\n\ncategory = {} -- c\n}",
      "limit {\n  default  = 5,         -- a\n  group    = { x = 1 }, -- b\n\n  category = {}, -- c\n}\n" },
    ["leaves one empty line where there are more, and none at the edges"] = {
      "\n\n-- a\n\n\n\ntier 'a' {\n\n credit_score = raise(1)\n\n}\n\n",
      "-- a\n\ntier 'a' {\n  credit_score = raise(1),\n}\n" },
    ["only indents functions"] = {
      'segment "x" { when = function(c)\nif c.age   <5 then\nreturn true\nelse return (1\n+ 2)\nend end }',
      'segment "x" {\n  when = function(c)\n    if c.age   <5 then\n      return true\n    else return (1\n'
        .. "      + 2)\n    end end,\n}\n" },
    ["puts a comma before a comment"] = { "limit { default = 5 -- a\n, group = {} }",
      "limit {\n  default = 5, -- a\n  group   = {},\n}\n" },
    ["takes lines of Windows and a byte order mark away"] = { "\xEF\xBB\xBFtier 'a' {}\r\n-- b  \r\n",
      "tier 'a' {}\n-- b\n" },
    ["joins what belongs together"] = { 'tier\n"a"\n{\n}\nlocal x\n=\n5', 'tier "a" {}\nlocal x = 5\n' },
    ["leaves an empty file empty"] = { "", "" },
    ["tells minus from minus"] = { "local x = 1-2 - - 3 -#a", "local x = 1 - 2 - -3 - #a\n" },
  }
  for title, case in pairs(CASES) do
    it(title, function()
      for at = 1, #case, 2 do
        assert.equal(case[at + 1], format.text(case[at]))
      end
    end)
  end

  it("is the style of the sample rules and their tests", function()
    for path, text in pairs(rule_texts()) do
      assert.equal(text, format.text(text), path)
    end
  end)
end)

-- Lua texts that are shown in the README of the rules.
local function texts_of_readme()
  local texts, number = {}, 0
  for block in read(TOP .. "/README.md"):gmatch("\n```lua\n(.-)```") do
    number = number + 1
    -- Some blocks show several values of one key, others conditions; within a table each is a sound entry.
    local is_statement = block:find("^%-%-") or block:find("^%l+ *[\"{]")
    texts["README " .. number] = is_statement and block or "local x = {\n" .. block:gsub("\n", ";\n"):gsub("  +", ", ")
      :gsub(", ;", ";") .. "}\n"
  end
  return texts
end

local function assert_formatted(text, shown)
  local formatted = format.text(text)
  assert.equal(formatted, format.text(formatted), shown .. " comes not to rest")
  assert.equal(scanner.plain(text), scanner.plain(formatted), shown)
  assert.same(mangle.comments(text), mangle.comments(formatted), shown)
  return formatted
end

describe("formatting", function()
  local function variants_of(name, text, check)
    for seed = 1, VARIANTS do
      local random = mangle.random(seed * 7919)
      local share, comments = ({ 2, 10, 40, 100 })[seed % 4 + 1], ({ 0, 10, 30, 60 })[seed // 4 % 4 + 1]
      check(mangle.text(text, random, share, comments), name .. ", variant " .. seed)
    end
  end

  it("comes to rest and keeps tokens and comments, whatever the sample rules look like", function()
    for path, text in pairs(rule_texts()) do
      variants_of(path, text, assert_formatted)
    end
  end)

  it("does so on a text with everything that Lua has", function()
    assert_formatted(HARD, "as it stands")
    variants_of("hard", HARD, assert_formatted)
  end)

  it("does so on what the README shows", function()
    local count = 0
    for name, text in pairs(texts_of_readme()) do
      assert_formatted(text, name)
      variants_of(name, text, assert_formatted)
      count = count + 1
    end
    assert.is_true(count >= 12, count .. " texts")
  end)

  local function meaning(files)
    local ruleset, findings = rule_folder.load(files)
    assert(ruleset, not ruleset and rule_folder.show(findings))
    return ruleset:meaning()
  end

  it("keeps the meaning of rules with functions, however they are mangled", function()
    local files = rule_folder.read(TOP)
    files["z.lua"] = HARD
    local meant = meaning(files)
    for seed = 1, VARIANTS // 2 do
      local random, mangled, formatted = mangle.random(seed), {}, {}
      for path, text in pairs(files) do
        local is_rule = path:find("%.lua$")
        mangled[path] = is_rule and mangle.text(text, random, seed * 2 % 100, seed % 50) or text
        formatted[path] = is_rule and format.text(mangled[path]) or text
      end
      assert.equal(meant, meaning(mangled), "mangled, seed " .. seed)
      assert.equal(meant, meaning(formatted), "formatted, seed " .. seed)
    end
  end)

  it("does so on every example of a code that is sound", function()
    local count = 0
    for code, entry in pairs(require("offerengine.codes").entries) do
      if entry.right and not entry.interface then
        assert_formatted(entry.right, code)
        count = count + 1
      end
    end
    assert.is_true(count >= 45, count .. " examples")
  end)
end)
