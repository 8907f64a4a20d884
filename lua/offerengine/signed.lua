-- signed: threshold tests that the rules' own numbers give. For each number a customer is looked for whom a step of it
-- would treat otherwise, with the neighbours just below and above. What the rules decide for them is put down in
-- rules/tests/signed.csv, which an analyst reads and signs by keeping it.

local core = require "offerengine.core"
local loader = require "offerengine.loader"
local pool = require "offerengine.pool"
local scanner = require "offerengine.scanner"

local signed = { FILE = "tests/signed.csv" }

local FIXED = { "number", "value", "case", "at", "subject", "expected" }
local PLACES = { [-1] = "just below", [0] = "at", [1] = "just above" }

-- ---- what is decided about a subject: "product ID", "segment ID", "range ATTRIBUTE", "value ATTRIBUTE",
-- "group ATTRIBUTE" ----

local function cell(value)
  if type(value) == "table" then
    return table.concat(value, "|")
  elseif type(value) == "number" then
    local short = ("%.15g"):format(value)
    return tonumber(short) == value and short or ("%.17g"):format(value)
  end
  return value == nil and "" or tostring(value)
end

local function exact(value)
  return ("%.12g"):format(value)
end

local function product_outcome(ruleset, profile, at, id)
  local word, confidence, priority = ruleset:outcome(profile, { at = at }, id)
  if not word then
    return "no such product"
  end
  word = confidence and word .. " " .. exact(confidence) or word
  return priority and priority ~= confidence and word .. " priority " .. exact(priority) or word
end

local function segment_outcome(ruleset, profile, id)
  for _, segment in ipairs(ruleset:segments(profile)) do
    if segment.id == id then
      return "member"
    end
  end
  return "no member"
end

-- Of each ruleset: the attributes that have groups, by name.
local grouped = setmetatable({}, { __mode = "k" })

local function groups_of(ruleset, name)
  local known = grouped[ruleset]
  if not known then
    known = {}
    for _, attribute in ipairs(ruleset:attributes()) do
      known[attribute.name] = attribute.groups and attribute or nil
    end
    grouped[ruleset] = known
  end
  return known[name]
end

-- In which group fairness reports count a customer, in their words.
local function group_outcome(ruleset, profile, name)
  local attribute, value = groups_of(ruleset, name), profile:get(name)
  local low, high
  for _, bound in ipairs(attribute and attribute.groups or {}) do
    low = value and value >= bound and bound or low
    high = high or value and value < bound and bound or nil
  end
  if not attribute then
    return "no groups"
  elseif not value then
    return "not on file"
  elseif not high then
    return cell(low) .. " and over"
  elseif not low then
    return "under " .. cell(high)
  end
  return attribute.type == "integer" and ("%s to %s"):format(cell(low), cell(high - 1))
    or ("%s to under %s"):format(cell(low), cell(high))
end

-- What the rules say of a case now.
function signed.outcome(ruleset, case)
  local kind, id = case.subject:match "^(%l+) (.*)$"
  local profile = ruleset:profile(case.customer)
  if kind == "range" then
    return profile and "accepted" or "refused"
  elseif not profile then
    return "customer refused"
  elseif kind == "product" then
    return product_outcome(ruleset, profile, case.at, id)
  elseif kind == "value" then
    return cell(ruleset:derived(profile, { at = case.at })[id])
  elseif kind == "group" then
    return group_outcome(ruleset, profile, id)
  end
  return segment_outcome(ruleset, profile, id)
end

-- ---- finding cases ----

-- Steps of one in the last digit that is written.
local function neighbours(text)
  local number = tonumber(text)
  local digits = text:match "^%d*%.(%d+)$"
  local step = digits and 10 ^ -#digits or 1
  if not number or not (digits or math.type(number) == "integer") then
    return {}
  end
  local form = digits and "%." .. #digits .. "f" or "%d"
  local texts = { form:format(number + step) }
  if number >= step then
    texts[2] = form:format(number - step)
  end
  return texts
