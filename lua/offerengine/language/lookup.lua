-- lookup.lua: the word lookup: a table of the folder tables, a row for each value of an attribute. Runs in the rule VM.
-- luacheck: read globals use builder

local sandbox = use "offerengine.language.sandbox"
local tokens = use "offerengine.language.tokens"
local report = use "offerengine.language.report"
local check = use "offerengine.language.check"
local declare = use "offerengine.language.declare"
local schema = use "offerengine.language.schema"

local KEY_TYPES = { text = true, number = true, integer = true, money = true }

local lookup = {
  tables = {},       -- id -> { path, key, columns (list and name -> place), rows (list of { key, line, cells }) }
  is_closed = false, -- rules are not read any more
}
local names = {}

local function refuse_cell(path, line, suggestion, message, ...)
  report.add("error", "table_cell", line, string.format(message, ...), suggestion, path)
end
lookup.refuse_cell = refuse_cell

-- The place of a column; nil when the table has none of that name, which has been reported.
function lookup.column(one, name, line)
  local place = one.columns[name]
  if place == nil then
    report.add("error", "unknown_column", line, string.format("unknown column %s of %s", report.show(name),
      one.subject), type(name) == "string" and builder.suggest(name, one.columns) or nil)
  end
  return place
end

-- The slip is in the table then, where the column is named.
local function has_key(one)
  if one.columns[one.key] == nil then
    report.add("error", "unknown_column", 1, string.format("there is no column %s, which is the key of %s",
      report.show(one.key), one.subject), builder.suggest(one.key, one.columns) and one.key or nil, one.path)
  end
  return one.columns[one.key] ~= nil
end

-- ---- the rows ----

-- The key of a row as the customer's value would be, or nil.
local function read_key(one, cell, line)
  if cell == "" then
    refuse_cell(one.path, line, nil, "the key %s is empty", one.key)
    return nil
  elseif schema.attributes[one.key] ~= "text" then
    local number = builder.number(cell)
    if number == nil then
      refuse_cell(one.path, line, nil, "the key %s must be a number, not %s", one.key, report.show(cell))
    end
    return number
  end
  local values = schema.values[one.key]
  for _, value in ipairs(values or {}) do
    if value == cell then
      return cell
    end
  end
  if values then
    refuse_cell(one.path, line, builder.suggest(cell, values), "%s is no value of %s; it may be \"%s\"",
      report.show(cell), one.key, table.concat(values, '", "'))
    return nil
  end
  return cell
end

local function add_row(one, cells, first)
  local key = read_key(one, cells[one.columns[one.key]], cells.line)
  if key == nil then
    return
  elseif first[key] then
    refuse_cell(one.path, cells.line, nil, "the key %s has a row already, in line %d", report.show(key), first[key])
    return
  end
  first[key] = cells.line
  one.rows[#one.rows + 1] = { key = key, line = cells.line, cells = cells }
end

-- ---- what functions see ----

-- A row by the names of its columns: numbers as numbers; an empty cell is nil, a column that does not exist an error.
local function sealed_row(one, cells)
  local row = {}
  for place, name in ipairs(one.columns) do
    local cell = cells[place]
    row[name] = cell ~= "" and (builder.number(cell) or cell) or nil
  end
  return sandbox.sealed(row, function(name)
    if not lookup.is_closed and one.columns[name] == nil then
      lookup.column(one, name, report.line())
    end
    return nil
  end)
end

local function sealed_table(one)
  local rows = {}
  for _, row in ipairs(one.rows) do
    rows[row.key] = sealed_row(one, row.cells)
  end
  return sandbox.sealed(rows)
end

-- ---- the word ----

local LOOKUP = {
  file = check.text,
  key = function(value, at, what)
    local name = check.id(value, at, what)
    if name and schema.attributes[name] == nil then
      report.add("error", "unknown_attribute", at.line, string.format("unknown attribute %s as %s",
        report.show(name), what), builder.suggest(name, schema.attributes))
      return nil
    elseif name and not KEY_TYPES[schema.attributes[name]] then
      report.error("misuse", at.line, "%s: only texts and numbers can be looked up, and the type of %s is %s", what,
        name, schema.attributes[name])
      return nil
    end
    return name
  end,
}

local function read_table(file, at, subject)
  local read, problem, suggestion = builder.table(file)
  if read == nil then
    report.add("error", "table_file", at.line, string.format("file of %s: tables/%s %s", subject, file, problem),
      suggestion)
    return nil
  end
  for _, fault in ipairs(read.faults) do
    report.add("error", "table_file", fault.line, fault.message, nil, read.path)
  end
  return #read.faults == 0 and read or nil
end

declare.word("lookup", function(id, list, at, subject)
  local values = check.read(list, at, subject, LOOKUP, { "file", "key" })
  if lookup.tables[id] then
    report.error("twice", at.line, "lookup: %s is declared twice, first at %s", report.show(id),
      lookup.tables[id].place)
    return tokens.poison
  end
  local one = { subject = subject, place = string.format("%s:%d", schema.file, at.line), file = schema.file,
    key = values.key, rows = {} }
  lookup.tables[id] = one
  names[#names + 1] = id
  local read = values.file and values.key and read_table(values.file, check.inside(at, "file"), subject)
  if not read then
    one.is_wrong = true
    return tokens.poison
  end
  one.path, one.columns = read.path, read.columns
  for place, name in ipairs(one.columns) do
    one.columns[name] = place
  end
  if not has_key(one) then
    one.is_wrong = true
    return tokens.poison
  end
  local first = {}
  for _, cells in ipairs(read.rows) do
    add_row(one, cells, first)
  end
  return sealed_table(one)
end)

-- What the tables hold that a file declares, a text for each: its path, its columns and its rows, whose order means
-- nothing.
function lookup.texts(file)
  local texts = {}
  for _, id in ipairs(names) do
    local one = lookup.tables[id]
    if one.file == file and not one.is_wrong then
      local rows = {}
      for i, row in ipairs(one.rows) do
        local cells = {}
        for place = 1, #one.columns do
          cells[place] = string.format("%d:%s", #row.cells[place], row.cells[place])
        end
        rows[i] = table.concat(cells, ",")
      end
      table.sort(rows)
      texts[#texts + 1] = table.concat({ one.path, table.concat(one.columns, ","), table.unpack(rows) }, "\n")
    end
  end
  return texts
end

-- The table of that id, or nil, which has been reported.
function lookup.find(value, at, what)
  local id = check.id(value, at, what)
  if id and lookup.tables[id] == nil then
    report.add("error", "unknown_lookup", at.line, string.format("unknown lookup %s as %s; it is declared before " ..
      "it is used", report.show(id), what), builder.suggest(id, names))
  end
  return id and lookup.tables[id]
end

return lookup
