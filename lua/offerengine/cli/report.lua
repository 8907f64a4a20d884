-- report: what all reports have in common: a head that says which rules, which customers and when, tables, and the
-- same rows as text, JSON or CSV. Writes nothing but what report.write puts on standard output.
-- A report: { name =, title =, ruleset = hash, generation =, population = { source =, customers = }, at_ms =,
--   facts = { { key, value } }, lines = { text }, tables = { table } }
-- A table: { name =, title =, empty = text, columns = { { key, label, show } }, rows = { { [key] = value } } }.
-- A column without a label is for JSON and CSV, one without a key for text. `show(value, row)` makes the text of a
-- cell; a value that is a list of { name =, customers = } is a share. The first table is the CSV.

local bars = require "offerengine.cli.bars"
local json = require "offerengine.json"

local report = {}

local BAR = 20

function report.time(at_ms)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", at_ms // 1000)
end

-- Where a declaration stands: "rules/products/credit.lua:14"; without a folder it is one of the history.
function report.place(folder, at)
  if not at.file then
    return ""
  end
  return ("%s%s:%d"):format(folder and folder:gsub("/+$", "") .. "/" or "", at.file, at.line or 0)
end

-- The members that every report begins with. `book`: { source =, customers =, generation = }.
function report.new(name, ruleset, book, at_ms)
  return { name = name, ruleset = ruleset:hash(), generation = book.generation,
    population = { source = book.source, customers = book.customers }, at_ms = at_ms, facts = {}, lines = {},
    tables = {} }
end

-- ---- Cells ----

-- A column of bars for `key`, the longest being the largest value of the rows.
function report.bar(key, rows)
  local most = 0
  for _, row in ipairs(rows) do
    most = math.max(most, row[key] or 0)
  end
  return { nil, "", function(_, row) return bars.bar(row[key] or 0, most, BAR) end }
end

function report.percent(part, whole)
  return ("%.1f %%"):format(whole > 0 and 100 * part / whole or 0)
end

-- A number without a trailing .0, thousands apart.
function report.number(value)
  if type(value) ~= "number" then
    return value == nil and "" or tostring(value)
  end
  local sign, whole, rest = (math.tointeger(value) and ("%d"):format(value) or ("%.14g"):format(value))
    :match("^(-?)(%d+)(.*)$")
  if not whole then
    return ("%.14g"):format(value)
  end
  return sign .. whole:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "") .. rest
end

-- The largest shares: "Affluent 12, in no segment 3, 2 more".
function report.shares(list, most)
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted, function(a, b)
    if a.customers ~= b.customers then
      return a.customers > b.customers
    end
    return a.name < b.name
  end)
  local parts = {}
  for i = 1, math.min(most, #sorted) do
    parts[i] = ("%s %s"):format(sorted[i].name, report.number(sorted[i].customers))
  end
  if #sorted > most then
    parts[#parts + 1] = ("%d more"):format(#sorted - most)
  end
  return table.concat(parts, ", ")
end

-- ---- Text ----

local function head_line(given)
  local generation = given.generation and (" (generation %d)"):format(given.generation) or ""
  return ("ruleset %s%s, %s customers of %s, as of %s\n"):format(given.ruleset, generation,
    report.number(given.population.customers), given.population.source, report.time(given.at_ms))
end

-- The cells of a column as text, and whether there are any.
local function cells_of(column, rows)
  local cells, any = {}, false
  for i, row in ipairs(rows) do
    local value = column[1] and row[column[1]]
    local cell = column[3] and column[3](value, row) or value
    cells[i] = cell == nil and "" or cell
    any = any or cells[i] ~= ""
  end
  return cells, any
end

-- Columns that are empty stay out.
function report.table_text(given)
  if #given.rows == 0 then
    return given.empty and "\n" .. given.empty .. "\n" or ""
  end
  local head, rows = {}, {}
  for i in ipairs(given.rows) do
    rows[i] = {}
  end
  for _, column in ipairs(given.columns) do
    local cells, any = cells_of(column, given.rows)
    if column[2] and any then
      head[#head + 1] = column[2]
      for i, cell in ipairs(cells) do
        rows[i][#head] = cell
      end
    end
  end
  return "\n" .. (given.title and given.title .. "\n" or "") .. bars.table(head, rows)
end

function report.text(given)
  local parts = { given.title, "\n", head_line(given) }
  for _, line in ipairs(given.lines) do
    parts[#parts + 1] = line .. "\n"
  end
  for _, shown in ipairs(given.tables) do
    parts[#parts + 1] = report.table_text(shown)
  end
  return table.concat(parts)
end

-- ---- JSON ----

local function share_json(share)
  return json.object("product_id", share.product_id, "segment", share.segment, "name", share.name,
    "customers", share.customers, "at_most", share.at_most)
end

local function row_json(row, columns)
  local object = json.object()
  for _, column in ipairs(columns) do
    local key = column[1]
    local value = key and row[key]
    if type(value) == "table" then
      local list = {}
      for i, share in ipairs(value) do
        list[i] = share_json(share)
      end
      value = json.list(list)
    end
    if key then
      json.add(object, key, value)
    end
  end
  return object
end

-- What json.encode takes.
function report.object(given)
  local object = json.object("report", given.name, "ruleset", given.ruleset, "generation", given.generation,
    "population", json.object("source", given.population.source, "customers", given.population.customers),
    "at", report.time(given.at_ms))
  for _, fact in ipairs(given.facts) do
    json.add(object, fact[1], fact[2])
  end
  for _, shown in ipairs(given.tables) do
    local rows = {}
    for i, row in ipairs(shown.rows) do
      rows[i] = row_json(row, shown.columns)
    end
    json.add(object, shown.name, json.list(rows))
  end
  return object
end

-- ---- CSV ----

local function field(value)
  local text
  if type(value) == "table" then
    local parts = {}
    for i, share in ipairs(value) do
      parts[i] = ("%s:%s"):format(share.product_id or share.segment or share.name or ("%.14g"):format(share.at_most),
        share.customers)
    end
    text = table.concat(parts, "|")
  elseif math.type(value) == "float" then
    text = ("%.14g"):format(value)
  else
    text = value == nil and "" or tostring(value)
  end
  return text:find('[",\r\n]') and '"' .. text:gsub('"', '""') .. '"' or text
end

function report.csv(given)
  local first, lines = given.tables[1], {}
  local function add(cells)
    lines[#lines + 1] = table.concat(cells, ",") .. "\n"
  end
  local names = {}
  for _, column in ipairs(first.columns) do
    names[#names + 1] = column[1]
  end
  add(names)
  for _, row in ipairs(first.rows) do
    local cells = {}
    for i, name in ipairs(names) do
      cells[i] = field(row[name])
    end
    add(cells)
  end
  return table.concat(lines)
end

-- To standard output, as --json or --csv ask, else as text.
function report.write(given, shown)
  if given.json then
    io.stdout:write(json.encode(report.object(shown)), "\n")
  else
    io.stdout:write(given.csv and report.csv(shown) or report.text(shown))
  end
end

return report
