-- shell.lua: runs the built executable for the specs and tells what came out of it; temporary folders and files.

local shell = { build = os.getenv("OE_BUILD"), source = os.getenv("OE_SOURCE") }

function shell.quote(word)
  return "'" .. tostring(word):gsub("'", "'\\''") .. "'"
end

function shell.write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(text))
  return path
end

function shell.read(path)
  local file <close> = assert(io.open(path, "rb"))
  return assert(file:read("a"))
end

function shell.exists(path)
  local file = io.open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

-- A new folder; shell.remove(folder) afterwards.
function shell.folder()
  local pipe <close> = assert(io.popen("mktemp -d", "r"))
  return assert(pipe:read("l"))
end

function shell.remove(folder)
  assert(os.execute("rm -rf " .. shell.quote(folder)))
end

local function words_of(...)
  local words = {}
  for i, word in ipairs { ... } do
    words[i] = shell.quote(word)
  end
  return table.concat(words, " ")
end

-- Runs a command line; exit code, standard output, standard error.
function shell.run_line(line, input)
  local folder = shell.folder()
  local given = input and shell.write(folder .. "/in", input) or "/dev/null"
  local _, how, code = os.execute(("( %s ) >%s/out 2>%s/err <%s"):format(line, folder, folder, given))
  local out, err = shell.read(folder .. "/out"), shell.read(folder .. "/err")
  shell.remove(folder)
  return how == "exit" and code or 128 + code, out, err
end

-- Runs offerengine with these words. A table as last word: { input = text, folder = where }.
function shell.run(...)
  local words = { ... }
  local options = type(words[#words]) == "table" and table.remove(words) or {}
  local line = ("cd %s && %s/offerengine %s"):format(shell.quote(options.folder or shell.source),
    shell.quote(shell.build), words_of(table.unpack(words)))
  return shell.run_line(line, options.input)
end

return shell
