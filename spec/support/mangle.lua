-- mangle.lua: rule texts that say the same and look different: random spacing, line ends and comments between tokens.

local scanner = require "offerengine.scanner"

local mangle = {}

local BLANKS = { " ", "  ", "\t", "\n", "\n\n", "\n\n\n", " \n ", "\r\n", "\n      ", " " }
local COMMENTS = { "-- a = 1, }\n", "--[[ long ]]",
  "--[==[ of\n  two ]] lines ]==]", "--\n", "---@type x  \n", "-- \"quoted\n" }

-- A source of numbers 1..n.
function mangle.random(seed)
  return function(n)
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed // 65536 % n + 1
  end
end

-- `share`: of 100 gaps between tokens, how many change; `comments`: how many of these get a comment.
function mangle.text(text, random, share, comments)
  local pieces = {}
  for _, item in ipairs(scanner.items(text)) do
    local is_comment = item.kind == "comment"
    if random(100) <= share then
      for _ = 1, random(2) do
        pieces[#pieces + 1] = BLANKS[random(#BLANKS)]
      end
      if random(100) <= comments then
        pieces[#pieces + 1] = COMMENTS[random(#COMMENTS)]
      end
    end
    pieces[#pieces + 1] = item.newlines > 0 and ("\n"):rep(item.newlines) or item.space
    pieces[#pieces + 1] = item.text .. (is_comment and not item.is_long and "\n" or "")
  end
  return table.concat(pieces)
end

-- What a text has of comments, in their order, without the blanks at their ends.
function mangle.comments(text)
  local found = {}
  for _, item in ipairs(scanner.items(text)) do
    if item.kind == "comment" then
      found[#found + 1] = item.is_long and item.text or item.text:gsub("%s+$", "")
    end
  end
  return found
end

return mangle
