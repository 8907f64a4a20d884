-- meaning_spec.lua: what rules mean, as a hash: a changed number or word that changes any answer changes it; comments,
-- spacing and the places of rules do not. OE_MUTATIONS says how many changes are tried ("all" does it).

local mangle = require "mangle"
local people = require "spec.lua.people"
local rule_folder = require "rule_folder"
local scanner = require "offerengine.scanner"

local TOP = (os.getenv("OE_SOURCE") or ".") .. "/rules"
local GIVEN = os.getenv("OE_MUTATIONS")
local MUTATIONS = tonumber(GIVEN or 250)

local random = mangle.random(20261122)

-- Words of the language in whose place another one is lawful as well.
local TWINS = {
  at_least = "above", above = "at_least", at_most = "below", below = "at_most", all = "any", any = "all",
  one_of = "none_of", known = "unknown", unknown = "known", lacks = "owns", owns = "lacks", lacks_category = "owns",
  ["true"] = "false", ["false"] = "true", exclude = "adjust", gate = "ramp",
}

-- What each token may become: a list of texts.
local function changes_of(item, names)
  if item.kind == "number" then
    local value = tonumber(item.text)
    local half = tostring(math.tointeger(value // 2) or value / 2)
    return { item.text .. "1", tostring(value + 1), half, "0", "-" .. item.text }
  elseif item.kind == "string" then
    local text = item.text:sub(2, -2)
    local changes = { '"' .. text .. 'x"', '"' .. text:upper() .. '"' }
    for _ = 1, names[text] and 2 or 0 do
      changes[#changes + 1] = '"' .. names[random(#names)] .. '"'
    end
    return changes
  elseif item.kind == "name" then
    local swapped = item.text:gsub("^m([ia])([nx])_", function(a) return a == "i" and "max_" or "min_" end)
    return { TWINS[item.text], swapped ~= item.text and swapped or nil, names[item.text] and names[random(#names)] }
  end
  return {}
end

local function join(items)
  local pieces = {}
  for _, item in ipairs(items) do
    pieces[#pieces + 1] = ("\n"):rep(item.newlines) .. item.space .. item.text
      .. (item.kind == "comment" and not item.is_long and "\n" or "")
  end
  return table.concat(pieces)
end

local files = rule_folder.read(TOP)
local base = assert(rule_folder.load(files))
local customers = people.random(150)

-- Ids and attributes, which stand for each other in places.
local function names_of(ruleset)
  local names = {}
  for _, list in ipairs { ruleset:products(), ruleset:categories(), ruleset:attributes() } do
    for _, one in ipairs(list) do
      names[#names + 1] = one.id or one.name
      names[one.id or one.name] = true
    end
  end
  return names
end

-- Everything that customers are told, without the hash of the texts.
local function answers(ruleset)
  local hash, told = ruleset:hash(), {}
  for _, customer in ipairs(customers) do
    for _, say in ipairs { ruleset.decide_json, ruleset.explain_json } do
      local text, message = say(ruleset, customer, { at = people.AT })
      told[#told + 1] = (text or message):gsub(hash, ""):gsub('"line":%d+', "")
    end
  end
  return table.concat(told, "\n")
end

describe("the meaning of the rules", function()
  local told = answers(base)
  local meant = base:meaning()

  local function with(changes)
    local changed = {}
    for path, text in pairs(files) do
      changed[path] = text
    end
    for path, text in pairs(changes) do
      changed[path] = text or nil
    end
    local ruleset, findings = rule_folder.load(changed)
    return ruleset, findings
  end

  local function mutations()
    local names, list, paths = names_of(base), {}, {}
    for path in pairs(files) do
      paths[#paths + 1] = path:find("%.lua$") and path or nil
    end
    table.sort(paths)
    for _, path in ipairs(paths) do
      local items = scanner.items(files[path])
      for at, item in ipairs(items) do
        local tried = { [item.text] = true }
        for _, text in pairs(changes_of(item, names)) do
          if not tried[text] then
            tried[text] = true
            list[#list + 1] = { path = path, items = items, at = at, text = text }
          end
        end
      end
    end
    return list
  end

  it("changes with every number and word that changes an answer", function()
    local list, taken, same = mutations(), 0, {}
    local count = GIVEN == "all" and #list or MUTATIONS
    for number = 1, count do
      local one = GIVEN == "all" and list[number] or list[random(#list)]
      local item = one.items[one.at]
      local original = item.text
      item.text = one.text
      local ruleset = with { [one.path] = join(one.items) }
      item.text = original
      taken = taken + (ruleset and 1 or 0)
      if ruleset and ruleset:meaning() == meant then
        local shown = ("%s:%d: %s for %s"):format(one.path, item.line, one.text, original)
        assert.equal(told, answers(ruleset), shown)
        same[#same + 1] = shown
      end
    end
    if GIVEN then
      print(("%d changes, %d taken, %d of the same meaning:\n%s"):format(count, taken, #same, table.concat(same, "\n")))
    end
    assert.is_true(taken > count // 4, taken .. " of " .. count .. " taken")
    assert.is_true(#same < taken // 10, table.concat(same, "\n"))
  end)

  it("changes with every release gate and its number, and not with gates that are open", function()
    local seen = { [meant] = "the samples" }
    for _, gates in ipairs { "max_lost = 0", "max_lost = 1", "max_lost_only = 1", "max_best_changed = 1",
      "min_ratio = 0.8", "min_ratio = 0.8, min_group = 31", "min_ratio = 0.8, max_lost = 1" } do
      local meaning = assert(with { ["release.lua"] = "release { " .. gates .. " }\n" }):meaning()
      assert.is_nil(seen[meaning], gates)
      seen[meaning] = gates
    end
    assert.equal(meant, assert(with { ["release.lua"] = "release {}\n" }):meaning())
    assert.equal(meant, assert(with { ["release.lua"] = false }):meaning())
  end)

  it("does not change with spacing, comments and line ends", function()
    for seed = 1, 20 do
      local draw, mangled = mangle.random(seed), {}
      for path, text in pairs(files) do
        mangled[path] = path:find("%.lua$") and mangle.text(text, draw, 50, 30) or nil
      end
      local ruleset = assert(with(mangled))
      assert.not_equal(base:hash(), ruleset:hash())
      assert.equal(meant, ruleset:meaning())
    end
  end)

  it("does not change when products and policies stand elsewhere", function()
    local moved = with { ["products/loans.lua"] = false, ["a.lua"] = files["products/loans.lua"],
      ["policies.lua"] = false, ["products/0.lua"] = files["policies.lua"] }
    assert.equal(meant, moved:meaning())
    local first, second = files["products/everyday.lua"]:match('^(.*\n)(product "debit_card" .-\n}\n)')
    local rest = files["products/everyday.lua"]:sub(#first + #second + 1)
    assert.equal(meant, with({ ["products/everyday.lua"] = second .. first .. rest }):meaning())
  end)

  it("changes with the order of segments, which answers show", function()
    local two = '(segment "young_professionals" .-\n}\n)\n(segment "affluent" .-\n}\n)'
    local swapped = files["segments.lua"]:gsub(two, function(first, second) return second .. "\n" .. first end)
    assert.not_equal(meant, with({ ["segments.lua"] = swapped }):meaning())
  end)

  it("changes with the numbers of a table that are used, not with the order of its rows", function()
    local path = "tables/market_trends.csv"
    local function of(from, to)
      local text, count = files[path]:gsub(from, to)
      assert.equal(1, count)
      return assert(with { [path] = text }):meaning()
    end
    assert.not_equal(meant, of("3.5", "3.6"))
    assert.equal(meant, of("(north,[^\n]*\n)(.*\n)", "%2%1"))
    local function with_extra(csv, code)
      return assert(with { ["tables/extra.csv"] = csv, ["z.lua"] = 'local extra = lookup "extra" { file = "extra.csv", '
        .. 'key = "region" }\n' .. code }):meaning()
    end
    local derived = 'derive "grade" { type = "number", lookup = "extra", column = "grade" }'
    local asked = 'segment "x" { when = function(c) return c.region and extra[c.region].note == "b" end }'
    local csv, other = "region,grade,note\nnorth,1,a\neast,2,b\n", "region,grade,note\nnorth,1,a\neast,2,c\n"
    assert.equal(with_extra(csv, derived), with_extra(other, derived))
    assert.not_equal(with_extra(csv, asked), with_extra(other, asked))
    assert.equal(with_extra(csv, asked), with_extra("region,grade,note\neast,2,b\nnorth,1,a\n", asked))
  end)

  it("changes with the text of functions and what they hold, not with their comments and places", function()
    local function of(text, path)
      return assert(with { [path or "z.lua"] = text }):meaning()
    end
    local text = 'local least = 5\nsegment "x" { when = function(c) return c.income > least end }\n'
    local function changed(from, to)
      local other, count = text:gsub(from, to)
      assert.equal(1, count)
      return of(other)
    end
    local one = of(text)
    assert.equal(one, of(text, "zz.lua"))
    assert.equal(one, changed("return", "-- why\n return"))
    assert.equal(one, changed(" end }", " end, }"))
    assert.equal(one, changed(" }", "\n; }"))
    assert.equal(one, of("\xEF\xBB\xBF" .. text:gsub("\n", "\r\n")))
    assert.not_equal(one, changed("least = 5", "least = 6"))
    assert.not_equal(one, changed("income > ", "income >= "))
    assert.not_equal(one, changed("c.income", "c.credit_score"))
    local function including(number, comment)
      return assert(with { ["lib.lua"] = "return { least = " .. number .. " }" .. comment,
        ["z.lua"] = 'local lib = include "lib.lua"\nsegment "x" { when = function(c) return c.income > lib.least end }',
      }):meaning()
    end
    assert.equal(including(5, ""), including(5, " -- why"))
    assert.not_equal(including(5, ""), including(6, ""))
    assert.equal(of 'segment "x" { when = { income = above(5) } }', of 'segment "x" { when = { income = above(5.0) } }')
  end)
end)
