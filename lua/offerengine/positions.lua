-- positions.lua: for every call of a word in a rule file, the lines of the keys in the tables given to it, so that a
-- finding points at the key itself. Knows the shape of Lua text, not what words mean.
-- Runs in the rule VM and outside of it; must stay correct on text that is no Lua at all (the compiler reports that).
-- luacheck: read globals use

local scanner = (use or require)("offerengine.scanner")

local sub = string.sub

local DEPTH_MAX = 100 -- tables in tables; deeper ones get no positions

local OPENING = { ["function"] = true, ["if"] = true, ["do"] = true, ["repeat"] = true }
local CLOSING = { ["end"] = true, ["until"] = true }

-- A node is { line = of the key, at = ordinal in the table, fields = what the key's first table holds }.

local Reader = setmetatable({}, { __index = scanner.Scanner })
Reader.__index = Reader

function Reader:advance_mark(position, first)
  scanner.Scanner.advance_mark(self, position, first)
  if self:is("^") then
    self.carets[#self.carets + 1] = self.token_line
  end
end

-- `until` is a word of Lua and cannot be a key as it stands; as no program can hold `until =`, it is made one.
function Reader:note_until(start, last)
  self.untils[#self.untils + 1] = { start, last }
end

-- Reads a value up to the comma or brace that ends it. Returns the fields of the first table in it.
function Reader:value_fields(depth)
  local fields
  local blocks, brackets = 0, 0
  while self.kind ~= "end" do
    if self:is("{") then
      local inner = self:fields(depth + 1)
      fields = fields or inner
    else
      if blocks == 0 and brackets == 0 and (self:is(",") or self:is(";") or self:is("}")) then
        return fields
      end
      if self:is("(") or self:is("[") then
        brackets = brackets + 1
      elseif (self:is(")") or self:is("]")) and brackets > 0 then
        brackets = brackets - 1
      elseif self.kind == "name" and OPENING[self.value] then
        blocks = blocks + 1
      elseif self.kind == "name" and CLOSING[self.value] and blocks > 0 then
        blocks = blocks - 1
      end
      self:advance()
    end
  end
  return fields
end

-- The key at the current token: key, line; the token after its `=` is then current. No key: nil, line.
function Reader:key()
  local line = self.token_line
  if self.kind == "name" then
    local name, start, last = self.value, self.token_start, self.position - 1
    local after, after_line, after_newline = self.position, self.line, self.newline
    self:advance()
    if self:is("=") then
      if name == "until" then
        self:note_until(start, last)
      end
      self:advance()
      return name, line
    end
    self.position, self.line, self.newline = after, after_line, after_newline
    self.kind, self.value, self.token_line, self.token_start = "name", name, line, start
    return nil, line
  elseif self:is("[") then
    self:advance()
    local key = self.value
    while self.kind ~= "end" and not self:is("=") and not self:is("}") do
      self:advance()
    end
    if self:is("=") then
      self:advance()
    end
    return key, line
  end
  return nil, line
end

-- The fields of the table whose brace is the current token; the token after its closing brace is then current.
function Reader:fields(depth)
  local fields, index, ordinal = {}, 0, 0
  self:advance()
  while self.kind ~= "end" and not self:is("}") do
    local key, line = self:key()
    if key == nil then
      index = index + 1
      key = index
    end
    ordinal = ordinal + 1
    local start = self.token_start
    local inner = depth < DEPTH_MAX and self:value_fields(depth) or nil
    if depth >= DEPTH_MAX then
      self:advance()
    end
    if fields[key] == nil then
      fields[key] = { line = line, at = ordinal, fields = inner }
    else
      table.insert(self.duplicates, { name = key, line = line, first_line = fields[key].line })
    end
    if self:is(",") or self:is(";") or self.token_start == start then
      self:advance()
    end
  end
  self.brace_line = self.token_line
  self:advance()
  return fields
end

-- After a word: its id, if that is a plain text, and the fields of the table that follows.
function Reader:call(word)
  local call = { word = word, line = self.token_line }
  self:advance()
  local brackets, is_plain = 0, true
  while self.kind ~= "end" and (brackets > 0 or self:is("(") or self.kind == "string") do
    if self:is("(") then
      brackets = brackets + 1
    elseif self:is(")") then
      brackets = brackets - 1
    elseif self.kind == "string" then
      call.id = self.value
    else
      is_plain = false
    end
    self:advance()
  end
  call.id = is_plain and call.id or nil
  call.last_line = call.line
  if self:is("{") then
    call.fields = self:fields(1)
    call.last_line = self.brace_line
  end
  return call
end

-- The text with every `until =` made a key that Lua takes; lines stay as they are.
local function rewrite(text, untils)
  local pieces, from = {}, 1
  for _, place in ipairs(untils) do
    pieces[#pieces + 1] = sub(text, from, place[1] - 1)
    pieces[#pieces + 1] = '["until"]'
    from = place[2] + 1
  end
  pieces[#pieces + 1] = sub(text, from)
  return table.concat(pieces)
end

-- Calls by word, in order; those with an id by that as well, and those without in a list of their own.
local function add_call(calls, call)
  local list = calls[call.word] or { named = {}, unnamed = {} }
  calls[call.word] = list
  list[#list + 1] = call
  local same = list.unnamed
  if call.id ~= nil then
    same = list.named[call.id] or {}
    list.named[call.id] = same
  end
  same[#same + 1] = call
end

local positions = {}

-- scan(text, words): { calls = word -> list of calls, carets = lines of `^`, duplicates = keys that stand twice in a
-- table, text = what to compile }.
-- `words` is a set of the top-level words.
function positions.scan(text, words)
  local reader = setmetatable(scanner.new(text), Reader)
  reader.carets, reader.untils, reader.duplicates = {}, {}, {}
  local calls = {}
  reader:advance()
  local previous
  while reader.kind ~= "end" do
    local word = reader.value
    if reader.kind == "name" and words[word] and previous ~= "." and previous ~= ":" then
      add_call(calls, reader:call(word))
      previous = nil
    else
      previous = reader.kind == "mark" and word or nil
      reader:advance()
    end
  end
  table.sort(reader.untils, function(a, b) return a[1] < b[1] end)
  return { calls = calls, carets = reader.carets, duplicates = reader.duplicates,
    text = rewrite(text, reader.untils) }
end

local function spanning(calls, line)
  for _, call in ipairs(calls) do
    if call.line <= line and line <= call.last_line then
      return call
    end
  end
end

-- The call of `word` for `id` that runs at `line`: the one written there with that id, else one written there at all,
-- else (line unknown) the only one with that id. nil when it was built by code.
function positions.find(scan, word, id, line)
  local list = scan.calls[word] or { named = {}, unnamed = {} }
  local same = id == nil and list.unnamed or list.named[id] or {}
  return spanning(same, line) or spanning(id == nil and list or list.unnamed, line) or line == 0 and same[1] or nil
end

return positions
