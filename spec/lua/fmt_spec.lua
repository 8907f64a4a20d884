-- fmt_spec.lua: `offerengine fmt`: which files are written, and which are not.

local core = require "offerengine.core"
local shell = require "spec.lua.shell"

local UGLY = 'product "x" {name="X",category="savings",min_income=1} -- why\n'
local NEAT = 'product "x" { name = "X", category = "savings", min_income = 1 } -- why\n'
local BROKEN = 'product "y" { name = "Y"\n'

describe("offerengine fmt", function()
  local folder, rules

  before_each(function()
    folder = shell.folder()
    rules = folder .. "/rules"
    assert(os.execute(("cp -r %s/rules %s && rm -r %s/tests"):format(shell.source, rules, rules)))
    shell.write(rules .. "/products/x.lua", UGLY)
  end)

  after_each(function()
    shell.remove(folder)
  end)

  local function fmt(...)
    local words = { ... }
    words[#words + 1] = { folder = folder }
    return shell.run("fmt", table.unpack(words))
  end

  it("writes the files that differ and names them", function()
    local before = core.decode_json(select(2, shell.run("check", rules, "--json")))
    assert.same({ 0, "rules/products/x.lua\n", "1 of 12 files formatted\n" }, { fmt() })
    assert.equal(NEAT, shell.read(rules .. "/products/x.lua"))
    local after = core.decode_json(select(2, shell.run("check", rules, "--json")))
    assert.equal(before.meaning, after.meaning)
    assert.not_equal(before.ruleset, after.ruleset)
    assert.same({ 0, "", "0 of 12 files formatted\n" }, { fmt() })
  end)

  it("tells with --check which files differ, and writes nothing", function()
    assert.same({ 1, "rules/products/x.lua\n", "1 of 12 files not in the style\n" }, { fmt("--check") })
    assert.equal(UGLY, shell.read(rules .. "/products/x.lua"))
    fmt()
    assert.equal(0, (fmt("--check")))
  end)

  it("takes files and folders, of tests as well, and says so as JSON", function()
    shell.run_line(("mkdir %s/tests"):format(rules))
    shell.write(rules .. "/tests/x.lua", UGLY)
    shell.write(folder .. "/alone.lua", UGLY)
    local code, out = fmt("rules/tests/", "alone.lua", "--json")
    assert.equal(0, code)
    assert.same({ ok = true, files = 2, changed = { "rules/tests/x.lua", "alone.lua" }, findings = {} },
      core.decode_json(out))
    assert.equal(NEAT, shell.read(folder .. "/alone.lua"))
    assert.equal(UGLY, shell.read(rules .. "/products/x.lua"))
  end)

  it("leaves alone what is no Lua, says where, and goes on", function()
    shell.write(rules .. "/products/y.lua", BROKEN)
    shell.write(rules .. "/products/z.lua", "\xFF")
    local code, out, err = fmt()
    assert.equal(1, code)
    assert.equal("rules/products/x.lua\n", out)
    assert.matches("rules/products/y.lua:2: error[E001]: ", err, 1, true)
    assert.matches("rules/products/z.lua is not UTF-8 text", err, 1, true)
    assert.matches("help: offerengine help E001; the same for E023\n", err, 1, true)
    assert.equal(BROKEN, shell.read(rules .. "/products/y.lua"))
    assert.equal(NEAT, shell.read(rules .. "/products/x.lua"))
  end)

  it("leaves a file alone that would become larger than a rule file may be", function()
    local long = "fallback { " .. ('"savings_account", '):rep(3400) .. "}\n"
    shell.write(rules .. "/products/x.lua", long)
    local code, out, err = fmt("rules/products/x.lua")
    assert.same({ 1, "" }, { code, out })
    assert.matches("file rules/products/x.lua would be larger than 64 KiB", err, 1, true)
    assert.equal(long, shell.read(rules .. "/products/x.lua"))
  end)

  it("formats rules that have other mistakes", function()
    shell.write(rules .. "/products/x.lua", UGLY:gsub("savings", "svings"))
    assert.same({ 0, "rules/products/x.lua\n", "1 of 12 files formatted\n" }, { fmt() })
  end)

  it("keeps the mode of a file and leaves nothing beside it", function()
    local path = rules .. "/products/x.lua"
    shell.run_line(("chmod 640 %s"):format(path))
    fmt()
    assert.equal("640\n", select(2, shell.run_line(("stat -c %%a %s"):format(path))))
    local _, names = shell.run_line(("ls -A %s/products"):format(rules))
    assert.equal("commercial.lua\ncredit.lua\neveryday.lua\ninvestment.lua\nloans.lua\nx.lua\n", names)
  end)

  it("refuses links and what is no file, and passes links in a folder by", function()
    shell.run_line(("cd %s && ln -s x.lua products/link.lua && ln -s products more && mkfifo pipe"):format(rules))
    for path, message in pairs { ["rules/products/link.lua"] = "is a symbolic link; name the file that it leads to",
      ["rules/more"] = "is a symbolic link; name the file that it leads to", ["rules/pipe"] = "is not a regular file",
      ["nowhere"] = "there is no such file or folder" } do
      assert.same({ 3, "", ("offerengine fmt: file '%s': %s\n"):format(path, message) }, { fmt(path) })
    end
    assert.same({ 0, "rules/products/x.lua\n", "1 of 12 files formatted\n" }, { fmt() })
  end)

  it("writes nothing when a file cannot be written", function()
    if select(2, shell.run_line("id -u")) == "0\n" then
      return -- may write anywhere
    end
    shell.run_line(("chmod 555 %s/products"):format(rules))
    local code, _, err = fmt()
    shell.run_line(("chmod 755 %s/products"):format(rules))
    assert.equal(3, code)
    assert.matches("file 'rules/products/x.lua': Permission denied", err, 1, true)
    assert.equal(UGLY, shell.read(rules .. "/products/x.lua"))
  end)
end)
