-- findings: mistakes in the rules, as the loader words them, and how many there are.

local loader = require "offerengine.loader"

local findings = {}

function findings.text(folder, list)
  local texts = {}
  for i, finding in ipairs(list) do
    texts[i] = loader.format(finding, folder) .. "\n"
  end
  return table.concat(texts)
end

-- How many there are of a severity.
function findings.count(list, severity)
  local count = 0
  for _, finding in ipairs(list) do
    count = count + (finding.severity == severity and 1 or 0)
  end
  return count
end

return findings
