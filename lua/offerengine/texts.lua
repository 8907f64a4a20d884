-- texts.lua: the files of a rules folder as one run of bytes, as history keeps them and the loader takes them
-- (lua/pack.h): path NUL length NUL bytes of every file.

local texts = {}

-- path -> text of every file.
function texts.unpack(packed)
  local files, at = {}, 1
  while at <= #packed do
    local path, length, from = packed:match("^([^\0]*)\0(%d+)\0()", at)
    at = from + tonumber(length)
    files[path] = packed:sub(from, at - 1)
  end
  return files
end

function texts.pack(files)
  local paths, pieces = {}, {}
  for path in pairs(files) do
    paths[#paths + 1] = path
  end
  table.sort(paths)
  for i, path in ipairs(paths) do
    pieces[i] = ("%s\0%d\0%s"):format(path, #files[path], files[path])
  end
  return table.concat(pieces)
end

return texts
