-- version: which build this is.

local arguments = require "offerengine.cli.arguments"
local core = require "offerengine.core"
local json = require "offerengine.json"

local version = {
  name = "version",
  summary = "Show the version.",
  usage = "version [--json]",
  examples = { { "offerengine version", "offerengine " .. core.version } },
  options = { arguments.JSON },
}

function version.run(given)
  if given.json then
    io.stdout:write(json.encode { version = core.version, lua = _VERSION }, "\n")
  else
    io.stdout:write("offerengine ", core.version, "\n")
  end
end

return version
