-- tree.lua: the files of the source tree as { path = content }, for the checks of layers and sizes.
-- Knows the tree's folders, nothing of what is checked.

local tree = {}

-- All files with one of the endings below `top`, paths relative to it; build folders and dot entries left out.
function tree.files(top, endings)
  local files = {}
  local find <close> = assert(io.popen("cd '" .. top .. "' && find core lua rules server spec -type f 2>/dev/null"))
  for path in find:lines() do
    local ending = path:match("%.(%w+)$")
    if ending and endings[ending] then
      local file <close> = assert(io.open(top .. "/" .. path, "rb"))
      files[path] = file:read("a")
    end
  end
  return files
end

-- The names at the top level.
function tree.top_level(top)
  local names = {}
  local list <close> = assert(io.popen("ls -A '" .. top .. "'"))
  for name in list:lines() do
    names[#names + 1] = name
  end
  return names
end

-- Paths of `files` in order, so that findings come in the same order everywhere.
function tree.sorted(files)
  local paths = {}
  for path in pairs(files) do
    paths[#paths + 1] = path
  end
  table.sort(paths)
  return paths
end

-- Prints findings; exits with 1 when there are any.
function tree.report(findings, subject)
  for _, finding in ipairs(findings) do
    io.stderr:write(finding, "\n")
  end
  io.stdout:write(("%s: %d findings\n"):format(subject, #findings))
  os.exit(#findings == 0, true)
end

return tree
