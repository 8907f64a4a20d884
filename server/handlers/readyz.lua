-- readyz: GET /readyz. Sockets are opened when the rules are loaded and the population is filled, and a service that
-- drains closes them, so whoever can be asked is ready.

local answer = require "server.answer"

return function()
  return answer.text("ok\n")
end
