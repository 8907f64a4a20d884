-- asset: GET /assets/{name}, the files that pages load. Only what stands here is served.

local answer = require "server.answer"
local page = require "server.page"

local CSS, JS = "text/css; charset=utf-8", "text/javascript; charset=utf-8"

local FILES = {
  ["icon.svg"] = { "server/landing/icon.svg", "image/svg+xml" },
  ["page.css"] = { "server/landing/page.css", CSS },
  ["landing.js"] = { "server/landing/landing.js", JS },
  ["swagger.js"] = { "server/docs/swagger.js", JS },
  ["redoc.js"] = { "server/docs/redoc.js", JS },
  ["swagger-ui.css"] = { "docs/swagger-ui.css", CSS },
  ["swagger-ui-bundle.js"] = { "docs/swagger-ui-bundle.js", JS },
  ["redoc.standalone.js"] = { "docs/redoc.standalone.js", JS },
}

return function(request, service)
  local file = FILES[request.captures.name]
  local bytes = file and service.asset(file[1])
  if not bytes then
    return answer.failure("not_found")
  end
  return answer.tagged(request, service, {
    name = file[1], type = file[2], headers = page.HEADERS,
    make = function()
      return bytes
    end,
  })
end
