-- book.lua: a bank's book of any size: the households of the survey (all of them where ../shared/data is, else the
-- excerpt in rules/samples), drawn again and again with jitter. The same for the same seed everywhere.
-- usage: lua5.4 spec/support/book.lua COUNT [SEED] writes a CSV to standard output.

local book = {}

local HEADER = "customer_id,age,income,existing_products,credit_score,avg_account_balance,savings_rate," ..
  "transactions_90d,risk_tolerance\n"
local RISKS = { "none", "low", "medium", "high" }
local FURTHER = { "savings_account", "debit_card", "credit_card", "fixed_deposit", "basic_investment",
  "life_insurance" }

local function source()
  return os.getenv "OE_SOURCE" or "."
end

local function lines_of(path)
  local packed = source() .. "/../shared/data/scf-2019/scf.dev.csv.gz"
  local file = io.open(packed, "rb")
  if not file then
    return io.lines(path)
  end
  file:close()
  return io.popen(("gunzip -c '%s'"):format(packed)):lines()
end

-- Ids of the survey to lists of those of the catalogue.
local function read_map(path)
  local map = {}
  for line in io.lines(path) do
    local from, to = line:match("^([^,]*),([^,]*)")
    map[from] = map[from] or {}
    table.insert(map[from], to ~= "" and to or nil)
  end
  return map
end

local function read_owned(text, map)
  local list = {}
  for id in text:gmatch("[^|]+") do
    table.move(map[id] or { id }, 1, #(map[id] or { id }), #list + 1, list)
  end
  return list
end

local function fields_of(line)
  local fields = {}
  for field in (line:gsub("\r$", "") .. ","):gmatch("([^,]*),") do
    fields[#fields + 1] = field
  end
  return fields
end

-- The households, each { age, income, owned, balance }.
function book.households()
  local folder = source() .. "/rules/samples/"
  local map, list, columns = read_map(folder .. "scf-2019.map.csv"), {}, nil
  for line in lines_of(folder .. "scf-2019-excerpt.csv") do
    local fields = fields_of(line)
    if columns then
      list[#list + 1] = { tonumber(fields[columns.age]), tonumber(fields[columns.income]),
        read_owned(fields[columns.existing_products], map), tonumber(fields[columns.avg_account_balance]) }
    else
      columns = {}
      for index, name in ipairs(fields) do
        columns[name] = index
      end
    end
  end
  return list
end

-- Numbers from 0 to below 1.
local function generator(seed)
  local state = seed * 2654435761 + 88172645463325252
  return function()
    state = state ~ (state << 13)
    state = state ~ (state >> 7)
    state = state ~ (state << 17)
    return (state >> 11) * 2.0 ^ -53
  end
end

local function clamp(value, low, high)
  return math.max(low, math.min(high, value))
end

local function jitter_owned(owned, draw)
  local list, seen = {}, {}
  for _, id in ipairs(owned) do
    if not seen[id] and draw() < 0.85 then
      list[#list + 1], seen[id] = id, true
    end
  end
  local further = FURTHER[1 + math.floor(draw() * #FURTHER)]
  if draw() < 0.2 and not seen[further] then
    list[#list + 1] = further
  end
  return table.concat(list, "|")
end

-- About one in five has no credit score on file; the survey has none at all.
local function score(income, draw)
  if draw() < 0.2 then
    return ""
  end
  local middle = 560 + 60 * math.log(1 + income / 20000)
  return ("%d"):format(clamp(math.floor(middle + 160 * (draw() - 0.5)), 300, 850))
end

local function row(number, household, draw)
  local income = math.max(0, household[2] * (0.8 + 0.45 * draw()))
  local balance = household[4] * (0.6 + 0.9 * draw()) - (draw() < 0.04 and 3000 or 0)
  local known = draw() < 0.5
  return ("B%07d,%d,%.2f,%s,%s,%.2f,%s,%s,%s\n"):format(number,
    clamp(household[1] + math.floor(draw() * 9) - 4, 16, 100), income, jitter_owned(household[3], draw),
    score(income, draw), balance, known and ("%.2f"):format(draw() * 0.4 - 0.05) or "",
    known and ("%d"):format(math.floor(draw() * 60)) or "",
    draw() < 0.6 and RISKS[1 + math.floor(draw() * #RISKS)] or "")
end

-- Calls write(text) for the header and each of `count` rows.
function book.write(count, seed, write)
  local households, draw = book.households(), generator(seed or 4)
  write(HEADER)
  for number = 1, count do
    write(row(number, households[1 + math.floor(draw() * #households)], draw))
  end
end

-- The same into a file.
function book.file(path, count, seed)
  local file <close> = assert(io.open(path, "wb"))
  book.write(count, seed, function(text)
    assert(file:write(text))
  end)
  return path
end

if arg and arg[0] and arg[0]:find("book%.lua$") then
  io.stdout:setvbuf("full", 1 << 16)
  book.write(tonumber(arg[1]) or 1000, tonumber(arg[2]), function(text)
    io.stdout:write(text)
  end)
end

return book
