-- proofs_spec.lua: what check proves: planted contradictions are told with code and line, their near twins are not, and
-- on the sample rules there is what a reader agrees with.

local contradictions = dofile((os.getenv("OE_SOURCE") or ".") .. "/spec/rules/contradictions.lua")
local rule_folder = require "rule_folder"

local TOP = os.getenv("OE_SOURCE") or "."
local PLANTED = "z_planted.lua"
local sample = rule_folder.read(TOP .. "/rules")

local function with(text)
  local files = { [PLANTED] = text }
  for path, bytes in pairs(sample) do
    files[path] = bytes
  end
  return files
end

local function marked_line(text, code)
  local number = 0
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    number = number + 1
    if line:find("-- " .. code .. "$") then
      return number
    end
  end
end

-- What was found in the planted file, as "CODE line".
local function places(found)
  local list = {}
  for _, finding in ipairs(found) do
    list[#list + 1] = ("%s %s %d"):format(finding.file, finding.code, finding.line)
  end
  return list
end

describe("check", function()
  it("has more than 25 contradictions to try", function()
    assert.is_true(#contradictions > 25)
  end)

  for _, case in ipairs(contradictions) do
    local what, code, wrong, right = table.unpack(case)

    it(("tells %s as %s with its line"):format(what, code), function()
      local found = rule_folder.news(with(wrong), sample)
      local expected = { ("%s %s %d"):format(PLANTED, code, marked_line(wrong, code)) }
      assert.same(expected, places(found), rule_folder.show(found))
    end)

    it(("says nothing of the near twin of %s"):format(what), function()
      assert.equal("", rule_folder.show(rule_folder.news(with(right), sample)))
    end)
  end

  it("adds up weights", function()
    local function scored(weight)
      return { ["schema.lua"] = 'attribute "income" { type = "money", range = { 0, nil } }\nscoring {\n'
        .. ("  income = { weight = %g, ideal = 10 },\n}"):format(weight) }
    end
    assert.same({ "schema.lua N101 3" }, places((rule_folder.check(scored(99)))))
    assert.same({}, places((rule_folder.check(scored(100)))))
  end)

  -- Both are offered to everybody old enough who lacks them: 10 points of 30 for the age alone are 33.3, and the
  -- threshold is 30. So nobody gets them as a fallback.
  it("finds what a reader agrees with on the sample rules", function()
    assert.equal([[
policies.lua:32: note[N108]: fallback "debit_card": it is never needed; who passes its limits exceeds its threshold ]]
      .. [[and is offered it anyway
    fallback { "savings_account", "debit_card" }
policies.lua:32: note[N108]: fallback "savings_account": it is never needed; who passes its limits exceeds its ]]
      .. [[threshold and is offered it anyway
    fallback { "savings_account", "debit_card" }]], rule_folder.show((rule_folder.check(sample))))
  end)
end)
