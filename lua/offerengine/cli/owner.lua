-- owner: speaks to the service that owns a database.

local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local findings = require "offerengine.cli.findings"
local json = require "offerengine.json"

local owner = {}

local NONE = "no service runs on the database %s; rules are taken at its next start"

-- Where the service is that owns `db`; `otherwise` is said of a database that nobody owns.
function owner.address(db, otherwise)
  local found, message, code = core.owner(db)
  if not found and code == "not_found" then
    failure.stop((otherwise or NONE):format(db), failure.SYSTEM)
  end
  found = failure.check(found, message, code)
  if not found.address then
    failure.stop(("the database is owned by process %d, which has told no address"):format(found.pid), failure.SYSTEM)
  end
  return found.address
end

-- Mistakes in the rules go to standard error in the one shape.
local function refuse(address, status, body, answer)
  if type(answer) == "table" and answer.code == "rules_invalid" then
    io.stderr:write(findings.text(nil, answer.detail), findings.hint(answer.detail))
    failure.stop("the rules were refused; those that serve stay as they are", failure.FINDINGS)
  end
  if type(answer) == "table" and answer.code == "generation_not_found" then
    failure.stop("there is no such generation; 'offerengine history' lists them", failure.FINDINGS)
  end
  local detail = type(answer) == "table" and type(answer.detail) == "string" and answer.detail or body
  failure.stop(("%s answered %d: %s"):format(address, status, detail),
    status < 500 and failure.FINDINGS or failure.SYSTEM)
end

local function read(address, status, body)
  local answer = core.decode_json(body)
  if status < 200 or status > 299 then
    refuse(address, status, body, answer)
  end
  return answer, body
end

-- Posts `values` to `path` of the service that owns `db`; its answer as a table and as text.
function owner.post(db, path, values)
  local address = owner.address(db)
  local status, body = failure.check(core.http_post(address, path, "application/json", json.encode(values)))
  return read(address, status, body)
end

-- What `path` of the service at `address` answers, as a table.
function owner.get(address, path)
  local pieces = {}
  local status = failure.check(core.http_get(address, path, function(bytes)
    pieces[#pieces + 1] = bytes
  end))
  return (read(address, status, table.concat(pieces)))
end

function owner.delete(address, path)
  return read(address, failure.check(core.http_delete(address, path)))
end

-- What a change of the rules came to.
function owner.report(given, answer, body)
  if given.json then
    io.stdout:write(body, "\n")
    return
  end
  io.stderr:write(findings.text(nil, answer.findings))
  io.stdout:write(("generation %d, ruleset %s: %s\n"):format(answer.generation, answer.ruleset,
    answer.result == "unchanged" and "serves already" or "serves now"))
  if answer.warning then
    io.stderr:write(answer.warning, "\n")
  end
end

return owner
