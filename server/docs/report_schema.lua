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

local function obstacles()
  return record("What keeps the nearest product from customers.", {
    { "stage", text() }, { "cause", text("As in the explanation.") }, { "attribute?", text() },
    { "customers", whole("They add up to without_offer.") },
    { "winnable", whole("Who would be offered it after some change.") },
    { "changes", list(record("How many a change of one number of at most so much wins.", {
      { "at_most", number() }, { "customers", whole() },
    })) },
    { "products", shares("The nearest product of each.") },
  })
end

local function gaps()
  return record("A category that leaves gaps.", {
    { "category", text() }, { "name", text() },
    { "gaps", whole("Who own nothing in it and are offered nothing in it.") },
    { "without_offer", whole("Of those, who are offered nothing at all.") },
  })
end

function report_schema.uncovered()
  return report("Customers without an offer.", {
    { "without_offer", whole() }, { "obstacles", list(obstacles()) }, { "categories", list(gaps()) },
  })
end

local function rates()
  return record("What became of offers.", {
    { "product_id?", text() }, { "name?", text() }, { "category?", text() }, { "generation?", whole() },
    { "channel?", text("Empty: none was given.") }, { "campaign?", text() }, { "day?", text() },
    { "decided?", whole("Of a campaign in all.") }, { "without_offer?", whole() },
    { "offered", whole() }, { "shown", whole() }, { "clicked", whole() }, { "accepted", whole() },
    { "declined", whole() }, { "converted", whole() },
    { "accepted_pct?", number("Of those shown; left out below 30.") },
    { "accepted_low_pct?", number("It lies above, 19 times of 20 with the next one.") },
    { "accepted_high_pct?", number() }, { "converted_pct?", number("Of those shown.") },
  })
end

local function stages()
  return record("How far a product, or the furthest of a category, gets with today's customers.", {
    { "product_id?", text() }, { "category?", text() }, { "name", text() }, { "customers", whole("All.") },
    { "available", whole() }, { "not_owned", whole() }, { "eligible", whole("Who pass its gates.") },
    { "above_threshold", whole() }, { "offered_now", whole("To whom it would be offered now.") },
    { "offered", whole("Offers made.") }, { "shown", whole() }, { "accepted", whole() }, { "converted", whole() },
  })
end

local function runs()
  return record("A run, as GET /campaigns/{campaign}/runs tells more of it.", {
    { "run", whole("Its number.") }, { "state", text("running, done, cancelled or failed.") },
    { "generation", whole() }, { "started_ms", whole() }, { "ended_ms", whole("0: it has not ended.") },
    { "customers", whole("When it began.") }, { "looked_at", whole() }, { "contacted", whole() },
    { "offers", whole() }, { "not_targeted", whole() }, { "without_offer", whole() }, { "unreadable", whole() },
  })
end

function report_schema.activity()
  return report("What was decided and what became of it.", {
    { "campaign?", text() }, { "from?", text("The first day.") }, { "until?", text("The last day.") },
    { "steps?", list(record("How many came so far.", {
      { "step", text() }, { "count", whole() }, { "of_before?", number("In percent.") },
    }), "Of a funnel.") },
    { "funnel?", list(stages(), "Of a funnel by product or category.") },
    { "without_offer?", whole() },
    { "segments?", list(record("What a segment would be offered.", {
      { "segment?", text("Left out: customers in none.") }, { "name", text() }, { "customers", whole() },
      { "offers", whole() }, { "offers_each?", number() }, { "without_offer", whole() }, { "without_pct?", number() },
    }), "Of segments.") },
    { "categories?", list(gaps(), "Of unmet.") }, { "obstacles?", list(obstacles(), "Of unmet, as of uncovered.") },
    { "rates?", list(rates(), "Of conversion, and of campaign: in all, then by product.") },
    { "products?", list(rates(), "Of products.") },
    { "runs?", list(runs(), "Of campaign, newest first, whatever the days.") },
  })
end

-- ---- What a change of the rules does ----

local function fairness()
  return record("One product by one protected attribute, under the new rules.", {
    { "product_id", text() }, { "name", text() }, { "attribute", text() },
    { "verdict", text("pass, fail or too few.") },
    { "group?", text("The judged group with the lowest ratio.") },
    { "ratio?", number("How often it is offered the product, to how often the highest group is.") },
    { "ratio_before?", number("The same under the rules that serve.") }, { "highest?", text() },
    { "criterion?", text("The check that makes most of the gap.") }, { "file?", text() }, { "line?", whole() },
    { "value?", number("Of a gate.") }, { "share?", number("Of the group, so many are refused by it.") },
    { "share_of_highest?", number("Of the highest group.") },
    { "relief?", text("value, none or unknown: whether the gate moved alone would do.") },
    { "relief_value?", number("The nearest value of the gate that would.") },
  })
end

local function fairness_group()
  return record("One group.", {
    { "product_id", text() }, { "attribute", text() }, { "group", text() }, { "customers", whole() },
    { "offered_before", whole() }, { "offered_after", whole() }, { "rate?", number() },
    { "ratio_before?", number() }, { "ratio?", number() }, { "verdict", text("pass, fail, too few or not judged.") },
  })
end

local function exceeded_gate()
  return record("A release gate that is exceeded.", {
    { "gate", text("As in release.") }, { "limit", number() }, { "value", number() },
    { "by", number("How far beyond the limit.") }, { "product_id?", text() }, { "attribute?", text() },
    { "group?", text() }, { "message", text() },
  })
end

