-- readme.lua: the examples of rules/README.md as rules that can be loaded.

local readme = {}

local TOP = os.getenv("OE_SOURCE") or "."

function readme.text()
  local file <close> = assert(io.open(TOP .. "/rules/README.md"))
  return file:read("a")
end

local PRODUCT = 'product "x" { name = "X", category = "insurance", min_income = 1,\n%s\n}'
local SEGMENT = 'segment "x" { when = %s }'

-- Keys of a product, each beginning a line.
local function products_of(block)
  local parts = {}
  for line in block:gmatch("[^\n]+") do
    if line:find("^%l") then
      parts[#parts + 1] = line
    else
      parts[#parts] = parts[#parts] .. "\n" .. line
    end
  end
  return parts
end

-- Conditions, two blanks between them.
local function conditions_of(block)
  local parts = {}
  for line in block:gmatch("[^\n]+") do
    for condition in line:gsub("%s+%-%-.*", ""):gsub("  +", "\n"):gmatch("[^\n]+") do
      parts[#parts + 1] = condition
    end
  end
  return parts
end

-- The ```lua blocks as { title = the heading above, text = }.
local function blocks()
  local found, title, lines = {}, nil, nil
  for line in readme.text():gmatch("([^\n]*)\n") do
    if line == "```lua" then
      lines = {}
    elseif lines and line == "```" then
      found[#found + 1] = { title = title, text = table.concat(lines, "\n") }
      lines = nil
    elseif lines then
      lines[#lines + 1] = line
    else
      title = line:match("^##+ (.*)") or title
    end
  end
  return found
end

-- Every example: { title =, shown = as it stands, rules = what can be loaded }. A block of keys of a product, as in
-- message = "...", or of conditions holds one example for each of them.
function readme.examples()
  local examples = {}
  for _, block in ipairs(blocks()) do
    local form, parts = "%s", { block.text }
    if block.text:find("^%l+ *=") then
      form, parts = PRODUCT, products_of(block.text)
    elseif block.text:find("^{") then
      form, parts = SEGMENT, conditions_of(block.text)
    end
    for _, shown in ipairs(parts) do
      examples[#examples + 1] = { title = block.title, shown = shown, rules = form:format(shown) }
    end
  end
  return examples
end

-- The examples below a heading that begins so.
function readme.below(heading)
  local found = {}
  for _, example in ipairs(readme.examples()) do
    if example.title:sub(1, #heading) == heading then
      found[#found + 1] = example
    end
  end
  return found
end

return readme
