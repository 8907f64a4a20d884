-- signed_spec.lua: of the numbers in the sample rules hardly one can change without a signed case noticing, and those
-- few change no answer. OE_NUMBERS says how many changed numbers are tried.

local lfs = require "lfs"
local loader = require "offerengine.loader"
local offerengine = require "offerengine"
local core = require "offerengine.core"
local rule_folder = require "rule_folder"
local scanner = require "offerengine.scanner"
local shell = require "spec.lua.shell"
local signed = require "offerengine.signed"

local TOP = (os.getenv("OE_SOURCE") or ".") .. "/rules"
local TRIED = math.tointeger(tonumber(os.getenv("OE_NUMBERS") or 60))
local AT = { at = 1793491200000 }

-- A copy of the sample rules with samples, so that it can be written to.
local function copy_rules()
  local top = rule_folder.write(rule_folder.read(TOP))
  assert(os.execute(("cp -r '%s/samples' '%s/samples'"):format(TOP, top)))
  if lfs.attributes(TOP .. "/tables") then
    assert(os.execute(("cp -r '%s/tables' '%s/tables'"):format(TOP, top)))
  end
  return top
end

-- Other ways to change a number than those by which the cases were found.
local CHANGES = {
  function(value) return value * 1.1 end,
  function(value) return value * 0.9 end,
  function(value) return value + 2 end,
  function(value) return value * 2 + 1 end,
}

local function changed_text(number, index)
  local value = CHANGES[index](number.value)
  return number.value == math.floor(number.value) and ("%d"):format(math.floor(value + 0.5)) or ("%.3f"):format(value)
end

