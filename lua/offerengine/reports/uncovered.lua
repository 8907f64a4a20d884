-- uncovered: what stands in the way of customers without an offer, as a report; its tables are part of the summary of
-- a batch, too.

local report = require "offerengine.cli.report"

local uncovered = {}

local function words(code)
  return (code:gsub("_", " "))
end

-- Labels and units of the schema by attribute.
local function texts_of(ruleset)
  local texts = {}
  for _, attribute in ipairs(ruleset:attributes()) do
    texts[attribute.name] = { label = attribute.label or words(attribute.name), unit = attribute.unit }
  end
  return texts
end

-- Upwards to the second decimal, so that so much is enough.
local function enough(change)
  return report.number(math.ceil(change * 100 - 1e-6) / 100)
end

-- "2 by 1,200, 4 by 45,000 per year": how large a change of one number wins how many.
local function changes_text(changes, unit)
  if #changes == 0 then
    return ""
  end
  local half, all = changes[2], changes[4]
  local text = half.at_most < all.at_most and ("%s by %s, %s by %s"):format(report.number(half.customers),
    enough(half.at_most), report.number(all.customers), enough(all.at_most))
    or ("%s by %s"):format(report.number(all.customers), enough(all.at_most))
  return text .. (unit and " " .. unit or "")
end

-- The obstacles as a table of a report.
function uncovered.obstacles(ruleset, obstacles)
  local texts = texts_of(ruleset)
  return {
    name = "obstacles", title = "what keeps the nearest product from them:", empty = "every customer gets an offer",
    rows = obstacles,
    columns = {
      { "stage", "stage", words },
      { "cause", "cause", words },
      { "attribute", "attribute", function(name) return name and (texts[name] or { label = words(name) }).label end },
      { "customers", "customers", report.number },
      report.bar("customers", obstacles),
      { "winnable", "winnable", report.number },
      { "changes", "how many by how large a change", function(changes, row)
        return changes_text(changes, (texts[row.attribute] or {}).unit)
      end },
      { "products", "nearest products", function(list) return report.shares(list, 2) end },
    },
  }
end

-- The categories with customers who own nothing and are offered nothing in them.
function uncovered.categories(categories)
  local rows = {}
  for _, category in ipairs(categories) do
    if category.gaps > 0 then
      rows[#rows + 1] = category
    end
  end
  table.sort(rows, function(a, b)
    if a.gaps ~= b.gaps then
      return a.gaps > b.gaps
    end
    return a.category < b.category
  end)
  return {
    name = "categories", title = "categories in which customers own nothing and are offered nothing:", rows = rows,
    empty = "in no category does anybody own nothing and get no offer",
    columns = {
      { "category" },
      { "name", "category" },
      { "gaps", "customers", report.number },
      report.bar("gaps", rows),
      { "without_offer", "offered nothing at all", report.number },
    },
  }
end

-- `answer` of offerengine.uncovered; `book` as report.new takes it.
function uncovered.report(ruleset, book, answer, at_ms)
  local about = { source = book.source, generation = book.generation, customers = answer.customers }
  local made = report.new("uncovered", ruleset, about, at_ms)
  made.title = ("%s of %s customers (%s) get no offer"):format(report.number(answer.without_offer),
    report.number(answer.customers), report.percent(answer.without_offer, answer.customers))
  made.facts = { { "without_offer", answer.without_offer } }
  made.tables = { uncovered.obstacles(ruleset, answer.obstacles), uncovered.categories(answer.categories) }
  return made
end

return uncovered
