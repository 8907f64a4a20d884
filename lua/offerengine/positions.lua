-- positions.lua: a small tokenizer of rule files. For every call of a word it records the lines of the keys in the
-- tables given to it, so that a finding points at the key itself. Knows the shape of Lua text, not what words mean.
-- Runs in the rule VM; must stay correct on text that is no Lua at all (the compiler reports that).

local find, sub, byte = string.find, string.sub, string.byte

local DEPTH_MAX = 100 -- tables in tables; deeper ones get no positions

local OPENING = { ["function"] = true, ["if"] = true, ["do"] = true, ["repeat"] = true }
local CLOSING = { ["end"] = true, ["until"] = true }

local Scanner = {}
Scanner.__index = Scanner

-- A node is { line = of the key, at = ordinal in the table, fields = what the key's first table holds }.

-- Moves over the bytes up to `last` and counts their lines. The next newline is remembered: looking for it from each
-- token would take a file of one long line in quadratic time.
function Scanner:pass(last)
  while self.newline <= last do
    self.line = self.line + 1
    self.newline = find(self.text, "\n", self.newline + 1, true) or math.huge
  end
  self.position = last + 1
end

-- The end of a long bracket that opens at `position`, if one does.
function Scanner:long_end(position)
  local _, open_end, level = find(self.text, "^%[(=*)%[", position)
  if not open_end then
    return nil
  end
  local _, last = find(self.text, "]" .. level .. "]", open_end + 1, true)
  return last or #self.text, open_end + 1, level
end

-- Moves over blanks and comments; returns the byte after them, nil at the end.
function Scanner:skip_blank()
  local text = self.text
  while true do
    local first = byte(text, self.position)
    local last
    if first == 32 or first and first >= 9 and first <= 13 then
      last = select(2, find(text, "^[ \t\r\n\v\f]+", self.position))
    elseif first == 45 and byte(text, self.position + 1) == 45 then -- two dashes
      last = self:long_end(self.position + 2) or (find(text, "\n", self.position, true) or #text + 1) - 1
    else
      return first
    end
    self:pass(last)
  end
end

-- Where the quoted string that opens at the position ends, and whether it holds an escape.
function Scanner:quoted_end(quote)
  local at, escaped = self.position + 1, false
  while true do
    at = find(self.text, "[\\" .. quote .. "]", at)
    if not at then
      return #self.text, true
    elseif sub(self.text, at, at) == quote then
      return at, escaped
    end
    escaped = true
    at = at + 2
  end
end

-- Reads one token into self.kind ("name", "string", "number", "mark", "end"), self.value and self.token_line.
function Scanner:advance()
  local first = self:skip_blank()
  local text, position = self.text, self.position
  self.token_line = self.line
  self.token_start = position
  if not first then
    self.kind, self.value = "end", nil
    return
  end
  local last
  if first >= 97 and first <= 122 or first >= 65 and first <= 90 or first == 95 then
    last = select(2, find(text, "^[%w_]*", position))
    self.kind, self.value = "name", sub(text, position, last)
  elseif first >= 48 and first <= 57 or first == 46 and find(text, "^%d", position + 1) then
    last = select(2, find(text, "^%.?%d[%w.]*", position))
    self.kind, self.value = "number", tonumber(sub(text, position, last))
  elseif first == 34 or first == 39 then -- " and '
    local escaped
    last, escaped = self:quoted_end(first == 34 and '"' or "'")
    self.kind, self.value = "string", not escaped and sub(text, position + 1, last - 1) or nil
  else
    self:advance_mark(position, first)
    return
  end
  self:pass(last)
end

local DOUBLED = { [61] = true, [126] = true, [60] = true, [62] = true, [58] = true, [47] = true } -- = ~ < > : /

function Scanner:advance_mark(position, first)
  local text, last, content, level = self.text, position, nil, nil
  if first == 91 then -- [
    last, content, level = self:long_end(position)
  end
  if content then
    self.kind, self.value = "string", sub(text, content, last - #level - 2)
  else
    last = position + (DOUBLED[first] and byte(text, position + 1) == 61 and 1 or 0)
    self.kind, self.value = "mark", sub(text, position, last)
    if first == 94 then -- ^
      self.carets[#self.carets + 1] = self.token_line
    end
  end
  self:pass(last)
end

function Scanner:is(mark)
  return self.kind == "mark" and self.value == mark
end

-- `until` is a word of Lua and cannot be a key as it stands; as no program can hold `until =`, it is made one.
function Scanner:note_until(start, last)
  self.untils[#self.untils + 1] = { start, last }
end

-- Reads a value up to the comma or brace that ends it. Returns the fields of the first table in it.
function Scanner:value_fields(depth)
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
function Scanner:key()
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
function Scanner:fields(depth)
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
function Scanner:call(word)
  local call = { word = word, line = self.token_line }
  self:advance()
  local brackets = 0
  while self:is("(") or self:is(")") or self.kind == "string" or (brackets > 0 and self.kind == "name") do
    if self:is("(") then
      brackets = brackets + 1
    elseif self:is(")") then
      brackets = brackets - 1
    elseif self.kind == "string" then
      call.id = self.value
    end
    self:advance()
    if brackets < 0 then
      break
    end
  end
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
  local scanner = setmetatable({ text = text, position = 1, line = 1,
    newline = find(text, "\n", 1, true) or math.huge, carets = {}, untils = {},
    duplicates = {} }, Scanner)
  local calls = {}
  scanner:advance()
  local previous
  while scanner.kind ~= "end" do
    local word = scanner.value
    if scanner.kind == "name" and words[word] and previous ~= "." and previous ~= ":" then
      add_call(calls, scanner:call(word))
      previous = nil
    else
      previous = scanner.kind == "mark" and word or nil
      scanner:advance()
    end
  end
  table.sort(scanner.untils, function(a, b) return a[1] < b[1] end)
  return { calls = calls, carets = scanner.carets, duplicates = scanner.duplicates,
    text = rewrite(text, scanner.untils) }
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
