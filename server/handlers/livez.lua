-- livez: GET /livez. Whoever can answer is alive.

local answer = require "server.answer"

return function()
  return answer.text("ok\n")
end
