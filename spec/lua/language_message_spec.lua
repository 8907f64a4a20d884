-- language_message_spec.lua: messages of products: what is wrong with one is told with its line and the right word, and
-- what is right reaches the answer.

local rule_folder = require "rule_folder"

local TOP = (os.getenv("OE_SOURCE") or ".") .. "/rules"

local function load_with(message)
  local files = rule_folder.read(TOP)
  files["z.lua"] = ('product "x" {\n  name = "X Plan", category = "insurance",\n  min_income = 1000,\n'
    .. "  message = %q,\n}\n"):format(message)
  return rule_folder.load(files)
end

local FORMATS = 'message of product "x": allowed formats are money, number, integer and percent; unknown format '

describe("a message", function()
  local wrong = {
    { "{incme} a year", "E012", 'unknown attribute "incme" in message of product "x"', "income" },
    { "our {nme}", "E012", 'unknown attribute "nme" in message of product "x"', "name" },
    { "our {}", "E012", 'unknown attribute "" in message of product "x"' },
    { "our { name }", "E012", 'unknown attribute " name " in message of product "x"', "name" },
    { "{income:mony} a year", "E091", FORMATS .. '"mony"', "money" },
    { "{income:} a year", "E091", FORMATS .. '""' },
    { "{name:money}", "E092", 'message of product "x": only numbers have a format: "name"' },
    { "{region:integer}", "E092", 'message of product "x": only numbers have a format: "region"' },
    { "{existing_products}", "E092", 'message of product "x": products cannot be shown: "existing_products"' },
    { "{income", "E090", 'message of product "x": a brace { is not closed; a brace itself is written {{' },
    { "{income {age}", "E090", 'message of product "x": a brace { is not closed; a brace itself is written {{' },
    { "income}", "E090", 'message of product "x": a brace } closes nothing; a brace itself is written }}' },
    { "Your credit score is good", "E079", 'product "x": its message speaks of "credit_score", which does not score '
      .. "it; add min_credit_score or change the message" },
    { "Your {credit_score} points", "E079", 'product "x": its message speaks of "credit_score", which does not score '
      .. "it; add min_credit_score or change the message" },
  }
  for _, case in ipairs(wrong) do
    it(("is refused when it reads %s"):format(case[1]), function()
      local ruleset, findings = load_with(case[1])
      assert.is_nil(ruleset)
      assert.equal(1, #findings, rule_folder.show(findings))
      local finding = findings[1]
      assert.same({ case[2], "z.lua", 4, case[3], case[4] },
        { finding.code, finding.file, finding.line, finding.message, finding.suggestion })
    end)
  end

  it("is refused when it is no text", function()
    local files = rule_folder.read(TOP)
    files["z.lua"] = 'product "x" { name = "X", category = "insurance", min_income = 1000,\n message = 5 }'
    local _, findings = rule_folder.load(files)
    assert.equal("z.lua:2: error[E004]: message of product \"x\" must be a text, not 5; put it in quotes\n"
      .. "    message = 5 }", rule_folder.show(findings))
  end)

  local function offer(message, change)
    local ruleset = assert(load_with(message))
    local customer = { customer_id = "C1", age = 40, income = 95000, existing_products = {}, credit_score = 735,
      avg_account_balance = 20000, savings_rate = 0.125, region = "north" }
    for name, value in pairs(change or {}) do
      customer[name] = value
    end
    for _, product in ipairs(assert(ruleset:decide(customer)).recommended_products) do
      if product.product_id == "x" then
        return product, ruleset
      end
    end
  end

  it("stands behind the reasons, filled with the customer's values", function()
    local template = "{customer_id}: {income} a year, {savings_rate:percent} saved in the {region}; {name}"
    local product, ruleset = offer(template)
    assert.equal("C1: USD 95,000 a year, 12.5% saved in the north; X Plan", product.message)
    assert.equal(template, ruleset:product("x").message)
    local json = ruleset:decide_json { customer_id = "C1", age = 40, income = 95000, existing_products = {},
      credit_score = 735, avg_account_balance = 20000 }
    assert.is_nil(json:match('"message":"[^"]*saved'))
    assert.is_truthy(json:match('"points":[%d.]+}%],"message":"With USD 95,000 a year'))
  end)

  it("is left out whole when a value is not on file", function()
    local product = offer("{savings_rate:percent} saved", { savings_rate = require("offerengine").null })
    assert.is_truthy(product)
    assert.is_nil(product.message)
  end)
end)
