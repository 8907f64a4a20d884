-- report_schema.lua: what the reports over all customers look like.

local json = require "offerengine.json"
local shapes = require "server.docs.shapes"

local object, record = json.object, shapes.record
local text, number, whole, list = shapes.text, shapes.number, shapes.whole, shapes.list

local report_schema = {}

local RULESET, AT = "92ec0b5bde3f", "2026-11-22T10:30:00Z"

-- The members of a report's head, then its own.
local function report(words, members)
  local all = {
    { "report", text() }, { "ruleset", text("The rules, by their hash.") }, { "generation?", whole() },
    { "population", record("The customers.", { { "source", text() }, { "customers", whole() } }) },
    { "at", text("As of when, UTC.") },
  }
  table.move(members, 1, #members, #all + 1, all)
  return record(words, all)
end

local function shares(words)
  return list(record("How many of them.", {
    { "product_id?", text() }, { "segment?", text("Left out: in no segment.") }, { "name", text() },
    { "customers", whole() },
  }), words)
end

local function point()
  return record("What differs when the gate is at one value. Only refused is there when rules that say so would not "
    .. "load.", {
      { "gate", number("As a rule declares it.") }, { "effective", number("With what the tier adds.") },
      { "change", number("From the gate as it is.") },
      { "offered?", whole("Who get the product then.") }, { "gained?", whole("Then and not now.") },
      { "lost?", whole("Now and not then.") }, { "displaced?", whole("Whose best offer of now is another then.") },
      { "without_offer?", whole("Who get nothing then.") }, { "reached?", whole("Who get nothing now, but then.") },
      { "emptied?", whole("Who get nothing then, but now.") }, { "gained_segments?", shares() },
      { "lost_segments?", shares() }, { "displaced_products?", shares("The best offers that give way.") },
      { "refused?", text("Why such rules would not load.") },
    })
end

function report_schema.price()
  return report("What moving one gate of a product would change.", {
    { "product_id", text() }, { "product_name", text() }, { "gate", text("For example min_income.") },
    { "attribute", text() }, { "unit?", text() }, { "file?", text() }, { "line?", whole() },
    { "points", list(point(), "The first is the gate as it is.") },
  })
end

function report_schema.uncovered()
  return report("Customers without an offer.", {
    { "without_offer", whole() },
    { "obstacles", list(record("What keeps the nearest product from customers.", {
      { "stage", text() }, { "cause", text("As in the explanation.") }, { "attribute?", text() },
      { "customers", whole("They add up to without_offer.") },
      { "winnable", whole("Who would be offered it after some change.") },
      { "changes", list(record("How many a change of one number of at most so much wins.", {
        { "at_most", number() }, { "customers", whole() },
      })) },
      { "products", shares("The nearest product of each.") },
    })) },
    { "categories", list(record("A category that leaves gaps.", {
      { "category", text() }, { "name", text() },
      { "gaps", whole("Who own nothing in it and are offered nothing in it.") },
      { "without_offer", whole("Of those, who are offered nothing at all.") },
    })) },
  })
end

local function head(name, ...)
  return object("report", name, "ruleset", RULESET, "generation", 3,
    "population", object("source", "the service", "customers", 120), "at", AT, ...)
end

report_schema.EXAMPLES = {
  price = head("price", "product_id", "credit_card", "product_name", "Credit Card", "gate", "min_income",
    "attribute", "income", "unit", "per year", "file", "products/credit.lua", "line", 23, "points", json.list {
      object("gate", 25000, "effective", 25000, "change", 0, "offered", 40, "gained", 0, "lost", 0, "displaced", 0,
        "without_offer", 8, "reached", 0, "emptied", 0, "gained_segments", json.list {}, "lost_segments", json.list {},
        "displaced_products", json.list {}),
      object("gate", 20000, "effective", 20000, "change", -5000, "offered", 46, "gained", 6, "lost", 0, "displaced", 2,
        "without_offer", 5, "reached", 3, "emptied", 0, "gained_segments", json.list {
          object("segment", "credit_builders", "name", "Credit Builders", "customers", 6),
        }, "lost_segments", json.list {}, "displaced_products", json.list {
          object("product_id", "gold_loan", "name", "Gold Loan", "customers", 2),
        }),
    }),
  uncovered = head("uncovered", "without_offer", 8, "obstacles", json.list {
    object("stage", "gates", "cause", "below_minimum", "attribute", "income", "customers", 8, "winnable", 8,
      "changes", json.list { object("at_most", 1200, "customers", 8) },
      "products", json.list { object("product_id", "credit_card", "name", "Credit Card", "customers", 8) }),
  }, "categories", json.list {
    object("category", "insurance", "name", "Insurance", "gaps", 30, "without_offer", 8),
  }),
}

return report_schema
