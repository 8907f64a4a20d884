-- format/spaces.lua: what stands between two tokens of a line.

local spaces = {}

local KEYWORDS, OPERATORS, BEFORE_OPERAND = {}, {}, {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat return then true "
  .. "until while"):gmatch("%a+") do
  KEYWORDS[word] = true
end
for mark in ("+ - * / // % ^ # & ~ | << >> == ~= <= >= < > = .. and or not"):gmatch("%S+") do
  OPERATORS[mark] = true
end
for mark in ("( { [ , ; return then do else elseif in if while until repeat"):gmatch("%S+") do
  BEFORE_OPERAND[mark] = true
end

local VALUES = { ["end"] = true, ["nil"] = true, ["true"] = true, ["false"] = true }

local function is_plain(item)
  return item.kind == "name" or item.kind == "mark"
end

function spaces.is_keyword(item)
  return item.kind == "name" and KEYWORDS[item.text] == true
end

local function is_operator(item)
  return is_plain(item) and OPERATORS[item.text] == true
end

-- Whether a value ends with this token.
local function ends_value(item)
  if item.kind == "name" then
    return not KEYWORDS[item.text] or VALUES[item.text] == true
  end
  return item.kind ~= "mark" or item.text == ")" or item.text == "]" or item.text == "}" or item.text == "..."
end

local function is_unary(item)
  local previous = item.previous
  return item.kind == "mark" and (item.text == "#" or (item.text == "-" or item.text == "~")
    and (not previous or is_operator(previous) or is_plain(previous) and BEFORE_OPERAND[previous.text] == true))
end

-- Whether a token that begins a line belongs to the statement of the line before.
function spaces.goes_on(item)
  local previous = item.previous
  if not previous then
    return false
  end
  local is_binary = is_operator(item) and item.text ~= "not" and not is_unary(item)
  return is_binary or is_operator(previous) or previous.kind == "mark" and previous.text == ","
end

-- `<const>` and `<close>`.
local function is_attribute(left, right)
  return right.text == "<" and right.following and (right.following.text == "const" or right.following.text == "close")
    or left.text == "<" and (right.text == "const" or right.text == "close") or right.text == ">"
    and (left.text == "const" or left.text == "close") and left.previous.text == "<"
end

local function between_marks(left, right)
  local a, b = left.kind == "mark" and left.text, right.kind == "mark" and right.text
  if b == "," or b == ";" or b == ")" or b == "]" or b == "." or b == ":" then
    return ""
  elseif a == "(" or a == "[" or a == "." or a == ":" or a == "::" and left.previous and left.previous.text ~= "::"
    and right.kind == "name" and right.following and right.following.text == "::" then
    return ""
  elseif a == "{" or b == "}" then
    return a == "{" and b == "}" and "" or " "
  elseif (b == "(" or b == "[") and (ends_value(left) or left.text == "function") then
    return ""
  elseif b == "::" and left.kind == "name" then
    return ""
  end
  return " "
end

-- Between two neighbours of a line, of which one may be a comment.
function spaces.between(left, right)
  if right.in_function and not (right.kind == "comment" and not right.is_long) then
    return right.space
  elseif left.kind == "comment" or right.kind == "comment" then
    return " "
  elseif is_unary(left) then
    local is_double = left.text == "-" and right.text:sub(1, 1) == "-" -- would begin a comment
    return is_double and " " or ""
  elseif is_attribute(left, right) then
    return right.text == "<" and " " or ""
  end
  return between_marks(left, right)
end

return spaces
