-- codes_spec.lua: every code that a finding can have is explained, and the explanations are true.

local codes = require "offerengine.codes"
local gates = require "offerengine.gates"
local lfs = require "lfs"
local loader = require "offerengine.loader"
local offerengine = require "offerengine"
local rule_folder = require "rule_folder"
local tests = require "offerengine.tests"

local TOP = os.getenv("OE_SOURCE") or "."
local EXAMPLE = "z_example.lua"

local function file_of(entry)
  return entry.test and "tests/" .. EXAMPLE or entry.book and "release.lua" or EXAMPLE
end

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
      for code in read(path):gmatch('"([EWN]%d%d%d)"') do
        found[code] = true
      end
    end
  end
  return found
end

-- The files of an example, and those without it.
local function files_of(text, entry)
  local plain = entry.alone and { ["schema.lua"] = "-- in the example" } or rule_folder.read(TOP .. "/rules")
  local files = { [file_of(entry)] = text }
  for path, bytes in pairs(plain) do
    files[path] = files[path] or bytes
  end
  return files, plain
end

-- What a release of the rules is told.
local function release(entry, before, ruleset)
  local path = os.tmpname()
  local file <close> = assert(io.open(path, "wb"))
  file:write(entry.book)
  file:close()
  local population = offerengine.population(before)
  assert(population:read { path = path, format = "csv" })
  os.remove(path)
  return gates.release(before, ruleset, population)
end

local function load_example(text, entry, table_text)
  local files = files_of(text, entry)
  local options
  if entry.before then
    files[file_of(entry)] = entry.before
    options = { ruleset = assert(rule_folder.load(files)) }
    files[file_of(entry)] = text
  end
  files["tests/signed.csv"] = entry.signed
  files["tables/example.csv"] = table_text
  local top = rule_folder.write(files)
  local ruleset, second, _, fourth = loader.load(top, options)
  local against = ruleset and (entry.test or entry.signed) and tests.findings(assert(tests.judge(top, ruleset))) or {}
  rule_folder.remove(top)
  if ruleset and entry.book then
    against, second = release(entry, options.ruleset, ruleset)
  end
  if #against > 0 then
    return nil, against
  end
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

    if code:find "^[WN]" and entry.book then
      it(("note %s of its wrong example, at its line, and of its right one nothing"):format(code), function()
        local ruleset, found = load_example(entry.wrong, entry)
        assert.is_truthy(ruleset)
        assert.same({ 1, code, "note", file_of(entry), marked_line(entry.wrong, code) },
          { #found, found[1].code, found[1].severity, found[1].file, found[1].line })
        assert.same({}, select(2, load_example(entry.right, entry)))
      end)
    elseif code:find "^[WN]" then
      it(("prove %s of its wrong example, at its line, and of its right one nothing"):format(code), function()
        local found = rule_folder.news(files_of(entry.wrong, entry))
        assert.equal(1, #found, rule_folder.show(found))
        assert.equal(code, found[1].code, rule_folder.show(found))
        assert.equal(code:find "^W" and "warning" or "note", found[1].severity)
        assert.equal(EXAMPLE, found[1].file)
        assert.equal(marked_line(entry.wrong, code), found[1].line, rule_folder.show(found))
        assert.equal("", rule_folder.show(rule_folder.news(files_of(entry.right, entry))))
      end)
    elseif not entry.interface then
      it(("refuse the wrong example of %s with it, at its line"):format(code), function()
        local ruleset, findings = load_example(entry.wrong, entry, entry.table)
        assert.is_nil(ruleset)
        assert.equal(1, #findings, rule_folder.show(findings))
        assert.equal(code, findings[1].code, rule_folder.show(findings))
        local file, line = file_of(entry), marked_line(entry.wrong, code)
        if entry.signed then
          file, line = "tests/signed.csv", 2
        elseif entry.table_line then
          file, line = "tables/example.csv", entry.table_line
        end
        assert.equal(file, findings[1].file)
        assert.equal(line, findings[1].line, rule_folder.show(findings))
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
