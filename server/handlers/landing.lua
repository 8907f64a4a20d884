-- landing: GET /.

local page = require "server.page"

return page.handler("server/landing/index.html")
