-- diff: POST /rules/diff, on a job thread: the rules that serve, and the same with some files changed. The texts are
-- those of the history, not of the folder: what serves is what customers would lose or gain against.

local answer = require "server.answer"
local core = require "offerengine.core"
local gates = require "offerengine.gates"
local json = require "offerengine.json"
local loader = require "offerengine.loader"
local reports = require "offerengine.reports.diff"

local FILES_MAX, TEXT_MAX, PATH_MAX, DEPTH_MAX = 500, 64 << 10, 512, 8

local MANY = ("holds more than %d files"):format(FILES_MAX)

-- Whether a rules folder could hold such a rule file or table.
local function is_path(path)
  local depth = 0
  for part in (path .. "/"):gmatch "([^/]*)/" do
    depth = depth + 1
    if part == "" or part:find "^%." or depth > DEPTH_MAX then
      return false
    end
  end
  if #path > PATH_MAX or path:find "[%c:]" or not utf8.len(path) or path:find "^tests/" or path:find "^samples/" then
    return false
  end
  return path:find "^tables/[^/]+%.csv$" ~= nil or not path:find "^tables/" and path:find "[^/]%.lua$" ~= nil
end

local function is_text(value)
  return type(value) == "string" and #value <= TEXT_MAX and utf8.len(value) ~= nil and not value:find "[\0\27]"
end

-- The faults of what was asked; never what was sent.
local function faults_of(asked)
  local faults, count = {}, 0
  local function fault(location, words, kind)
    faults[#faults + 1] = answer.fault(location, words, kind)
  end
  if type(asked) ~= "table" or #asked > 0 then
    fault({ "body" }, "must be an object", "object_type")
    return faults
  end
  for key in pairs(asked) do
    if key ~= "texts" then
      fault({ "body" }, "holds a member that is not known here", "extra_forbidden")
    end
  end
  if type(asked.texts) ~= "table" or #asked.texts > 0 then
    fault({ "body", "texts" }, asked.texts == nil and "is missing" or "must be an object: path to text",
      asked.texts == nil and "missing" or "object_type")
    return faults
  end
  local bad_paths, bad_texts = 0, 0
  for path, text in pairs(asked.texts) do
    count = count + 1
    bad_paths = bad_paths + (is_path(path) and 0 or 1)
    bad_texts = bad_texts + ((text == core.null or is_text(text)) and 0 or 1)
  end
  if count > FILES_MAX then
    fault({ "body", "texts" }, MANY, "too_long")
  end
  if bad_paths > 0 then
    fault({ "body", "texts" }, ("%d paths are none of a rule file (*.lua, but not below tests or samples) or table "
      .. "(tables/*.csv)"):format(bad_paths), "value_error")
  end
  if bad_texts > 0 then
    fault({ "body", "texts" }, ("%d texts are neither null nor UTF-8 text of at most 64 KiB"):format(bad_texts),
      "string_type")
  end
  return faults
end

-- The texts that serve with those of `changes` instead; null takes a file away.
local function changed(texts, changes)
  local order, _, files = {}, loader.unpack(texts)
  for path, text in pairs(changes) do
    files[path] = text ~= core.null and text or nil
  end
  for path in pairs(files) do
    order[#order + 1] = path
  end
  table.sort(order)
  return loader.pack(order, files)
end

-- The ruleset of such texts; or an answer that refuses.
local function load(service, texts, base)
  local ruleset, _, code, found = loader.load(service.folder, { ruleset = base, texts = texts })
  if ruleset then
    return ruleset
  elseif code == "out_of_memory" then
    return answer.failure("unavailable")
  end
  return answer.failure("rules_invalid", found)
end

local function has_new_attributes(base, new)
  local known = {}
  for _, attribute in ipairs(base:attributes()) do
    known[attribute.name] = true
  end
  for _, attribute in ipairs(new:attributes()) do
    if not known[attribute.name] then
      return true
    end
  end
  return false
end

-- The rules and the customers, copied: what a draft adds to the vocabulary of the originals would stay there, and an
-- attribute keeps its type for as long as the service runs.
local function copied(service, texts)
  local base = assert(loader.load(service.folder, { texts = texts }))
  local population = core.population(base)
  for _, values in service.population:each() do
    assert(population:add(values))
  end
  return base, population
end

-- The rules that serve, the draft and the customers for both; or an answer that refuses. The draft is first loaded by
-- itself, so that one that is broken leaves nothing behind.
local function prepare(service, changes)
  local texts = service.texts()
  if not texts then
    return answer.failure("unavailable")
  end
  local base, population = service.ruleset, service.population
  local draft = changed(texts, changes)
  local alone, code, found = load(service, draft)
  if not alone then
    return nil, code, found
  elseif has_new_attributes(base, alone) then
    base, population = copied(service, texts)
  end
  local new
  new, code, found = load(service, draft, base)
  if not new then
    return nil, code, found
  end
  return base, new, population
end

return function(asked, service, problem)
  if problem == "too_large" then -- more than the reader of JSON takes
    return answer.failure("validation_failed", { answer.fault({ "body" }, MANY, "too_long") })
  elseif problem then
    return answer.failure("json_malformed")
  end
  local faults = faults_of(asked)
  if #faults > 0 then
    return answer.failure("validation_failed", faults)
  end
  local base, new, population = prepare(service, asked.texts)
  if not base then
    return nil, new, population -- as answer.failure gave them
  end
  local release = new:release() or {}
  local counts, message, kind = core.compare(base, new, population, gates.options(release))
  if not counts and kind == "invalid" then -- a function of the rules was stopped
    return answer.failure("rules_invalid", { { severity = "error", code = "E024", message = message } })
  elseif not counts then
    return answer.failure("unavailable")
  end
  local shown = reports.report(counts, { ruleset = new },
    { ruleset = base, generation = service.generation, words = "the rules that serve" },
    { source = "the service" })
  return 200, json.encode(reports.object(shown, counts, gates.check(counts, release)))
end
