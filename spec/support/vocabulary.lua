-- vocabulary.lua: the words of the rule language and the keys of its declarations, as the language itself tells them.

local rule_folder = require "rule_folder"

local TOP = os.getenv("OE_SOURCE") or "."

local vocabulary = {}

-- Runs the language in a state of its own (it changes what texts can do) and lists its words with the module of each.
local SCRIPT = [[
  local top, loaded, env = ..., {}, nil
  env = setmetatable({ rule_line = function() return 0 end, builder = {} }, { __index = _G })
  function env.use(name)
    if loaded[name] == nil then
      local path = top .. "/lua/" .. string.gsub(name, "%.", "/") .. ".lua"
      loaded[name] = assert(loadfile(path, "t", env))() or true
    end
    return loaded[name]
  end
  env.use "offerengine.language"
  for _, module in ipairs { "declare", "condition", "curve" } do
    for word in pairs(env.use("offerengine.language." .. module).words) do print(module, word) end
  end
  local sandbox = env.use "offerengine.language.sandbox"
  for word, value in next, sandbox.words() do
    print("sandbox", word)
    for field in next, type(value) == "table" and sandbox.content[value] or {} do
      print("sandbox", word .. "." .. field)
    end
  end]]

-- What rule files see, word -> "declare", "condition", "curve" or, of Lua's own, "sandbox"; also "string.len" and such.
function vocabulary.of_files()
  local script = os.tmpname()
  local file = assert(io.open(script, "w"))
  file:write(SCRIPT)
  file:close()
  local pipe <close> = assert(io.popen(("lua5.4 '%s' '%s'"):format(script, TOP)))
  local words = {}
  for line in pipe:lines() do
    local module, word = line:match("^(%l+)\t(.+)$")
    words[word] = module
  end
  os.remove(script)
  return words
end

-- The same without Lua's own.
function vocabulary.words()
  local words = vocabulary.of_files()
  for word, module in pairs(words) do
    words[word] = module ~= "sandbox" and module or nil
  end
  return words
end

-- Where a declaration may have its keys: in its table, or in a table of names.
local FORMS = { '%s "x" { zzzz = 1 }', "%s { zzzz = 1 }", "%s { x = { zzzz = 1 } }" }

-- The keys that a declaration takes, as its message about an unknown one lists them; nil when it takes names only.
-- A key such as min_<attribute> is given as "min_". Then also a declaration with the one key `zzzz = 1`.
function vocabulary.keys(word)
  for _, form in ipairs(FORMS) do
    local _, findings = rule_folder.load { ["schema.lua"] = form:format(word) }
    for _, finding in ipairs(findings) do
      local allowed = finding.message:match('^unknown key "zzzz".*; allowed: (.*)$')
      if allowed then
        local keys = {}
        for key in allowed:gmatch("[^, ]+") do
          keys[#keys + 1] = key:match("^[^<]+")
        end
        return keys, form:format(word)
      end
    end
  end
end

return vocabulary
