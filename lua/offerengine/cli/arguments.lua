-- arguments: words into options and operands by a command's own description, and the help made from the same.
-- A command: { name, summary, usage, examples = { { line, what } }, operands = { least, most },
--   options = { { name, value, what, check } } }; an option without `value` is a switch, one with `many` may be given
--   several times and becomes a list.

local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"

local arguments = {}

local DATABASE = "SQLite format 3\0" -- how each begins

-- Options that mean the same wherever they are taken.
arguments.RULES = { "rules", "DIR", "the rules folder (default: rules)" }

-- The path of a database. A file that is none ends the command before anything is put beside it.
function arguments.database(path)
  local file = io.open(path, "rb")
  local head = file and file:read(#DATABASE)
  if file then
    file:close()
  end
  if head and head ~= DATABASE then
    failure.stop(("store: '%s' is not a database of offerengine"):format(path), failure.SYSTEM)
  end
  return path
end

arguments.DB = { "db", "FILE", "the database", arguments.database }
arguments.JSON = { "json", nil, "answer as JSON" }
arguments.MAP = { "map", "FILE", "a CSV with the columns from,to that translates product ids" }
arguments.CSV = { "csv", nil, "answer as CSV" }
arguments.SKIP_BAD = { "skip-bad", nil, "leave bad rows out instead of refusing everything" }

local function check_time(text)
  local at, message = core.time(text)
  return at, message
end

arguments.AT = { "at", "TIME", "decide as of 2026-11-22 or 2026-11-22T10:30:00Z (default: now)", check_time }

function arguments.whole(least, most)
  return function(text)
    local number = text:find("^%d+$") and math.tointeger(tonumber(text))
    if number and number >= least and number <= most then
      return number
    end
    return nil, ("must be a whole number from %d to %d"):format(least, most)
  end
end

function arguments.one_of(...)
  local words = { ... }
  return function(text)
    for _, word in ipairs(words) do
      if word == text then
        return word
      end
    end
    return nil, "must be " .. table.concat(words, " or ")
  end
end

local function find_option(command, name)
  for _, option in ipairs(command.options or {}) do
    if option[1] == name then
      return option
    end
  end
end

local function unknown_option(command, name)
  local names = { "help" }
  for _, option in ipairs(command.options or {}) do
    names[#names + 1] = option[1]
  end
  local near = core.suggest(name, names)
  return ("unknown option '--%s'"):format(name) .. (near and ("; did you mean '--%s'?"):format(near) or "")
end

local function take_option(command, given, word, following)
  local name, value = word:match("^%-%-([^=]*)=(.*)$")
  name = name or word:sub(3)
  local option = find_option(command, name)
  if not option then
    return nil, unknown_option(command, name)
  end
  local key, used = name:gsub("-", "_"), 0
  if not option[2] then
    if value then
      return nil, ("option '--%s' takes no value"):format(name)
    end
    given[key] = true
    return used
  end
  if not value then
    value, used = following, 1
  end
  if not value or (used == 1 and value:sub(1, 2) == "--") then
    return nil, ("option '--%s' needs a value: %s"):format(name, option[2])
  end
  local problem
  if option[4] then
    value, problem = option[4](value)
  end
  if value == nil then
    return nil, ("option '--%s': %s"):format(name, problem)
  end
  if option.many then
    given[key] = given[key] or {}
    table.insert(given[key], value)
  else
    given[key] = value
  end
  return used
end

local function check_operands(command, given)
  local least, most = table.unpack(command.operands or { 0, 0 })
  if #given < least then
    return nil, "usage: offerengine " .. command.usage
  elseif #given > most then
    return nil, ("unexpected '%s'"):format(given[most + 1])
  end
  return given
end

-- A table of options by name (- becomes _) with the operands as its list, or nil and what is wrong.
function arguments.parse(command, words)
  local given, at, only_operands = {}, 1, false
  while at <= #words do
    local word = words[at]
    if not only_operands and (word == "--help" or word == "-h") then
      return { help = true }
    elseif word == "--" and not only_operands then
      only_operands = true
    elseif not only_operands and word:sub(1, 2) == "--" then
      local used, problem = take_option(command, given, word, words[at + 1])
      if not used then
        return nil, problem
      end
      at = at + used
    elseif not only_operands and #word > 1 and word:sub(1, 1) == "-" then
      return nil, ("unknown option '%s'"):format(word)
    else
      given[#given + 1] = word
    end
    at = at + 1
  end
  return check_operands(command, given)
end

local function columns(rows)
  local width, lines = 0, {}
  for _, row in ipairs(rows) do
    width = math.max(width, #row[1])
  end
  for _, row in ipairs(rows) do
    lines[#lines + 1] = ("  %-" .. width .. "s  %s\n"):format(row[1], row[2])
  end
  return table.concat(lines)
end

-- One help for every command: examples first.
function arguments.help(command)
  local options = {}
  for _, option in ipairs(command.options or {}) do
    options[#options + 1] = { "--" .. option[1] .. (option[2] and " " .. option[2] or ""), option[3] }
  end
  options[#options + 1] = { "--help", "show this" }
  return ("%s\n\nExamples:\n%s\nUsage: offerengine %s\n\nOptions:\n%s"):format(command.summary,
    columns(command.examples), command.usage, columns(options))
end

-- What `offerengine` and `offerengine help` show.
function arguments.overview(cli)
  local rows = {}
  for _, name in ipairs(cli.COMMANDS) do
    rows[#rows + 1] = { name, cli.command(name).summary }
  end
  return "offerengine: which offers suit a customer, and why\n\nExamples:\n" .. columns {
    { "offerengine check rules", "find every mistake in the rules" },
    { "offerengine recommend C001", "decide for one customer" },
    { "offerengine serve --db bank.db", "serve decisions on http://127.0.0.1:8000" },
  } .. "\nUsage: offerengine COMMAND [options]\n\nCommands:\n" .. columns(rows)
    .. "\nExit codes: 0 all is well, 1 findings in what was given, 2 wrong usage, 3 the system failed,\n"
    .. "4 a gate (--max-..., --min-ratio) was exceeded.\n"
    .. "'offerengine COMMAND --help' tells more about a command.\n"
end

return arguments
