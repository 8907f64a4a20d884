-- browser_spec.lua: the pages as a browser shows them, with every other host out of reach. Pending unless OE_BROWSER
-- names a Chromium.

local browser = require "browser"
local routes = require "server.routes"
local service = require "spec.support.service"

local program = os.getenv "OE_BROWSER"

local function text_of(markup)
  return (markup:gsub("<script.-</script>", ""):gsub("<[^>]*>", ""):gsub("&[%w#]+;", " "):gsub("\u{200B}", ""))
end

local describe_in_browser = program and describe or function(title)
  describe(title, function()
    pending("needs a Chromium, named by OE_BROWSER")
  end)
end

describe_in_browser("in a browser that reaches no other host", function()
  local server

  setup(function()
    server = assert(service.start { workers = 1 })
  end)

  teardown(function()
    server:stop()
  end)

  for _, path in ipairs { "/docs", "/redoc" } do
    it(path .. " shows every operation and has nothing to complain of", function()
      local markup, messages = browser.render(program, server.address .. path)
      local text = text_of(markup)
      for _, route in ipairs(routes) do
        assert.truthy(text:find(path == "/docs" and route.path or route.summary, 1, true), route.path)
      end
      assert.same({}, messages)
      assert.is_nil(markup:find("src=\"https?:"))
    end)
  end

  it("the landing page names the service's own address and has nothing to complain of", function()
    local markup, messages = browser.render(program, server.address .. "/")
    assert.truthy(text_of(markup):find("curl " .. server.address .. "/recommend/C001", 1, true))
    assert.same({}, messages)
  end)
end)
