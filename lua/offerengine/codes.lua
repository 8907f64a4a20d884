-- codes.lua: what each finding code means: `offerengine help E012`. An entry has a title, a text, and two examples:
--   wrong  rules that get this code; the line that the finding names says so in a comment, and without
--          such a line the finding is about the file as a whole
--   right  the same as it should be
--   table, right_table  what both find in tables/example.csv; table_line: where that is what is wrong
-- Both are loaded by a spec beside the sample rules, or `alone`. `before` are rules that served earlier, where they
-- matter. `book`: customers as CSV, to whom the change from those matters; the examples are release.lua then.
-- `test`: the examples are test files; `signed`: the text of signed.csv beside them. `interface`: only programs meet
-- the code, which declare rules through offerengine.h; the examples are C then.

local codes = {}

for _, part in ipairs { "text", "names", "tables", "sense", "tests", "proofs", "interface" } do
  for code, entry in pairs(require("offerengine.codes." .. part)) do
    assert(codes[code] == nil, code)
    codes[code] = entry
  end
end

local function indented(text)
  local shown = ("\n" .. text:gsub("%s+$", "")):gsub("\n", "\n    ")
  -- What is no text cannot be shown as such.
  return utf8.len(shown) and shown or (shown:gsub("[\x80-\xFF]", function(byte)
    return ("<%02X>"):format(byte:byte())
  end))
end

-- All codes in order.
local function list()
  local names = {}
  for code in pairs(codes) do
    names[#names + 1] = code
  end
  table.sort(names)
  return names
end

-- The explanation of a code as people read it, or nil when there is no such code.
local function explain(code)
  local entry = codes[code:upper()]
  if not entry then
    return nil
  end
  local parts = { ("%s: %s\n\n%s\n"):format(code:upper(), entry.title, entry.text) }
  for _, example in ipairs { { "Before", entry.before }, { "tables/example.csv", entry.table },
    { "Wrong", entry.wrong }, { "Right", entry.right }, { "tables/example.csv", entry.right_table } } do
    if example[2] then
      parts[#parts + 1] = ("\n%s:%s\n"):format(example[1], indented(example[2]))
    end
  end
  return table.concat(parts)
end

return { entries = codes, list = list, explain = explain }
