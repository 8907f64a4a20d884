-- format.lua: a rule file in the one style: from text to text. Tokens and comments stay as they are and in their order;
-- what changes is where lines end, how far they are indented, the spaces between, and separators at the end of tables.
-- Within functions only the indentation changes. Must not know what words mean.
--   two spaces a level; spaces inside braces; a table that was written on one line stays on one if it fits
--   the keys of a table with one key to a line are padded to the longest one, but for min_, max_ and ideal_
--   comments behind code in lines that follow each other begin in one column; so do one-line statements

local columns = require "offerengine.format.columns"
local scanner = require "offerengine.scanner"
local spaces = require "offerengine.format.spaces"

local WIDTH = 120
local PASSES = 200 -- tables that are too long are opened one by one

local format = {}

-- ---- what the tokens are to each other ----

-- The tokens without the separators that mean nothing, each separator of a table before the comments next to it.
local function tidy(items)
  local kept = {}
  for _, item in ipairs(items) do
    local in_table = item.inside and item.inside.text == "{" and not item.in_function
    if in_table and item.kind == "mark" and (item.text == "," or item.text == ";") then
      item.text, item.newlines = ",", 0
      if item.following ~= item.inside.opens then
        local place = #kept + 1
        while kept[place - 1].kind == "comment" do
          place = place - 1
        end
        table.insert(kept, place, item)
      end
    else
      kept[#kept + 1] = item
    end
  end
  return kept
end

-- Links every item with the tokens around it: previous and following leave comments out.
local function link(items)
  local previous
  for _, item in ipairs(items) do
    item.previous, item.following = previous, nil
    if item.kind ~= "comment" then
      if previous then
        previous.following = item
      end
      previous = item
    end
  end
end

local function read(text)
  local items = scanner.items(text)
  scanner.pair(items)
  for at, item in ipairs(items) do
    local inside = item.inside
    item.in_function = inside and (inside.text == "function" or inside.in_function) or false
    item.is_broken = item.text == "{" and item.opens and not item.in_function and item.line ~= item.opens.line
      and items[at + 1] ~= item.opens
  end
  link(items)
  items = tidy(items)
  link(items)
  return items
end

-- ---- where lines end ----

local JOINS = { ["and"] = true, ["or"] = true, ["then"] = true, ["do"] = true, ["end"] = true, ["else"] = true,
  ["elseif"] = true, ["until"] = true }

local function is_list(item)
  local opener = item.inside and item.inside.text
  return not item.in_function and (opener == "{" or opener == "(" or opener == "[")
end

-- Outside of functions: a text or table that a name is called with, and what stands around `=`.
local function is_joined(item, previous)
  local is_argument = (item.kind == "string" or item.text == "{") and (previous.kind == "string" or previous.text == ")"
    or previous.kind == "name" and not spaces.is_keyword(previous))
  return is_argument or item.text == "=" or previous.text == "=" or item.text == "," and item.kind == "mark"
end

-- Behind the brace that opens a table with lines of its own, and before the one that closes it.
local function is_edge(item, previous)
  return (previous.is_broken or item.closes and item.closes.is_broken) and item.closes ~= previous
end

local function token_begins_line(item, previous)
  if is_edge(item, previous) then
    return true
  elseif item.closes == previous and not item.in_function then
    return false
  elseif item.in_function or item.closes and item.closes.kind == "name" then
    return item.newlines > 0
  elseif is_list(item) then
    return previous.text == "," and item.inside.is_broken and (item.newlines > 0 or item.is_first)
  elseif previous.text == "}" and not item.inside and item.kind == "name" and not JOINS[item.text] then
    return true
  end
  return item.newlines > 0 and not is_joined(item, previous)
end

local function begins_line(item, before)
  if not before then
    return true
  elseif before.kind == "comment" and not before.is_long then
    return true
  elseif item.kind == "comment" then
    return item.newlines > 0
  elseif before.kind == "comment" then
    return item.newlines > 0 or item.previous ~= nil and is_edge(item, item.previous)
  end
  return token_begins_line(item, item.previous)
end

-- Whether an empty line before the item stays.
local function is_parted(item, before)
  local opens = before and before.is_broken
  local closes = item.closes and (item.closes.is_broken or item.closes.kind == "name")
  return before ~= nil and item.newlines > 1 and not opens and not closes
end

local function indent_of(item, line)
  local opener = item.closes or item.inside
  local indent = opener and opener.on.indent or 0
  if item.closes or item.kind == "name" and (item.text == "else" or item.text == "elseif") then
    return indent
  end
  indent = opener and indent + 2 or indent
  local is_code = not opener or opener.kind == "name"
  return is_code and not line.is_comment and spaces.goes_on(item) and indent + 2 or indent
end

-- Lines of items: { items..., indent = , is_parted = whether an empty line stands before it }.
local function break_lines(items)
  local lines, before = {}, nil
  for _, item in ipairs(items) do
    if begins_line(item, before) then
      local line = { is_parted = is_parted(item, before), is_comment = item.kind == "comment" }
      lines[#lines + 1] = line
      line.indent = indent_of(item, line)
    end
    item.on = lines[#lines]
    table.insert(item.on, item)
    before = item
  end
  return lines
end

-- ---- too long lines ----

-- Opens the first table of a line that is too long, or spreads its entries. Whether there was something to open.
local function open_table(line)
  local found = false
  for at, item in ipairs(line) do
    local inside = at > 1 and item.kind ~= "comment" and item.inside
    if inside and inside.is_broken and item.previous.text == "," and not item.is_first then
      item.is_first, found = true, true
    end
  end
  if found then
    return true
  end
  for _, item in ipairs(line) do
    if item.text == "{" and item.kind == "mark" and not item.in_function and not item.is_broken
      and item.following ~= item.opens then
      item.is_broken, item.is_spread = true, true
      return true
    end
  end
  return false
end

local function spread(items)
  for _, item in ipairs(items) do
    if item.kind ~= "comment" and item.inside and item.inside.is_spread then
      item.is_first = true
    end
  end
end

-- ---- all of it ----

-- A comma behind the last entry of every table with lines of its own.
local function with_commas(items)
  local full = {}
  for _, item in ipairs(items) do
    full[#full + 1] = item
    local following = item.following
    local table_after = following and following.closes
    if item.kind ~= "comment" and table_after and table_after.is_broken and item ~= table_after then
      full[#full + 1] = { kind = "mark", text = ",", newlines = 0, inside = table_after, previous = item,
        following = following }
    end
  end
  return full
end

local function layout(items)
  local texts, lines, widths
  for _ = 1, PASSES do
    local full = with_commas(items)
    spread(full)
    lines = break_lines(full)
    texts, widths = columns.render(lines, WIDTH)
    local opened = false
    for at, line in ipairs(lines) do
      opened = widths[at] > WIDTH and open_table(line) or opened
    end
    if not opened then
      break
    end
  end
  return texts, lines
end

local function pass(text)
  local texts, lines = layout(read(text))
  local out = {}
  for at, line in ipairs(lines) do
    out[#out + 1] = (line.is_parted and "\n" or "") .. texts[at] .. "\n"
  end
  return table.concat(out)
end

-- The text in the one style. It must be sound Lua but for `until =`.
function format.text(text)
  text = text:gsub("^\xEF\xBB\xBF", "")
  for _ = 1, 10 do
    local formatted = pass(text)
    if formatted == text then
      break
    end
    text = formatted
  end
  return text
end

return format
