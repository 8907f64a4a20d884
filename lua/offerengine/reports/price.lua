-- price: what offerengine.price answered, as a report: one row for each value of the gate.

local report = require "offerengine.cli.report"

local price = {}

local function signed(value)
  return value == 0 and "" or (value > 0 and "+" or "-") .. report.number(math.abs(value))
end

local function hidden_zero(value)
  return value ~= 0 and report.number(value) or ""
end

local function shares(list)
  return list and report.shares(list, 2) or ""
end

local function columns(answer, rows)
  local first = answer.points[1]
  local has_tier = first.gate ~= first.effective
  local lost = rows[#rows].lost and rows[#rows].lost > rows[#rows].gained
  return {
    { "gate", answer.gate, report.number },
    { "effective", has_tier and "with tier" or nil, report.number },
    { "change", "change", signed },
    { "offered", "offered", report.number },
    { "gained", "gained", hidden_zero },
    { "lost", "lost", hidden_zero },
    { "displaced", "best offer displaced", hidden_zero },
    { "without_offer", "no offer", report.number },
    { "reached" }, { "emptied" },
    report.bar(lost and "lost" or "gained", rows),
    { "gained_segments", not lost and "who gains" or nil, shares },
    { "lost_segments", lost and "who loses" or nil, shares },
    { "displaced_products", "displaced", shares },
    { "refused", nil },
  }
end

-- `answer` of offerengine.price; `book` as report.new takes it, and the folder of the rules.
function price.report(ruleset, book, answer, at_ms)
  local about = { source = book.source, generation = book.generation, customers = answer.customers }
  local made = report.new("price", ruleset, about, at_ms)
  local rows = {}
  for _, point in ipairs(answer.points) do
    if point.refused then
      made.lines[#made.lines + 1] = ("%s = %s would not load: %s"):format(answer.gate, report.number(point.gate),
        point.refused)
    end
    local row = { change = point.gate - answer.points[1].gate }
    for key, value in pairs(point) do
      row[key] = value
    end
    rows[#rows + 1] = row
  end
  made.title = ("price of %s%s of %s (%s)  %s"):format(answer.gate, answer.unit and ", " .. answer.unit .. "," or "",
    answer.product_name, answer.product_id, report.place(book.folder, answer))
  made.facts = { { "product_id", answer.product_id }, { "product_name", answer.product_name }, { "gate", answer.gate },
    { "attribute", answer.attribute }, { "unit", answer.unit }, { "file", answer.file }, { "line", answer.line } }
  made.tables[1] = { name = "points", columns = columns(answer, rows), rows = rows }
  return made
end

return price
