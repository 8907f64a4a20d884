-- diff_spec.lua: diff compares a draft with what a service serves, or served, beside the running service.

local live_rules = require "spec.support.live_rules"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"

describe("diff beside a service", function()
  local folder, server, rules

  setup(function()
    folder = service.folder()
    rules = live_rules.copy(folder)
    server = assert(service.start { db = folder .. "/bank.db", rules = rules.path })
  end)

  teardown(function()
    if server then
      server:stop()
    end
    service.remove(folder)
  end)

  local function diff(...)
    return shell.run("diff", "--new", rules.path, "--db", folder .. "/bank.db", "--at", "2026-11-22", ...)
  end

  it("finds nothing changed in the rules that serve", function()
    local code, out, err = diff()
    assert.equal(0, code, err)
    assert.matches("compared with generation 1 of .-bank.db, ruleset %x+\n", out)
    assert.matches("nothing that decisions hang on has changed", out, 1, true)
  end)

  it("names the line of a product that is new", function()
    rules:change(1)
    local code, out, err = diff("--base", "1")
    assert.equal(0, code, err)
    assert.matches("products/live.lua:1  product live_card  added", out, 1, true)
  end)
end)