end

-- The first product or segment that the two rulesets treat differently, as a subject.
local function find_subject(base, variant, case)
  local profile = base:profile(case.customer)
  for _, segment in ipairs(base:segments()) do
    local subject = { subject = "segment " .. segment.id, customer = case.customer, at = case.at }
    if signed.outcome(base, subject) ~= signed.outcome(variant, subject) then
      return subject.subject
    end
  end
  local offered = {}
  for _, ruleset in ipairs { base, variant } do
    for _, offer in ipairs(ruleset:decide(ruleset:profile(case.customer), { at = case.at }).recommended_products) do
      if not offered[offer.product_id] then
        offered[offer.product_id] = true
        offered[#offered + 1] = offer.product_id
      end
    end
  end
  for _, id in ipairs(offered) do
    if product_outcome(base, profile, case.at, id) ~= product_outcome(variant, variant:profile(case.customer),
        case.at, id) then
      return "product " .. id
    end
  end
end

-- What is special about a customer of the pool, e.g. "just below: age 21".
local function describe(made)
  if not made.attribute then
    return "a customer"
  end
  return ("%s: %s %s"):format(PLACES[made.place], made.attribute, exact(made.customer[made.attribute]))
end

local Search = {}
Search.__index = Search

local function text_of(path, line, number, files)
  local count, source = 0, ""
  for found in (files[path] .. "\n"):gmatch "(.-)\n" do
    count = count + 1
    if count == line then
      source = found
      break
    end
  end
  return ("%s:%d %s"):format(path, line, (source:match "^%s*(.-)%s*$" or number):gsub("%s+", " "):sub(1, 80))
end

function Search:keep(case)
  local key = table.concat({ case.number, case.subject, case.id }, "\0")
  if not self.kept[key] then
    self.kept[key] = true
    case.expected = signed.outcome(self.base, case)
    self.cases[#self.cases + 1] = case
  end
end

-- The case that a variant of the rules decides otherwise, if the pool has one.
function Search:find(variant, number)
  local id = self.pool:first_difference(variant, { at = self.at })
  local case = id and { id = id, customer = pool.customer(self.made, id), at = self.at, number = number.shown,
    value = number.text, case = describe(self.made[id]) }
  if case then
    case.subject = find_subject(self.base, variant, case)
  end
  return case and case.subject and case
end

-- The customers just below, at and just above, for a number that is itself such an edge.
function Search:triple(case, number)
  local made = self.made[case.id]
  if not made.edge or made.edge ~= number.value then
    self:keep(case)
    return
  end
  for place = -1, 1 do
    local id = pool.neighbour(self.made, case.id, place)
    if id then
      self:keep { id = id, customer = pool.customer(self.made, id), at = case.at, subject = case.subject,
        number = number.shown, value = number.text, case = describe(self.made[id]) }
    end
  end
end

-- Whether a case that is there already tells the variant from the rules.
function Search:is_told(variant, from)
  for i = from, #self.cases do
    if signed.outcome(variant, self.cases[i]) ~= self.cases[i].expected then
      return true
    end
  end
  return false
end

function Search:number(path, number)
  local text = self.files[path]
  number.text = text:sub(number.first, number.last)
  number.shown = text_of(path, number.line, number.text, self.files)
  local from, found, tried = #self.cases + 1, false, 0
  for _, other in ipairs(neighbours(number.text)) do
    local changed = setmetatable({ [path] = text:sub(1, number.first - 1) .. other .. text:sub(number.last + 1) },
      { __index = self.files })
    local variant = loader.load(self.folder, { ruleset = self.base, texts = loader.pack(self.order, changed) })
    if variant then
      tried = tried + 1
      local case = not self:is_told(variant, from) and self:find(variant, number)
      if case then
        self:triple(case, number)
      end
      found = found or case or self:is_told(variant, 1)
    end
  end
  if tried > 0 and not found then
    self.silent[#self.silent + 1] = number.shown .. " (" .. number.text .. ")"
  end
end

-- Both sides of an end of a range: `outwards` is -1 for its lower one.
function Search:range_end(attribute, limit, outwards)
  for _, away in ipairs { 0, outwards } do
    local value = pool.number(attribute, limit + away * pool.step_of(attribute))
    self:keep { id = attribute.name .. value, at = self.at, subject = "range " .. attribute.name, value = exact(limit),
      customer = pool.with(pool.customer(self.made, 1), attribute.name, value),
      case = ("%s: %s %s"):format(PLACES[away], attribute.name, exact(value)),
      number = ("%s:%d range of %s"):format(attribute.file, attribute.line, attribute.name) }
  end
end

function Search:ranges()
  for _, attribute in ipairs(self.base:attributes()) do
    local low, high = attribute.minimum, attribute.maximum
    if attribute.derived then
      low, high = nil, nil
    end
    if low and low > -math.huge then
      self:range_end(attribute, low, -1)
    end
    if high and high < math.huge then
      self:range_end(attribute, high, 1)
    end
  end
end

-- Both sides of where a group begins, and its first value.
function Search:groups()
  for _, attribute in ipairs(self.base:attributes()) do
    for _, bound in ipairs(not attribute.derived and attribute.groups or {}) do
      for place = -1, 1 do
        local value = pool.number(attribute, bound + place * pool.step_of(attribute))
        self:keep { id = attribute.name .. value, at = self.at, subject = "group " .. attribute.name,
          value = exact(bound), customer = pool.with(pool.customer(self.made, 1), attribute.name, value),
          case = ("%s: %s %s"):format(PLACES[place], attribute.name, exact(value)),
          number = ("%s:%d groups of %s"):format(attribute.file, attribute.line, attribute.name) }
      end
    end
  end
end

-- The numbers of a rule file or a table.
local function numbers_of(path, text)
  if path:find "%.lua$" then
    return scanner.numbers(text)
  end
  local found, line, at = {}, 1, 1
  for field, mark in (text .. "\n"):gmatch "([^,\n]*)([,\n])" do
    if field:find "^%d+%.?%d*$" then
      found[#found + 1] = { first = at, last = at + #field - 1, line = line, value = tonumber(field) }
    end
    at, line = at + #field + 1, mark == "\n" and line + 1 or line
  end
  return found
end

-- What tables say for each text that they know.
function Search:tables()
  local edges = self.base:edges()
  for _, derived in ipairs(self.base:attributes()) do
    for _, key in ipairs(derived.derived and self.base:attributes() or {}) do
      for _, text in ipairs(key.type == "text" and edges[key.name] or {}) do
        local case = { id = key.name .. text, at = self.at, subject = "value " .. derived.name, value = "",
          customer = pool.with(pool.customer(self.made, 1), key.name, text), case = key.name .. " " .. text,
          number = ("%s:%d derive %s"):format(derived.file, derived.line, derived.name) }
        if signed.outcome(self.base, case) ~= "" then
          self:keep(case)
        end
      end
    end
  end
end

-- generate(folder [, options]): the cases, and a list of the numbers for which no customer was found whom a step of
-- them would treat otherwise; or nil, message, code, findings when the rules do not load.
-- options.at: milliseconds; options.progress(done, total) is called now and then.
function signed.generate(folder, options)
  local base, second, texts, findings = loader.load(folder)
  if not base then
    return nil, second, texts, findings
  end
  local order, files = loader.unpack(texts)
  local at = options and options.at or core.now()
  local population, made = pool.new(base, folder, at)
  local search = setmetatable({ folder = folder, base = base, order = order, files = files, pool = population,
    made = made, at = at, cases = {}, kept = {}, silent = {} }, Search)
  local numbers = {}
  for _, path in ipairs(order) do
    for _, number in ipairs(numbers_of(path, files[path])) do
      numbers[#numbers + 1] = { path, number }
    end
  end
  search:ranges()
  search:groups()
  search:tables()
  for i, entry in ipairs(numbers) do
    search:number(entry[1], entry[2])
    if options and options.progress then
      options.progress(i, #numbers)
    end
  end
  return search.cases, search.silent
end

-- ---- the file ----

-- The same for two cases that ask the same of the same customer.
function signed.key(case)
  local values = {}
  for name, value in pairs(case.customer) do
    values[#values + 1] = name .. "=" .. cell(value)
  end
  table.sort(values)
  return case.subject .. "\0" .. table.concat(values, "\0")
end

-- The cases as the text of signed.csv.
function signed.write(ruleset, cases)
  local header, names = table.move(FIXED, 1, #FIXED, 1, {}), {}
  for _, attribute in ipairs(ruleset:attributes()) do
    names[#names + 1] = not attribute.derived and attribute.name or nil
  end
  table.move(names, 1, #names, #header + 1, header)
  local lines = { core.csv_line(header) }
  for _, case in ipairs(cases) do
    local row = { case.number, case.value, case.case, cell(case.at), case.subject, case.expected }
    for _, name in ipairs(names) do
      row[#row + 1] = cell(case.customer[name])
    end
    lines[#lines + 1] = core.csv_line(row)
  end
  return table.concat(lines)
end

local function value_of(text, kind)
  if kind == "product_set" then
    local ids = {}
    for id in text:gmatch "[^|]+" do
      ids[#ids + 1] = id
    end
    return ids
  elseif text == "" then
    return nil
  elseif kind == "flag" then
    return text == "true"
  elseif kind == "text" then
    return text
  end
  return tonumber(text)
end

local function read_case(header, record, kinds)
  local case = { line = record.line, customer = { customer_id = "signed" } }
  for i, name in ipairs(header) do
    if i <= #FIXED then
      case[name] = record[i]
    elseif kinds[name] then
      case.customer[name] = value_of(record[i], kinds[name])
    elseif record[i] ~= "" then
      case.lost = name
    end
  end
  case.at = math.tointeger(tonumber(case.at))
  return case
end

local function read_text(path)
  local file = io.open(path, "rb")
  if not file then
    return nil
  end
  local text = file:read "a"
  file:close()
  return text
end

-- read(folder, ruleset): the cases of its signed.csv, an empty list when there is none; or nil, message, code.
function signed.read(folder, ruleset)
  local text = read_text(folder .. "/" .. signed.FILE)
  if not text then
    return {}
  end
  local records, message, code = core.csv_records(text)
  if not records then
    return nil, signed.FILE .. ": " .. message, code
  end
  local header = records[1] or {}
  for i, name in ipairs(FIXED) do
    if header[i] ~= name then
      return nil, ("%s: column %d must be %s; write the file with 'offerengine test --sign'"):format(signed.FILE, i,
        name), "invalid"
    end
  end
  local kinds, cases = {}, {}
  for _, attribute in ipairs(ruleset:attributes()) do
    kinds[attribute.name] = attribute.type
  end
  for i = 2, #records do
    local case = read_case(header, records[i], kinds)
    if not case.at or not case.subject:find "^%l+ ." then
      return nil, ("%s:%d: at must be milliseconds and subject a product, segment, range, value or group"):format(
        signed.FILE, case.line), "invalid"
    end
    cases[#cases + 1] = case
  end
  return cases
end

-- changed(ruleset, cases): those that the rules decide otherwise than signed: { case, now = what they say }.
function signed.changed(ruleset, cases)
  local found = {}
  for _, case in ipairs(cases) do
    local now = case.lost and ("no attribute %s any more"):format(case.lost) or signed.outcome(ruleset, case)
    if now ~= case.expected then
      found[#found + 1] = { case = case, now = now }
    end
  end
  return found
end

return signed
