-- sizes.lua: the limits of the house style: lines per file, lines per function, parameters per function.
-- usage: lua5.4 spec/support/sizes.lua [TOP]; exit 1 with one line per breach.
-- As a module: sizes.check(files, lua_ranges), files being path -> content.

local sizes = { FUNCTION_LINES = 60, PARAMETERS = 5 }

-- The public header is one file by contract, and contracts are most of it.
local FILE_LIMITS = { ["core/offerengine.h"] = 890 }

local function file_limit(path)
  return FILE_LIMITS[path] or path:find("^rules/") and 150 or path:find("^spec/") and 700 or 500
end

local function lines_of(text)
  local lines = {}
  for line in text:gmatch("([^\n]*)\n?") do
    lines[#lines + 1] = line
  end
  return lines
end

-- The text of the declaration whose body opens in line `open`: back to the line that starts it.
local function head_of(lines, open)
  local first = open - 1
  while first > 1 and not lines[first]:find("^[%w_]") do
    first = first - 1
  end
  return table.concat(lines, " ", first, open - 1)
end

-- Commas outside inner parentheses, plus one; (void) has none, and the dots of a printf do not count.
local function parameter_count(head)
  local list = head:match("%b()%s*$") or ""
  local inner = list:sub(2, -2)
  if inner:find("^%s*void%s*$") or inner:find("^%s*$") then
    return 0
  end
  local _, commas = inner:gsub("%b()", ""):gsub(",%s*%.%.%.", ""):gsub(",", "")
  return commas + 1
end

-- Bodies in C: with Linux braces a function, and nothing else, opens and closes in column one.
local function check_c(report, lines)
  local open
  for number, line in ipairs(lines) do
    if line == "{" then
      open = number
      local parameters = parameter_count(head_of(lines, number))
      if parameters > sizes.PARAMETERS then
        report(number, "%d parameters, at most %d", parameters, sizes.PARAMETERS)
      end
    elseif line == "}" and open then
      if number - open + 1 > sizes.FUNCTION_LINES then
        report(open, "a function of %d lines, at most %d", number - open + 1, sizes.FUNCTION_LINES)
      end
      open = nil
    end
  end
end

-- Functions in Lua, as { first, last } lines told by the compiler. Those of specs are descriptions, not functions.
local function check_lua(report, ranges)
  for _, range in ipairs(ranges) do
    local length = range[2] - range[1] + 1
    if length > sizes.FUNCTION_LINES then
      report(range[1], "a function of %d lines, at most %d", length, sizes.FUNCTION_LINES)
    end
  end
end

function sizes.check(files, lua_ranges)
  local findings = {}
  local paths = {}
  for path in pairs(files) do
    paths[#paths + 1] = path
  end
  table.sort(paths)
  for _, path in ipairs(paths) do
    local lines = lines_of(files[path])
    local function report(number, message, ...)
      findings[#findings + 1] = ("%s:%d: %s"):format(path, number, message:format(...))
    end
    if #lines > file_limit(path) then
      report(#lines, "%d lines, at most %d", #lines, file_limit(path))
    end
    if path:find("%.[ch]$") then
      check_c(report, lines)
    elseif path:find("%.lua$") and not path:find("^spec/") then
      check_lua(report, lua_ranges(path))
    end
  end
  return findings
end

-- Line ranges of the functions of one Lua file, from the listing of luac.
local function compiled_ranges(top)
  return function(path)
    local ranges = {}
    local listing <close> = assert(io.popen(("luac5.4 -l -p '%s/%s' 2>&1"):format(top, path)))
    for line in listing:lines() do
      local first, last = line:match("^function <.*:(%d+),(%d+)>")
      if first then
        ranges[#ranges + 1] = { tonumber(first), tonumber(last) }
      end
    end
    return ranges
  end
end

if arg and arg[0] and arg[0]:find("sizes%.lua$") then
  package.path = (arg[0]:match("^(.*/)") or "") .. "?.lua;" .. package.path
  local tree = require "tree"
  local top = arg[1] or "."
  tree.report(sizes.check(tree.files(top, { c = true, h = true, lua = true }), compiled_ranges(top)), "sizes")
end

return sizes
