-- test: the cases of rules/tests, the threshold cases that the rules' numbers give, and what no case touches.

local arguments = require "offerengine.cli.arguments"
local bars = require "offerengine.cli.bars"
local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local files = require "offerengine.cli.files"
local findings = require "offerengine.cli.findings"
local json = require "offerengine.json"
local progress = require "offerengine.cli.progress"
local rules = require "offerengine.cli.rules"
local signed = require "offerengine.signed"
local tests = require "offerengine.tests"

local test = {
  name = "test",
  summary = "Run the tests of the rules, and sign what their numbers decide.",
  usage = "test [DIR] [--sign [--yes]] [--coverage] [--json]",
  examples = {
    { "offerengine test", "run the tests of the folder rules" },
    { "offerengine test --sign", "look for a case at each number, show what changed, and sign it" },
    { "offerengine test --coverage", "conditions that no case has seen both ways" },
  },
  operands = { 0, 1 },
  options = {
    arguments.RULES, arguments.AT, arguments.JSON,
    { "sign", nil, "make the threshold cases anew and sign them" },
    { "yes", nil, "sign without being asked" },
    { "coverage", nil, "list the conditions that never went both ways" },
  },
}

local function plural(count, word)
  return ("%d %s%s"):format(count, word, count == 1 and "" or "s")
end

-- ---- coverage ----

local function customers_of(folder, ruleset)
  local customers = {}
  for _, case in ipairs(failure.check(tests.load(folder))) do
    case.customer.customer_id = "test"
    customers[#customers + 1] = case.customer
  end
  for _, case in ipairs(failure.check(signed.read(folder, ruleset))) do
    customers[#customers + 1] = case.customer
  end
  local sound = {}
  for _, customer in ipairs(customers) do
    sound[#sound + 1] = ruleset:profile(customer)
  end
  return sound
end

local function one_sided(folder, ruleset, options)
  local all, found = failure.check(ruleset:seen(customers_of(folder, ruleset), options)), {}
  for _, seen in ipairs(all) do
    if not (seen.held and seen.failed) then
      seen.seen = seen.held and "always held" or seen.failed and "always failed" or "never asked"
      found[#found + 1] = seen
    end
  end
  return found, #all
end

local function show_coverage(folder, found, all)
  local rows = {}
  for _, seen in ipairs(found) do
    rows[#rows + 1] = { ("%s/%s:%d"):format(folder, seen.file, seen.line), seen.seen, seen.text }
  end
  io.stdout:write(("%d of %s went both ways\n"):format(all - #found, plural(all, "condition")))
  io.stdout:write(#rows > 0 and bars.table({ "place", "", "condition" }, rows) or "")
end

-- ---- signing ----

-- A number's place and the beginning of its line, so that a row fits on a screen.
local function shortened(number)
  local last = utf8.offset(number, 48)
  return last and number:sub(1, last - 1) .. " ..." or number
end

-- Rows of what signing would change: number, case, subject, before, now.
local function changes_of(old, new)
  local before, rows = {}, {}
  for _, case in ipairs(old) do
    before[signed.key(case)] = case.expected
  end
  for _, case in ipairs(new) do
    local earlier = before[signed.key(case)]
    if earlier ~= case.expected then
      rows[#rows + 1] = { shortened(case.number), case.case, case.subject, earlier or "new", case.expected }
    end
  end
  return rows
end

local function is_confirmed(given, count)
  if given.yes then
    return true
  elseif not core.is_terminal(0) then
    failure.usage("standard input is no terminal: sign with --yes")
  end
  io.stderr:write(("sign what changed, %s? [y/N] "):format(plural(count, "case")))
  local answer = io.read "l"
  return answer == "y" or answer == "yes"
end

local function sign(given, folder, ruleset)
  local show, wipe = progress.start("looking for cases")
  local cases, silent = failure.check(signed.generate(folder, { at = given.at, progress = show }))
  wipe()
  local rows = changes_of(signed.read(folder, ruleset) or {}, cases)
  io.stdout:write(#rows > 0 and bars.table({ "number", "case", "about", "signed", "now" }, rows) or "")
  for _, number in ipairs(silent) do
    io.stdout:write(("no answer depends on %s\n"):format(number))
  end
  if #rows > 0 and not is_confirmed(given, #rows) then
    failure.stop("nothing was signed", failure.FINDINGS)
  end
  files.replace(folder .. "/" .. signed.FILE, signed.write(ruleset, cases))
  io.stdout:write(("%s signed in %s/%s; %s changed\n"):format(plural(#cases, "case"), folder, signed.FILE,
    plural(#rows, "case")))
end

-- ---- running ----

local function show_judged(folder, judged, found)
  io.stdout:write(findings.text(folder, found))
  local failed = 0
  for _, result in ipairs(judged.results) do
    failed = failed + (#result.problems > 0 and 1 or 0)
  end
  io.stdout:write(("%s: %s, %d failed; %s, %d changed\n"):format(folder, plural(#judged.results, "test"), failed,
    plural(judged.signed, "signed case"), #judged.changed), findings.hint(found))
end

function test.run(given)
  given.rules = given[1] or given.rules or "rules"
  local folder = given.rules
  local ruleset = rules.load(given)
  if given.sign then
    return sign(given, folder, ruleset)
  end
  local judged = failure.check(tests.judge(folder, ruleset))
  local found = tests.findings(judged)
  local sides, all
  if given.coverage and #judged.findings == 0 then
    sides, all = one_sided(folder, ruleset, { at = given.at })
  end
  if given.json then
    local object = tests.object(ruleset, judged)
    json.add(object, "one_sided", sides and json.list(sides))
    io.stdout:write(json.encode(json.add(object, "conditions", all)), "\n")
  else
    show_judged(folder, judged, found)
    if sides then
      show_coverage(folder, sides, all)
    end
  end
  return #found == 0 and failure.NONE or failure.FINDINGS
end

return test