local function diff_tables()
  return {
    { "products", list(record("A product with offers that are gained or lost.", {
      { "product_id", text() }, { "name", text() }, { "offers_before", whole() }, { "offers_after", whole() },
      { "lost", whole() }, { "gained", whole() }, { "best_before", whole("Whose best offer it is.") },
      { "best_after", whole() }, { "lost_customers", text("Some of them.") }, { "gained_customers", text() },
    })) },
    { "edits", list(record("What differs in the rules.", {
      { "file?", text() }, { "line?", whole() }, { "rule", text() }, { "change", text("changed, added or removed.") },
      { "gained", whole("Offers that it gave.") }, { "lost", whole() },
    })) },
    { "best_moves", list(record("Best offers that change.", {
      { "from?", text("Left out: nothing.") }, { "to?", text("Left out: nothing.") }, { "customers", whole() },
    })) },
    { "segments", list(record("Customers by their segment under the rules that serve.", {
      { "segment?", text("Left out: in no segment.") }, { "name", text() }, { "customers", whole() },
      { "losing", whole() }, { "gaining", whole() }, { "best_changed", whole() }, { "lost_only", whole() },
    })) },
    { "fairness", list(fairness()) }, { "fairness_groups", list(fairness_group()) },
    { "gates", list(exceeded_gate(), "Those that a reload would refuse the rules for.") },
  }
end

function report_schema.diff()
  local members = {
    { "base", record("The rules that serve.", { { "ruleset", text() }, { "generation", whole() } }) },
    { "customers", whole() }, { "offers_before", whole() }, { "offers_after", whole() },
    { "without_before", whole("Who are offered nothing.") }, { "without_after", whole() },
    { "losing", whole("Who lose an offer.") }, { "gaining", whole("Who gain one.") },
    { "best_changed", whole("Whose best offer becomes another.") },
    { "lost_only", whole("Who are left without an offer.") }, { "first_offer", whole("Who had none.") },
    { "reordered", whole() }, { "confidence_only", whole("Who keep their offers with other confidences.") },
  }
  local tables = diff_tables()
  table.move(tables, 1, #tables, #members + 1, members)
  return report("What a change of the rules would do to every customer.", members)
end

function report_schema.texts()
  return record("Rule files that differ from those that serve.", {
    { "texts", json.object("type", "object", "description", "Path below the rules folder to the file's text; null: "
      .. "the file goes.", "additionalProperties", json.object("type", { "string", "null" })) },
  }, false)
end

function report_schema.tests()
  return record("What the tests say of the rules.", {
    { "ok", shapes.flag("Nothing stands against them.") }, { "ruleset", text("The rules, by their hash.") },
    { "tests", whole("In the test files.") }, { "signed", whole("Signed cases.") },
    { "changed", whole("Signed cases that are decided otherwise.") }, { "findings", list("Finding") },
  })
end

local function head(name, ...)
  return object("report", name, "ruleset", RULESET, "generation", 3,
    "population", object("source", "the service", "customers", 120), "at", AT, ...)
end

local DIFF_TABLES = { "products", json.list {
  object("product_id", "credit_card", "name", "Credit Card", "offers_before", 40, "offers_after", 37, "lost", 3,
    "gained", 0, "best_before", 12, "best_after", 11, "lost_customers", "C004, C019, C072", "gained_customers", ""),
}, "edits", json.list {
  object("file", "products/credit.lua", "line", 23, "rule", "product credit_card min_income", "change", "changed",
    "gained", 0, "lost", 3),
}, "best_moves", json.list { object("from", "credit_card", "to", "debit_card", "customers", 1) },
  "segments", json.list {
    object("segment", "credit_builders", "name", "Credit Builders", "customers", 30, "losing", 3, "gaining", 0,
      "best_changed", 1, "lost_only", 0),
  }, "fairness", json.list {
    object("product_id", "credit_card", "name", "Credit Card", "attribute", "age", "group", "under 40", "ratio", 0.75,
      "ratio_before", 0.8, "verdict", "fail", "highest", "40 to 61", "criterion", "min_income", "share", 0.4,
      "share_of_highest", 0.2, "file", "products/credit.lua", "line", 23, "value", 28000, "relief", "value",
      "relief_value", 25000),
  }, "fairness_groups", json.list {
    object("product_id", "credit_card", "attribute", "age", "group", "under 40", "customers", 60,
      "offered_before", 16, "offered_after", 15, "rate", 0.25, "ratio_before", 0.8, "ratio", 0.75, "verdict", "fail"),
  }, "gates", json.list {
    object("gate", "min_ratio", "limit", 0.8, "value", 0.75, "by", 0.05, "product_id", "credit_card",
      "attribute", "age", "group", "under 40", "message", "credit_card, age under 40: offered 0.750 times as often as "
      .. "to 40 to 61; at least 0.8 is asked, 0.050 short"),
  } }

report_schema.EXAMPLES = {
  diff = head("diff", "base", object("ruleset", RULESET, "generation", 3), "customers", 120, "offers_before", 410,
    "offers_after", 407, "without_before", 8, "without_after", 8, "losing", 3, "gaining", 0, "best_changed", 1,
    "lost_only", 0, "first_offer", 0, "reordered", 0, "confidence_only", 0, table.unpack(DIFF_TABLES)),
  texts = object("texts", object("products/old_card.lua", json.null, "limits.lua", "return { good_score = 720 }\n")),
  tests = object("ok", true, "ruleset", RULESET, "tests", 3, "signed", 120, "changed", 0, "findings", json.list {}),
  activity = head("conversion", "rates", json.list {
    object("product_id", "credit_card", "offered", 400, "shown", 120, "clicked", 40, "accepted", 18, "declined", 30,
      "converted", 12, "accepted_pct", 15, "accepted_low_pct", 9.7, "accepted_high_pct", 22.5, "converted_pct", 10),
  }),
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
