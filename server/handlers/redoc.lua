-- redoc: GET /redoc, ReDoc.

local page = require "server.page"

return page.handler("server/docs/redoc.html", { "redoc.standalone.js" })
