-- peers_spec.lua: the catalogue that other engines are compared with computes what they compute.

local offerengine = require "offerengine"

local TOP = (os.getenv("OE_SOURCE") or ".") .. "/spec/bench/peers-rules"

-- What a plain program makes of the ten customers and ten products: 40 income + 30 credit score + 20 balance + 10 age,
-- owned products left out, only what is above 30, rounded to tenths.
local ANSWERS = [[
C001: premium_credit_card = 91.2, investment_account = 91.2, personal_loan = 91.2, home_loan = 91.2,
  fixed_deposit = 91.2, retirement_account = 81.2, wealth_management = 72.1, life_insurance = 91.2,
  secured_credit_card = 91.2
C002: premium_credit_card = 64.8, investment_account = 73.7, personal_loan = 81.7, home_loan = 51.3,
  fixed_deposit = 81.7, retirement_account = 70.1, wealth_management = 39.1, life_insurance = 71.7,
  secured_credit_card = 81.7
C003: premium_credit_card = 97.8, investment_account = 100, personal_loan = 100, home_loan = 92,
  retirement_account = 100, wealth_management = 74.6, secured_credit_card = 100
C004: investment_account = 100, savings_account = 100, personal_loan = 100, fixed_deposit = 100,
  retirement_account = 90, wealth_management = 100, life_insurance = 100, secured_credit_card = 100
C005: premium_credit_card = 49.4, investment_account = 55.9, savings_account = 80.4, personal_loan = 66.7,
  home_loan = 47.3, fixed_deposit = 80.4, retirement_account = 52.2, life_insurance = 73.7, secured_credit_card = 80.4
C006: premium_credit_card = 89.3, investment_account = 96.7, savings_account = 100, personal_loan = 100,
  home_loan = 84.4, fixed_deposit = 100, wealth_management = 71.4, life_insurance = 100, secured_credit_card = 100
C007: investment_account = 41.6, savings_account = 77.5, personal_loan = 36.6, fixed_deposit = 58.8,
  retirement_account = 35.3, life_insurance = 41, secured_credit_card = 80.1
C008: premium_credit_card = 98.8, savings_account = 98.8, personal_loan = 98.8, home_loan = 98.8,
  fixed_deposit = 98.8, retirement_account = 88.8, wealth_management = 87.7, secured_credit_card = 98.8
C009: premium_credit_card = 80.2, investment_account = 86.2, personal_loan = 86.2, fixed_deposit = 86.2,
  retirement_account = 86.2, wealth_management = 58.8, life_insurance = 86.2, secured_credit_card = 86.2
C010: premium_credit_card = 78.5, investment_account = 81.3, savings_account = 83.1, personal_loan = 81.7,
  home_loan = 77, fixed_deposit = 83.1, retirement_account = 73.1, wealth_management = 56.7, life_insurance = 83.1
]]

local function expected_answers()
  local answers = {}
  for id, offers in ANSWERS:gmatch "(C%d+):([^:]*)%f[\nC\0]" do
    answers[id] = {}
    for product, confidence in offers:gmatch "([%w_]+) = ([%d.]+)" do
      answers[id][product] = tonumber(confidence)
    end
  end
  return answers
end

describe("the catalogue for comparisons", function()
  local ruleset = assert(offerengine.load(TOP))
  local population = assert(offerengine.population(ruleset))
  assert(population:read { path = TOP .. "/samples/customers.csv", format = "csv" })

  it("offers the ten customers what a plain program offers them", function()
    local got, count = {}, 0
    population:decide_all(nil, function(answer)
      local offers, last = {}, math.huge
      for _, offer in ipairs(answer.recommended_products) do
        assert.is_true(offer.confidence_score <= last)
        last = offer.confidence_score
        offers[offer.product_id] = offer.confidence_score
      end
      got[answer.customer_id] = offers
      count = count + 1
    end)
    assert.equal(10, count)
    assert.same(expected_answers(), got)
  end)

  it("decides the first one as the service would, best first and equals by their ids", function()
    local best = ruleset:decide(population:get "C001", { limit = 3 }).recommended_products
    local ids = {}
    for rank, offer in ipairs(best) do
      ids[rank] = offer.product_id
    end
    assert.same({ "fixed_deposit", "home_loan", "investment_account" }, ids)
  end)
end)
