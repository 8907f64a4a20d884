-- declare.lua: words that declare something: with an id and a table (product "x" { ... }) or with a table alone
-- (scoring { ... }). Checks the form of the call and finds out where its keys stand; the handlers do the rest.
-- Runs in the rule VM.
-- luacheck: read globals use builder

local tokens = use "offerengine.language.tokens"
local report = use "offerengine.language.report"
local check = use "offerengine.language.check"
local positions = use "offerengine.positions"

local DECLARATIONS_MAX = 100000

local declare = {
  words = {},     -- name -> function, for the environment of rules
  top_words = {}, -- the set of their names
  pending = {},   -- declarations of the running file whose table has not come yet
  scan = nil,     -- positions in the running file
}
local declared = 0

local function example_of(word)
  return string.format('%s "some_id" { ... }', word)
end

-- Where the call of a word stands and where the keys of its table are.
local function place_of(word, id, line)
  local call = declare.scan and positions.find(declare.scan, word, id, line)
  return { line = call and call.line or line, fields = call and call.fields }
end

-- The table given to a declaration, or nil when something else was given.
local function given_table(subject, usage, ...)
  local list, line = (...), report.line()
  if check.is_poison(list) then
    return nil
  elseif select("#", ...) ~= 1 then
    report.error("arguments", line, "%s takes one table, got %d values: %s", subject, select("#", ...), usage)
    return nil
  end
  return check.table(list, { line = line }, subject, "; write " .. usage)
end

local function given_id(word, pattern, line, ...)
  local id = ...
  if check.is_poison(id) then
    return nil
  elseif select("#", ...) ~= 1 then
    report.error("arguments", line, "%s takes one id, got %d values: %s", word, select("#", ...), example_of(word))
    return nil
  elseif type(id) == "table" then
    report.error("missing", line, "%s has no id before its table; write %s", word, example_of(word))
    return nil
  end
  return word == "test" and check.text(id, { line = line }, "the title of a test") or
    check.id(id, { line = line }, "the id of " .. word, pattern)
end

local function count_declaration()
  declared = declared + 1
  if declared > DECLARATIONS_MAX then
    error(string.format("more than %d declarations", DECLARATIONS_MAX), 0)
  end
end

-- What stands between `product "x"` and its table.
local function wait_for_table(word, id, line, handler)
  local subject = string.format('%s "%s"', word, id)
  local pending = { line = line, subject = subject, usage = example_of(word) }
  declare.pending[pending] = true
  return function(...)
    declare.pending[pending] = nil
    count_declaration()
    local list = given_table(subject, example_of(word), ...)
    if not list then
      return tokens.poison
    end
    return handler(id, list, place_of(word, id, line), subject)
  end
end

-- A word with an id and a table. The handler gets id, table, place and subject, and gives what the word stands for.
function declare.word(word, handler, pattern)
  declare.top_words[word] = true
  declare.words[word] = function(...)
    local line = report.line()
    local id = given_id(word, pattern, line, ...)
    return id and wait_for_table(word, id, line, handler) or tokens.poison
  end
end

-- A word with a table alone. The handler gets table, place and subject.
function declare.statement(word, handler)
  declare.top_words[word] = true
  declare.words[word] = function(...)
    count_declaration()
    local list = given_table(word, word .. " { ... }", ...)
    if list then
      handler(list, place_of(word, nil, report.line()), word)
    end
  end
end

-- The engine knows the line of a declaration only; this tells it the lines of the names that stand at some keys.
function declare.note_places(keys, values, at)
  for _, key in ipairs(keys) do
    local names, inside = values[key], check.inside(at, key)
    for index, name in ipairs(type(names) == "string" and { names } or names or {}) do
      builder.place { name = name, declared = at.line, line = check.inside(inside, index).line }
    end
  end
end

return declare
