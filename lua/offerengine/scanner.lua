-- scanner.lua: the tokens of a rule file: names, numbers, texts, marks, and the comments between them. Knows how Lua
-- text is spelled, not what it says. Runs in the rule VM and outside of it; must stay correct on text that is no Lua at
-- all (the compiler reports that).

local find, sub, byte = string.find, string.sub, string.byte

local Scanner = {}
Scanner.__index = Scanner

local scanner = { Scanner = Scanner }

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

-- The end of the comment that begins at the position, if one does.
function Scanner:comment_end()
  if byte(self.text, self.position) ~= 45 or byte(self.text, self.position + 1) ~= 45 then -- two dashes
    return nil
  end
  return self:long_end(self.position + 2) or (find(self.text, "[\r\n]", self.position) or #self.text + 1) - 1
end

-- Moves over blanks and comments; returns the byte after them, nil at the end.
function Scanner:skip_blank()
  while true do
    local first = byte(self.text, self.position)
    local last
    if first == 32 or first and first >= 9 and first <= 13 then
      last = select(2, find(self.text, "^[ \t\r\n\v\f]+", self.position))
    else
      last = first == 45 and self:comment_end()
    end
    if not last then
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

-- Where the number at `position` ends, if there is one; a sign belongs to it behind its exponent.
local function number_end(text, position)
  local _, last = find(text, "^%.?%d[%w.]*", position)
  local exponent = find(text, "^0[xX]", position) and "[pP]" or "[eE]"
  while last and find(sub(text, last, last + 1), exponent .. "[+-]") do
    _, last = find(text, "^[%w.]*", last + 2)
  end
  return last
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
    last = number_end(text, position)
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

local LONGER = { -- marks of more than one byte by their first
  [46] = "^%.%.%.?", [58] = "^::", [47] = "^//", [60] = "^<[<=]", [62] = "^>[>=]", [61] = "^==", [126] = "^~=",
}

function Scanner:advance_mark(position, first)
  local text, last, content, level = self.text, position, nil, nil
  if first == 91 then -- [
    last, content, level = self:long_end(position)
  end
  if content then
    self.kind, self.value = "string", sub(text, content, last - #level - 2)
  else
    last = LONGER[first] and select(2, find(text, LONGER[first], position)) or position
    self.kind, self.value = "mark", sub(text, position, last)
  end
  self:pass(last)
end

function Scanner:is(mark)
  return self.kind == "mark" and self.value == mark
end

function scanner.new(text)
  return setmetatable({ text = text, position = 1, line = 1, newline = find(text, "\n", 1, true) or math.huge },
    Scanner)
end

-- numbers(text): the numbers that are written in it: a list of { first =, last = (bytes), line =, value = }.
function scanner.numbers(text)
  local reader, found = scanner.new(text), {}
  repeat
    reader:advance()
    if reader.kind == "number" and reader.value then
      found[#found + 1] = { first = reader.token_start, last = reader.position - 1, line = reader.token_line,
        value = reader.value }
    end
  until reader.kind == "end"
  return found
end

-- ---- all of a text ----

-- The comment at the position as an item; the position is then behind it.
local function take_comment(self)
  local last = self:comment_end()
  local item = { kind = "comment", text = sub(self.text, self.position, last), line = self.line,
    is_long = find(self.text, "^%[=*%[", self.position + 2) ~= nil }
  self:pass(last)
  return item
end

local function take_token(self)
  self:advance()
  if self.kind ~= "end" then
    return { kind = self.kind, text = sub(self.text, self.token_start, self.position - 1), line = self.token_line }
  end
end

-- Every token and comment in order: { kind = (also "comment"), text = as it stands there, line =, is_long =,
-- newlines = how many lie between it and what comes before it, space = what lies there if there are none }.
function scanner.items(text)
  local self, items = scanner.new(text), {}
  repeat
    local from, from_position = self.line, self.position
    local _, blank = find(text, "^[ \t\r\n\v\f]+", self.position)
    if blank then
      self:pass(blank)
    end
    local newlines = self.line - from
    local item = (self:comment_end() and take_comment or take_token)(self)
    if item then
      item.newlines = newlines
      item.space = newlines == 0 and blank and sub(text, from_position, blank) or ""
      items[#items + 1] = item
    end
  until not item
  return items
end

-- ---- what brackets and blocks enclose ----

local OPENING = { ["function"] = "end", ["if"] = "end", ["do"] = "end", ["repeat"] = "until", ["{"] = "}", ["("] = ")",
  ["["] = "]" }

-- Tells of every token whether it opens or closes something: item.opens, item.closes are the item at the other end.
-- A key `until` stands in a table and ends no loop. Comments have neither.
function scanner.pair(items)
  local open = {}
  for _, item in ipairs(items) do
    local word = (item.kind == "name" or item.kind == "mark") and item.text or nil
    local inside = open[#open]
    if word and inside and OPENING[inside.text] == word then
      item.closes, inside.opens = inside, item
      open[#open] = nil
    elseif word and OPENING[word] then
      open[#open + 1] = item
    end
    item.inside = open[item == open[#open] and #open - 1 or #open]
  end
end

-- Joins pieces as they come, so that a large text needs little memory on the way.
local function joiner()
  local pieces, joined = {}, {}
  return function(piece)
    pieces[#pieces + 1] = piece
    if #pieces == 512 or not piece then
      joined[#joined + 1] = table.concat(pieces, "\n")
      pieces = {}
    end
    return joined
  end
end

-- The text without what means nothing: comments, spacing, the last separator of a table and which one it is. Equal for
-- programs that do the same as far as spelling goes. Rule files of any size pass through here, so no token is kept.
function scanner.plain(text)
  local self, add, open = scanner.new(text), joiner(), {}
  local has_comma = false
  repeat
    self:advance()
    local word = (self.kind == "name" or self.kind == "mark") and self.value or nil
    local in_table = open[#open] == "}"
    if has_comma and word ~= "}" then
      add(",")
    end
    has_comma = in_table and (word == "," or word == ";")
    if self.kind ~= "end" and not has_comma then
      add(sub(text, self.token_start, self.position - 1))
    end
    if word and open[#open] == word then
      open[#open] = nil
    elseif word then
      open[#open + 1] = OPENING[word]
    end
  until self.kind == "end"
  return table.concat(add(), "\n")
end

return scanner
