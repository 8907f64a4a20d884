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

-- Rows of cells in columns, numbers to the right; `head` may be nil.
function bars.table(head, rows)
  local widths, all = {}, {}
  all[1] = head
  table.move(rows, 1, #rows, #all + 1, all)
  for _, row in ipairs(all) do
    for i, cell in ipairs(row) do
      widths[i] = math.max(widths[i] or 0, width(tostring(cell)))
    end
  end
  local lines = {}
  for _, row in ipairs(all) do
    local cells = {}
    for i, cell in ipairs(row) do
      local text = tostring(cell)
      local space = (" "):rep(widths[i] - width(text))
      local is_number = type(cell) == "number" or text:find("^[+-]?%d+%.%d$")
      cells[i] = is_number and space .. text or text .. space
    end
    lines[#lines + 1] = ("  " .. table.concat(cells, "  ")):gsub("%s+$", "")
  end
  return table.concat(lines, "\n") .. "\n"
end

function bars.tenths(value)
  return ("%.1f"):format(value)
end

return bars
