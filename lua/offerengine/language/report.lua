-- report.lua: the findings of the language: their codes, their lines, and how many there may be. Runs in the rule VM.
-- luacheck: read globals use builder rule_line

local tokens = use "offerengine.language.tokens"

-- The codes of the language. E010 to E017 are names that the engine looks up (category, product, attribute, segment,
-- tier, group); E050 and above are the engine's other findings. What each means stands in offerengine/codes.lua.
local CODES = {
  syntax = "E001",        -- not Lua
  unknown_word = "E002",  -- a word that the language does not have
  unknown_key = "E003",   -- a key that the declaration does not have
  wrong_type = "E004",    -- a text where a number is needed, and the like
  arguments = "E005",     -- too few or too many
  missing = "E006",       -- a key that the declaration needs
  date = "E007",          -- no such date
  value = "E008",         -- of the right type, but not allowed
  misuse = "E009",        -- a word in the wrong place
  assignment = "E020",    -- a global name was assigned to
  operator = "E021",      -- an operator whose result depends on the machine
  func = "E022",          -- a function where none is taken
  func_writes = "E030",   -- a function that assigns to what is not its own
  include = "E031",       -- a file that cannot be included
  unknown_attribute = "E012",
  unknown_lookup = "E018",
  unknown_column = "E019",
  twice = "E051",         -- declared twice
  table_file = "E100",    -- a table that cannot be taken
  table_cell = "E101",    -- a cell that cannot be taken
  late = "E102",          -- what is needed is declared later
  file = "E023",          -- a file that cannot be taken
  endless = "E024",       -- ended: too many steps
  memory = "E025",        -- ended: too much memory
  raised = "E026",        -- the file's own code failed
  duplicate = "E029",     -- a key twice in one table
  id = "E027",            -- an id that is not made of letters, digits and underscores
}

local FILE_FINDINGS_MAX = 50

local report = { count = 0 }

-- The line of the rule file's code that runs now, 0 when it cannot be told.
report.line = rule_line

function report.begin_file()
  report.count = 0
  report.told = nil
end

-- From here on the same finding on the same line is told once: code that runs again says the same again.
function report.once()
  report.told = {}
end

-- One finding in the running file, or in `file`. `suggestion` is what was probably meant.
function report.add(severity, kind, line, message, suggestion, file)
  if report.told then
    local key = (file or "") .. line .. ":" .. message
    if report.told[key] then
      return
    end
    report.told[key] = true
  end
  report.count = report.count + 1
  if report.count > FILE_FINDINGS_MAX then
    return
  end
  if #message > 900 then
    message = string.sub(message, 1, 900) .. "..."
  end
  builder.report { severity = severity, code = CODES[kind], line = line, message = message,
    suggestion = suggestion, file = file }
end

-- Whether nothing more is told of this file: making up thousands of messages that nobody sees takes its time.
function report.is_full()
  return report.count >= FILE_FINDINGS_MAX
end

function report.error(kind, line, message, ...)
  if report.is_full() then
    return
  end
  report.add("error", kind, line, string.format(message, ...))
end

-- A value as a message shows it; never long.
function report.show(value)
  local kind = type(value)
  if kind == "string" then
    local short = #value > 40 and string.sub(value, 1, 37) .. "..." or value
    if not builder.is_utf8(short) then
      return "a text"
    end
    return '"' .. string.gsub(short, "[%c\"]", "?") .. '"'
  elseif kind == "number" then
    return math.type(value) == "float" and string.format("%.14g", value) or tostring(value)
  elseif kind == "boolean" or kind == "nil" then
    return kind == "nil" and "nothing" or tostring(value)
  elseif tokens.meaning[value] then
    return tokens.meaning[value].shown or "a rule word"
  end
  return "a " .. kind
end

return report
