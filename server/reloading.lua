-- reloading.lua: loads rules for the service, in a Lua state of the loader's thread.

local core = require "offerengine.core"
local gates = require "offerengine.gates"
local json = require "offerengine.json"
local loader = require "offerengine.loader"
local tests = require "offerengine.tests"

local reloading = {}

-- The hash of the folder's texts, or nil.
reloading.source = core.source

-- What is wrong, in the one shape; a folder that cannot be read is a finding without a file.
local function findings_of(found, message)
  if message and #found == 0 then
    found = { { severity = "error", code = "E023", message = message } }
  end
  return json.encode(json.list(found))
end

-- For the log: the first mistake and how many there are.
local function summary_of(found, message)
  local first, count
  for _, finding in ipairs(found) do
    if finding.severity == "error" then
      first, count = first or finding, (count or 0) + 1
    end
  end
  return first and ("%d findings, first: %s"):format(count, (loader.format(first):match "^[^\n]*")) or message
end

-- Who is likely to have written the folder's texts: the user of git, where the folder is a work tree.
local function author_of(folder)
  local quoted = "'" .. folder:gsub("'", "'\\''") .. "'"
  local pipe = io.popen("{ cd -- " .. quoted .. " && git rev-parse --is-inside-work-tree >&2 && git config user.name; }"
    .. " 2>/dev/null </dev/null")
  local name = pipe and pipe:read "l"
  if pipe then
    pipe:close()
  end
  return name and not name:find "%c" and utf8.len(name) and #name <= 512 and name or ""
end

-- What the folder's tests have against a ruleset and, when they pass, the release gates that it closes; notes besides.
local function objections(folder, fresh, serving, population)
  local judged, message = tests.judge(folder, fresh)
  local found = judged and tests.findings(judged) or { { severity = "error", code = "E120", message = message } }
  if #found > 0 then
    return found, {}
  end
  return gates.release(serving, fresh, population)
end

-- load(folder, serving, texts, population): ruleset, findings as JSON, texts, author; or nil, findings as JSON,
-- summary.
-- `texts`, unless nil, served already: they are taken without the tests that lie in the folder now and without the
-- gates, which are there for what customers have not met yet, not for the way back.
function reloading.load(folder, serving, texts, population)
  local fresh, second, third, fourth = loader.load(folder, { ruleset = serving, texts = texts })
  local against, notes = {}, {}
  if fresh and not texts then
    against, notes = objections(folder, fresh, serving, population)
  end
  if fresh and #against == 0 then
    return fresh, findings_of(table.move(notes, 1, #notes, #second + 1, second)), third,
      not texts and author_of(folder) or ""
  end
  local found = fresh and against or fourth or {}
  local message = not fresh and second or nil
  return nil, findings_of(found, message), summary_of(found, message)
end

return reloading
