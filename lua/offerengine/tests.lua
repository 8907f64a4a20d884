-- tests: the cases of rules/tests/ against a ruleset: what is expected, what is decided, where they differ.

local core = require "offerengine.core"
local json = require "offerengine.json"
local loader = require "offerengine.loader"
local signed = require "offerengine.signed"

local tests = {}

-- load(folder): the cases below folder/tests in the order of files and lines, and the findings in them; or nil,
-- message, code.
function tests.load(folder)
  local lines, second, code = loader.load_tests(folder)
  if not lines then
    return nil, second, code
  end
  local cases = {}
  for line in lines:gmatch "[^\n]+" do
    cases[#cases + 1] = core.decode_json(line)
  end
  return cases, second
end

-- ---- what a case names must exist ----

local function names_of(ruleset)
  local products, segments = {}, {}
  for _, product in ipairs(ruleset:products()) do
    products[#products + 1], products[product.id] = product.id, true
  end
  for _, segment in ipairs(ruleset:segments()) do
    segments[#segments + 1], segments[segment.id] = segment.id, true
  end
  return products, segments
end

local function unknown(kind, name, known)
  local near = core.suggest(name, known)
  return ('unknown %s "%s"%s'):format(kind, name, near and ('; did you mean "%s"?'):format(near) or "")
end

local function check_names(case, products, segments, problems)
  local function check(name)
    if not products[name] then
      problems[#problems + 1] = unknown("product", name, products)
    end
  end
  for _, key in ipairs { "offers", "offered" } do
    for _, name in ipairs(case[key] or {}) do
      check(name)
    end
  end
  for _, key in ipairs { "refused", "score" } do
    for name in pairs(case[key] or {}) do
      check(name)
    end
  end
  for _, contact in ipairs(case.contacts or {}) do
    if contact.product then
      check(contact.product)
    end
  end
  for _, name in ipairs(case.segments or {}) do
    if not segments[name] then
      problems[#problems + 1] = unknown("segment", name, segments)
    end
  end
end

-- ---- comparing ----

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map or {}) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

local function show_list(list)
  return #list > 0 and table.concat(list, ", ") or "nothing"
end

local function tenths(value)
  return ("%.1f"):format(value)
end

local function expect(problems, is_met, form, ...)
  if not is_met then
    problems[#problems + 1] = form:format(...)
  end
end

-- The first thing that stands in the way of a product, as in: income is 75000, needed is 80000.
local function why_not(explained)
  local code, failure = (explained.reason_codes or {})[1], explained.failures[1]
  if failure and failure.code == code and failure.actual and failure.needed then
    return ("%s (%s is %.14g, needed is %.14g)"):format(code, failure.attribute or "confidence", failure.actual,
      failure.needed)
  end
  return code or explained.outcome
end

-- explain: the explanation of one product, by id.
local function compare_offers(case, answer, problems, explain)
  local offered, is_offered = {}, {}
  for i, offer in ipairs(answer.recommended_products) do
    offered[i], is_offered[offer.product_id] = offer.product_id, true
  end
  if case.offers then
    expect(problems, table.concat(offered, " ") == table.concat(case.offers, " "), "offers: expected %s, got %s",
      show_list(case.offers), show_list(offered))
  end
  for _, id in ipairs(case.offered or {}) do
    expect(problems, is_offered[id], "offered: expected %s, got %s; offered are %s", id,
      is_offered[id] or why_not(explain(id)), show_list(offered))
  end
  if case.segments then
    expect(problems, table.concat(answer.segments, " ") == table.concat(case.segments, " "),
      "segments: expected %s, got %s", show_list(case.segments), show_list(answer.segments))
  end
end

local function compare_product(case, id, explained, problems)
  local code, score = case.refused and case.refused[id], case.score and case.score[id]
  if code then
    local codes = explained.reason_codes or {}
    local found = false
    for _, given in ipairs(codes) do
      found = found or given == code
    end
    expect(problems, found, "refused: expected %s for %s, got %s", code, id,
      explained.outcome == "offered" and "an offer" or show_list(codes))
  end
  if score then
    local got = explained.confidence_score
    local is_number = type(got) == "number"
    expect(problems, is_number and tenths(got) == tenths(score), "score: expected %s for %s, got %s", tenths(score), id,
      is_number and tenths(got) or "none: " .. show_list(explained.reason_codes or {}))
  end
end

local function explained_products(case)
  local wanted = {}
  for _, key in ipairs { "refused", "score" } do
    for id in pairs(case[key] or {}) do
      wanted[id] = true
    end
  end
  return sorted_keys(wanted)
end

local function check_attributes(ruleset, case, problems)
  local names = { "customer_id" }
  for _, attribute in ipairs(ruleset:attributes()) do
    names[#names + 1] = attribute.name
  end
  for _, name in ipairs(sorted_keys(case.customer)) do
    if not (" " .. table.concat(names, " ") .. " "):find(" " .. name .. " ", 1, true) then
      problems[#problems + 1] = unknown("attribute", name, names)
    end
  end
end

-- Policies count when the case says what happened before, or for which channel or campaign it is.
local function contacts_of(case)
  if not (case.contacts or case.channel or case.campaign) then
    return nil
  end
  local contacts = {}
  for i, contact in ipairs(case.contacts or {}) do
    contacts[i] = { kind = contact.kind, product = contact.product, category = contact.category,
      channel = contact.channel, campaign = contact.campaign, at_ms = contact.at }
  end
  return contacts
end

-- ---- arms of experiments ----

local IDS_MAX = 20000

-- The arms that a case asks for, by experiment; nil: none.
local function wanted_arms(ruleset, case)
  local wanted
  for _, experiment in ipairs(ruleset:experiments()) do
    local arm = case.customer[experiment.name]
    if arm ~= nil then
      wanted = wanted or {}
      wanted[experiment.name] = arm
    end
  end
  return wanted
end

local function is_in(drawn, wanted)
  for experiment, arm in pairs(wanted) do
    if drawn[experiment] ~= arm then
      return false
    end
  end
  return true
end

-- Nobody can choose an arm: a customer is looked for whose id drew the arms that the case asks for.
local function find_customer(ruleset, case, wanted)
  local record = {}
  for key, value in pairs(case.customer) do
    record[key] = not wanted[key] and value or nil
  end
  if record.customer_id then
    return nil, "a test says the arms of experiments or a customer_id, not both"
  end
  for i = 1, IDS_MAX do
    record.customer_id = "test" .. i
    local profile, message = ruleset:profile(record)
    if not profile then
      return nil, message
    elseif is_in(ruleset:derived(profile, { at = case.at }), wanted) then
      return profile
    end
  end
  local names = {}
  for i, name in ipairs(sorted_keys(wanted)) do
    names[i] = ("%s of %s"):format(wanted[name], name)
  end
  return nil, ("nobody is in arm %s then"):format(table.concat(names, " and "))
end

local function customer_of(ruleset, case)
  local wanted = wanted_arms(ruleset, case)
  if wanted then
    return find_customer(ruleset, case, wanted)
  end
  case.customer.customer_id = case.customer.customer_id or "test"
  return ruleset:profile(case.customer)
end

local function run_case(ruleset, case, products, segments)
  local problems = {}
  check_names(case, products, segments, problems)
  check_attributes(ruleset, case, problems)
  local profile, message = customer_of(ruleset, case)
  if not profile then
    problems[#problems + 1] = message
  end
  if #problems > 0 then
    return problems
  end
  local options = { at = case.at, contacts = contacts_of(case), channel = case.channel, campaign = case.campaign }
  local function explain(id)
    return ruleset:explain(profile, options, id).products[1]
  end
  compare_offers(case, ruleset:decide(profile, options), problems, explain)
  for _, id in ipairs(explained_products(case)) do
    compare_product(case, id, explain(id), problems)
  end
  return problems
end

-- run(ruleset, cases): for each case { title, file, line, problems = list of texts, empty when it passes }.
function tests.run(ruleset, cases)
  local products, segments = names_of(ruleset)
  local results = {}
  for i, case in ipairs(cases) do
    results[i] = { title = case.title, file = case.file, line = case.line,
      problems = run_case(ruleset, case, products, segments) }
  end
  return results
end

-- ---- everything in rules/tests ----

-- judge(folder, ruleset): { results = of the test files, signed = number of signed cases, changed = those that are
-- decided otherwise now, findings = mistakes in the test files }; or nil, message, code.
function tests.judge(folder, ruleset)
  local cases, second, code = tests.load(folder)
  if not cases then
    return nil, second, code
  end
  local list, message, problem = signed.read(folder, ruleset)
  if not list then
    return nil, message, problem
  end
  return { findings = second, results = #second == 0 and tests.run(ruleset, cases) or {}, signed = #list,
    changed = signed.changed(ruleset, list) }
end

local function finding(code, file, line, message)
  return { severity = "error", code = code, file = file, line = line, message = message }
end

-- What stands against a ruleset, in the shape of all findings; empty when every test passes.
function tests.findings(judged)
  local found = table.move(judged.findings, 1, #judged.findings, 1, {})
  for _, result in ipairs(judged.results) do
    for _, problem in ipairs(result.problems) do
      found[#found + 1] = finding("E120", result.file, result.line, ('test "%s": %s'):format(result.title, problem))
    end
  end
  for _, change in ipairs(judged.changed) do
    local case = change.case
    found[#found + 1] = finding("E121", signed.FILE, case.line, ("%s of %s (%s): signed %s, now %s; if that is meant, "
      .. "sign it with 'offerengine test --sign'"):format(case.subject, case.number, case.case, case.expected,
      change.now))
  end
  return found
end

-- What json.encode takes of that.
function tests.object(ruleset, judged)
  local found = tests.findings(judged)
  return json.object("ok", #found == 0, "ruleset", ruleset:hash(), "tests", #judged.results, "signed", judged.signed,
    "changed", #judged.changed, "findings", json.list(found))
end

-- examine(folder [, ruleset]): offerengine.test: as judge, but `findings` are all that stands against the ruleset,
-- which is the folder's own unless given; or nil, message, code, findings when there is none.
function tests.examine(folder, ruleset)
  local message, code, found
  if not ruleset then
    ruleset, message, code, found = loader.load(folder)
    if not ruleset then
      return nil, message, code, found
    end
  end
  local judged, problem, kind = tests.judge(folder, ruleset)
  if not judged then
    return nil, problem, kind
  end
  judged.findings = tests.findings(judged)
  return judged
end

return tests
