-- households_spec.lua: rules/samples/scf-2019.md: every command on the excerpt, typed as it stands, shows what the page
-- shows. Hashes and times are this run's own.

local shell = require "spec.lua.shell"

local function page()
  return shell.read(shell.source .. "/rules/samples/scf-2019.md")
end

-- { command, shown } in the order of the page.
local function steps()
  local list = {}
  for text in page():gmatch "\n```console\n(.-)```" do
    for line in text:gmatch "([^\n]*)\n" do
      if line:find "^%$ " then
        list[#list + 1] = { command = line:sub(3), shown = "" }
      else
        list[#list].shown = list[#list].shown .. line .. "\n"
      end
    end
  end
  return list
end

local function masked(text)
  return (text:gsub("ruleset %x+", "ruleset HASH"):gsub("%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ", "TIME")
    :gsub(" +\n", "\n"):gsub("\n+$", ""))
end

describe("rules/samples/scf-2019.md", function()
  local folder, prepare

  setup(function()
    folder = shell.folder()
    prepare = page():match "\n```sh\n(.-)```":gsub("/tmp/", folder .. "/")
  end)
  teardown(function() shell.remove(folder) end)

  it("has lists, a funnel, refusals, unmet categories and a price", function()
    local words = {}
    for _, step in ipairs(steps()) do
      words[#words + 1] = step.command:match "offerengine (%l+ ?%l*)"
    end
    assert.same({ "report segments", "batch ", "batch ", "report funnel", "uncovered ", "price fixed" }, words)
  end)

  for i, step in ipairs(steps()) do
    it(("shows what is told, %d: %s"):format(i, step.command), function()
      local typed = step.command:gsub("/tmp/", folder .. "/")
      local code, out, err = shell.run_line(("PATH='%s':\"$PATH\"; cd '%s'; rm -rf '%s/spring'; %s\n%s"):format(
        shell.build, shell.source, folder, prepare, typed))
      assert.equal(0, code, err)
      assert.is_true(#step.shown > 0)
      assert.equal(masked(step.shown), masked(out))
    end)
  end
end)
