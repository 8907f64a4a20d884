-- layers_spec.lua: the layer check itself, fed with small trees that keep or break each rule.

local top = os.getenv("OE_SOURCE") or "."
local layers = dofile(top .. "/spec/support/layers.lua")

-- One file beside a header of every layer; the findings about that file.
local function findings_of(path, content)
  local files = {
    ["core/offerengine.h"] = "", ["core/engine/a.h"] = "", ["core/codec/b.h"] = "", ["core/store/c.h"] = "",
    ["lua/d.h"] = "", ["server/e.h"] = "", ["spec/support/check.h"] = "",
  }
  files[path] = content
  return layers.check(files)
end

local allowed = {
  { "core/engine/x.c", '#include "offerengine.h"\n#include "engine/a.h"\n#include <string.h>\n' },
  { "core/engine/x.c", '/* sqlite3.h is not ours */\n#include <stdatomic.h>\n' },
  { "core/codec/x.c", '#include "engine/a.h"\n#include "codec/b.h"\n#include <math.h>\n' },
  { "core/store/sqlite.h", "#include <sqlite3.h>\n" },
  { "core/store/sqlite.c", '#include <sqlite3.h>\n#include "codec/b.h"\n' },
  { "core/store/x.c", "#include <openssl/evp.h>\n#include <unistd.h>\n" },
  { "lua/x.c", '#include "d.h"\n#include "store/c.h"\n#include <cjson/cJSON.h>\n#include <lua.h>\n' },
  { "server/x.c", '#include "lua/d.h"\n#include <uv.h>\n#include <llhttp/llhttp.h>\n#include <lauxlib.h>\n' },
  { "spec/core/engine/x_spec.c", '#include "check.h"\n#include "engine/a.h"\n#include <sqlite3.h>\n' },
  { "lua/offerengine/x.lua", 'local a = require "offerengine.core"\nlocal b = require("offerengine")\n' },
  { "lua/offerengine/x.lua", '-- server: require "server.routes" does that\n' },
  { "server/x.lua", 'local a = require "offerengine"\nlocal b = require "server.routes"\n' },
}

local refused = {
  { "core/engine/x.c", '#include "codec/b.h"\n', 'engine must not include "codec/b.h" of codec' },
  { "core/engine/x.h", '#include "../codec/b.h"\n', "not in the tree" },
  { "core/engine/x.c", "#include <time.h>\n", "not <time.h>" },
  { "core/engine/x.c", "  #  include <unistd.h>\n", "not <unistd.h>" },
  { "core/codec/x.c", '#include "store/c.h"\n', 'codec must not include "store/c.h" of store' },
  { "core/codec/x.c", "#include <cjson/cJSON.h>\n", "has its home elsewhere" },
  { "core/store/x.c", '#include "lua/d.h"\n', 'store must not include "lua/d.h" of lua' },
  { "core/store/x.c", "#include <uv.h>\n", "has its home elsewhere" },
  { "core/store/x.c", "#include <sqlite3.h>\n", "has its home elsewhere" },
  { "lua/x.c", '#include "server/e.h"\n', 'lua must not include "server/e.h" of server' },
  { "lua/x.c", "#include <sqlite3.h>\n", "has its home elsewhere" },
  { "lua/x.c", "#include <openssl/sha.h>\n", "has its home elsewhere" },
  { "lua/x.c", '#include "uv.h"\n', "has its home elsewhere" },
  { "server/x.c", "#include <cjson/cJSON.h>\n", "has its home elsewhere" },
  { "server/x.c", "#include <libpq-fe.h>\n", "has its home elsewhere" },
  { "server/x.c", "#include <jansson.h>\n", "has no home" },
  { "server/x.c", '#include "nowhere.h"\n', "not in the tree" },
  { "lua/offerengine/x.lua", 'local a = require "server.routes"\n', "must not require 'server.routes'" },
  { "lua/offerengine/x.lua", "local a = require('socket')\n", "must not require 'socket'" },
  { "core/engine/util.c", "", "not 'util'" },
}

describe("the layer check", function()
  for _, case in ipairs(allowed) do
    it("lets " .. case[1] .. " contain " .. case[2]:gsub("\n", "; "), function()
      assert.same({}, findings_of(case[1], case[2]))
    end)
  end

  for _, case in ipairs(refused) do
    it("refuses in " .. case[1] .. ": " .. case[2]:gsub("\n", ""), function()
      local findings = findings_of(case[1], case[2])
      assert.equal(1, #findings)
      assert.truthy(findings[1]:find(case[1] .. ":1: ", 1, true), findings[1])
      assert.truthy(findings[1]:find(case[3], 1, true), findings[1])
    end)
  end

  it("names the line of a breach", function()
    local findings = findings_of("core/engine/x.c", "\n\n#include <time.h>\n")
    assert.truthy(findings[1]:find("core/engine/x.c:3:", 1, true), findings[1])
  end)

  it("refuses a second file that includes sqlite3.h", function()
    local findings = layers.check {
      ["core/store/sqlite_a.c"] = "#include <sqlite3.h>\n",
      ["core/store/sqlite_b.c"] = "#include <sqlite3.h>\n",
    }
    assert.same({
      "<sqlite3.h> is included by more than one file: core/store/sqlite_a.c, core/store/sqlite_b.c",
    }, findings)
  end)

  it("lets the backend's files, and no others, include the header that includes sqlite3.h", function()
    local files = {
      ["core/store/sqlite.h"] = "#include <sqlite3.h>\n",
      ["core/store/sqlite_open.c"] = '#include "store/sqlite.h"\n',
    }
    assert.same({}, layers.check(files))
    files["core/store/store.c"] = '#include "store/sqlite.h"\n'
    assert.same({
      'core/store/store.c:1: "store/sqlite.h" shows <sqlite3.h>, which is for the files of sqlite only',
    }, layers.check(files))
  end)
end)

describe("the top level check", function()
  local fixed = { "core", "lua", "rules", "server", "spec", "CMakeLists.txt", "README.md", "LICENSE" }

  it("takes the fixed entries, dot entries and the build folder", function()
    assert.same({}, layers.check_top_level({ ".git", ".ci", "build", table.unpack(fixed) }))
  end)

  it("refuses any other entry", function()
    local names = { "docs", table.unpack(fixed) }
    assert.same({ "top level: 'docs' is outside the fixed layout" }, layers.check_top_level(names))
  end)

  it("misses an entry that is not there", function()
    assert.same({ "top level: 'LICENSE' is missing" }, layers.check_top_level({ table.unpack(fixed, 1, 7) }))
  end)
end)
