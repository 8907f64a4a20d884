-- findings: mistakes in the rules, as the loader words them, and how many there are.

local loader = require "offerengine.loader"

local findings = { count = loader.count }

function findings.text(folder, list)
  local texts = {}
  for i, finding in ipairs(list) do
    texts[i] = loader.format(finding, folder) .. "\n"
  end
  return table.concat(texts)
end

-- Where the codes of a list are explained; empty when there are none.
function findings.hint(list)
  local codes, seen = {}, {}
  for _, finding in ipairs(list) do
    if not seen[finding.code] then
      seen[finding.code] = true
      codes[#codes + 1] = finding.code
    end
  end
  if #codes == 0 then
    return ""
  end
  table.sort(codes)
  local others = #codes > 1 and "; the same for " .. table.concat(codes, ", ", 2) or ""
  return ("help: offerengine help %s%s\n"):format(codes[1], others)
end

return findings
