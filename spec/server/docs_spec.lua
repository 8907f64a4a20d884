-- docs_spec.lua: the pages: what they load exists, is served, and comes from nowhere else.

local stand_in = require "stand_in"

local FETCHED = { ["swagger-ui.css"] = "css", ["swagger-ui-bundle.js"] = "swagger", ["redoc.standalone.js"] = "redoc" }
local OWN = { "icon.svg", "page.css", "landing.js", "swagger.js", "redoc.js" }
local PAGES = { "landing", "docs", "redoc" }

local service, bare

setup(function()
  service, bare = stand_in.service(FETCHED), stand_in.service()
end)

local function asset(of, name, headers)
  return stand_in.call(of, "asset", { captures = { name = name }, headers = headers })
end

-- What a page or style names as a file to load: src, href of link, url().
local function loads_of(text)
  local loads = {}
  for tag in text:gmatch("<(%a[^>]*)>") do
    local address = tag:match('src="([^"]*)"') or tag:find("^link") and tag:match('href="([^"]*)"')
    loads[#loads + 1] = address
  end
  for address in text:gmatch("url%((.-)%)") do
    loads[#loads + 1] = address
  end
  return loads
end

-- The names of hosts in a text, but for the names of XML's own words.
local function hosts_of(text)
  local hosts = {}
  for host in text:gmatch("%f[%w]%a+://([%w.-]+)") do
    if host ~= "www.w3.org" then
      hosts[#hosts + 1] = host
    end
  end
  return hosts
end

describe("the pages", function()
  for _, name in ipairs(PAGES) do
    it(("are whole: %s"):format(name), function()
      local answer = stand_in.call(service, name)
      assert.equal(200, answer.status)
      assert.equal("text/html; charset=utf-8", answer.headers["Content-Type"])
      assert.truthy(answer.body:find("^<!doctype html>\n<html lang=\"en\">"))
      assert.truthy(answer.body:find("<title>[^<]+</title>"))
    end)

    it(("load only what the service serves: %s"):format(name), function()
      local loads = loads_of(stand_in.call(service, name).body)
      assert.is_true(#loads >= 2)
      for _, address in ipairs(loads) do
        local file = address:match("^/assets/([^/]+)$")
        assert.is_string(file, address)
        assert.equal(200, asset(service, file).status, address)
      end
    end)

    it(("hold no script of their own and name no other host: %s"):format(name), function()
      local body = stand_in.call(service, name).body
      for attributes, script in body:gmatch("<script([^>]*)>(.-)</script>") do
        assert.truthy(attributes:find(" src=", 1, true))
        assert.equal("", script)
      end
      assert.is_nil(body:find("%son%a+="))
      assert.is_nil(body:find("https://", 1, true))
      assert.same({}, name == "landing" and {} or hosts_of(body))
    end)

    it(("tell the browser to stay here: %s"):format(name), function()
      local policy = stand_in.call(service, name).headers["Content-Security-Policy"]
      assert.truthy(policy:find("default-src 'none'", 1, true))
      assert.truthy(policy:find("script-src 'self';", 1, true))
      assert.truthy(policy:find("frame-ancestors 'none'", 1, true))
      assert.same({}, hosts_of(policy))
      assert.is_nil(policy:find("*", 1, true))
      assert.is_nil(policy:find("unsafe-eval", 1, true))
    end)
  end

  it("say what is missing, with 200, when a page was not fetched", function()
    for _, name in ipairs { "docs", "redoc" } do
      local answer = stand_in.call(bare, name)
      assert.equal(200, answer.status)
      assert.truthy(answer.body:find("server/docs/fetch build/docs", 1, true))
      assert.is_nil(answer.body:find("https://", 1, true))
      assert.are_not.equal(stand_in.call(service, name).headers.ETag, answer.headers.ETag)
    end
    assert.equal(stand_in.call(service, "landing").body, stand_in.call(bare, "landing").body)
  end)

  it("lead from the landing page to routes that exist", function()
    local paths = {}
    for _, route in ipairs(require "server.routes") do
      paths[route.path:gsub("{[^}]*}", "C001")] = route.method == "GET" or nil
    end
    for address in stand_in.call(service, "landing").body:gmatch('<a href="([^"]*)"') do
      assert.is_true(paths[address], address)
    end
  end)
end)

describe("GET /assets/{name}", function()
  it("serves own files with their type", function()
    local types = { svg = "image/svg+xml", css = "text/css; charset=utf-8", js = "text/javascript; charset=utf-8" }
    for _, name in ipairs(OWN) do
      local answer = asset(bare, name)
      assert.equal(200, answer.status, name)
      assert.equal(types[name:match("%a+$")], answer.headers["Content-Type"])
      assert.equal("nosniff", answer.headers["X-Content-Type-Options"])
      assert.same({}, hosts_of(answer.body), name)
    end
  end)

  it("serves fetched files as they are, and 404 when they were not fetched", function()
    for name, text in pairs(FETCHED) do
      assert.equal(text, asset(service, name).body)
      assert.equal(404, asset(bare, name).status)
    end
  end)

  it("serves nothing else of what is embedded", function()
    for _, name in ipairs { "routes.lua", "index.html", "../routes.lua", "server/routes.lua", "docs/swagger-ui.css",
      "swagger-ui.LICENSE", ".", "..", "nosuch", "page.css\0" } do
      local answer = asset(service, name)
      assert.equal(404, answer.status, name)
      assert.equal('{"detail":"Not Found","code":"not_found"}', answer.body)
    end
  end)

  it("answers 304 to whoever has the file", function()
    local first = asset(service, "page.css")
    local second = asset(service, "page.css", { ["if-none-match"] = first.headers.ETag })
    assert.same({ 304, "" }, { second.status, second.body })
  end)
end)
