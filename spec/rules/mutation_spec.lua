-- mutation_spec.lua: a slip of the finger in the sample rules is found, with its line. Keywords, keys and referred
-- names are changed by one letter, or lose one of their words; at least 99 of 100 such rules must be refused with a
-- finding at the changed line, and where one edit leads back, the right word must be suggested. OE_MUTATIONS says how
-- many are tried.

local rule_folder = require "rule_folder"

local TOP = (os.getenv("OE_SOURCE") or ".") .. "/rules"
local MUTATIONS = tonumber(os.getenv("OE_MUTATIONS") or 300) -- drawn by a fixed seed

-- Words whose change makes another lawful text: declared ids, free texts.
local FREE_KEYS = { name = true, reason = true, label = true, unit = true, words = true, values = true, group = true,
  currency = true, message = true }
local DECLARING = { attribute = true, category = true, product = true, segment = true, tier = true, exclude = true,
  adjust = true, ladder = true, lookup = true, derive = true }

local seed = 20261122
local function random(n)
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed // 65536 % n + 1
end

-- The text with comments blanked out, so that offsets stay.
local function without_comments(text)
  return (text:gsub("%-%-[^\n]*", function(comment) return (" "):rep(#comment) end))
end

-- The key or word that a text of the rules belongs to: name in name = "..." and owns in owns("...").
local function owner_of(before)
  return before:match("([%a_]+)%s*$"), before:match("([%a_]+)%s*=%s*[%a_{ (]*$")
    or before:match("([%a_]+)%s*=%s*[%a_]*%s*{[^}]*$")
end

-- What stands between the braces of a message.
local function add_placeholders(places, plain, first, last)
  for start, name, colon, format in plain:sub(first, last):gmatch("{()([%a_]+)(:?)([%a_]*)}") do
    local at = first + start - 1
    places[#places + 1] = { at, at + #name - 1 }
    if colon ~= "" then
      places[#places + 1] = { at + #name + 1, at + #name + #format }
    end
  end
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
    local quote_first, quote_last = plain:find('"[^"]*"', position)
    if quote_first and quote_first < first then
      -- A text: of interest only when it is a reference.
      local word, key = owner_of(plain:sub(1, quote_first - 1))
      if key == "message" then
        add_placeholders(places, plain, quote_first, quote_last)
      elseif not DECLARING[word or ""] and not FREE_KEYS[key or ""] then
        places[#places + 1] = { quote_first + 1, quote_last - 1 }
      end
      position = quote_last + 1
    else
      local word = plain:sub(first, last)
      -- A dimension may have any name when its attribute is told by `of`.
      local declares = plain:find("^%s*=%s*{[^}]*%f[%w]of%f[%W]", last + 1)
      if word ~= "nil" and word ~= "true" and word ~= "false" and not declares then
        places[#places + 1] = { first, last }
      end
      position = last + 1
    end
  end
end

-- The cells of the first column: the attribute, and its values. The names of the others are declared there.
local function keys_of(text)
  local places = {}
  for first, last in text:gmatch("%f[^\n\0]()[%a_]+(),") do
    places[#places + 1] = { first, last - 1 }
  end
  return places
end

local function line_at(text, position)
  local _, count = text:sub(1, position):gsub("\n", "")
  return count + 1
end

local function letter()
  return string.char(96 + random(26))
end

-- One letter replaced, put in, left out, or exchanged with the next one.
local SLIPS = {
  function(word, at)
    local new
    repeat
      new = letter()
    until new ~= word:sub(at, at)
    return word:sub(1, at - 1) .. new .. word:sub(at + 1)
  end,
  function(word, at) return word:sub(1, at) .. letter() .. word:sub(at + 1) end,
  function(word, at) return word:sub(1, at - 1) .. word:sub(at + 1) end,
  function(word, at) return word:sub(1, at - 1) .. word:sub(at + 1, at + 1) .. word:sub(at, at) .. word:sub(at + 2) end,
}

-- One of the words of credit_score left out; nil where there is one only.
local function without_a_word(word)
  local words = {}
  for part in word:gmatch("[^_]+") do
    words[#words + 1] = part
  end
  if #words > 1 then
    table.remove(words, random(#words))
    return table.concat(words, "_")
  end
end

-- The word changed, and whether one edit leads back.
local function mutate(word)
  local shorter = random(10) == 1 and without_a_word(word)
  if shorter then
    return shorter, false
  end
  local new
  repeat
    new = SLIPS[#word == 1 and random(2) or random(#SLIPS)](word, random(#word))
  until new ~= word
  return new, true
end

-- Whether a suggestion is the word, or what stands behind its min_, max_ or ideal_.
local function is_right(suggestion, word)
  return suggestion == word or suggestion == (word:match("^m[ia][nx]_(.+)$") or word:match("^ideal_(.+)$"))
end

describe("a slip of the finger in the sample rules", function()
  local files = rule_folder.read(TOP)
  local paths, targets = {}, {}
  for path in pairs(files) do
    paths[#paths + 1] = path
  end
  table.sort(paths)
  for _, path in ipairs(paths) do
    for _, place in ipairs((path:find("%.csv$") and keys_of or places_of)(files[path])) do
      targets[#targets + 1] = { path = path, place = place }
    end
  end

  -- Loads the rules with one word changed: whether that was refused at its line, and with the right word.
  local function try(target)
    local original = files[target.path]
    local first, last = target.place[1], target.place[2]
    local word = original:sub(first, last)
    local changed, is_near = mutate(word)
    files[target.path] = original:sub(1, first - 1) .. changed .. original:sub(last + 1)
    local ruleset, findings = rule_folder.load(files)
    files[target.path] = original
    local line, found, suggested = line_at(original, first), false, false
    for _, finding in ipairs(findings) do
      local here = finding.file == target.path and finding.line == line
      found = found or here
      suggested = suggested or here and finding.suggestion and is_right(finding.suggestion, word)
    end
    local shown = ("%s:%d: %s instead of %s\n%s"):format(target.path, line, changed, word,
      ruleset and "(taken)" or rule_folder.show(findings))
    return found and not ruleset, is_near, suggested, shown
  end

  it("is refused at its line in 99 of 100 cases, and with the right word where one edit leads back", function()
    assert.is_true(#targets > 300, "only " .. #targets .. " places")
    local near, missed, silent = 0, {}, {}
    for _ = 1, MUTATIONS do
      local refused, is_near, suggested, shown = try(targets[random(#targets)])
      missed[#missed + 1] = not refused and shown or nil
      near = near + (is_near and 1 or 0)
      silent[#silent + 1] = is_near and not suggested and shown or nil
    end
    if os.getenv("OE_MUTATIONS") then
      print(("%d mutations, %d refused at their line; %d one edit away, %d with the right word"):format(MUTATIONS,
        MUTATIONS - #missed, near, near - #silent))
      print(table.concat(silent, "\n"))
    end
    assert.is_true(#missed <= MUTATIONS // 100, #missed .. " missed:\n" .. table.concat(missed, "\n"))
    assert.is_true(#silent <= near // 100, #silent .. " without the right word:\n" .. table.concat(silent, "\n"))
  end)
end)
