-- format/columns.lua: lines of tokens become text; keys, one-line statements and comments behind code in columns.

local spaces = require "offerengine.format.spaces"

local COLUMN_MAX = 20 -- longer keys stand out of the column

local columns = {}

-- What a column of keys holds: the first key of every line of a table, if its first line holds one entry.
local function is_key(item)
  local inside = item.inside
  return inside and inside.is_broken and item.kind == "name" and item.following and item.following.text == "="
end

local function first_line_is_single(line)
  local count = 0
  for at, item in ipairs(line) do
    count = count + ((at == 1 or item.previous == nil or item.previous.text == ",") and item.inside == line[1].inside
      and item.kind ~= "comment" and 1 or 0)
  end
  return count == 1
end

local function widens(name)
  return #name <= COLUMN_MAX and not name:find("^m[ia][nx]_") and not name:find("^ideal_")
end

-- Pads the keys of every table with lines of its own: item.pad is how long it is to be.
local function pad_keys(lines)
  local tables = {}
  for _, line in ipairs(lines) do
    local key = line[1]
    local around = key.kind ~= "comment" and key.inside
    if around and around.is_broken and not key.closes then
      local found = tables[around] or { width = 0, is_column = first_line_is_single(line) }
      tables[around] = found
      if is_key(key) then
        found[#found + 1] = key
        found.width = math.max(found.width, widens(key.text) and #key.text or 0)
      end
    end
  end
  for _, found in pairs(tables) do
    for _, key in ipairs(found) do
      key.pad = found.is_column and found.width or 0
    end
  end
end

-- word "id" { ... } on one line, which nothing but a comment follows.
local function is_statement(line)
  local word, id, brace = line[1], line[2], line[3]
  local last = line[#line]
  last = last.kind == "comment" and line[#line - 1] or last
  return brace and not word.inside and word.kind == "name" and id.kind == "string" and brace.text == "{"
    and brace.opens == last and not brace.is_broken
end

local function pad_statements(lines)
  local from = 1
  while from <= #lines do
    local to, word, id = from, 0, 0
    while to <= #lines and is_statement(lines[to]) and (to == from or not lines[to].is_parted) do
      word, id = math.max(word, #lines[to][1].text), math.max(id, #lines[to][2].text)
      to = to + 1
    end
    for at = from, to - 1 do
      lines[at][1].pad, lines[at][2].pad = word, id
    end
    from = math.max(to, from + 1)
  end
end

local function text_of(line, last)
  local pieces = { (" "):rep(line.indent) }
  for at = 1, last do
    local item = line[at]
    local before = line[at - 1]
    pieces[#pieces + 1] = before and spaces.between(before, item) or ""
    pieces[#pieces + 1] = item.text
    pieces[#pieces + 1] = item.pad and (" "):rep(item.pad - #item.text) or ""
  end
  return table.concat(pieces)
end

-- Its width on a page; a text of several lines counts to the end of the first.
local function width_of(text)
  local first = text:match("^[^\n]*")
  return utf8.len(first) or #first
end

local function is_behind(line)
  local last = line[#line]
  return #line > 1 and last.kind == "comment" and not last.is_long and not last.in_function
end

-- The code of every line, its comment apart.
local function split(lines)
  local codes, comments = {}, {}
  for at, line in ipairs(lines) do
    local behind = is_behind(line)
    codes[at] = text_of(line, behind and #line - 1 or #line):gsub("%s+$", "")
    comments[at] = behind and line[#line].text:gsub("%s+$", "") or nil
  end
  return codes, comments
end

-- The last line of those from `from` on that have comments behind them, and their column; the longest line's, if all
-- fit then.
local function column_of(lines, codes, comments, from, most)
  local to, column, fits = from, 0, true
  while comments[to] and (to == from or not lines[to].is_parted) and not codes[to]:find("\n") do
    column = math.max(column, width_of(codes[to]))
    to = to + 1
  end
  for at = from, to - 1 do
    fits = fits and column + 1 + width_of(comments[at]) <= most
  end
  return to - 1, fits and column or 0
end

-- The texts of lines and how wide their code is.
function columns.render(lines, most)
  for _, line in ipairs(lines) do
    for _, item in ipairs(line) do
      item.pad = nil
    end
  end
  pad_keys(lines)
  pad_statements(lines)
  local codes, comments = split(lines)
  local texts, widths, at = {}, {}, 1
  while at <= #lines do
    local last, column = column_of(lines, codes, comments, at, most)
    for here = at, math.max(last, at) do
      local width = width_of(codes[here])
      widths[here] = width
      texts[here] = not comments[here] and codes[here]
        or codes[here] .. (" "):rep(math.max(column - width, 0) + 1) .. comments[here]
    end
    at = math.max(last, at) + 1
  end
  return texts, widths
end

return columns
