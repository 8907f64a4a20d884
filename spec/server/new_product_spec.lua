-- new_product_spec.lua: a product is added to the rules as a file of its own, by the seed's keys, and offered after a
-- restart; nothing is rebuilt.

local core = require "offerengine.core"
local service = require "spec.support.service"
local shell = require "spec.lua.shell"

local BUSINESS_LOAN = [[
product "business_loan" {
  name = "Business Expansion Loan",
  min_income = 80000,
  min_credit_score = 680,
  min_age = 25,
  reason = "Strong income and credit score for business growth",
  category = "commercial_loan",
}
]]

describe("a product in a file of its own", function()
  local folder

  setup(function()
    folder = service.folder()
    assert(os.execute(("cp -r '%s/rules' '%s/rules'"):format(service.source, folder)))
    assert(os.remove(folder .. "/rules/products/commercial.lua"))
  end)

  teardown(function() service.remove(folder) end)

  -- What a service on the folder offers C001, by product id; nil and what it wrote when it does not start.
  local function offers()
    local server, _, text = service.start { rules = folder .. "/rules", db = folder .. "/bank.db" }
    if not server then
      return nil, text
    end
    local answer = core.decode_json(server:ask("GET", "/recommend/C001").body)
    local listed = core.decode_json(server:ask("GET", "/products").body)
    server:stop()
    local found = {}
    for _, offer in ipairs(answer.recommended_products) do
      found[offer.product_id] = offer
    end
    return found, listed.total
  end

  it("is not offered before it is there", function()
    local found, total = offers()
    assert.is_nil(found.business_loan)
    assert.equal(14, total)
  end)

  it("is offered after a restart", function()
    shell.write(folder .. "/rules/products/business_loan.lua", BUSINESS_LOAN)
    local found, total = offers()
    assert.equal("Business Expansion Loan", found.business_loan.product_name)
    assert.equal("commercial_loan", found.business_loan.category)
    assert.equal(15, total)
  end)

  it("is refused with its line when a word is wrong, and the service does not start", function()
    local wrong = BUSINESS_LOAN:gsub("min_credit_score", "min_credit_scroe")
    shell.write(folder .. "/rules/products/business_loan.lua", wrong)
    local found, text = offers()
    assert.is_nil(found)
    local finding = 'products/business_loan.lua:4: error[E012]: unknown attribute "credit_scroe"'
    assert.truthy(text:find(finding, 1, true), text)
    assert.truthy(text:find("credit_score", 1, true))
  end)
end)
