-- language_positions_spec.lua: the tokenizer that knows on which line each key of a rule file stands.

local positions = require "offerengine.positions"

local WORDS = { product = true, segment = true, scoring = true }

-- The keys of a call as "key:line", nested ones in braces, in the order in which they were written.
local function outline(fields)
  local keys = {}
  for key in pairs(fields) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b) return fields[a].at < fields[b].at end)
  local parts = {}
  for _, key in ipairs(keys) do
    local inner = fields[key].fields
    parts[#parts + 1] = key .. ":" .. fields[key].line .. (inner and "{" .. outline(inner) .. "}" or "")
  end
  return table.concat(parts, " ")
end

local function outline_of(text, word, id)
  local scan = positions.scan(text, WORDS)
  for _, call in ipairs(scan.calls[word or "product"] or {}) do
    if call.id == id then
      return outline(call.fields)
    end
  end
end

describe("positions of keys", function()
  local CASES = {
    ["on lines of their own"] = { 'product "x" {\n  name = "X",\n  min_age = 5,\n}', "name:2 min_age:3" },
    ["several on a line"] = { 'product "x" { a = 1, b = 2;\nc = 3 }', "a:1 b:1 c:2" },
    ["in brackets"] = { 'product "x" {\n["a"] = 1,\n[5] = 2,\n[\'b\'] = 3 }', "a:2 5:3 b:4" },
    ["in tables in tables"] = { 'product "x" {\na = {\nb = {\nc = 1 } } }', "a:2{b:3{c:4}}" },
    ["of lists"] = { 'product "x" { a = { "p",\n"q",\n"r" } }', "a:1{1:1 2:2 3:3}" },
    ["in the table of a call"] = { 'product "x" { a = one_of {\n"p" }, b = any({\nc = 1 }) }', "a:1{1:2} b:2{c:3}" },
    ["around functions"] = { 'product "x" { a = function(x) if x then return 1, { b = 2 } end end,\nc = 3 }',
      "a:1{b:1} c:2" },
    ["around comments"] = { 'product "x" { -- a = 1\n--[[ b = 2,\n]] c = 3, --[==[ ]] ]==] d = 4 }', "c:3 d:3" },
    ["around texts with braces"] = { 'product "x" { a = "} b = 1 {", b = [[}\n}]], c = \'\\\'}\' }', "a:1 b:1 c:2" },
    ["around comparisons"] = { 'product "x" { a == b, c = d == e,\nf = 1 }', "1:1 c:1 f:2" },
    ["with an until"] = { 'product "x" { from = "a",\nuntil = "b" }', "from:1 until:2" },
  }
  for title, case in pairs(CASES) do
    it(title, function()
      local found = outline_of(case[1], "product", "x")
      assert.equal(case[2], found or "")
    end)
  end

  it("are found by word, id and line", function()
    local scan = positions.scan('product "a" {\n} product "b" {}\nproduct(id) {}\nscoring {}', WORDS)
    assert.equal("a", positions.find(scan, "product", "a", 1).id)
    assert.equal("b", positions.find(scan, "product", "b", 2).id)
    assert.equal(3, positions.find(scan, "product", "made", 3).line)
    assert.equal(4, positions.find(scan, "scoring", nil, 4).line)
    assert.is_nil(positions.find(scan, "product", "a", 3 + 1))
    assert.is_nil(positions.find(scan, "segment", "a", 1))
  end)

  it("count keys that stand twice and powers", function()
    local scan = positions.scan('product "x" { a = 1,\na = 2 } local y = 2 ^ 3 -- ^', WORDS)
    assert.same({ { name = "a", line = 2, first_line = 1 } }, scan.duplicates)
    assert.same({ 2 }, scan.carets)
  end)

  it("leave every line where it is when `until` is made a key", function()
    local scan = positions.scan('product "x" {\nuntil = "a", b = { until\n= 1 } }\nrepeat local x until x == 1', WORDS)
    assert.equal('product "x" {\n["until"] = "a", b = { ["until"]\n= 1 } }\nrepeat local x until x == 1', scan.text)
  end)
end)

describe("the tokenizer", function()
  local BITS = { "{", "}", "(", ")", "[", "]", "=", '"', "'", "--", "[[", "]]", "[=[", "product", "until", "end",
    "function", ",", ";", "a", "1", "\n", " ", "^", ".", "\\", "\0", "\xFF" }

  it("comes to an end on any bytes", function()
    local seed = 7
    local function random(n)
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed // 65536 % n + 1
    end
    for _ = 1, 3000 do
      local text = {}
      for at = 1, random(60) do
        text[at] = BITS[random(#BITS)]
      end
      local scan = positions.scan(table.concat(text), WORDS)
      assert.is_table(scan.calls)
    end
  end)

  it("takes tables in tables of any depth", function()
    local scan = positions.scan("product " .. ("{"):rep(60000) .. ("}"):rep(60000) .. "\nproduct 'b' {}", WORDS)
    assert.is_table(scan.calls.product)
  end)
end)
