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

local function count_newlines(text, first, last)
  local count = 0
  local at = find(text, "\n", first, true)
  while at and at <= last do
    count = count + 1
    at = find(text, "\n", at + 1, true)
  end
  return count
end

-- Moves over the bytes up to `last` and counts their lines.
function Scanner:pass(last)
  self.line = self.line + count_newlines(self.text, self.position, last)
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

function Scanner:skip_blank()
  while true do
    local _, last = find(self.text, "^[ \t\r\n\v\f]+", self.position)
    if not last and find(self.text, "^%-%-", self.position) then
      last = self:long_end(self.position + 2)
      if not last then
        local newline = find(self.text, "\n", self.position, true)
        last = (newline or #self.text + 1) - 1
      end
    end
    if not last then
      return
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
  self:skip_blank()
  local text, position = self.text, self.position
  self.token_line = self.line
  self.token_start = position
  local first = byte(text, position)
  if not first then
    self.kind, self.value = "end", nil
    return
  end
  local _, last = find(text, "^[%a_][%w_]*", position)
  if last then
    self.kind, self.value = "name", sub(text, position, last)
  elseif find(text, "^%.?%d", position) then
    _, last = find(text, "^%.?%d[%w.]*", position)
    self.kind, self.value = "number", tonumber(sub(text, position, last))
  elseif first == 34 or first == 39 then -- " and '
    local escaped
    last, escaped = self:quoted_end(sub(text, position, position))
    self.kind, self.value = "string", not escaped and sub(text, position + 1, last - 1) or nil
  else
    self:advance_mark(position)
    return
  end
  self:pass(last)
end

function Scanner:advance_mark(position)
  local text = self.text
  local last, content, level = self:long_end(position)
  if last then
    self.kind, self.value = "string", sub(text, content, last - #level - 2)
  else
    local _, double = find(text, "^[=~<>:/]=", position)
    last = double or position
    self.kind, self.value = "mark", sub(text, position, last)
    if self.value == "^" then
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
    local saved = { self.position, self.line }
    self:advance()
    if self:is("=") then
      if name == "until" then
        self:note_until(start, last)
      end
      self:advance()
      return name, line
    end
    self.position, self.line = saved[1], saved[2]
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

local positions = {}

-- scan(text, words): { calls = word -> list of calls, carets = lines of `^`, duplicates = keys that stand twice in a
-- table, text = what to compile }.
-- `words` is a set of the top-level words.
function positions.scan(text, words)
  local scanner = setmetatable({ text = text, position = 1, line = 1, carets = {}, untils = {},
    duplicates = {} }, Scanner)
  local calls = {}
  scanner:advance()
  local previous
  while scanner.kind ~= "end" do
    local word = scanner.value
    if scanner.kind == "name" and words[word] and previous ~= "." and previous ~= ":" then
      calls[word] = calls[word] or {}
      table.insert(calls[word], scanner:call(word))
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

-- numbers(text): the numbers that are written in it: a list of { first =, last = (bytes), line =, value = }.
function positions.numbers(text)
  local scanner = setmetatable({ text = text, position = 1, line = 1, carets = {}, untils = {}, duplicates = {} },
    Scanner)
  local found = {}
  repeat
    scanner:advance()
    if scanner.kind == "number" and scanner.value then
      found[#found + 1] = { first = scanner.token_start, last = scanner.position - 1, line = scanner.token_line,
        value = scanner.value }
    end
  until scanner.kind == "end"
  return found
end

-- The call of `word` for `id` that runs at `line`: the one written there with that id, else one written there at all,
-- else (line unknown) the only one with that id. nil when it was built by code.
function positions.find(scan, word, id, line)
  local here, named
  for _, call in ipairs(scan.calls[word] or {}) do
    local spans = line > 0 and call.line <= line and line <= call.last_line
    if spans and call.id == id then
      return call
    elseif spans and (call.id == nil or id == nil) then
      here = here or call
    elseif line == 0 and call.id == id then
      named = named or call
    end
  end
  return here or named
end

return positions
