-- language_files_spec.lua: which files of a rules folder are read, in which order, and what becomes of those that
-- cannot be taken. One run reports everything that is wrong in all of them.

local lfs = require "lfs"
local loader = require "offerengine.loader"
local rule_folder = require "rule_folder"

local SCHEMA = [[
attribute "age" { type = "integer", range = { 0, 130 } }
category "savings" {}
scoring { age = { weight = 10, curve = gate, every = true } }
]]

local function product(id, more)
  return ('product "%s" { name = "X", category = "savings"%s }\n'):format(id, more or "")
end

local function codes(findings)
  local list = {}
  for _, finding in ipairs(findings) do
    list[#list + 1] = ("%s:%s %s"):format(finding.file or "", finding.line or "", finding.code)
  end
  return table.concat(list, ", ")
end

describe("a rules folder", function()
  it("is read with its subfolders, but without tests, samples, tables and hidden ones", function()
    local broken = "this is no Lua"
    local ruleset, findings = rule_folder.load {
      ["schema.lua"] = SCHEMA, ["a.lua"] = product "a", ["products/deep/b.lua"] = product "b",
      ["products/tests/c.lua"] = product "c", ["tests/t.lua"] = broken, ["samples/s.lua"] = broken,
      ["tables/t.lua"] = broken, [".hidden.lua"] = broken, [".git/x.lua"] = broken, ["README.md"] = broken,
      ["all.lua"] = 'fallback { "a", "b", "c" }',
    }
    assert.equal("", rule_folder.show(findings))
    assert.is_truthy(ruleset)
  end)

  it("takes files in any order: a name may be used before the file that declares it", function()
    local ruleset, findings = rule_folder.load {
      ["a.lua"] = 'fallback { "z" }', ["schema.lua"] = SCHEMA, ["z.lua"] = product "z",
    }
    assert.equal("", rule_folder.show(findings))
    assert.is_truthy(ruleset)
  end)

  it("reports what is wrong in every file, sorted by file and line", function()
    local ruleset, findings = rule_folder.load {
      ["schema.lua"] = SCHEMA,
      ["a.lua"] = product("a", ", min_agee = 1") .. "prodct()",
      ["b.lua"] = "\n\nproduct {{",
      ["c.lua"] = product "c" .. "error('stop')\nprodct()",
      ["d.lua"] = "while true do end",
      ["e.lua"] = product("e", ',\n category = "saving"'):gsub(', category = "savings"', ""),
    }
    assert.is_nil(ruleset)
    assert.equal("a.lua:1 E012, a.lua:2 E002, b.lua:3 E001, c.lua:2 E026, d.lua:1 E024, e.lua:2 E010", codes(findings))
  end)

  it("does not report references to what a broken file would have declared", function()
    local _, findings = rule_folder.load {
      ["schema.lua"] = SCHEMA, ["a.lua"] = 'fallback { "b", "c" }', ["b.lua"] = 'product "b" {\n name = = }',
    }
    assert.equal("a.lua:1 E011, b.lua:2 E001", codes(findings))
    assert.equal('unknown product "c"', findings[1].message)
  end)

  it("gives each finding the line of the source", function()
    local _, findings = rule_folder.load { ["schema.lua"] = SCHEMA .. "\r\n  prodct()  \r\n" }
    assert.equal("  prodct()  ", findings[1].source_line)
    assert.equal('rules/schema.lua:5: error[E002]: unknown word "prodct"\n    prodct()\n    did you mean "product"?',
      loader.format(findings[1], "rules/"))
  end)

  it("may begin files with a byte order mark and end lines as Windows does", function()
    local ruleset, findings = rule_folder.load { ["schema.lua"] = "\xEF\xBB\xBF" .. SCHEMA:gsub("\n", "\r\n") }
    assert.equal("", rule_folder.show(findings))
    assert.is_truthy(ruleset)
  end)

  it("without a rule file is refused", function()
    local ruleset, findings = rule_folder.load { ["README.md"] = "" }
    assert.is_nil(ruleset)
    assert.equal("E023", findings[1].code)
  end)

  it("that does not exist is not found", function()
    local ruleset, message, code, findings = loader.load("/nonexistent/rules")
    assert.is_nil(ruleset)
    assert.equal("rules: folder '/nonexistent/rules': No such file or directory", message)
    assert.equal("not_found", code)
    assert.same({}, findings)
  end)
end)

describe("a file", function()
  local BAD = {
    ["of more than 64 KiB"] = { ("-"):rep(65537), "64 KiB" },
    ["with a zero byte"] = { "local x = '\0'", "is not text" },
    ["of compiled Lua"] = { string.dump(load "return 1"), "is not text" },
    ["that is no UTF-8"] = { "-- M\xFCller", "UTF-8" },
  }
  for title, case in pairs(BAD) do
    it(title .. " is refused by name", function()
      local ruleset, findings = rule_folder.load { ["schema.lua"] = SCHEMA, ["bad.lua"] = case[1] }
      assert.is_nil(ruleset)
      assert.same({ 1, "E023", "bad.lua" }, { #findings, findings[1].code, findings[1].file })
      assert.is_truthy(findings[1].message:find(case[2], 1, true), findings[1].message)
    end)
  end

  it("of exactly 64 KiB is taken", function()
    local ruleset, findings = rule_folder.load { ["schema.lua"] = SCHEMA, ["big.lua"] = ("-"):rep(65536) }
    assert.equal("", rule_folder.show(findings))
    assert.is_truthy(ruleset)
  end)
end)

describe("what is not a plain file", function()
  local top, outside

  before_each(function()
    top = rule_folder.write { ["schema.lua"] = SCHEMA, ["products/a.lua"] = product "a" }
    outside = rule_folder.write { ["secret.lua"] = product "secret", ["folder/b.lua"] = product "b" }
  end)

  after_each(function()
    rule_folder.remove(top)
    rule_folder.remove(outside)
  end)

  local function refusal()
    local ruleset, _, _, findings = loader.load(top)
    assert.is_nil(ruleset)
    assert.equal(1, #findings)
    assert.equal("E023", findings[1].code)
    return findings[1].message
  end

  it("is refused: a link out of the folder", function()
    lfs.link(outside .. "/secret.lua", top .. "/secret.lua", true)
    assert.is_truthy(refusal():find("out of the rules folder", 1, true))
  end)

  it("is refused: a link that leads nowhere", function()
    lfs.link("/nonexistent", top .. "/gone.lua", true)
    assert.is_truthy(refusal():find("leads nowhere", 1, true))
  end)

  it("is refused: a link to a folder", function()
    lfs.link(outside .. "/folder", top .. "/more", true)
    assert.is_truthy(refusal():find("link to a folder", 1, true))
  end)

  it("is refused: a link to a device", function()
    lfs.link("/dev/zero", top .. "/zero.lua", true)
    assert.is_truthy(refusal():find("out of the rules folder", 1, true))
  end)

  it("is refused: a folder with the name of a file", function()
    lfs.mkdir(top .. "/more.lua")
    assert.is_truthy(refusal():find("more.lua is a folder", 1, true))
  end)

  it("is refused: a device", function()
    if os.execute("mknod '" .. top .. "/zero.lua' c 1 5 2>/dev/null") then
      assert.is_truthy(refusal():find("not a regular file", 1, true))
    else
      pending("only root makes devices")
    end
  end)

  it("is refused without waiting: a pipe", function()
    assert.is_true(os.execute("mkfifo '" .. top .. "/pipe.lua'"))
    assert.is_truthy(refusal():find("not a regular file", 1, true))
  end)

  it("is taken when it is a link within the folder", function()
    lfs.link(top .. "/products/a.lua", top .. "/..link", true)
    os.rename(top .. "/products/a.lua", top .. "/a.text")
    lfs.link("../a.text", top .. "/products/a.lua", true)
    local ruleset, findings = loader.load(top)
    assert.is_truthy(ruleset, rule_folder.show(findings))
  end)
end)

describe("the hash of a ruleset", function()
  local function hash_of(files)
    local ruleset = assert(rule_folder.load(files))
    return type(ruleset) == "string" and ruleset or ruleset:hash()
  end

  it("is 12 digits that follow from paths and bytes of the rule files alone", function()
    local hash = hash_of { ["schema.lua"] = SCHEMA, ["a.lua"] = product "a" }
    assert.is_truthy(hash:find("^%x%x%x%x%x%x%x%x%x%x%x%x$"))
    assert.equal(hash, hash_of { ["a.lua"] = product "a", ["schema.lua"] = SCHEMA, ["samples/x.csv"] = "x" })
    assert.not_equal(hash, hash_of { ["b.lua"] = product "a", ["schema.lua"] = SCHEMA })
    assert.not_equal(hash, hash_of { ["a.lua"] = product "a" .. " ", ["schema.lua"] = SCHEMA })
  end)

  it("is SHA-256 over path, length and bytes, each ended by a zero byte but the last", function()
    local text = SCHEMA .. product "a"
    local input = os.tmpname()
    local file = assert(io.open(input, "wb"))
    file:write("schema.lua\0", #text, "\0", text)
    file:close()
    local pipe <close> = assert(io.popen("sha256sum " .. input))
    local expected = pipe:read("a"):sub(1, 12)
    os.remove(input)
    assert.equal(expected, hash_of { ["schema.lua"] = text })
  end)
end)
