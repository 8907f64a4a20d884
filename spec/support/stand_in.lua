-- stand_in.lua: what handlers in Lua are given, without a server: a service table on a real ruleset, and requests.

local offerengine = require "offerengine"
local json = require "offerengine.json"

local stand_in = {}

local SOURCE = os.getenv "OE_SOURCE" or "."

-- The bytes of a file of the tree, or nil.
function stand_in.read(path)
  local file <close> = io.open(SOURCE .. "/" .. path, "rb")
  return file and file:read("a")
end

-- Not the real hash, but as good to tell texts of a spec apart.
local function digest(text)
  local sum = 5381
  for i = 1, #text do
    sum = (sum * 33 + text:byte(i)) % 4294967296
  end
  return ("%08x"):format(sum):rep(8)
end

-- `fetched` are the assets that server/docs/fetch would have brought, name -> text.
function stand_in.service(fetched, folder)
  return {
    ruleset = assert(offerengine.load(folder or SOURCE .. "/rules")), generation = 1, started_ms = 1767225600000,
    workers = 2, sha256 = digest,
    customers = function()
      return 12
    end,
    skipped = function()
      return 0
    end,
    last_load = function()
      return '{"at_ms":1767225600000,"ok":true,"result":"loaded"}', "[]"
    end,
    loads = function()
      return { loaded = 2, unchanged = 0, refused = 1, failed = 0 }
    end,
    asset = function(name)
      local docs = name:match("^docs/(.*)$")
      if docs then
        return (fetched or {})[docs]
      end
      return stand_in.read(name)
    end,
  }
end

-- What the service makes of an error: nil, code, faults.
local function show_error(code, faults)
  local entry = assert(require("server.docs.errors")[code], code)
  local body = json.object("detail", faults or entry.detail, "code", code)
  return { status = entry.status, body = json.encode(body), headers = {} }
end

-- Calls server/handlers/NAME.lua; `given` may have query, captures and headers. Returns an answer.
function stand_in.call(service, name, given)
  given = given or {}
  local status, body, headers = require("server.handlers." .. name)({
    method = "GET", path = given.path or "/" .. name, query = given.query or {}, captures = given.captures or {},
    header = function(header)
      return (given.headers or {})[header]
    end,
  }, service)
  if not status then
    return show_error(body, headers)
  end
  return { status = status, body = body, headers = headers or {} }
end

return stand_in
