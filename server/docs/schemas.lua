-- schemas.lua: the schemas of the interface description and an example for each that is a body. What customers and
-- products look like follows the ruleset.

local campaign_schema = require "server.docs.campaign_schema"
local catalog = require "offerengine.catalog"
local consent_schema = require "server.docs.consent_schema"
local examples = require "server.docs.examples"
local explanation_schema = require "server.docs.explanation_schema"
local json = require "offerengine.json"
local outcome_schema = require "server.docs.outcome_schema"
local profile_schema = require "server.docs.profile_schema"
local report_schema = require "server.docs.report_schema"
local shapes = require "server.docs.shapes"

local schemas = {}

local object, record = json.object, shapes.record
local text, number, whole, flag, list = shapes.text, shapes.number, shapes.whole, shapes.flag, shapes.list

local FINDING_EXAMPLE = object("severity", "error", "code", "E012", "file", "products/credit.lua", "line", 14,
  "message", 'unknown attribute "incme"', "suggestion", "income", "source_line", "  min_incme = 75000,")

schemas.ERROR_EXAMPLES = {
  validation_failed = object("detail", {
    object("loc", { "body", "age" }, "msg", "must be a whole number", "type", "int_type"),
    object("loc", { "body", "income" }, "msg", "is missing", "type", "missing"),
  }, "code", "validation_failed"),
  rules_invalid = object("detail", { FINDING_EXAMPLE }, "code", "rules_invalid"),
}

-- ---- Decisions ----

local POINTS = object("type", "number", "minimum", 0, "maximum", 100,
  "description", "0 to 100, rounded to one decimal; it is compared and ranked unrounded.")

local function recommendation()
  return record("One offer.", {
    { "product_name", text() },
    { "category", text() },
    { "reason", text("A sentence that is true for this customer.") },
    { "confidence_score", POINTS },
    { "product_id", text() },
    { "reasons", list(record("Points that were given or taken.", {
      { "code", text("A dimension of the score, a segment or a rule.") }, { "points", number() },
    }), "What the confidence is made of, largest first.") },
    { "message?", text("The product's message with this customer's values, where all of them are on file.") },
    { "priority?", number("What offers are ranked by, where it differs from the confidence.") },
    { "fallback?", flag("Offered because nothing else was left.") },
  })
end

local function recommendations()
  return record("The offers for one customer, best first.", {
    { "customer_id", text() },
    { "recommended_products", list("Recommendation") },
    { "total_recommendations", whole("How many there are.") },
    { "segments", list(text(), "The segments that the customer is in.") },
    { "portfolio_gaps", list(text(), "Categories in which the customer owns nothing.") },
    { "ladders?", explanation_schema.ladders() },
    { "experiments?", explanation_schema.experiments() },
    { "ruleset", text("The rules that decided, by their hash.") },
    { "degraded?", list(text(), "Rules whose function was stopped for this customer.") },
    { "explanation?", shapes.reference("Explanation") },
    { "decision_id?", text("Names this decision in the journal: 32 hexadecimal digits that sort by time, a UUID "
      .. "version 7 without dashes. Not there when the service keeps no journal.") },
  })
end

-- ---- Rules ----

