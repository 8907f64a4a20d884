-- help: what the commands are, and what the codes of findings mean.

local arguments = require "offerengine.cli.arguments"
local codes = require "offerengine.codes"
local failure = require "offerengine.cli.failure"

local help = {
  name = "help",
  summary = "List the commands, or tell about one or about the code of a finding.",
  usage = "help [COMMAND | CODE]",
  examples = {
    { "offerengine help", "list the commands" },
    { "offerengine help batch", "the same as offerengine batch --help" },
    { "offerengine help E012", "what the code of a finding means, with an example" },
  },
  operands = { 0, 1 },
}

function help.run(given)
  local cli = require "offerengine.cli"
  local name = given[1]
  if name and name:find("^[EeWwNn]%d+$") then
    local text = codes.explain(name)
    if not text then
      local near = ("%s%03d"):format(name:sub(1, 1):upper(), tonumber(name:sub(2)))
      failure.usage(("unknown code '%s'; "):format(name) .. (codes.explain(near) and ("did you mean '%s'?"):format(near)
        or "there are " .. table.concat(codes.list(), ", ")))
    end
    io.stdout:write(text)
    return
  end
  local command = name and cli.command(name)
  if name and not command then
    failure.usage(("unknown command '%s'"):format(name))
  end
  io.stdout:write(command and arguments.help(command) or arguments.overview(cli))
end

return help
