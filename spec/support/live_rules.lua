-- live_rules.lua: a copy of the sample rules that a spec changes while a service serves them.

local loader = require "offerengine.loader"
local service = require "spec.support.service"
local json = require "offerengine.core"

local live_rules = {}

local Rules = {}
Rules.__index = Rules

-- A copy below `folder`.
function live_rules.copy(folder)
  local path = folder .. "/rules"
  assert(os.execute(("cp -r '%s/rules' '%s'"):format(service.source, path)))
  return setmetatable({ path = path }, Rules)
end

-- A product whose score, and so whose answers, depend on `number`.
function live_rules.product(number, id)
  return ([[
product "%s" {
  name = "Card %d", min_income = 20000, ideal_income = %d, min_credit_score = 400, min_age = 21,
  category = "savings", value = 50, reason = "Your income suits it",
}
]]):format(id or "live_card", number, 30000 + number * 97 % 300000)
end

function Rules:write(name, text)
  local file <close> = assert(io.open(self.path .. "/" .. name, "w"))
  assert(file:write(text))
end

function Rules:change(number)
  self:write("products/live.lua", live_rules.product(number))
end

function Rules:spoil()
  self:write("products/live.lua", 'product "live_card" { nam = "Card" }\n')
end

-- What the module makes of the folder as it is now.
function Rules:load()
  return assert(loader.load(self.path))
end

-- ---- A service under other rules ----

function live_rules.decoded(answer)
  return assert(json.decode_json(answer.body))
end

function live_rules.generation(server)
  return live_rules.decoded(server:ask("GET", "/health")).generation
end

-- Asks until `is_so` says yes of GET /rules; that answer. The service is what is waited for: nothing sleeps.
function live_rules.await(server, is_so)
  local client, socket = server:connect(), require "socket"
  local until_s = socket.gettime() + 30
  while socket.gettime() < until_s do
    local rules = live_rules.decoded(client:ask("GET", "/rules"))
    if is_so(rules) then
      client:close()
      return rules
    end
  end
  error "what was waited for did not come"
end

function live_rules.await_generation(server, number)
  return live_rules.await(server, function(rules)
    return rules.generation >= number
  end)
end

-- Every answer of a few customers under the rules in force, one below the other.
function live_rules.answers(server)
  local client, texts = server:connect(), {}
  for i, id in ipairs { "C001", "C004", "C007", "C010" } do
    texts[i] = service.decision(client:ask("GET", "/recommend/" .. id))
  end
  client:close()
  return table.concat(texts, "\n")
end

return live_rules
