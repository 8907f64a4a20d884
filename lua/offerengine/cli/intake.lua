-- intake: what every command that reads many customers says about them.

local failure = require "offerengine.cli.failure"

local intake = {}

local function several(count, one, many)
  return ("%d %s"):format(count, count == 1 and one or many)
end

-- One line for each undeclared column, one for what lines hold besides, one for unknown products.
function intake.warn(columns, undeclared, unknown_products)
  for _, name in ipairs(columns) do
    io.stderr:write(("warning: column '%s' is not in the schema and was left out\n"):format(name))
  end
  if undeclared > 0 then
    io.stderr:write(("warning: %s not in the schema and left out\n"):format(
      several(undeclared, "member is", "members are")))
  end
  if unknown_products > 0 then
    io.stderr:write(("warning: existing_products: %s unknown to the catalogue and kept as they are\n"):format(
      several(unknown_products, "id is", "ids are")))
  end
end

-- Names the bad rows. Ends the command unless they may be skipped; `what` says what did not happen.
function intake.judge(given, bad, rows, what)
  if bad == 0 then
    return
  end
  io.stderr:write(rows)
  local _, named = rows:gsub("\n", "")
  if bad > named then
    io.stderr:write(("and %d more\n"):format(bad - named))
  end
  local count = several(bad, "bad row", "bad rows")
  if given.skip_bad then
    io.stderr:write(("warning: %s left out\n"):format(count))
  else
    failure.stop(("%s; %s (--skip-bad leaves bad rows out)"):format(count, what), failure.FINDINGS)
  end
end

return intake
