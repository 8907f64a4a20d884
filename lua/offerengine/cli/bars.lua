-- bars: tables and bars in plain text.

local bars = {}

-- How many characters a UTF-8 text shows, bytes where it is none.
local function width(text)
  return utf8.len(text) or #text
end

-- `value` of `full` as a bar of at most `size` signs.
function bars.bar(value, full, size)
  if full <= 0 or value <= 0 then
    return ""
  end
  return ("#"):rep(math.max(1, math.floor(size * math.min(1, value / full) + 0.5)))
end

-- 12, -3.5, +1,250,000
local function is_number(cell)
  return type(cell) == "number" or cell:find("^[+-]?%d[%d,]*%.?%d*$") ~= nil
end

-- Whether a column is of numbers, some cells being empty perhaps.
local function to_the_right(rows, column)
  local found = false
  for _, row in ipairs(rows) do
    local cell = row[column]
    if cell ~= nil and cell ~= "" then
      if not is_number(cell) then
        return false
      end
      found = true
    end
  end
  return found
end

-- Rows of cells in columns, columns of numbers to the right; `head` may be nil.
function bars.table(head, rows)
  local widths, right, all = {}, {}, {}
  all[1] = head
  table.move(rows, 1, #rows, #all + 1, all)
  for _, row in ipairs(all) do
    for i, cell in ipairs(row) do
      widths[i] = math.max(widths[i] or 0, width(tostring(cell)))
    end
  end
  for i in ipairs(widths) do
    right[i] = to_the_right(rows, i)
  end
  local lines = {}
  for _, row in ipairs(all) do
    local cells = {}
    for i, cell in ipairs(row) do
      local text = tostring(cell)
      local space = (" "):rep(widths[i] - width(text))
      cells[i] = (right[i] or type(cell) == "number") and space .. text or text .. space
    end
    lines[#lines + 1] = ("  " .. table.concat(cells, "  ")):gsub("%s+$", "")
  end
  return table.concat(lines, "\n") .. "\n"
end

function bars.tenths(value)
  return ("%.1f"):format(value)
end

return bars
