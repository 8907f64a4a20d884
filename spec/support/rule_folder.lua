-- rule_folder.lua: rules folders for specs: written below the temporary folder, loaded, and taken away again.

local lfs = require "lfs"
local loader = require "offerengine.loader"

local rule_folder = {}

local function make_folders(path)
  local made = ""
  for part in path:gmatch("[^/]+") do
    made = made .. "/" .. part
    lfs.mkdir(made)
  end
end

-- Writes files, path -> text, into a new folder and returns its path.
function rule_folder.write(files)
  local top = os.tmpname()
  os.remove(top)
  make_folders(top)
  for path, text in pairs(files) do
    local full = top .. "/" .. path
    make_folders(full:match("^(.*)/"))
    local file <close> = assert(io.open(full, "wb"))
    file:write(text)
  end
  return top
end

function rule_folder.remove(path)
  local kind = lfs.symlinkattributes(path, "mode")
  if kind == "directory" then
    for name in lfs.dir(path) do
      if name ~= "." and name ~= ".." then
        rule_folder.remove(path .. "/" .. name)
      end
    end
    lfs.rmdir(path)
  elseif kind then
    os.remove(path)
  end
end

-- Loads files and returns the ruleset or nil, the findings, and how many bytes the rule VM held at most.
function rule_folder.load(files)
  local top = rule_folder.write(files)
  local ruleset, second, _, fourth, fifth = loader.load(top)
  rule_folder.remove(top)
  if ruleset then
    return ruleset, second, fourth
  end
  return nil, fourth, fifth
end

-- Checks files and returns the findings, and the ruleset when there is one.
function rule_folder.check(files)
  local top = rule_folder.write(files)
  local found, ruleset = loader.check(top)
  rule_folder.remove(top)
  return found, ruleset
end

-- What is found on files beside what is found on `plain` ones.
function rule_folder.news(files, plain)
  local known, news = {}, {}
  for _, finding in ipairs((rule_folder.check(plain))) do
    known[loader.format(finding)] = true
  end
  for _, finding in ipairs((rule_folder.check(files))) do
    news[#news + 1] = not known[loader.format(finding)] and finding or nil
  end
  return news
end

local SKIPPED = { samples = true, tests = true }

-- The rule files of a folder of the tree, path -> text: *.lua outside of samples and tests, and the tables.
function rule_folder.read(top, below, files)
  files = files or {}
  for name in lfs.dir(below and top .. "/" .. below or top) do
    local path = below and below .. "/" .. name or name
    local kind = lfs.attributes(top .. "/" .. path, "mode")
    if kind == "directory" and not name:find("^%.") and not SKIPPED[name] then
      rule_folder.read(top, path, files)
    elseif kind == "file" and (name:find("%.lua$") or below == "tables" and name:find("%.csv$")) then
      local file <close> = assert(io.open(top .. "/" .. path, "rb"))
      files[path] = file:read("a")
    end
  end
  return files
end

-- The findings as text, for messages of failing specs.
function rule_folder.show(findings)
  local lines = {}
  for _, finding in ipairs(findings) do
    lines[#lines + 1] = loader.format(finding)
  end
  return table.concat(lines, "\n")
end

return rule_folder
