-- page.lua: pages and what browsers are told about them: nothing is loaded from, sent to or shown inside another host.

local answer = require "server.answer"

local page = {}

-- Swagger UI and ReDoc set styles from scripts, show images from data: and, ReDoc, search in a worker from blob:.
page.HEADERS = {
  ["Content-Security-Policy"] = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    .. "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; "
    .. "form-action 'none'; frame-ancestors 'none'",
  ["X-Content-Type-Options"] = "nosniff",
  ["Referrer-Policy"] = "no-referrer",
}

local MISSING = "server/docs/missing.html"

local function has_all(service, assets)
  for _, name in ipairs(assets) do
    if not service.asset("docs/" .. name) then
      return false
    end
  end
  return true
end

-- A handler for an embedded page; without one of its fetched assets it says how they are fetched.
function page.handler(name, assets)
  return function(request, service)
    local shown = has_all(service, assets or {}) and name or MISSING
    return answer.tagged(request, service, {
      name = shown, type = "text/html; charset=utf-8", headers = page.HEADERS,
      make = function()
        return assert(service.asset(shown), "the page is not in this build")
      end,
    })
  end
end

return page
