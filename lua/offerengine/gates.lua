-- gates: what a comparison of two rulesets may come to at most, and what stands against a release by it. A gate that is
-- not given asks nothing.

local core = require "offerengine.core"

local gates = {}

-- Gate, the count that it is about, its customers, and words.
local SHARES = {
  { "max_lost", "losing", nil, "lose an offer" },
  { "max_best_changed", "best_changed", "best_changed_examples", "get another best offer" },
  { "max_lost_only", "lost_only", "lost_only_examples", "are left without an offer" },
}
local SHOWN = 5

gates.NAMES = { "max_lost", "max_best_changed", "max_lost_only", "min_ratio" }

-- Customers who lost something, by what they lost.
local function losers(counts)
  local list, seen = {}, {}
  for _, product in ipairs(counts.products) do
    for _, id in ipairs(product.lost_examples) do
      if not seen[id] then
        seen[id] = true
        list[#list + 1] = id
      end
    end
  end
  table.sort(list)
  return list
end

local function check_share(found, counts, limits, share)
  local gate, count, examples, words = table.unpack(share, 1, 4)
  local limit = limits[gate]
  local value = counts.customers > 0 and 100 * counts[count] / counts.customers or 0
  if not limit or value <= limit then
    return
  end
  local customers = examples and counts[examples] or not examples and losers(counts)
  customers = table.move(customers, 1, math.min(SHOWN, #customers), 1, {})
  found[#found + 1] = { gate = gate, limit = limit, value = value, by = value - limit, customers = customers,
    message = ("%.2f %% of customers (%d) %s; at most %.4g %% are allowed, %.2f too many; for example %s"):format(value,
      counts[count], words, limit, value - limit, table.concat(customers, ", ")) }
end

local function check_ratio(found, judged, limit)
  for _, group in ipairs(judged.groups) do
    if group.verdict ~= "too few" and group.verdict ~= "not judged" and group.ratio_after < limit then
      found[#found + 1] = { gate = "min_ratio", limit = limit, value = group.ratio_after,
        by = limit - group.ratio_after, product_id = judged.product_id, attribute = judged.attribute,
        group = group.group,
        message = ("%s, %s %s: offered %.3f times as often as to %s; at least %.4g is asked, %.3f short"):format(
          judged.product_id, judged.attribute, group.group, group.ratio_after, judged.highest, limit,
          limit - group.ratio_after) }
    end
  end
end

-- What offerengine.diff gave, and limits by gate: max_lost, max_best_changed, max_lost_only in percent of the
-- customers, min_ratio of each fairness ratio. A list of the gates that it does not pass: { gate =, limit =, value =,
-- by =, message =, customers = examples }; empty: it passes all.
function gates.check(counts, limits)
  local found = {}
  for _, share in ipairs(SHARES) do
    check_share(found, counts, limits, share)
  end
  for _, judged in ipairs(limits.min_ratio and counts.fairness or {}) do
    check_ratio(found, judged, limits.min_ratio)
  end
  return found
end

-- ---- Before rules are released ----

local function is_closed(release)
  for _, name in ipairs(gates.NAMES) do
    if release[name] then
      return true
    end
  end
  return false
end

local function finding(severity, code, release, message)
  return { severity = severity, code = code, file = release.file, line = release.line, message = message }
end

-- One note for each group of whom there are too few, not one for each product.
local function small_groups(counts, release)
  local notes, seen = {}, {}
  for _, judged in ipairs(release.min_ratio and counts.fairness or {}) do
    for _, group in ipairs(judged.groups) do
      local name = judged.attribute .. " " .. group.group
      if group.verdict == "too few" and not seen[name] then
        seen[name] = true
        notes[#notes + 1] = finding("note", "N122", release,
          ("release gate min_ratio: %s is not judged: %d customers are too few, min_group is %d"):format(name,
            group.customers, release.min_group))
      end
    end
  end
  return notes
end

-- What a comparison has to be told by a release: offerengine.diff's options.
function gates.options(release)
  local ratio = release.min_ratio and release.min_ratio > 0 and release.min_ratio or nil
  return { ratio = ratio, group = release.min_group, workers = 1 } -- one thread: the others serve
end

-- What the gates that `new` closes have against it, by what it does to the customers of a population that served under
-- `base`: findings, and notes on what could not be judged. What cannot be compared is refused. Nothing is compared
-- when no gate is closed.
function gates.release(base, new, population)
  local release = new:release()
  if not release or not is_closed(release) then
    return {}, {}
  end
  local done, counts, message = pcall(core.compare, base, new, population, gates.options(release))
  if not done or not counts then
    return { finding("error", "E122", release, ("release: the gates could not be judged, so nothing is released: %s")
      :format(done and message or counts)) }, {}
  end
  local found = {}
  for i, gate in ipairs(gates.check(counts, release)) do
    found[i] = finding("error", "E122", release, ("release gate %s: %s"):format(gate.gate, gate.message))
  end
  return found, small_groups(counts, release)
end

return gates
