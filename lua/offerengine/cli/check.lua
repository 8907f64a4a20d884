-- check: every mistake in a rules folder, in one go.

local arguments = require "offerengine.cli.arguments"
local failure = require "offerengine.cli.failure"
local findings = require "offerengine.cli.findings"
local json = require "offerengine.json"
local offerengine = require "offerengine"

local check = {
  name = "check",
  summary = "Find every mistake in the rules.",
  usage = "check [DIR] [--json]",
  examples = {
    { "offerengine check", "check the folder rules" },
    { "offerengine check drafts/rules", "check another folder" },
    { "offerengine check --json", "findings for an editor or a build" },
  },
  operands = { 0, 1 },
  options = { arguments.RULES, arguments.JSON },
}

local function plural(count, word)
  return ("%d %s%s"):format(count, word, count == 1 and "" or "s")
end

local function write_text(folder, ruleset, found)
  io.stdout:write(findings.text(folder, found))
  local errors, warnings = findings.count(found, "error"), findings.count(found, "warning")
  if ruleset then
    io.stdout:write(("%s: ruleset %s, %s, %s; %s\n"):format(folder, ruleset:hash(),
      plural(#ruleset:products(), "product"), plural(#ruleset:segments(), "segment"),
      warnings > 0 and plural(warnings, "warning") or "no mistakes"))
  else
    io.stdout:write(("%s: %s, %s\n"):format(folder, plural(errors, "error"), plural(warnings, "warning")))
  end
  io.stdout:write(findings.hint(found))
end

function check.run(given)
  local folder = given[1] or given.rules or "rules"
  local ruleset, second, code, more = offerengine.load(folder)
  local found = ruleset and second or more
  if not ruleset and #(found or {}) == 0 then
    failure.stop(second, code == "not_found" and failure.SYSTEM or code)
  end
  if given.json then
    io.stdout:write(json.encode {
      ok = ruleset ~= nil,
      ruleset = ruleset and ruleset:hash(),
      meaning = ruleset and ruleset:meaning(),
      errors = findings.count(found, "error"),
      warnings = findings.count(found, "warning"),
      findings = json.list(found),
    }, "\n")
  else
    write_text(folder, ruleset, found)
  end
  return ruleset and failure.NONE or failure.FINDINGS
end

return check
