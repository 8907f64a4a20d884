-- campaign.lua: the word campaign: a target group, the products for it and what is said of them. Runs in the rule VM.
-- luacheck: read globals use builder

local check = use "offerengine.language.check"
local declare = use "offerengine.language.declare"
local condition = use "offerengine.language.condition"
local schema = use "offerengine.language.schema"
local lot = use "offerengine.language.lot"

local campaign = {}
local declared = {}

local CAMPAIGN = {
  name = check.text,
  category = check.texts,
  product = check.texts,
  segment = check.texts,
  when = function(value, at, what) return condition.build(value, at, what) end,
  channel = check.text,
  message = check.text,
  per_customer = check.count,
  quota = check.count,
  holdout = lot.percent,
  from = schema.from,
  ["until"] = schema.until_end,
}

local function any_segment(names, at)
  local parts = {}
  for index, name in ipairs(names) do
    local line = check.inside(at, index).line
    parts[index] = builder.condition { op = "in_segment", name = name, line = line }
  end
  return builder.condition { op = "any", parts = parts, line = at.line }
end

local function is_not(flag, line, file)
  return builder.condition { op = "equals", attribute = flag, values = { false }, line = line, file = file }
end

declare.word("campaign", function(id, list, at, subject)
  local values = check.read(list, at, subject, CAMPAIGN)
  schema.check_window(values, at, subject)
  declare.note_places({ "category", "product" }, values, at)
  local parts = {}
  if values.segment then
    parts[#parts + 1] = any_segment(values.segment, check.inside(at, "segment"))
  end
  parts[#parts + 1] = values.when
  if list.when ~= nil and values.when == nil then
    return -- the condition was wrong, and has been reported
  end
  if values.holdout then
    local inside = check.inside(at, "holdout")
    lot.hold_out(id .. "_held_out", values.holdout, nil, inside)
    parts[#parts + 1] = is_not(id .. "_held_out", inside.line)
  end
  declared[#declared + 1] = { id = id, name = values.name, categories = values.category, products = values.product,
    channel = values.channel, message = values.message, message_line = check.inside(at, "message").line,
    per_customer = values.per_customer or 1, quota = values.quota, from_ms = values.from,
    until_ms = values["until"], keys = check.lines(list, at), line = at.line, file = schema.file, parts = parts }
end)

-- To be called when all files have run: whom a holdout keeps from everything, no campaign contacts.
function campaign.finish()
  for _, one in ipairs(declared) do
    local parts = one.parts
    if lot.known[lot.EVERYWHERE] then
      parts[#parts + 1] = is_not(lot.EVERYWHERE, one.line, one.file)
    end
    one.condition = #parts > 0 and builder.condition { op = "all", parts = parts, line = one.line,
      file = one.file } or nil
    one.parts = nil
    builder.campaign(one)
  end
end

return campaign
