-- fmt: rule files in the one style. A file is only touched when its tokens and comments stay as they are and the rules
-- of its folder mean the same before and after.

local arguments = require "offerengine.cli.arguments"
local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local findings = require "offerengine.cli.findings"
local format = require "offerengine.format"
local json = require "offerengine.json"
local loader = require "offerengine.loader"
local scanner = require "offerengine.scanner"
local texts = require "offerengine.texts"

local fmt = {
  name = "fmt",
  summary = "Write rule files in the one style, comments and meaning kept.",
  usage = "fmt [FILE | DIR ...] [--check] [--json]",
  examples = {
    { "offerengine fmt", "all files of the folder rules" },
    { "offerengine fmt rules/products/credit.lua", "one file" },
    { "offerengine fmt --check", "change nothing; list the files that differ, exit 1 if there are any" },
  },
  operands = { 0, 1000 },
  options = {
    arguments.RULES,
    { "check", nil, "list the files that are not in the style, and change nothing" },
    arguments.JSON,
  },
}

local SYNTAX, FILE = "E001", "E023"
local DEPTH_MAX, BYTES_MAX = 8, 64 << 10
local NO_RULES = { samples = true, tables = true }

-- ---- which files ----

local function add_folder(files, folder, depth)
  local names = failure.check(core.names(folder))
  table.sort(names)
  for _, name in ipairs(names) do
    local path = folder .. "/" .. name
    local kind = core.kind(path)
    if kind == "folder" and depth < DEPTH_MAX and not (depth == 0 and NO_RULES[name]) then
      add_folder(files, path, depth + 1)
    elseif kind == "file" and name:find("%.lua$") then -- where a link leads is formatted there
      files[#files + 1] = { path = path }
    end
  end
end

local function files_of(given)
  local files = {}
  for _, path in ipairs(#given > 0 and given or { given.rules or "rules" }) do
    path = #path > 1 and path:gsub("/+$", "") or path
    local kind = core.kind(path)
    if kind == "folder" then
      add_folder(files, path, 0)
    elseif kind == "file" then
      files[#files + 1] = { path = path }
    else
      failure.stop(("file '%s': %s"):format(path, not kind and "there is no such file or folder"
        or kind == "link" and "is a symbolic link; name the file that it leads to" or "is not a regular file"),
        failure.SYSTEM)
    end
  end
  return files
end

-- ---- texts ----

local function problem_of(text)
  if #text > BYTES_MAX then
    return "is larger than 64 KiB; spread it over several files"
  elseif text:find("\0", 1, true) or text:sub(1, 1) == "\27" then
    return "is not text"
  elseif not utf8.len(text) then
    return "is not UTF-8 text; save it with the encoding UTF-8"
  end
end

local function finding_of(file, problem)
  return problem and { severity = "error", code = FILE, file = file.path,
    message = ("file %s %s"):format(file.path, problem) }
end

local function read(file)
  local opened, message = io.open(file.path, "rb")
  if not opened then
    failure.stop("file " .. message, failure.SYSTEM)
  end
  file.text = opened:read("a") or ""
  opened:close()
  return finding_of(file, problem_of(file.text))
end

-- What is no Lua: a finding for each such file; file.is_broken is set.
local function check_syntax(files)
  local sound, by_path, found = {}, {}, {}
  for _, file in ipairs(files) do
    local finding = read(file)
    file.is_broken = finding ~= nil
    found[#found + 1] = finding
    sound[file.path], by_path[file.path] = not finding and file.text or nil, file
  end
  local ruleset, _, _, all = loader.load("", { texts = texts.pack(sound) })
  for _, finding in ipairs(not ruleset and all or {}) do
    if finding.code == SYNTAX then
      local file = by_path[finding.file]
      file.is_broken = true
      found[#found + 1] = finding
    end
  end
  return found
end

-- ---- that nothing is lost ----

local function comments_of(text)
  local found = {}
  for _, item in ipairs(scanner.items(text)) do
    if item.kind == "comment" then
      found[#found + 1] = item.is_long and item.text or item.text:gsub("%s+$", "")
    end
  end
  return table.concat(found, "\0")
end

local function refuse(path, what)
  failure.stop(("%s: %s; nothing was written, please report this with the file"):format(path, what), failure.SYSTEM)
end

local function check_tokens(file)
  local text = file.text:gsub("^\xEF\xBB\xBF", "")
  if scanner.plain(text) ~= scanner.plain(file.formatted) then
    refuse(file.path, "the formatted text would say something else")
  elseif comments_of(text) ~= comments_of(file.formatted) then
    refuse(file.path, "a comment would be lost")
  end
end

-- The rules folder that a file lies in: the nearest one above with a schema.lua.
local function folder_of(path)
  local folder = path
  repeat
    folder = folder:match("^(.*)/[^/]*$") or (folder ~= "." and "." or nil)
    if folder and core.kind(folder .. "/schema.lua") then
      return folder
    end
  until not folder or folder == "" or folder == "."
end

-- The rules of a folder before and after; those that cannot be loaded have no meaning to compare.
local function check_meaning(folder, changed)
  local before, _, packed = loader.load(folder)
  if not before then
    return
  end
  local after_texts = texts.unpack(packed)
  for _, file in ipairs(changed) do
    local path = folder == "." and file.path:gsub("^%./", "") or file.path:sub(#folder + 2)
    if after_texts[path] then
      after_texts[path] = file.formatted
    end
  end
  local after = loader.load(folder, { texts = texts.pack(after_texts) })
  if not after or after:meaning() ~= before:meaning() then
    refuse(folder, "the formatted rules would mean something else")
  end
end

local function check_meanings(changed)
  local folders = {}
  for _, file in ipairs(changed) do
    local folder = folder_of(file.path)
    if folder then
      folders[folder] = folders[folder] or {}
      table.insert(folders[folder], file)
    end
  end
  for folder, files in pairs(folders) do
    check_meaning(folder, files)
  end
end

-- ---- the command ----

local function report(given, files, changed, found)
  local paths = {}
  for i, file in ipairs(changed) do
    paths[i] = file.path
  end
  if given.json then
    io.stdout:write(json.encode { ok = #found == 0 and not (given.check and #paths > 0), files = #files,
      changed = json.list(paths), findings = json.list(found) }, "\n")
    return
  end
  for _, path in ipairs(paths) do
    io.stdout:write(path, "\n")
  end
  for _, finding in ipairs(found) do
    io.stderr:write(loader.format(finding), "\n")
  end
  io.stderr:write(findings.hint(found), ("%d of %d file%s %s\n"):format(#paths, #files, #files == 1 and "" or "s",
    given.check and "not in the style" or "formatted"))
end

function fmt.run(given)
  local files, changed = files_of(given), {}
  local found = check_syntax(files)
  for _, file in ipairs(files) do
    file.formatted = not file.is_broken and format.text(file.text) or file.text
    if #file.formatted > BYTES_MAX and not file.is_broken then
      found[#found + 1] = finding_of(file, "would be larger than 64 KiB; spread it over several files")
    elseif file.formatted ~= file.text then
      check_tokens(file)
      changed[#changed + 1] = file
    end
  end
  check_meanings(changed)
  for _, file in ipairs(given.check and {} or changed) do
    failure.check(core.replace(file.path, file.formatted))
  end
  report(given, files, changed, found)
  return (#found > 0 or given.check and #changed > 0) and failure.FINDINGS or failure.NONE
end

return fmt
