-- tests: GET /rules/tests, on a job thread: the tests that lie in the folder now, by the rules that serve.

local json = require "offerengine.json"
local tests = require "offerengine.tests"

return function(_, service)
  local judged, message = tests.judge(service.folder, service.ruleset)
  judged = judged or { results = {}, signed = 0, changed = {},
    findings = { { severity = "error", code = "E120", message = message } } }
  return 200, json.encode(tests.object(service.ruleset, judged))
end
