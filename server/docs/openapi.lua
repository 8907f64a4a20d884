-- openapi.lua: the interface description (OpenAPI 3.1), made of server/routes.lua and of the rules that are in force.
-- It must not know how anything is handled.

local errors = require "server.docs.errors"
local json = require "offerengine.json"
local parameter = require "server.docs.parameters"
local schemas = require "server.docs.schemas"

local openapi = {}

local object = json.object

local TAGS = {
  object("name", "Decisions", "description", "What to offer to a customer, and why."),
  object("name", "Outcomes", "description", "What became of offers."),
  object("name", "Campaigns", "description", "Target groups that are contacted as a whole."),
  object("name", "Customers", "description", "The customers that the service knows."),
  object("name", "Rules", "description", "The rules that are in force, as data."),
  object("name", "Operating", "description", "For those who run the service."),
  object("name", "Pages", "description", "For browsers."),
}

local ABOUT = "Decides what to offer to a bank's customer, by rules that are plain files, and says why.\n\n"
  .. "Errors are `{\"detail\": ..., \"code\": ...}`; a 422 lists every fault at once. "
  .. "With `Accept: application/problem+json` they come as RFC 9457 says."

local function reference(name)
  return object("$ref", "#/components/schemas/" .. name)
end

local function content(media_type, schema, example)
  return object(media_type, object("schema", reference(schema), "example", example))
end

local function category_ids(ruleset)
  local ids = {}
  for i, category in ipairs(ruleset:categories()) do
    ids[i] = category.id
  end
  return json.list(ids)
end

local function show_parameters(route, ids)
  local shown = {}
  for i, name in ipairs(route.parameters or {}) do
    local given = parameter(name, ids)
    shown[i] = object("name", given.name, "in", given["in"], "required", given.required,
      "description", given.description, "schema", given.schema, "example", given.example)
  end
  return #shown > 0 and json.list(shown) or nil
end

local function show_body(route, components)
  if not route.body then
    return nil
  end
  local media_type = route.body_type or "application/json"
  local shown = content(media_type, route.body, components.examples[route.body])
  if route.lines then
    json.add(shown, "application/x-ndjson",
      object("schema", reference(route.lines), "example", components.examples[route.lines]))
  end
  return object("required", not route.body_optional, "content", shown)
end

local HEADERS = {
  ETag = "Send it back as If-None-Match to be told 304 when nothing changed.",
  ["Ruleset-Generation"] = "Running number of the rules that decided.",
  ["Offerengine-Erased"] = "What was erased: profiles=, versions=, decisions=, events= and consents= with their "
    .. "counts.",
  ["Offerengine-Warning"] = "What was taken but is not known: how many members, and which positions of "
    .. "existing_products.",
}

local function show_headers(route)
  local shown = object()
  for _, name in ipairs(route.headers or {}) do
    json.add(shown, name, object("description", HEADERS[name], "schema", { type = "string" }))
  end
  return route.headers and shown
end

local function is_cached(route)
  return (route.headers or {})[1] == "ETag"
end

local function show_answer(route, given, components)
  if type(given) == "string" then
    given = { given }
  end
  local schema, words, media_type = given[1], given[2], given[3]
  media_type = media_type or "application/json"
  words = words or components.schemas.values[schema].values.description
  return object("description", words, "headers", show_headers(route),
    "content", schema and content(media_type, schema, components.examples[schema]))
end

-- Both kinds of 422 have a list as their detail.
local function error_schema(codes, status)
  if status ~= 422 then
    return reference "Error"
  end
  for _, code in ipairs(codes) do
    if code == "rules_invalid" then
      return object("anyOf", { reference "ValidationError", reference "RulesError" })
    end
  end
  return reference "ValidationError"
end

-- One response per status: the errors of a route that share one are told apart by their code.
local function show_error(codes, status)
  local details, examples = {}, object()
  for i, code in ipairs(codes) do
    details[i] = errors[code].detail
    local example = schemas.ERROR_EXAMPLES[code] or object("detail", errors[code].detail, "code", code)
    json.add(examples, code, object("value", example))
  end
  return object("description", table.concat(details, "; "), "content", object(
    "application/json", object("schema", error_schema(codes, status), "examples", examples),
    "application/problem+json", object("schema", reference("Problem"))))
end

local function by_status(codes)
  local of_status, statuses = {}, {}
  for _, code in ipairs(codes or {}) do
    local status = assert(errors[code], code).status
    if not of_status[status] then
      of_status[status] = {}
      statuses[#statuses + 1] = status
    end
    table.insert(of_status[status], code)
  end
  table.sort(statuses)
  return of_status, statuses
end

local function show_responses(route, components)
  local shown, statuses = object(), {}
  for status in pairs(route.answers) do
    statuses[#statuses + 1] = status
  end
  table.sort(statuses)
  for _, status in ipairs(statuses) do
    json.add(shown, tostring(status), show_answer(route, route.answers[status], components))
  end
  if is_cached(route) then
    json.add(shown, "304", object("description", "What the client has is still right."))
  end
  local codes, refused = by_status(route.errors)
  for _, status in ipairs(refused) do
    json.add(shown, tostring(status), show_error(codes[status], status))
  end
  return shown
end

local function show_operation(route, components, ids)
  return object("tags", { route.tag }, "operationId", route.id, "summary", route.summary,
    "description", route.about, "parameters", show_parameters(route, ids),
    "requestBody", show_body(route, components), "responses", show_responses(route, components))
end

local function show_paths(routes, components, ids)
  local shown, seen = object(), {}
  for _, route in ipairs(routes) do
    if not seen[route.path] then
      seen[route.path] = object()
      json.add(shown, route.path, seen[route.path])
    end
    json.add(seen[route.path], route.method:lower(), show_operation(route, components, ids))
  end
  return shown
end

-- The document, for json.encode.
function openapi.document(routes, ruleset, version)
  local components = schemas.make(ruleset)
  return object("openapi", "3.1.0",
    "info", object("title", "Offer engine", "version", version, "description", ABOUT,
      "license", object("name", "MIT", "identifier", "MIT")),
    "servers", { object("url", "/") },
    "tags", TAGS,
    "paths", show_paths(routes, components, category_ids(ruleset)),
    "components", object("schemas", components.schemas))
end

return openapi
