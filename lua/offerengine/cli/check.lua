-- check: every mistake in a rules folder, and what can be proved about sound rules, in one go.

local arguments = require "offerengine.cli.arguments"
local failure = require "offerengine.cli.failure"
local findings = require "offerengine.cli.findings"
local json = require "offerengine.json"
local offerengine = require "offerengine"

local check = {
  name = "check",
  summary = "Find every mistake in the rules, and what they can never do.",
  usage = "check [DIR] [--strict] [--json]",
  examples = {
    { "offerengine check", "check the folder rules" },
    { "offerengine check drafts/rules", "check another folder" },
    { "offerengine check --strict", "exit 1 for warnings and notes, too" },
    { "offerengine check --json", "findings for an editor or a build" },
  },
  operands = { 0, 1 },
  options = {
    arguments.RULES, arguments.JSON,
    { "strict", nil, "exit 1 for warnings and notes, too" },
  },
}

local function plural(count, word)
  return ("%d %s%s"):format(count, word, count == 1 and "" or "s")
end

-- "1 warning, 2 notes", "no mistakes"
local function counts_of(found)
  local shown = {}
  for _, severity in ipairs { "warning", "note" } do
    local count = findings.count(found, severity)
    shown[#shown + 1] = count > 0 and plural(count, severity) or nil
  end
  return #shown > 0 and table.concat(shown, ", ") or "no mistakes"
end

local function write_text(folder, ruleset, found)
  io.stdout:write(findings.text(folder, found))
  if ruleset then
    io.stdout:write(("%s: ruleset %s, %s, %s; %s\n"):format(folder, ruleset:hash(),
      plural(#ruleset:products(), "product"), plural(#ruleset:segments(), "segment"), counts_of(found)))
  else
    io.stdout:write(("%s: %s, %s\n"):format(folder, plural(findings.count(found, "error"), "error"),
      plural(findings.count(found, "warning"), "warning")))
  end
  io.stdout:write(findings.hint(found))
end

function check.run(given)
  local folder = given[1] or given.rules or "rules"
  local found, ruleset, code = offerengine.check(folder)
  if not found then
    failure.stop(ruleset, code == "not_found" and failure.SYSTEM or code)
  end
  if given.json then
    io.stdout:write(json.encode {
      ok = ruleset ~= nil,
      ruleset = ruleset and ruleset:hash(),
      meaning = ruleset and ruleset:meaning(),
      errors = findings.count(found, "error"),
      warnings = findings.count(found, "warning"),
      notes = findings.count(found, "note"),
      findings = json.list(found),
    }, "\n")
  else
    write_text(folder, ruleset, found)
  end
  return ruleset and not (given.strict and #found > 0) and failure.NONE or failure.FINDINGS
end

return check
