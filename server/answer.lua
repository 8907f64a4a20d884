-- answer.lua: the answers that handlers in Lua give: JSON, pages, errors, and 304 for what the client has already.
-- A handler returns what these return: status, body, headers; or nil, error code and the list of faults, if any.

local json = require "offerengine.json"

local answer = {}

-- Bodies that stay the same for as long as the ruleset does, with their tags: made once per worker.
local kept = setmetatable({}, { __mode = "k" })

local function tag_of(service, body)
  return '"' .. service.sha256(body):sub(1, 32) .. '"'
end

local function entry_of(service, name, make)
  local of_ruleset = kept[service.ruleset] or {}
  kept[service.ruleset] = of_ruleset
  local entry = of_ruleset[name]
  if not entry then
    local body = make()
    entry = { body = body, tag = tag_of(service, body) }
    of_ruleset[name] = entry
  end
  return entry
end

-- Whether an If-None-Match header names the tag; weak tags count as well.
local function knows(header, tag)
  if not header then
    return false
  end
  if header:match("^%s*(.-)%s*$") == "*" then
    return true
  end
  for known in header:gmatch('"[^"]*"') do
    if known == tag then
      return true
    end
  end
  return false
end

local function with_headers(base, more)
  for name, value in pairs(more or {}) do
    base[name] = value
  end
  return base
end

local function answer_entry(request, entry, kept_as)
  local headers = with_headers({ ETag = entry.tag, ["Cache-Control"] = "no-cache" }, kept_as.headers)
  if knows(request.header("if-none-match"), entry.tag) then
    return 304, "", headers
  end
  headers["Content-Type"] = kept_as.type
  return 200, entry.body, headers
end

-- kept_as is one body of a ruleset: { name, type, headers, make }.
function answer.tagged(request, service, kept_as)
  return answer_entry(request, entry_of(service, kept_as.name, kept_as.make), kept_as)
end

-- The same for JSON; `make` returns what json.encode takes.
function answer.tagged_json(request, service, name, make)
  return answer.tagged(request, service, {
    name = name, type = "application/json",
    make = function()
      return json.encode(make())
    end,
  })
end

-- A body that is made each time.
function answer.fresh_json(request, service, value)
  local body = json.encode(value)
  return answer_entry(request, { body = body, tag = tag_of(service, body) }, { type = "application/json" })
end

function answer.json(value)
  return 200, json.encode(value), { ["Content-Type"] = "application/json", ["Cache-Control"] = "no-store" }
end

function answer.text(text)
  return 200, text, { ["Content-Type"] = "text/plain; charset=utf-8", ["Cache-Control"] = "no-store" }
end

-- What takes long: server/reports/NAME.lua answers, on a job thread, from `arguments`, which JSON can hold.
function answer.job(name, arguments)
  return "job", name, arguments
end

-- An error, by its code in server/http/errors.c, which has status and words; `faults` are those of a validation.
function answer.failure(code, faults)
  return nil, code, faults and json.list(faults)
end

-- One item of such a list.
function answer.fault(location, message, kind)
  return json.object("loc", location, "msg", message, "type", kind)
end

return answer
