-- help: what the commands are.

local arguments = require "offerengine.cli.arguments"
local failure = require "offerengine.cli.failure"

local help = {
  name = "help",
  summary = "List the commands, or tell about one.",
  usage = "help [COMMAND]",
  examples = {
    { "offerengine help", "list the commands" },
    { "offerengine help batch", "the same as offerengine batch --help" },
  },
  operands = { 0, 1 },
}

function help.run(given)
  local cli = require "offerengine.cli"
  local name = given[1]
  local command = name and cli.command(name)
  if name and not command then
    failure.usage(("unknown command '%s'"):format(name))
  end
  io.stdout:write(command and arguments.help(command) or arguments.overview(cli))
end

return help
