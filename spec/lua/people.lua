-- people.lua: profiles for the specs: one ordinary customer and any number of random ones, the same in every run.

local people = {}

people.AT = "2026-11-22"

-- A fresh table of one ordinary customer with these changes; people.ABSENT takes a member away.
people.ABSENT = {}

function people.one(changes)
  local values = {
    customer_id = "C001", age = 35, income = 95000, credit_score = 735, avg_account_balance = 28000,
    existing_products = { "savings_account", "debit_card" },
  }
  for name, value in pairs(changes or {}) do
    values[name] = value ~= people.ABSENT and value or nil
  end
  return values
end

local PRODUCTS = { "savings_account", "debit_card", "credit_card", "personal_loan", "fixed_deposit", "brokerage" }

-- Numbers from 0 to below 1, by a generator of our own so that every platform draws the same.
local function generator(seed)
  local state = seed
  return function()
    state = (state * 6364136223846793005 + 1442695040888963407)
    return (state >> 11) * 2.0 ^ -53
  end
end

local function owned(draw)
  local list = {}
  for _, product in ipairs(PRODUCTS) do
    if draw() < 0.3 then
      list[#list + 1] = product
    end
  end
  return list
end

-- `count` profiles; about one in five has no credit score on file.
function people.random(count, seed)
  local draw, list = generator(seed or 20261122), {}
  for i = 1, count do
    list[i] = {
      customer_id = ("R%06d"):format(i),
      age = 16 + math.floor(draw() * 70),
      income = math.floor(draw() * draw() * 30000000) / 100,
      credit_score = draw() < 0.8 and 300 + math.floor(draw() * 551) or nil,
      avg_account_balance = math.floor((draw() * draw() * 150000 - 2000) * 100) / 100,
      existing_products = owned(draw),
      monthly_spend = draw() < 0.5 and math.floor(draw() * 500000) / 100 or nil,
      risk_tolerance = draw() < 0.5 and ({ "low", "medium", "high" })[1 + math.floor(draw() * 3)] or nil,
    }
  end
  return list
end

-- How many random profiles a spec takes: OE_SPEC_PROFILES, 1,000 unless set.
function people.count()
  return tonumber(os.getenv("OE_SPEC_PROFILES")) or 1000
end

local function sanitizers()
  local file <close> = assert(io.open(os.getenv("OE_BUILD") .. "/CMakeCache.txt", "rb"))
  return file:read("a"):match("\nOE_SANITIZE:STRING=([^\n]*)")
end

-- By how much the build under test may be slower than a plain one: sanitizers take their time.
function people.slowness()
  return sanitizers() ~= "" and 4 or 1
end

-- The CPU time of `work` in seconds, and what it returned: the shortest of three runs, if one is not within `most`.
function people.spent(most, work)
  local least, results = math.huge, nil
  for _ = 1, 3 do
    local started = os.clock()
    results = table.pack(work())
    least = math.min(least, os.clock() - started)
    if least <= most then
      break
    end
  end
  return least, table.unpack(results, 1, results.n)
end

-- Whether a signal reaches code that makes no system call: ThreadSanitizer keeps it back until the next one.
function people.is_signalled()
  return sanitizers() ~= "thread"
end

return people
