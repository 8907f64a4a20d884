-- findings: mistakes in the rules as a person reads them:
--   rules/products/credit.lua:14: error[E012]: unknown attribute "incme"
--      14 |   min_incme = 75000,
--         = did you mean "income"?

local findings = {}

local function place(folder, finding)
  if not finding.file then
    return folder
  end
  local path = folder:gsub("/+$", "") .. "/" .. finding.file
  return finding.line and ("%s:%d"):format(path, finding.line) or path
end

function findings.text(folder, list)
  local lines = {}
  for _, finding in ipairs(list) do
    lines[#lines + 1] = ("%s: %s[%s]: %s"):format(place(folder, finding), finding.severity, finding.code,
      finding.message)
    if finding.source_line then
      lines[#lines + 1] = ("%6d | %s"):format(finding.line, (finding.source_line:gsub("[\r\t]", " ")))
    end
    if finding.suggestion and not finding.message:find("did you mean", 1, true) then
      lines[#lines + 1] = ('       = did you mean "%s"?'):format(finding.suggestion)
    end
  end
  return #lines > 0 and table.concat(lines, "\n") .. "\n" or ""
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
