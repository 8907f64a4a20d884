-- docs: GET /docs, Swagger UI.

local page = require "server.page"

return page.handler("server/docs/swagger.html", { "swagger-ui.css", "swagger-ui-bundle.js" })
