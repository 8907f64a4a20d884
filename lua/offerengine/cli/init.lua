-- cli: the command line: finds the command and runs it. Data go to standard output, messages to standard error.
-- Exit codes: 0 all is well, 1 findings in what was given, 2 wrong usage, 3 the system or a file failed,
-- 4 a gate was exceeded.

local core = require "offerengine.core"
local arguments = require "offerengine.cli.arguments"
local failure = require "offerengine.cli.failure"

local cli = {}

-- In the order in which help lists them.
cli.COMMANDS = {
  "serve", "check", "test", "diff", "reload", "rollback", "history", "recommend", "explain", "price", "uncovered",
  "report", "experiment", "campaign", "batch", "replay", "verify", "import", "export", "products", "customers", "new",
  "fmt", "version", "help",
}

local FILES = { report = "activity" } -- where the name is taken by what all reports have in common

function cli.command(name)
  for _, known in ipairs(cli.COMMANDS) do
    if known == name then
      return require("offerengine.cli." .. (FILES[name] or name))
    end
  end
end

local function unknown_command(name)
  local message = ("offerengine: unknown command '%s'"):format(name)
  local near = core.suggest(name, cli.COMMANDS)
  if near then
    message = message .. ("; did you mean '%s'?"):format(near)
  end
  io.stderr:write(message, "\nsee 'offerengine help'\n")
  return failure.USAGE
end

local function run_command(command, words)
  local given, problem = arguments.parse(command, words)
  if not given then
    io.stderr:write(("offerengine %s: %s\nsee 'offerengine %s --help'\n"):format(command.name, problem, command.name))
    return failure.USAGE
  elseif given.help then
    io.stdout:write(arguments.help(command))
    return failure.NONE
  end
  return command.run(given) or failure.NONE
end

-- Runs the words behind the program's name; returns the exit code.
function cli.run(words)
  local name = words[1]
  if not name then
    io.stderr:write(arguments.overview(cli))
    return failure.USAGE
  elseif name == "--help" or name == "-h" then
    name = "help"
  elseif name == "--version" then
    name = "version"
  end
  local command = cli.command(name)
  if not command then
    return unknown_command(name)
  end
  local ok, code = xpcall(run_command, failure.catch, command, table.move(words, 2, #words, 1, {}))
  if not ok then
    code = failure.report(command.name, code)
  end
  return code
end

return cli
