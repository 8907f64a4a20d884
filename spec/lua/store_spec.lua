-- store_spec.lua: a database of customers in Lua.

local shell = require "spec.lua.shell"
local people = require "spec.lua.people"
local core = require "offerengine.core"
local offerengine = require "offerengine"

local ruleset = assert(offerengine.load(shell.source .. "/rules"))

local function profile(changes)
  return assert(ruleset:profile(people.one(changes)))
end

describe("a store", function()
  local folder, path

  before_each(function()
    folder = shell.folder()
    path = folder .. "/bank.db"
  end)

  after_each(function()
    collectgarbage()
    shell.remove(folder)
  end)

  it("puts, replaces, gets, deletes and counts, and keeps it all", function()
    do
      local store <close> = assert(offerengine.open(path))
      assert.same({ 0, false }, { store:count() })
      assert.equal("created", store:put(profile()))
      assert.equal("replaced", store:put(profile { age = 36 }))
      assert.equal("created", store:put(profile { customer_id = "C002" }))
      assert.is_true(store:delete("C002"))
      assert.is_false(store:delete("C002"))
    end
    local store <close> = assert(offerengine.open(path))
    assert.same({ 1, true }, { store:count() })
    assert.same(people.one { age = 36 }, store:get("C001"))
    assert.equal(profile { age = 36 }:json(), store:get_json("C001"))
    local values, message, code = store:get("C002")
    assert.is_nil(values)
    assert.is_string(message)
    assert.equal("not_found", code)
  end)

  it("scans in bytewise order, from where and as far as asked", function()
    local store <close> = assert(offerengine.open(path))
    for i = 1, 300 do -- more than a page
      assert(store:put(profile { customer_id = ("C%03d"):format(301 - i) }))
    end
    local function ids(options)
      local list = {}
      for id, values in store:scan(options) do
        assert.equal(id, values.customer_id)
        list[#list + 1] = id
      end
      return list
    end
    local all = ids()
    assert.equal(300, #all)
    assert.equal("C001", all[1])
    assert.equal("C300", all[300])
    assert.same({ "C100", "C101" }, ids { after = "C099", limit = 2 })
    assert.same({}, ids { after = "C300" })
    for id, text in store:scan { limit = 2, json = true } do
      assert.equal(profile { customer_id = id }:json(), text)
    end
    assert.equal(280, #ids { limit = 280 })
  end)

  it("is owned by one at a time and may be read beside the owner", function()
    local store <close> = assert(offerengine.open(path))
    assert(store:put(profile()))
    local second, message, code = offerengine.open(path)
    assert.is_nil(second)
    assert.is_string(message)
    assert.equal("busy", code)
    assert.is_number(core.owner(path).pid)
    local reader <close> = assert(offerengine.open(path, { read_only = true }))
    assert.equal(35, reader:get("C001").age)
    local outcome, _, refused = reader:put(profile())
    assert.is_nil(outcome)
    assert.equal("bad_argument", refused)
  end)

  it("has no owner once it is closed", function()
    assert(offerengine.open(path)):close()
    local owner, _, code = core.owner(path)
    assert.is_nil(owner)
    assert.equal("not_found", code)
  end)

  it("answers nil, a message and a code when the world is at fault", function()
    local cases = {
      { folder .. "/none/bank.db", nil, "io_error" },
      { folder .. "/none.db", { read_only = true }, "not_found" },
      { shell.write(folder .. "/text.db", ("this is no database. "):rep(200)), nil, "corrupt" },
      { "martian:bank", nil, "invalid" },
    }
    for _, case in ipairs(cases) do
      local store, message, code = offerengine.open(case[1], case[2])
      assert.is_nil(store)
      assert.is_string(message)
      assert.equal(case[3], code, case[1])
    end
  end)

  it("raises on misuse", function()
    local store <close> = assert(offerengine.open(path))
    assert.has_error(function() offerengine.open() end)
    assert.has_error(function() offerengine.open(path, { readonly = true }) end)
    assert.has_error(function() offerengine.open(path, { read_only = 1 }) end)
    assert.has_error(function() store:put(people.one()) end)
    assert.has_error(function() store:get() end)
    assert.has_error(function() store:scan { limit = 0 } end)
    assert.has_error(function() store:scan { from = "C001" } end)
    assert.has_error(function() store:scan { json = 1 } end)
    assert.has_error(function() store:scan { after = 7 } end)
    assert.has_error(function() store.put({}, profile()) end)
  end)

  it("may be closed twice and is then of no use", function()
    local kept
    do
      local store <close> = assert(offerengine.open(path))
      kept = store
      assert(store:put(profile()))
      local step, scan = store:scan()
      store:close()
      assert.error_matches(function() step(scan) end, "closed")
    end
    debug.getmetatable(kept).__gc(kept)
    assert.error_matches(function() kept:get("C001") end, "closed")
    assert.error_matches(function() kept:count() end, "closed")
  end)
end)
