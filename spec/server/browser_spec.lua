-- browser_spec.lua: the pages as a browser shows them, with every other host out of reach. Pending unless OE_BROWSER
-- names a Chromium.

local browser = require "browser"
local routes = require "server.routes"

local program = os.getenv "OE_BROWSER"
local build, source = os.getenv "OE_BUILD" or "build", os.getenv "OE_SOURCE" or "."

-- A service on a database of its own; returns its address and what ends it.
local function start()
  local database = os.tmpname()
  os.remove(database)
  local output = assert(io.popen(("echo $$; exec '%s/offerengine' serve --rules '%s/rules' --db '%s' --port 0 "
    .. "--workers 1 2>/dev/null"):format(build, source, database)))
  local pid, line = output:read("l"), output:read("l")
  local address = assert(line and line:match("http://[%d.:]+"), "the service did not start")
  return address, function()
    os.execute("kill -TERM " .. pid)
    output:read("a")
    local _, _, code = output:close()
    os.execute(("rm -f '%s'*"):format(database))
    return code
  end
end

local function text_of(markup)
  return (markup:gsub("<script.-</script>", ""):gsub("<[^>]*>", ""):gsub("&[%w#]+;", " "):gsub("\u{200B}", ""))
end

local describe_in_browser = program and describe or function(title)
  describe(title, function()
    pending("needs a Chromium, named by OE_BROWSER")
  end)
end

describe_in_browser("in a browser that reaches no other host", function()
  local address, stop

  setup(function()
    address, stop = start()
  end)

  teardown(function()
    assert(stop() == 0, "the service did not end well")
  end)

  for _, path in ipairs { "/docs", "/redoc" } do
    it(path .. " shows every operation and has nothing to complain of", function()
      local markup, messages = browser.render(program, address .. path)
      local text = text_of(markup)
      for _, route in ipairs(routes) do
        assert.truthy(text:find(path == "/docs" and route.path or route.summary, 1, true), route.path)
      end
      assert.same({}, messages)
      assert.is_nil(markup:find("src=\"https?:"))
    end)
  end

  it("the landing page names the service's own address and has nothing to complain of", function()
    local markup, messages = browser.render(program, address .. "/")
    assert.truthy(text_of(markup):find("curl " .. address .. "/recommend/C001", 1, true))
    assert.same({}, messages)
  end)
end)
