-- mutation_spec.lua: a slip of the finger in the sample rules is found, with its line. Every keyword, key and referred
-- name is changed by one letter; at least 99 of 100 such rules must be refused with a finding at the changed line.

local rule_folder = require "rule_folder"

local TOP = (os.getenv("OE_SOURCE") or ".") .. "/rules"
local MUTATIONS = 400 -- drawn by a fixed seed

-- Words whose change makes another lawful text: declared ids, free texts.
local FREE_KEYS = { name = true, reason = true, label = true, unit = true, words = true, values = true, group = true,
  currency = true }
local DECLARING = { attribute = true, category = true, product = true, segment = true, tier = true, exclude = true,
  adjust = true }

local seed = 20261122
local function random(n)
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed // 65536 % n + 1
end

-- The text with comments blanked out, so that offsets stay.
local function without_comments(text)
  return (text:gsub("%-%-[^\n]*", function(comment) return (" "):rep(#comment) end))
end

-- Places { first, last } of the words in one file that a slip must not pass with.
local function places_of(text)
  local plain, places = without_comments(text), {}
  local position = 1
  while true do
    local first, last = plain:find('[%a_][%w_]*', position)
    if not first then
      return places
    end
    local before = plain:sub(1, first - 1)
    local quote_first, quote_last = plain:find('"[^"]*"', position)
    if quote_first and quote_first < first then
      -- A text: of interest only when it is a reference.
      local head = before:sub(1, quote_first - position + position - 1)
      local word = head:match("([%a_]+)%s*$")
      local key = head:match("([%a_]+)%s*=%s*[%a_{ (]*$") or head:match("([%a_]+)%s*=%s*[%a_]*%s*{[^}]*$")
      if not DECLARING[word or ""] and not FREE_KEYS[key or ""] then
        places[#places + 1] = { quote_first + 1, quote_last - 1 }
      end
      position = quote_last + 1
    else
      local word = plain:sub(first, last)
      if word ~= "nil" and word ~= "true" and word ~= "false" then
        places[#places + 1] = { first, last }
      end
      position = last + 1
    end
  end
end

local function line_at(text, position)
  local _, count = text:sub(1, position):gsub("\n", "")
  return count + 1
end

-- One letter of the word replaced by another, left out or doubled.
local function mutate(text, place)
  local at = place[1] + random(place[2] - place[1] + 1) - 1
  local old = text:sub(at, at)
  local kind = place[1] == place[2] and 1 or random(3)
  local new = ""
  if kind == 1 then
    repeat
      new = string.char(96 + random(26))
    until new ~= old
  elseif kind == 2 then
    new = old .. string.char(96 + random(26))
  end
  return text:sub(1, at - 1) .. new .. text:sub(at + 1), at
end

describe("a slip of the finger in the sample rules", function()
  local files = rule_folder.read(TOP)
  local paths, targets = {}, {}
  for path in pairs(files) do
    paths[#paths + 1] = path
  end
  table.sort(paths)
  for _, path in ipairs(paths) do
    for _, place in ipairs(places_of(files[path])) do
      targets[#targets + 1] = { path = path, place = place }
    end
  end

  it("is refused with its file and line in at least 99 of 100 cases", function()
    assert.is_true(#targets > 300, "only " .. #targets .. " places")
    local missed = {}
    for _ = 1, MUTATIONS do
      local target = targets[random(#targets)]
      local original = files[target.path]
      local mutant, at = mutate(original, target.place)
      files[target.path] = mutant
      local ruleset, findings = rule_folder.load(files)
      files[target.path] = original
      local line, found = line_at(original, at), false
      for _, finding in ipairs(findings) do
        found = found or finding.file == target.path and finding.line == line
      end
      if ruleset or not found then
        local shown = mutant:sub(1, at):match("[^\n]*$") .. mutant:sub(at + 1):match("^[^\n]*")
        missed[#missed + 1] = ("%s:%d: %s\n%s"):format(target.path, line, shown,
          ruleset and "(taken)" or rule_folder.show(findings))
      end
    end
    assert.is_true(#missed <= MUTATIONS // 100, #missed .. " missed:\n" .. table.concat(missed, "\n"))
  end)
end)
