-- campaign: what became of one campaign, by product and in all, and how far its runs came. Counts are those of
-- reports.activity; the runs are as the store keeps them.

local activity = require "offerengine.reports.activity"
local core = require "offerengine.core"
local report = require "offerengine.cli.report"

local campaign = {}

campaign.NAME = "campaign"

local function show_time(at_ms)
  return at_ms > 0 and report.time(at_ms) or ""
end

local RUN_COLUMNS = {
  { "run", "run" },
  { "state", "state" },
  { "generation", "generation" },
  { "started_ms", "started", show_time },
  { "ended_ms", "ended", show_time },
  { "customers", "customers", report.number },
  { "looked_at", "looked at", report.number },
  { "contacted", "contacted", report.number },
  { "offers", "offers", report.number },
  { "not_targeted", "not targeted", report.number },
  { "without_offer", "without offer", report.number },
  { "unreadable", "unreadable", report.number },
}

-- ---- What there is ----

local function counts_of(source, name, given)
  local rows, message, code = activity.read(source, { "campaign", "product" }, given)
  if not rows then
    return nil, message, code
  end
  local own, names = {}, {}
  for _, row in ipairs(rows) do
    names[#names + 1] = row.campaign ~= "" and row.campaign or nil
    own[#own + 1] = row.campaign == name and row or nil
  end
  return own, names
end

-- The runs of that name, newest first, and the names of all.
local function runs_of(source, name)
  local texts, message, code = source.runs()
  if not texts then
    return nil, message, code
  end
  local own, names = {}, {}
  for i = #texts, 1, -1 do
    local run
    run, message = core.decode_json(texts[i])
    if not run then
      return nil, message, "corrupt"
    end
    names[#names + 1] = run.campaign
    own[#own + 1] = run.campaign == name and run or nil
  end
  return own, names
end

-- Why no rules, counts or runs know the name; nil when some do.
local function unknown(name, ...)
  local all = {}
  for _, names in ipairs { ... } do
    for _, known in ipairs(names) do
      if known == name then
        return nil
      end
      all[#all + 1] = known
    end
  end
  local near = core.suggest(name, all)
  return "is no campaign of the rules" .. (near and ("; did you mean '%s'?"):format(near) or "")
end

-- ---- Tables ----

-- One row in all, then the products.
local function rates_table(ruleset, rows)
  local _, whole = activity.gather(rows)
  local total = activity.fill_rates(whole[""] or activity.new_counts "", "key")
  total.name = "in all"
  local list, shown, names = activity.gather(rows, "product"), { total }, {}
  for _, product in ipairs(ruleset:products()) do
    names[product.id] = product.name
  end
  table.sort(list, function(a, b)
    if a.offered ~= b.offered then
      return a.offered > b.offered
    end
    return a.key < b.key
  end)
  for _, counts in ipairs(list) do
    counts.decided, counts.without_offer = nil, nil -- decisions are of no product
    shown[#shown + 1] = activity.fill_rates(counts, "product_id")
    counts.name = names[counts.key]
  end
  local columns = activity.rate_columns("product", "product_id", shown)
  table.insert(columns, 2, { "name", "name" })
  table.insert(columns, 3, { "decided", "decided", report.number })
  table.insert(columns, 4, { "without_offer", "without offer", report.number })
  return { name = "rates", rows = shown, columns = columns, title = activity.RATES_TITLE }
end

local function runs_table(rows)
  return { name = "runs", title = "runs, newest first:", rows = rows, columns = RUN_COLUMNS,
    empty = "it was never run; what is above was asked for customer by customer" }
end

-- `source`: { activity(bits, from_day, until_day), runs() }, as the store has them. given: { campaign =, from_ms =,
-- until_ms = (that day is part of it) }: days bound the counts, not the runs. nil, message, code: "not_found" when
-- nothing knows the campaign; the message then goes behind the name.
function campaign.report(ruleset, book, source, given, at_ms)
  local name = given.campaign
  local rows, counted, code = counts_of(source.activity, name, given)
  if not rows then
    return nil, counted, code
  end
  local runs, run_names
  runs, run_names, code = runs_of(source, name)
  if not runs then
    return nil, run_names, code
  end
  local problem = unknown(name, ruleset:campaigns(), counted, run_names)
  if problem then
    return nil, problem, "not_found"
  end
  local made = report.new(campaign.NAME, ruleset, book, at_ms)
  made.title = ("what became of the campaign %s"):format(name)
  made.facts[1] = { "campaign", name }
  activity.add_days(made, given)
  made.tables = { rates_table(ruleset, rows), runs_table(runs) }
  return made
end

return campaign
