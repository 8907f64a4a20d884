-- diff: what offerengine.diff answered, as a report: what changed in the rules, who gains and who loses, and how
-- groups of protected attributes fare.

local bars = require "offerengine.cli.bars"
local json = require "offerengine.json"
local report = require "offerengine.cli.report"

local diff = {}

local BAR, MOVES, EXAMPLES = 20, 10, 3

local function hidden_zero(value)
  return value ~= nil and value ~= 0 and report.number(value) or ""
end

local function signed_bar(most)
  return function(_, row)
    return bars.bar(row.lost, most, BAR):gsub("#", "-") .. bars.bar(row.gained, most, BAR):gsub("#", "+")
  end
end

-- Rows with something in one of these members.
local function changed(rows, ...)
  local list = {}
  for _, row in ipairs(rows) do
    for _, key in ipairs { ... } do
      if row[key] > 0 then
        list[#list + 1] = row
        break
      end
    end
  end
  return list
end

-- What is gone stands in the base.
local function edits(answer, new, base)
  local function place(_, row)
    return report.place((row.change == "removed" and base or new).folder, row)
  end
  return { name = "edits", rows = answer.edits, empty = "nothing that decisions hang on has changed",
    title = "Changes of the rules, and the offers that they gave and took:",
    columns = { { "file" }, { "line" }, { nil, "line", place }, { "rule", "rule" },
      { "change", "change" }, { "gained", "gained", hidden_zero }, { "lost", "lost", hidden_zero } } }
end

local function examples_of(list)
  local shown = table.concat(list, ", ", 1, math.min(EXAMPLES, #list))
  return shown
end

local function products(answer)
  local most = 0
  for _, product in ipairs(answer.products) do
    most = math.max(most, product.gained, product.lost)
    product.lost_customers = examples_of(product.lost_examples)
    product.gained_customers = examples_of(product.gained_examples)
  end
  return { name = "products", rows = changed(answer.products, "gained", "lost"),
    title = "Offers, by product:", empty = "no customer gains or loses an offer",
    columns = { { "product_id" }, { "name", "product" }, { "offers_before", "before", report.number },
      { "offers_after", "after", report.number }, { "lost", "lost", hidden_zero },
      { "gained", "gained", hidden_zero }, { nil, "", signed_bar(most) }, { "best_before" }, { "best_after" },
      { "lost_customers", "lose it", tostring }, { "gained_customers", "gain it", tostring } } }
end

local function names_of(answer)
  local names = {}
  for _, product in ipairs(answer.products) do
    names[product.product_id] = product.name
  end
  return function(id) return id and names[id] or "nothing" end
end

local function moves(answer)
  local rows = table.move(answer.best_moves, 1, #answer.best_moves, 1, {})
  table.sort(rows, function(a, b)
    if a.customers ~= b.customers then
      return a.customers > b.customers
    end
    return (a.from or "") .. "\0" .. (a.to or "") < (b.from or "") .. "\0" .. (b.to or "")
  end)
  local name = names_of(answer)
  local shown = table.move(rows, 1, math.min(MOVES, #rows), 1, {})
  return { name = "best_moves", rows = shown, all = rows, title = "Best offers that change:",
    columns = { { "from", "before", name }, { "to", "after", name }, { "customers", "customers", report.number },
      report.bar("customers", shown) } }
end

local function segments(answer)
  return { name = "segments", title = "Customers, by segment under the base:",
    rows = changed(answer.segments, "gaining", "losing", "best_changed", "lost_only"),
    columns = { { "segment" }, { "name", "segment" }, { "customers", "customers", report.number },
      { "losing", "lose", hidden_zero }, { "gaining", "gain", hidden_zero },
      { "best_changed", "other best offer", hidden_zero }, { "lost_only", "left with none", hidden_zero } } }
end

-- ---- Fairness ----

local function lowest(judged)
  local low
  for _, group in ipairs(judged.groups) do
    local is_judged = group.verdict == "pass" or group.verdict == "fail"
    if is_judged and (not low or group.ratio_after < low.ratio_after) then
      low = group
    end
  end
  return low
end

local RELIEF = {
  value = function(of) return ("passes at %s"):format(report.number(of.relief_value)) end,
  none = function() return "not by this alone" end,
  unknown = function() return "not looked for" end,
}

-- One row for each product and attribute, the criterion among its members.
local function fairness_row(judged)
  local low, of = lowest(judged), judged.criterion or {}
  local is_gate = of.value ~= nil
  return { product_id = judged.product_id, name = judged.name, attribute = judged.attribute,
    verdict = judged.verdict, group = low and low.group, highest = judged.highest,
    ratio = low and low.ratio_after, ratio_before = low and low.ratio_before, criterion = of.check,
    file = of.file, line = of.line, value = of.value, share = of.share, share_of_highest = of.share_of_highest,
    relief = of.relief, relief_value = of.relief_value,
    relief_text = is_gate and RELIEF[of.relief](of) or of.check and "" or nil }
end

local function percent(value)
  return value and ("%.0f %%"):format(100 * value) or ""
end

local function hundredths(value)
  return value and ("%.2f"):format(value) or ""
end

local function criterion_text(_, row)
  return row.criterion and ("%s %s"):format(row.criterion, report.number(row.value)):gsub(" $", "") or ""
end

local FAIRNESS = { { "product_id" }, { "name", "product" }, { "attribute", "by" }, { "group", "group" },
  { "ratio", "ratio", hundredths }, { "ratio_before", "was", hundredths },
  { nil, "", function(_, row) return row.ratio and bars.bar(row.ratio, 1, 10) or "" end },
  { "verdict", "verdict" }, { "highest" }, { "criterion" }, { nil, "mostly by", criterion_text },
  { "share", "refuses", percent }, { "share_of_highest", "and of the highest", percent }, { "file" }, { "line" },
  { "value" }, { "relief" }, { "relief_value" },
  { nil, "moved alone", function(_, row) return row.relief_text or "" end } }

local function fairness(answer)
  local rows, counts = {}, { pass = 0, fail = 0, ["too few"] = 0 }
  for i, judged in ipairs(answer.fairness) do
    rows[i] = fairness_row(judged)
    counts[judged.verdict] = counts[judged.verdict] + 1
  end
  local title = ("Fairness under the new rules: %d pass, %d fail, %d have too few customers to judge"):format(
    counts.pass, counts.fail, counts["too few"])
  return { name = "fairness", rows = rows, title = title, columns = FAIRNESS }, counts
end

-- In text those that fail stand alone.
local function failing(shown)
  local rows = {}
  for _, row in ipairs(shown.rows) do
    if row.verdict == "fail" then
      rows[#rows + 1] = row
    end
  end
  return { name = shown.name, title = shown.title .. (#rows > 0 and ":" or ""), rows = rows, columns = shown.columns,
    empty = #shown.rows > 0 and shown.title or nil }
end

-- ---- The report ----

local function share(answer, count)
  return ("%s (%s)"):format(report.number(count), report.percent(count, answer.customers))
end

local POLICIES = { cap = true, cool_down = true, quiet = true }

local function has_policy(edits_of)
  for _, edit in ipairs(edits_of) do
    if POLICIES[edit.rule:match("^[%l_]+")] then
      return true
    end
  end
  return false
end

local function lines(answer, base)
  return { "compared with " .. base,
    ("%s customers lose an offer, %s gain one, %s get another best offer"):format(share(answer, answer.losing),
      share(answer, answer.gaining), share(answer, answer.best_changed)),
    ("%s are left without an offer, %s get their first one; %s keep theirs with other confidences"):format(
      share(answer, answer.lost_only), share(answer, answer.first_offer), share(answer, answer.confidence_only)),
    has_policy(answer.edits) and "what customers were shown and declined before counts on neither side" or nil }
end

local TOTALS = { "customers", "offers_before", "offers_after", "without_before", "without_after", "losing", "gaining",
  "best_changed", "lost_only", "first_offer", "reordered", "confidence_only" }

-- `base` and `new`: { ruleset =, words =, folder =, generation = }; `opened`: what cli.book opened.
function diff.report(answer, new, base, opened)
  local shown = report.new("diff", new.ruleset, { source = opened.source, customers = answer.customers,
    generation = opened.generation }, answer.at_ms)
  shown.title = "What changes for whom"
  shown.lines = lines(answer, base.words)
  shown.facts = { { "base", json.object("ruleset", base.ruleset:hash(), "generation", base.generation) } }
  for _, key in ipairs(TOTALS) do
    shown.facts[#shown.facts + 1] = { key, answer[key] }
  end
  shown.tables = { products(answer), edits(answer, new, base), moves(answer), segments(answer), (fairness(answer)) }
  return shown
end

local function groups_json(answer)
  local list = {}
  for _, judged in ipairs(answer.fairness) do
    for _, group in ipairs(judged.groups) do
      list[#list + 1] = json.object("product_id", judged.product_id, "attribute", judged.attribute,
        "group", group.group, "customers", group.customers, "offered_before", group.offered_before,
        "offered_after", group.offered_after, "rate", group.rate_after, "ratio_before", group.ratio_before,
        "ratio", group.ratio_after, "verdict", group.verdict)
    end
  end
  return json.list(list)
end

local function gates_json(found)
  local list = {}
  for i, gate in ipairs(found) do
    list[i] = json.object("gate", gate.gate, "limit", gate.limit, "value", gate.value, "by", gate.by,
      "product_id", gate.product_id, "attribute", gate.attribute, "group", gate.group, "message", gate.message)
  end
  return json.list(list)
end

-- What json.encode takes; everything that the text leaves out is in it, and the gates that gates.check found exceeded.
function diff.object(shown, answer, found)
  for _, each in ipairs(shown.tables) do
    each.rows = each.all or each.rows
  end
  local object = report.object(shown)
  json.add(object, "fairness_groups", groups_json(answer))
  return json.add(object, "gates", gates_json(found))
end

function diff.text(shown)
  local last = #shown.tables
  shown.tables[last] = failing(shown.tables[last])
  return report.text(shown)
end

return diff
