-- layers.lua: proves who may include or require whom: engine <- codec <- store <- lua <- server, and that each
-- third-party header has one home. usage: lua5.4 spec/support/layers.lua [TOP]; exit 1 with one line per breach.
-- As a module: layers.check { ["core/engine/x.c"] = content, ... } and layers.check_top_level(names).

local layers = {}

local RANK = { engine = 1, codec = 2, store = 3, lua = 4, server = 5, spec = 6 }

local function set(words)
  local result = {}
  for word in words:gmatch("%S+") do
    result[word] = true
  end
  return result
end

-- What engine and codec may use of the C library: nothing with a clock, a file, a signal or a locale.
local PURE = set [[assert.h ctype.h errno.h fenv.h float.h inttypes.h limits.h math.h pthread.h stdalign.h stdarg.h
  sched.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h strings.h immintrin.h]]

-- What everything above may use besides.
local SYSTEM = set [[arpa/inet.h dirent.h dlfcn.h fcntl.h getopt.h libgen.h locale.h netdb.h netinet/in.h
  netinet/tcp.h poll.h semaphore.h setjmp.h signal.h syslog.h termios.h time.h unistd.h wchar.h]]

local function is_system(header)
  return PURE[header] or SYSTEM[header] or header:find("^sys/") or header:find("^linux/")
end

-- Third-party header -> where it may be included. A database's header is included by exactly one file, whose
-- name and those of all that include it begin with the backend's name.
local HOMES = {
  { header = "^sqlite3%.h$", layers = set "store", backend = "sqlite" },
  { header = "^libpq%-fe%.h$", layers = set "store", backend = "postgres" },
  { header = "^openssl/", layers = set "store" },
  { header = "^xxhash%.h$", layers = set "store" },
  { header = "cJSON%.h$", layers = set "lua" },
  { header = "^uv%.h$", layers = set "server" },
  { header = "llhttp%.h$", layers = set "server" },
  { header = "^lua%.h$", layers = set "lua server" },
  { header = "^lauxlib%.h$", layers = set "lua server" },
  { header = "^lualib%.h$", layers = set "lua server" },
}

local function home_of(header)
  for _, home in ipairs(HOMES) do
    if header:find(home.header) then
      return home
    end
  end
end

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

function layers.layer_of(path)
  if path == "core/offerengine.h" then
    return "engine"
  end
  local layer = path:match("^core/(%w+)/") or path:match("^(%w+)/")
  return RANK[layer] and layer
end

-- The file that a quoted include names: relative to its own folder, core/, the top or spec/support.
local function resolve(files, path, header)
  local folder = path:match("^(.*/)") or ""
  for _, base in ipairs { folder, "core/", "", "spec/support/" } do
    if files[base .. header] then
      return base .. header
    end
  end
end

local function check_own(report, files, path, header)
  local target = resolve(files, path, header)
  local layer = layers.layer_of(path)
  if not target then
    report("includes \"%s\", which is not in the tree", header)
  elseif RANK[layers.layer_of(target)] > RANK[layer] then
    report("%s must not include \"%s\" of %s", layer, header, layers.layer_of(target))
  end
end