local function bounds(attributes, prefixes)
  local members = {}
  for _, attribute in ipairs(attributes) do
    if attribute.type == "integer" or attribute.type == "number" or attribute.type == "money" then
      for prefix, words in pairs(prefixes) do
        members[#members + 1] = { prefix .. "_" .. attribute.name .. "?", number(words) }
      end
    end
  end
  table.sort(members, function(a, b)
    return a[1] < b[1]
  end)
  return members
end

local FILE, LINE = text("Below the rules folder."), whole("In that file.")

local function product(attributes)
  local limits = { min = "The least that is eligible.", max = "The most that is eligible." }
  local members = {
    { "id", text() }, { "name", text() }, { "category", text() }, { "tier?", text() },
    { "group?", text("Of a group, so many products are offered as the rules say, else one.") },
  }
  for _, member in ipairs(bounds(attributes, { min = limits.min, max = limits.max,
    ideal = "From here on the score's share is full." })) do
    members[#members + 1] = member
  end
  for _, member in ipairs {
    { "reason?", text() },
    { "message?", text("The template of the offers' message, or where the function stands that says it.") },
    { "declared", record("The minima of the rule file that the tier changed.",
      bounds(attributes, { min = "Before the tier." })) },
    { "gates", list(record("A further condition.", {
      { "name", text() }, { "condition", text() }, { "file?", FILE }, { "line?", LINE },
    })) },
    { "after", list(text(), "Products that must be owned first.") },
    { "not_with", list(text(), "Products that must not be owned.") },
    { "threshold", number("Offered only with a confidence above.") },
    { "value", number("Weight in ranking.") }, { "lever", number("Weight in ranking.") },
    { "from?", text("The first day.") }, { "until?", text("The last day.") },
    { "off", flag("Switched off.") }, { "file?", FILE }, { "line?", LINE },
  } do
    members[#members + 1] = member
  end
  return record("A product as the rules declare it.", members)
end

local function segment()
  return record("A group of customers.", {
    { "id", text() }, { "name", text() }, { "condition", text() },
    { "boosts", list(record("Points for a product or for a category.", {
      { "product?", text() }, { "category?", text() }, { "points", number() },
    })) },
    { "file?", FILE }, { "line?", LINE },
  })
end

local function rules()
  return record("The rules that are in force.", {
    { "ruleset", text("Hash of the rule files, 12 hexadecimal digits.") },
    { "meaning", text("Hash of what the rules mean: comments, spacing and places do not count.") },
    { "generation", whole("Running number of these rules.") },
    { "files", list(text()) },
    { "attributes", list(object("type", "object"), "What a customer may have.") },
    { "categories", list(object("type", "object")) },
    { "dimensions", list(object("type", "object"), "What a score is made of.") },
    { "thresholds", object("type", "object", "additionalProperties", number(), "description", "By product.") },
    { "rules", list(object("type", "object"), "Rules that exclude products or adjust points.") },
    { "ladders", list(object("type", "object"), "Products that customers take one after the other.") },
    { "last_load", record("What the last load came to.", {
      { "at_ms", whole("Milliseconds UTC.") }, { "ok", flag("The rules of that load serve.") },
      { "result", text("loaded, unchanged, refused or failed.") },
    }) },
    { "findings", list("Finding", "What the last load found; those of refused rules, too.") },
  })
end

local function rules_check()
  return record("What can be proved about the rules.", {
    { "ruleset", text("Hash of the rule files.") }, { "warnings", whole() }, { "notes", whole() },
    { "findings", list("Finding") },
  })
end

-- ---- Changes of the rules ----

local function finding()
  return record("What is wrong with the rules, or doubtful.", {
    { "severity", text("error, warning or note.") }, { "code", text("Stable; E, W or N and three digits.") },
    { "file?", FILE }, { "line?", LINE }, { "message", text() },
    { "suggestion?", text("The word that was probably meant.") }, { "source_line?", text("The line itself.") },
  })
end

local AUTHOR, NOTE = text("Who changed them."), text("Why.")

local function history()
  return record("The rules that served, newest first.", {
    { "serving", whole("The generation that decides now.") },
    { "generations", list(record("Rules that served.", {
      { "generation", whole() }, { "ruleset", text("Hash of the texts.") },
      { "at_ms", whole("Since when, milliseconds UTC.") }, { "author", AUTHOR }, { "note", NOTE },
    })) },
    { "next_cursor", object("type", { "string", "null" }, "description", "null: there are no older ones.") },
  })
end

local function rules_loaded()
  return record("What a load came to.", {
    { "result", text("loaded, or unchanged: the texts are those that serve.") },
    { "generation", whole("That decides now.") }, { "ruleset", text("Hash of its texts.") },
    { "findings", list("Finding", "Warnings and notes.") },
    { "rolled_back_to?", whole("The generation whose texts were loaded.") },
    { "folder_differs?", flag("The rules folder holds other texts.") },
    { "warning?", text("What follows from that.") },
  })
end

-- ---- The rest ----

local function customers()
  return record("One page of customers.", {
    { "customers", list("Customer") }, { "total", whole("In all pages.") },
    { "next_cursor", object("type", { "string", "null" }, "description", "null: this was the last page.") },
  })
end

local function health()
  return record("What is running.", {
    { "status", text() }, { "version", text() }, { "ruleset", text() }, { "generation", whole() },
    { "customers", whole() }, { "products", whole() }, { "degraded", list(text(), "Rules that were stopped.") },
  })
end

local CODE = text("Stable, for programs.")

local function fault()
  return record("One fault. Nothing that was sent is repeated.", {
    { "loc", list(object("type", { "string", "integer" }),
      "Where: body, query or path, then the member; in an import the line stands between.") },
    { "msg", text() }, { "type", text("Stable, for programs.") },
  })
end

local function fault_list()
  return list(fault())
end

local function import_report()
  return record("What an import did.", {
    { "imported", whole("Customers that were stored.") }, { "created", whole() }, { "replaced", whole() },
    { "skipped", whole("Bad lines that were left out.") },
    { "undeclared_members", whole("Members that the schema does not know, in all lines.") },
    { "unknown_products", whole("Owned ids that the catalogue does not know, in all lines.") },
    { "errors", fault_list() },
  })
end

local function problem()
  return record("An error as RFC 9457 says.", {
    { "type", text() }, { "title", text() }, { "status", whole() }, { "detail", text() }, { "code", CODE },
    { "errors?", list(object("anyOf", { fault(), shapes.reference "Finding" })) },
  })
end

-- What customer records hold: all that is not derived.
local function sent(attributes)
  local members = {}
  for _, attribute in ipairs(attributes) do
    members[#members + 1] = not attribute.derived and attribute or nil
  end
  return members
end

local function all_schemas(ruleset)
  local attributes = ruleset:attributes()
  return object(
    "Recommendations", recommendations(), "Recommendation", recommendation(),
    "RecommendationLines", text("A line for each that was sent: what it would be answered alone, or an object with "
      .. "line, code and detail."),
    "Explanation", explanation_schema.explanation(), "ExplainedProduct", explanation_schema.product(),
    "Customer", profile_schema.customer(sent(attributes)),
    "CustomerPatch", profile_schema.patch(sent(attributes)),
    "Customers", customers(), "Consent", consent_schema.consent(ruleset),
    "Outcome", outcome_schema.outcome(), "OutcomeLines", text("One outcome per line, each as JSON."),
    "OutcomeResult", outcome_schema.result(), "OutcomeResults", outcome_schema.results(),
    "CustomerLines", text("One customer per line, each as JSON."), "ImportReport", import_report(),
    "Products", record("The catalogue.", { { "products", list("Product") }, { "total", whole() } }),
    "Product", product(attributes),
    "Segments", record("All segments.", { { "segments", list("Segment") }, { "total", whole() } }),
    "Segment", segment(), "Rules", rules(), "RulesCheck", rules_check(), "Health", health(),
    "Error", record("An error.", { { "detail", text("For people.") }, { "code", CODE } }),
    "ValidationError", record("All faults of a request.", { { "detail", fault_list() }, { "code", CODE } }),
    "Problem", problem(),
    "RulesError", record("Rules that were refused.", { { "detail", list("Finding") }, { "code", CODE } }),
    "Finding", finding(), "History", history(), "RulesLoaded", rules_loaded(),
    "RulesChange", record("Who reloads and why.", { { "author?", AUTHOR }, { "note?", NOTE } }),
    "RulesRollback", record("Where to.", {
      { "generation?", whole("The one before, unless given.") }, { "author?", AUTHOR }, { "note?", NOTE },
    }),
    "Campaigns", campaign_schema.campaigns(), "RunAsked", campaign_schema.asked(),
    "Run", campaign_schema.run(), "Runs", campaign_schema.runs(),
    "TargetLines", text("One offer per line, each as JSON: customer_id, product_id, confidence, reason, message (null: "
      .. "none), decision_id."),
    "Activity", report_schema.activity(), "Price", report_schema.price(), "Uncovered", report_schema.uncovered(),
    "RulesTexts", report_schema.texts(), "RulesDiff", report_schema.diff(), "RulesTests", report_schema.tests(),
    "OpenApi", object("type", "object", "description", "An OpenAPI 3.1 document."),
    "Page", text("A page or a file of one."), "Text", text("Words for people."),
    "Metrics", text("Text format 0.0.4."))
end

local function all_examples(ruleset)
  local attributes = ruleset:attributes()
  local values, customer = examples.customer(sent(attributes))
  local first = ruleset:products()[1]
  return {
    Customer = customer,
    CustomerPatch = examples.patch(sent(attributes)),
    Consent = consent_schema.example(ruleset),
    Outcome = outcome_schema.EXAMPLE,
    OutcomeLines = json.encode(outcome_schema.EXAMPLE) .. "\n",
    OutcomeResult = object("status", "stored"),
    OutcomeResults = object("results", { object("line", 1, "status", "stored") }, "stored", 1, "repeated", 0,
      "refused", 0),
    CustomerLines = json.encode(customer) .. "\n",
    Customers = object("customers", { customer }, "total", 1, "next_cursor", json.null),
    Recommendations = examples.recommendations(ruleset, values),
    RecommendationLines = '{"line":1,"code":"customer_not_found","detail":"Customer not found"}\n',
    Explanation = examples.explanation(ruleset, values),
    Product = first and catalog.product(first, attributes),
    ImportReport = object("imported", 1, "created", 1, "replaced", 0, "skipped", 0, "undeclared_members", 0,
      "unknown_products", 0, "errors", json.list {}),
    RulesChange = object("author", "Ada", "note", "income limits of spring"),
    RulesRollback = object("author", "Ada", "note", "too many offers"),
    RulesLoaded = object("result", "loaded", "generation", 2, "ruleset", "92ec0b5bde3f", "findings", json.list {}),
    History = object("serving", 1, "generations", {
      object("generation", 1, "ruleset", "92ec0b5bde3f", "at_ms", 1767225600000, "author", "Ada",
        "note", "at the start"),
    }, "next_cursor", json.null),
    Campaigns = campaign_schema.EXAMPLES.campaigns,
    RunAsked = campaign_schema.EXAMPLES.asked, Run = campaign_schema.EXAMPLES.run,
    Runs = campaign_schema.EXAMPLES.runs, TargetLines = campaign_schema.EXAMPLES.target,
    Activity = report_schema.EXAMPLES.activity,
    Price = report_schema.EXAMPLES.price, Uncovered = report_schema.EXAMPLES.uncovered,
    RulesTexts = report_schema.EXAMPLES.texts, RulesDiff = report_schema.EXAMPLES.diff,
    RulesTests = report_schema.EXAMPLES.tests,
    Text = "ok\n",
    Metrics = "# HELP offerengine_customers Customers that are known.\n# TYPE offerengine_customers gauge\n"
      .. "offerengine_customers 12\n",
  }
end

function schemas.make(ruleset)
  return { schemas = all_schemas(ruleset), examples = all_examples(ruleset) }
end

return schemas
