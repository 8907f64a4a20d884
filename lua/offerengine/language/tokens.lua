-- tokens.lua: what rules hold of conditions, curves and raises: sealed values whose meaning lies here, so that no rule
-- can read or change one after it was made. Runs in the rule VM.

local tokens = {
  meaning = setmetatable({}, { __mode = "k" }), -- token -> { kind = , shown = , ... }
}

local function sealed_error()
  error("this value of the rule language cannot be read or changed", 0)
end

local SEALED = { __index = sealed_error, __newindex = sealed_error }

function tokens.new(meaning)
  local token = setmetatable({}, SEALED)
  tokens.meaning[token] = meaning
  return token
end

-- What a word that does not exist gives. It has been reported, so whatever is done with it must not be reported again.
local function make_poison()
  local poison = {}
  local function same() return poison end
  local metatable = { __call = same, __index = same, __newindex = function() end }
  for _, event in ipairs { "add", "sub", "mul", "div", "mod", "idiv", "unm", "concat" } do
    metatable["__" .. event] = same
  end
  return setmetatable(poison, metatable)
end

tokens.poison = make_poison()
tokens.meaning[tokens.poison] = { kind = "poison", shown = "an unknown word" }

return tokens
