-- funnel_spec.lua: a funnel by product and by category: its stages are those of every customer's explanation.

local core = require "offerengine.core"
local offerengine = require "offerengine"
local people = require "spec.lua.people"
local rule_folder = require "rule_folder"
local shell = require "spec.lua.shell"

local RANKS = { availability = 1, ownership = 2, gates = 3, contact_policy = 4, threshold = 5, selection = 6,
  offered = 7 }
-- A product that left at this rank or before is not counted.
local LEFT_AT = { customers = 0, available = 1, not_owned = 2, eligible = 3, above_threshold = 5, offered_now = 6 }

local function counts_of(ranks)
  local counts = {}
  for step, left_at in pairs(LEFT_AT) do
    counts[step] = 0
    for _, rank in ipairs(ranks) do
      counts[step] = counts[step] + (rank > left_at and 1 or 0)
    end
  end
  return counts
end

-- By product id, by category id, and under "all": the rank of each customer's furthest product.
local function ranks_of(ruleset, profiles)
  local ranks = {}
  local function note(key, customer, rank)
    ranks[key] = ranks[key] or {}
    ranks[key][customer] = math.max(ranks[key][customer] or 0, rank)
  end
  for customer, profile in ipairs(profiles) do
    for _, product in ipairs(assert(ruleset:explain(profile)).products) do
      local rank = assert(RANKS[product.outcome], product.outcome)
      note(product.product_id, customer, rank)
      note("category " .. product.category, customer, rank)
      note("all", customer, rank)
    end
  end
  return ranks
end

local function steps_of(row)
  local steps = {}
  for step in pairs(LEFT_AT) do
    steps[step] = row[step]
  end
  return steps
end

describe("offerengine report funnel --by", function()
  local folder, book, ranks

  -- Among them a product that is off and a limit that cuts good ones away, so that every stage is met.
  setup(function()
    folder = shell.folder()
    local files = rule_folder.read(shell.source .. "/rules")
    files["more.lua"] = 'product "gone" { name = "Gone", category = "savings", off = true, min_income = 1 }\n'
      .. "threshold { default = 60 }\n"
    files["scoring.lua"] = files["scoring.lua"]:gsub("\nthreshold *%b{}", "\n")
    for name, text in pairs(files) do
      assert(os.execute(("mkdir -p '%s/%s'"):format(folder, name:match "^(.-)[^/]*$")))
      shell.write(folder .. "/" .. name, text)
    end
    local ruleset = assert(offerengine.load(folder))
    local profiles, lines = {}, {}
    for i, values in ipairs(people.random(600, 9)) do
      profiles[i] = ruleset:profile(values)
      lines[i] = profiles[i]:json() .. "\n"
    end
    book = shell.write(folder .. "/book.ndjson", table.concat(lines))
    ranks = ranks_of(ruleset, profiles)
  end)
  teardown(function() shell.remove(folder) end)

  local function ask(by)
    local code, out, err = shell.run("report", "funnel", "--by", by, "--in", book, "--rules", folder, "--json")
    assert.equal(0, code, err)
    return core.decode_json(out)
  end

  it("counts each customer as far as the explanation says that a product came", function()
    local seen = {}
    for _, row in ipairs(ask("product").funnel) do
      assert.same(counts_of(ranks[row.product_id]), steps_of(row), row.product_id)
      for step in pairs(LEFT_AT) do
        seen[step] = seen[step] or row[step] < row.customers
      end
      assert.is_nil(row.offered)
    end
    assert.same({ customers = false, available = true, not_owned = true, eligible = true, above_threshold = true,
      offered_now = true }, seen)
  end)

  it("counts a category, and all, by the product that came furthest", function()
    local made = ask "category"
    for _, row in ipairs(made.funnel) do
      assert.same(counts_of(ranks["category " .. row.category]), steps_of(row), row.category)
    end
    local all = {}
    for _, row in ipairs(made.steps) do
      all[row.step] = row.count
    end
    assert.same(counts_of(ranks.all), all)
  end)

  it("goes by nothing else, and a funnel of activity has no file", function()
    local code, _, err = shell.run("report", "funnel", "--by", "day", "--in", book)
    assert.same({ 2, true }, { code, err:find("--by of funnel: must be product or category", 1, true) ~= nil }, err)
    code, _, err = shell.run("report", "products", "--by", "product")
    assert.same({ 2, true }, { code, err:find("--by is for conversion and funnel", 1, true) ~= nil }, err)
    assert.equal(2, (shell.run("report", "funnel", "--in", book)))
  end)
end)