local function is_of_backend(path, backend)
  return path:match("[^/]+$"):sub(1, #backend) == backend
end

local function check_foreign(report, path, header, users)
  local layer = layers.layer_of(path)
  local home = home_of(header)
  if layer == "spec" then
    return
  elseif home then
    if not home.layers[layer] or not is_of_backend(path, home.backend or "") then
      report("<%s> has its home elsewhere", header)
    elseif home.backend then
      users[header] = users[header] or {}
      table.insert(users[header], path)
    end
  elseif RANK[layer] <= RANK.codec then
    if not PURE[header] then
      report("%s uses the C library only, without clock and files: not <%s>", layer, header)
    end
  elseif not is_system(header) then
    report("<%s> has no home; give it one in spec/support/layers.lua", header)
  end
end

-- Lua below server/ names only the module's own files.
local function check_require(report, path, name)
  if path:find("^lua/") and name ~= "offerengine" and not name:find("^offerengine%.") then
    report("lua must not require '%s'", name)
  end
end

local function each_line(text)
  local number = 0
  return function(lines)
    local line = lines()
    number = number + 1
    return line and number, line
  end, text:gmatch("([^\n]*)\n?")
end

local function check_c(report_at, files, path, users)
  for number, line in each_line(files[path]) do
    local function report(...)
      report_at(number, ...)
    end
    local own = line:match('^%s*#%s*include%s*"([^"]+)"')
    local foreign = line:match("^%s*#%s*include%s*<([^>]+)>")
    if own and home_of(own) and not resolve(files, path, own) then
      check_foreign(report, path, own, users)
    elseif own then
      check_own(report, files, path, own)
    elseif foreign then
      check_foreign(report, path, foreign, users)
    end
  end
end

local function check_lua(report_at, files, path)
  for number, line in each_line(files[path]) do
    local code = line:gsub("^%s*%-%-.*", "")
    for name in code:gmatch("%f[%w_]require%s*%(?%s*[\"']([^\"']+)[\"']") do
      check_require(function(...)
        report_at(number, ...)
      end, path, name)
    end
  end
end

-- A header that shows a database's types is for that backend's files only.
local function check_backend_headers(add, files, users, header)
  local seen = users[1]
  local backend = home_of(header).backend
  if not seen:find("%.h$") then
    return
  end
  for _, path in ipairs(sorted_keys(files)) do
    local includes = path:find("^spec/") and "" or files[path]
    for own in includes:gmatch('#%s*include%s*"([^"]+)"') do
      if resolve(files, path, own) == seen and not (path:find("^core/store/") and is_of_backend(path, backend)) then
        add(("%s:1: \"%s\" shows <%s>, which is for the files of %s only"):format(path, own, header, backend))
      end
    end
  end
end

local BARRED_NAMES = set "util utils misc common helper helpers"

-- All breaches in `files` (path -> content), each "path:line: what", in order.
function layers.check(files)
  local findings, users = {}, {}
  for _, path in ipairs(sorted_keys(files)) do
    local function report_at(number, message, ...)
      findings[#findings + 1] = ("%s:%d: %s"):format(path, number, message:format(...))
    end
    local name, ending = path:match("([^/]+)%.(%w+)$")
    if BARRED_NAMES[name] then
      report_at(1, "a file is named for what it owns, not '%s'", name)
    end
    if ending == "lua" then
      check_lua(report_at, files, path)
    elseif layers.layer_of(path) then
      check_c(report_at, files, path, users)
    end
  end
  for _, header in ipairs(sorted_keys(users)) do
    check_backend_headers(function(finding)
      findings[#findings + 1] = finding
    end, files, users[header], header)
    if #users[header] > 1 then
      findings[#findings + 1] = ("<%s> is included by more than one file: %s"):format(header,
        table.concat(users[header], ", "))
    end
  end
  return findings
end

local TOP = set "core lua rules server spec CMakeLists.txt README.md LICENSE"

-- Breaches of the fixed top level; dot entries and the build folder are free.
function layers.check_top_level(names)
  local findings, seen = {}, {}
  for _, name in ipairs(names) do
    seen[name] = true
    if not TOP[name] and not name:find("^%.") and name ~= "build" then
      findings[#findings + 1] = ("top level: '%s' is outside the fixed layout"):format(name)
    end
  end
  for _, name in ipairs(sorted_keys(TOP)) do
    if not seen[name] then
      findings[#findings + 1] = ("top level: '%s' is missing"):format(name)
    end
  end
  return findings
end

if arg and arg[0] and arg[0]:find("layers%.lua$") then
  local folder = arg[0]:match("^(.*/)") or ""
  package.path = folder .. "?.lua;" .. package.path
  local tree = require "tree"
  local top = arg[1] or "."
  local findings = layers.check(tree.files(top, { c = true, h = true, lua = true }))
  table.move(layers.check_top_level(tree.top_level(top)), 1, 99, #findings + 1, findings)
  tree.report(findings, "layers")
end

return layers