describe("signed cases", function()
  local top, base, texts, cases, silent
  setup(function()
    top = copy_rules()
    local _
    base, _, texts = loader.load(top)
    cases, silent = signed.generate(top, AT)
  end)
  teardown(function()
    rule_folder.remove(top)
  end)

  -- Every changed number that loads, as { shown, variant }, up to TRIED of them, spread over all.
  local function variants()
    local order, files = loader.unpack(texts)
    local list = {}
    for index = 1, #CHANGES do
      for _, path in ipairs(order) do
        for _, number in ipairs(path:find "%.lua$" and scanner.numbers(files[path]) or {}) do
          list[#list + 1] = { path = path, number = number, index = index }
        end
      end
    end
    local found, step = {}, math.max(1, #list // TRIED)
    for i = 1, #list, step do
      local path, number = list[i].path, list[i].number
      local text, other = files[path], changed_text(number, list[i].index)
      local kept = files[path]
      files[path] = text:sub(1, number.first - 1) .. other .. text:sub(number.last + 1)
      local variant = other ~= text:sub(number.first, number.last) and loader.load(top, { ruleset = base,
        texts = loader.pack(order, files) })
      files[path] = kept
      found[#found + 1] = variant and { variant = variant, shown = ("%s:%d %s -> %s"):format(path, number.line,
        text:sub(number.first, number.last), other) } or nil
    end
    return found
  end

  -- Real households and made-up customers, for whom an unnoticed change must not matter.
  local function book()
    local population = offerengine.population(base)
    local path = (os.getenv("OE_SPEC_HOUSEHOLDS") or "")
    local list = assert(core.customers(base, { path = path ~= "" and path or TOP .. "/samples/scf-2019-excerpt.csv",
      map = TOP .. "/samples/scf-2019.map.csv" }))
    while list:read() do end
    for text in list:ndjson():gmatch "[^\n]+" do
      population:add(core.decode_json(text))
    end
    local seed = 7
    local function random(low, high)
      seed = (seed * 1103515245 + 12345) % 2147483648
      return low + seed // 65536 % (high - low + 1)
    end
    for i = 1, 10000 do
      assert(population:add { customer_id = "r" .. i, age = random(16, 90), income = random(0, 300) * 1000,
        credit_score = random(0, 9) > 0 and random(300, 850) or nil, avg_account_balance = random(-20, 900) * 1000,
        savings_rate = random(-10, 40) / 100, transactions_90d = random(0, 40), monthly_spend = random(0, 9000),
        existing_products = random(0, 1) == 1 and { "savings_account" } or {} })
    end
    return population
  end

  it("notice at least 98 of 100 changed numbers, and what they do not notice changes no answer", function()
    local all, unnoticed = variants(), {}
    for _, entry in ipairs(all) do
      if #signed.changed(entry.variant, cases) == 0 then
        unnoticed[#unnoticed + 1] = entry
      end
    end
    local customers = #unnoticed > 0 and book()
    for _, entry in ipairs(unnoticed) do
      assert.is_nil(customers:first_difference(entry.variant, AT), entry.shown)
      if os.getenv("OE_NUMBERS") then
        print("unnoticed, and no answer of " .. customers:count() .. " customers changes: " .. entry.shown)
      end
    end
    if os.getenv("OE_NUMBERS") then
      print(("%d changed numbers, %d noticed; %d signed cases"):format(#all, #all - #unnoticed, #cases))
    end
    assert.is_true(#all * 10 >= TRIED * 7, #all .. " of " .. TRIED)
    assert.is_true(#unnoticed * 50 <= #all, #unnoticed .. " of " .. #all)
  end)

  it("come with customers just below, at and just above a limit", function()
    local seen = {}
    for _, case in ipairs(cases) do
      if case.number:find("products/commercial.lua:%d+ min_income = 80000", 1) then
        seen[#seen + 1] = { case.case, case.subject, (case.expected:gsub(" .*", "")) }
      end
    end
    assert.same({
      { "just below: income 79999.99", "product business_loan", "below_minimum" },
      { "at: income 80000", "product business_loan", "offered" },
      { "just above: income 80000.01", "product business_loan", "offered" },
    }, seen)
  end)

  it("come with customers around the beginning of each group that fairness compares", function()
    local seen = {}
    for _, case in ipairs(cases) do
      seen[#seen + 1] = case.subject == "group age" and { case.value, case.case, case.expected } or nil
    end
    assert.same({
      { "40", "just below: age 39", "under 40" }, { "40", "at: age 40", "40 to 61" },
      { "40", "just above: age 41", "40 to 61" }, { "62", "just below: age 61", "40 to 61" },
      { "62", "at: age 62", "62 and over" }, { "62", "just above: age 63", "62 and over" },
    }, seen)
  end)

  it("are the same when made again, and hold for the rules that they were made of", function()
    local again = signed.generate(top, AT)
    assert.equal(signed.write(base, cases), signed.write(base, again))
    assert.same({}, signed.changed(base, cases))
  end)

  it("are read back from their file as they were written", function()
    lfs.mkdir(top .. "/tests")
    shell.write(top .. "/tests/signed.csv", signed.write(base, cases))
    local back = assert(signed.read(top, base))
    assert.equal(#cases, #back)
    assert.same({}, signed.changed(base, back))
    assert.equal(signed.write(base, cases), signed.write(base, back))
  end)

  it("say which numbers no answer depends on", function()
    for _, number in ipairs(silent) do
      assert.matches("^schema%.lua:", number)
    end
  end)

  local damaged = {
    { "a,b\n1,2\n", "tests/signed.csv: column 1 must be number; write the file with 'offerengine test --sign'" },
    { "number,value,case,at,subject,expected\nx,1,at,never,product x,offered\n",
      "tests/signed.csv:2: at must be milliseconds and subject a product, segment, range, value or group" },
    { 'number,"value\n', "tests/signed.csv: " },
  }
  for i, case in ipairs(damaged) do
    it("that are damaged are refused with what is wrong, no. " .. i, function()
      lfs.mkdir(top .. "/tests")
      shell.write(top .. "/tests/signed.csv", case[1])
      local list, message = signed.read(top, base)
      os.remove(top .. "/tests/signed.csv")
      assert.is_nil(list)
      assert.matches(case[2], message, 1, true)
    end)
  end
end)
