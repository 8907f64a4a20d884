-- walk_spec.lua: the first hour of rules/README.md, typed as it stands against a real service: every command, every
-- file, and what is shown. Hashes, ids of decisions, times and the port are this run's own.

local readme = require "spec.rules.readme"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"

local SERVE = "offerengine serve --no-watch --port 8001"
local ADDRESS = "http://127.0.0.1:8001"

-- The fenced blocks of the tutorial in their order: { language, path (of a file to write), text }.
local function blocks()
  local text = assert(readme.text():match "\n## Your first hour\n(.-)\n## ")
  local list = {}
  for language, path, body in text:gmatch "\n```(%l+) ?([^\n]*)\n(.-)```" do
    list[#list + 1] = { language = language, path = path, text = body }
  end
  return list
end

-- A console block as { command, shown } in order.
local function steps_of(block)
  local steps = {}
  for line in block.text:gmatch "([^\n]*)\n" do
    if line:find "^%$ " then
      steps[#steps + 1] = { command = line:sub(3), shown = "" }
    else
      steps[#steps].shown = steps[#steps].shown .. line .. "\n"
    end
  end
  return steps
end

local function masked(text)
  return (text:gsub("%f[%x]" .. ("%x"):rep(12) .. "%f[%X]", "HASH"):gsub('"decision_id":"%x+"', '"decision_id":"ID"')
    :gsub("%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ", "TIME"):gsub("\n+$", ""))
end

describe("the first hour of rules/README.md", function()
  local folder, here, server, typed

  setup(function()
    folder, typed = service.folder(), {}
    here = folder .. "/first-hour"
  end)

  teardown(function()
    if server then
      server:stop()
    end
    service.remove(folder)
  end)

  -- What a terminal shows of a command.
  local function shown_by(command)
    if command == SERVE then
      server = assert(service.start { rules = here .. "/rules", db = here .. "/offerengine.db",
        words = { "--no-watch" } })
      return "listening on " .. ADDRESS
    end
    local line = ("cd '%s'; PATH=\"$PWD:$PATH\"; cd '%s'; %s"):format(service.build, here,
      (command:gsub(ADDRESS:gsub("%p", "%%%0"), server.address)))
    local _, out, err = shell.run_line(line)
    return out .. err
  end

  it("does and shows what it says, step by step", function()
    for _, block in ipairs(blocks()) do
      if block.language == "sh" then
        local text = block.text:gsub("/tmp/", folder .. "/")
        assert.equal(0, (shell.run_line(("cd '%s' && sh -e -c %s"):format(service.source, shell.quote(text)))))
      elseif block.language == "lua" then
        shell.write(here .. "/" .. block.path, block.text)
      else
        for _, step in ipairs(steps_of(block)) do
          local shown = shown_by(step.command)
          assert.equal(masked(step.shown), masked(shown), "$ " .. step.command)
          typed[#typed + 1] = { command = step.command, shown = shown }
        end
      end
    end
  end)

  it("shows an answer that changes with the publication, and after the rollback is as before", function()
    local answers = {}
    for _, step in ipairs(typed) do
      answers[#answers + 1] = step.command:find "^curl" and step.shown or nil
    end
    assert.equal(3, #answers)
    assert.is_nil(answers[1]:find("business_loan", 1, true))
    assert.truthy(answers[2]:find('"product_id":"business_loan"', 1, true))
    local function without_id(text) return (text:gsub('"decision_id":"%x+"', "")) end
    assert.equal(without_id(answers[1]), without_id(answers[3]))
  end)

  for _, words in ipairs { "new product", "check", "reload", "test", "fmt --check", "diff", "price", "explain",
    "rollback", "history", "test --sign" } do
    it("uses offerengine " .. words, function()
      local found = false
      for _, step in ipairs(typed) do
        found = found or (step.command .. " "):find("offerengine " .. words .. " ", 1, true) ~= nil
      end
      assert.is_true(found)
    end)
  end
end)
