-- codes_spec.lua: every code that a finding can have is explained, and the explanations are true.

local codes = require "offerengine.codes"
local lfs = require "lfs"
local loader = require "offerengine.loader"
local rule_folder = require "rule_folder"

local TOP = os.getenv("OE_SOURCE") or "."
local EXAMPLE = "z_example.lua"

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read("a")
end

-- The codes in quotes in the C and Lua files below a folder, but for the explanations.
local function collect(folder, found)
  for name in lfs.dir(folder) do
    local path = folder .. "/" .. name
    if lfs.attributes(path, "mode") == "directory" then
      if not name:find("^%.") and name ~= "codes" then
        collect(path, found)
      end
    elseif name:find("%.[ch]$") or name:find("%.lua$") then
      for code in read(path):gmatch('"(E%d%d%d)"') do
        found[code] = true
      end
    end
  end
  return found
end

local function load_example(text, entry, table_text)
  local files = entry.alone and { ["schema.lua"] = "-- in the example" } or rule_folder.read(TOP .. "/rules")
  local options
  if entry.before then
    files[EXAMPLE] = entry.before
    options = { ruleset = assert(rule_folder.load(files)) }
  end
  files[EXAMPLE] = text
  files["tables/example.csv"] = table_text
  local top = rule_folder.write(files)
  local ruleset, second, _, fourth = loader.load(top, options)
  rule_folder.remove(top)
  return ruleset, ruleset and second or fourth
end

local function marked_line(text, code)
  local number = 0
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    number = number + 1
    if line:find("-- " .. code, 1, true) then
      return number
    end
  end
end

describe("the codes of findings", function()
  it("are explained one and all, and no others are", function()
    local found = collect(TOP .. "/lua", collect(TOP .. "/core", {}))
    local list = {}
    for code in pairs(found) do
      list[#list + 1] = code
    end
    table.sort(list)
    assert.is_true(#list > 40)
    assert.same(list, codes.list())
  end)

  for _, code in ipairs(codes.list()) do
    local entry = codes.entries[code]

    it(("explain %s in words and a wrong and a right example"):format(code), function()
      assert.is_true(#entry.title > 5 and #entry.text > 20)
      assert.is_truthy(entry.interface or entry.wrong and entry.right)
      local shown = codes.explain(code)
      assert.equal(code .. ": " .. entry.title, shown:match("^[^\n]+"))
      assert.is_truthy(utf8.len(shown))
      for line in shown:gmatch("[^\n]+") do
        assert.is_true(utf8.len(line) <= 120, line)
      end
    end)

    if not entry.interface then
      it(("refuse the wrong example of %s with it, at its line"):format(code), function()
        local ruleset, findings = load_example(entry.wrong, entry, entry.table)
        assert.is_nil(ruleset)
        assert.equal(1, #findings, rule_folder.show(findings))
        assert.equal(code, findings[1].code, rule_folder.show(findings))
        assert.equal(entry.table_line and "tables/example.csv" or EXAMPLE, findings[1].file)
        assert.equal(entry.table_line or marked_line(entry.wrong, code), findings[1].line, rule_folder.show(findings))
      end)

      it(("take the right example of %s"):format(code), function()
        local ruleset, findings = load_example(entry.right, entry, entry.right_table or entry.table)
        assert.equal("", rule_folder.show(findings))
        assert.is_truthy(ruleset)
      end)
    end
  end

  it("may be asked for in small letters, and others are not known", function()
    assert.equal(codes.explain("E012"), codes.explain("e012"))
    assert.is_nil(codes.explain("E999"))
  end)
end)
