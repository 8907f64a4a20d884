-- products: what the rules offer.

local arguments = require "offerengine.cli.arguments"
local bars = require "offerengine.cli.bars"
local catalog = require "offerengine.catalog"
local json = require "offerengine.json"
local rules = require "offerengine.cli.rules"

local products = {
  name = "products",
  summary = "List the products that the rules declare.",
  usage = "products [--rules DIR] [--json]",
  examples = {
    { "offerengine products", "a table" },
    { "offerengine products --json", "all about each, as GET /products answers" },
  },
  options = { arguments.RULES, arguments.JSON },
}

-- min_income and the like, as they hold.
local function gates(product)
  local texts = {}
  for name, value in pairs(product) do
    local kind, attribute = name:match("^(m%a%a)_(.*)$")
    if kind then
      texts[#texts + 1] = ("%s %s %s"):format(attribute, kind == "min" and ">=" or "<=", json.encode(value))
    end
  end
  table.sort(texts)
  for _, gate in ipairs(product.gates or {}) do
    texts[#texts + 1] = gate.condition
  end
  return table.concat(texts, ", ")
end

function products.run(given)
  local ruleset, rows = rules.load(given), {}
  if given.json then
    io.stdout:write(json.encode(catalog.products(ruleset)), "\n")
    return
  end
  for i, product in ipairs(ruleset:products()) do
    rows[i] = { product.id, product.name, product.category, product.off and "off" or gates(product) }
  end
  io.stdout:write(bars.table({ "id", "name", "category", "for customers with" }, rows))
end

return products
