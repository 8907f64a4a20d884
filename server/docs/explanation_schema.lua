-- explanation_schema.lua: the schema of an explanation: every product with what it earned, what refused it and what
-- would change that. The writer is core/codec/explanation.c.

local json = require "offerengine.json"
local shapes = require "server.docs.shapes"

local explanation_schema = {}

local object, record = json.object, shapes.record
local text, number, whole, flag, list = shapes.text, shapes.number, shapes.whole, shapes.flag, shapes.list

local FILE, LINE = text("Below the rules folder."), whole("In that file.")
local VALUE = object("type", { "number", "string", "boolean", "null" })
local OUTCOMES = { "offered", "availability", "ownership", "gates", "contact_policy", "threshold", "selection" }

-- What oe_cause_name says.
local CODES = { "switched_off", "not_yet_available", "no_longer_available", "already_owned", "needs_product",
  "excluded_by_product", "below_minimum", "above_maximum", "not_on_file", "condition_not_met", "excluded",
  "other_category", "not_targeted", "not_in_campaign", "capped", "cooling_down", "quiet", "opted_out",
  "below_threshold", "outranked" }

local function contribution()
  return record("What one dimension gave.", {
    { "dimension", text() }, { "attribute", text() },
    { "value", object("type", { "number", "null" }) },
    { "not_on_file?", flag("Nothing is on file: no points, but the weight counts.") },
    { "failed?", flag("The function gave no share from 0 to 1: no points, but the weight counts.") },
    { "weight", number() },
    { "subscore", object("type", "number", "minimum", 0, "maximum", 1, "description", "The share that was earned.") },
    { "points", number("Of 100.") },
    { "file?", text("Where the function stands that makes the share.") }, { "line?", LINE },
  })
end

local function adjustment()
  return record("What a segment or a rule gave or took.", {
    { "rule", text() }, { "reason?", text() }, { "points", number() }, { "file?", FILE }, { "line?", LINE },
  })
end

local function failure()
  return record("A check that was not passed.", {
    { "stage", object("type", "string", "enum", OUTCOMES) },
    { "code", object("type", "string", "enum", CODES, "description", "Stable, for programs.") },
    { "attribute?", text() }, { "needed?", VALUE }, { "actual?", VALUE },
    { "gap?", object("type", "number", "description", "needed minus actual, in the attribute's unit.") },
    { "from?", text("When it begins, UTC.") },
    { "until?", text("When it ended, or when a contact policy allows more again, UTC.") },
    { "rule?", text() }, { "product?", text("The other product concerned.") },
    { "outranked_by?", text("The product that took its place.") },
    { "text?", text("The condition, or the rule's reason.") }, { "file?", FILE }, { "line?", LINE },
  })
end

local function smallest_change()
  return record("What would bring the product back with the least change.", {
    { "possible", flag() },
    { "cause?", text("Why it is not possible.") },
    { "changes?", list(record("One value to change.", {
      { "attribute", text() }, { "from", VALUE }, { "to", VALUE },
    })) },
  })
end

function explanation_schema.product()
  return record("One product, for one customer.", {
    { "product_id", text() }, { "product_name", text() }, { "category", text() },
    { "outcome", object("type", "string", "enum", OUTCOMES, "description", "offered, or the stage where it left.") },
    { "fallback?", flag("Offered because nothing else was left.") },
    { "confidence_score", object("type", { "number", "null" }, "description", "null where an early stage refused.") },
    { "score", number("Before adjustments.") },
    { "clamped?", number("Points beyond 0 to 100.") },
    { "threshold", number() }, { "priority?", number() },
    { "contributions", list(contribution()) }, { "adjustments", list(adjustment()) },
    { "failures", list(failure(), "Every check that was not passed, in the order of the stages.") },
    { "reason_codes?", list(object("type", "string", "enum", CODES), "The principal reasons, at most four, "
      .. "each once, in order of effect: availability, ownership, limits by the gap's share of the range, conditions, "
      .. "threshold, selection.") },
    { "smallest_change?", smallest_change() },
  })
end

function explanation_schema.ladders()
  return list(record("How far the customer is on a ladder of products.", {
    { "ladder", text() }, { "step", whole("The highest step that is owned, 0 for none.") }, { "of", whole("Steps.") },
    { "next", object("type", { "string", "null" }, "description", "The product that comes next; null at the end.") },
  }), "Where the rules declare ladders.")
end

function explanation_schema.experiments()
  return list(record("An experiment that runs, and the arm that the customer is in.", {
    { "experiment", text() }, { "arm", text("By lot; holdout: nothing of the experiment is offered.") },
  }), "Where the rules declare experiments.")
end

function explanation_schema.explanation()
  return record("Every product: where it left, why, and the smallest change that would bring it back.", {
    { "customer_id", text() }, { "products", list("ExplainedProduct") },
    { "segments", list(text()) }, { "portfolio_gaps", list(text()) },
    { "ladders?", explanation_schema.ladders() }, { "experiments?", explanation_schema.experiments() },
    { "ruleset", text() },
    { "degraded?", list(text(), "Rules whose function was stopped for this customer.") },
  })
end

return explanation_schema
