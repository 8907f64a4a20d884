-- routes.lua: which method and path leads where. Read once at start; of two patterns that fit, the first wins.
-- `handler` names a handler in C (server/routes.c lists them) or a file of server/handlers. The rest is what
-- /openapi.json says about the route:
--   id, tag, summary, about    names and words
--   parameters                 keys of server/docs/parameters.lua
--   lines                      a schema of the same body as NDJSON
--   body                       a schema of server/docs/schemas.lua; `body_type` when it is not application/json,
--                              `body_optional` when none is fine
--   answers                    status -> schema, or { schema, words, media type }
--   headers                    of those answers, words in server/docs/openapi.lua
--   errors                     codes of server/docs/errors.lua
-- `bulk` hands the body over in pieces, at most `body_max` bytes of it (0: any number).

local MIB, GIB = 1024 * 1024, 1024 * 1024 * 1024

local HTML = { "Page", "A page.", "text/html" }
local TEXT = { "Text", "The word ok.", "text/plain" }

return {
  -- ---- Decisions ----
  {
    method = "GET", path = "/recommend/{customer_id}", handler = "recommend_stored",
    id = "recommendStored", tag = "Decisions", summary = "Offers for a stored customer",
    about = "Nothing to offer is an empty list, not an error. explain=true adds why each product is offered or not.",
    parameters = { "customer_id", "limit", "category", "explain", "channel", "campaign" },
    answers = { [200] = "Recommendations" }, headers = { "Ruleset-Generation" },
    errors = { "customer_not_found", "validation_failed" },
  },
  {
    method = "POST", path = "/recommend/", handler = "recommend_given",
    id = "recommendGiven", tag = "Decisions", summary = "Offers for the customer in the body",
    about = "The body wins over what is stored under the same id, and nothing is stored.",
    parameters = { "limit", "category", "explain", "channel", "campaign" },
    body = "Customer",
    answers = { [200] = "Recommendations" }, headers = { "Ruleset-Generation", "Offerengine-Warning" },
    errors = { "json_malformed", "validation_failed", "body_too_large", "media_type", "content_coding" },
  },
  {
    method = "POST", path = "/recommend", handler = "recommend_given",
    id = "recommendGivenToo", tag = "Decisions", summary = "The same without the slash",
    parameters = { "limit", "category", "explain", "channel", "campaign" },
    body = "Customer",
    answers = { [200] = "Recommendations" }, headers = { "Ruleset-Generation", "Offerengine-Warning" },
    errors = { "json_malformed", "validation_failed", "body_too_large", "media_type", "content_coding" },
  },
  {
    method = "POST", path = "/recommend/batch", handler = "recommend_batch", bulk = true,
    id = "recommendBatch", tag = "Decisions", summary = "Offers for many customers, one a line",
    about = "Each line is the body of POST /recommend/, or customer_id alone: then the stored customer is meant. The "
      .. "answer has a line for each that is not blank, in their order, and leaves while the body comes: read it while "
      .. "you send. A line that is wrong is answered with its number, a code and what is wrong, and the rest goes on. "
      .. "Any number of lines, each of at most 64 KiB. All are decided by the rules that served at the start.",
    parameters = { "limit", "category", "channel", "campaign" },
    body = "CustomerLines", body_type = "application/x-ndjson",
    answers = { [200] = { "RecommendationLines", nil, "application/x-ndjson" } }, headers = { "Ruleset-Generation" },
    errors = { "validation_failed", "media_type", "content_coding", "unavailable" },
  },
  {
    method = "GET", path = "/explain/{customer_id}", handler = "explain",
    id = "explain", tag = "Decisions", summary = "Every product: why, why not, and what would change it",
    parameters = { "customer_id", "channel", "campaign" },
    answers = { [200] = "Explanation" }, headers = { "Ruleset-Generation" },
    errors = { "customer_not_found", "validation_failed" },
  },

  -- ---- Outcomes ----
  {
    method = "POST", path = "/outcomes", handler = "outcomes", body_max = 1024 * 1024,
    id = "postOutcomes", tag = "Outcomes", summary = "Report what became of offers",
    about = "One outcome as JSON, or up to 1,000 as NDJSON, one a line. Of one decision, product and outcome the first "
      .. "counts; repeats change nothing. The answer leaves when all is durable. One outcome is answered 201 (200: it "
      .. "was there already), many with 200 and a result for each line.",
    parameters = { "idempotency_key" },
    body = "Outcome", lines = "OutcomeLines",
    answers = { [200] = "OutcomeResults", [201] = { "OutcomeResult", "Stored." } },
    headers = { "Offerengine-Warning" },
    errors = { "json_malformed", "unknown_decision", "product_not_in_decision", "outcome_before_decision",
      "decision_expired", "outcome_in_future", "idempotency_key_reused", "validation_failed", "body_too_large",
      "media_type", "content_coding", "storage_failed", "unavailable" },
  },
  {
    method = "POST", path = "/events", handler = "outcomes", body_max = 1024 * 1024,
    id = "postEvents", tag = "Outcomes", summary = "The same under another name",
    parameters = { "idempotency_key" },
    body = "Outcome", lines = "OutcomeLines",
    answers = { [200] = "OutcomeResults", [201] = { "OutcomeResult", "Stored." } },
    headers = { "Offerengine-Warning" },
    errors = { "json_malformed", "unknown_decision", "product_not_in_decision", "outcome_before_decision",
      "decision_expired", "outcome_in_future", "idempotency_key_reused", "validation_failed", "body_too_large",
      "media_type", "content_coding", "storage_failed", "unavailable" },
  },

  -- ---- Customers ----
  {
    method = "GET", path = "/customers", handler = "customers_list",
    id = "listCustomers", tag = "Customers", summary = "All customers, in order of their ids",
    about = "Up to 1,000 customers come at once; beyond that next_cursor leads to the next page.",
    parameters = { "page_limit", "cursor" },
    answers = { [200] = "Customers" },
    errors = { "validation_failed" },
  },
  {
    method = "GET", path = "/customers/{customer_id}", handler = "customer_get",
    id = "getCustomer", tag = "Customers", summary = "One customer",
    parameters = { "customer_id" },
    answers = { [200] = "Customer" },
    errors = { "customer_not_found", "validation_failed" },
  },
  {
    method = "PUT", path = "/customers/{customer_id}", handler = "customer_put",
    id = "putCustomer", tag = "Customers", summary = "Create or replace a customer",
    about = "The customer_id in the body must be that of the path. The answer leaves when the change is durable.",
    parameters = { "customer_id" },
    body = "Customer",
    answers = { [200] = { "Customer", "Replaced." }, [201] = { "Customer", "Created." } },
    headers = { "Offerengine-Warning" },
    errors = { "json_malformed", "validation_failed", "body_too_large", "media_type", "content_coding",
      "storage_failed", "unavailable" },
  },
  {
    method = "PATCH", path = "/customers/{customer_id}", handler = "customer_patch",
    id = "patchCustomer", tag = "Customers", summary = "Change members of a customer",
    about = "A JSON merge patch (RFC 7396): what it names is replaced, null takes a value away, the rest stays.",
    parameters = { "customer_id" },
    body = "CustomerPatch", body_type = "application/merge-patch+json",
    answers = { [200] = "Customer" }, headers = { "Offerengine-Warning" },
    errors = { "json_malformed", "customer_not_found", "conflict", "validation_failed", "body_too_large", "media_type",
      "content_coding", "storage_failed", "unavailable" },
  },
  {
    method = "DELETE", path = "/customers/{customer_id}", handler = "customer_delete",
    id = "deleteCustomer", tag = "Customers", summary = "Erase a customer",
    about = "Erases the person for good: the profile, its former versions and the recorded decisions, of which the "
      .. "journal keeps only digests that say nothing. Answered when none of it is left on disk.",
    parameters = { "customer_id" },
    answers = { [204] = { nil, "Erased." } }, headers = { "Offerengine-Erased" },
    errors = { "customer_not_found", "validation_failed", "storage_failed", "unavailable" },
  },
  {
    method = "GET", path = "/customers/{customer_id}/consent", handler = "consent_get",
    id = "getConsent", tag = "Customers", summary = "What a customer opted out of",
    parameters = { "customer_id" },
    answers = { [200] = "Consent" },
    errors = { "validation_failed", "unavailable" },
  },
  {
    method = "PUT", path = "/customers/{customer_id}/consent", handler = "consent_put",
    id = "putConsent", tag = "Customers", summary = "Say what a customer opted out of",
    about = "Replaces what was said before. The customer need not be stored, and it holds with every set of rules. An "
      .. "empty entry opts out of everything. The answer leaves when it is durable; decisions that begin afterwards "
      .. "obey it.",
    parameters = { "customer_id" },
    body = "Consent",
    answers = { [200] = "Consent" },
    errors = { "json_malformed", "validation_failed", "body_too_large", "media_type", "content_coding",
      "storage_failed", "unavailable" },
  },
  {
    method = "DELETE", path = "/customers/{customer_id}/consent", handler = "consent_delete",
    id = "deleteConsent", tag = "Customers", summary = "Take back everything that a customer opted out of",
    parameters = { "customer_id" },
    answers = { [204] = { nil, "Nothing is opted out of." } },
    errors = { "validation_failed", "storage_failed", "unavailable" },
  },
  {
    method = "POST", path = "/import/customers", handler = "import_customers", bulk = true, body_max = 4 * GIB,
    id = "importCustomers", tag = "Customers", summary = "Import many customers",
    about = "One customer per line (NDJSON). All or nothing; with skip_bad=true bad lines are counted and left out.",
    parameters = { "skip_bad" },
    body = "CustomerLines", body_type = "application/x-ndjson",
    answers = { [200] = "ImportReport" },
    errors = { "validation_failed", "body_too_large", "media_type", "content_coding",
      "storage_failed", "unavailable" },
  },

  -- ---- Campaigns ----
  {
    method = "GET", path = "/campaigns", handler = "campaigns_list",
    id = "listCampaigns", tag = "Campaigns", summary = "The campaigns of the rules",
    answers = { [200] = "Campaigns" }, errors = { "validation_failed" },
  },
  {
    method = "POST", path = "/campaigns/{campaign}/runs", handler = "campaign_runs_begin",
    id = "beginRun", tag = "Campaigns", summary = "Contact the target group of a campaign",
    about = "Decides for all stored customers in the order of their ids, one run after the other, as GET "
      .. "/recommend/{customer_id}?campaign= would at the clock of the run: holdout, quota, contact policies and "
      .. "opt-outs count, and what is offered is reserved. A run goes on by itself after a restart, and with the "
      .. "rules it began with. A second run with the same clock and seed is refused.",
    parameters = { "campaign_name" },
    body = "RunAsked", body_optional = true,
    answers = { [202] = "Run" }, headers = { "Location" },
    errors = { "json_malformed", "campaign_not_found", "run_repeated", "journal_needed", "validation_failed",
      "body_too_large", "media_type", "content_coding", "storage_failed", "unavailable" },
  },
  {
    method = "GET", path = "/campaigns/{campaign}/runs", handler = "campaign_runs_list",
    id = "listRuns", tag = "Campaigns", summary = "The runs of a campaign, newest first",
    parameters = { "campaign_name" },
    answers = { [200] = "Runs" }, errors = { "campaign_not_found", "validation_failed" },
  },
  {
    method = "GET", path = "/campaigns/{campaign}/runs/{run}", handler = "campaign_run_get",
    id = "getRun", tag = "Campaigns", summary = "How far a run is",
    parameters = { "campaign_name", "run" },
    answers = { [200] = "Run" }, errors = { "run_not_found", "validation_failed" },
  },
  {
    method = "DELETE", path = "/campaigns/{campaign}/runs/{run}", handler = "campaign_run_cancel",
    id = "cancelRun", tag = "Campaigns", summary = "Cancel a run",
    about = "Whom it contacted stays contacted. Cancelling twice changes nothing.",
    parameters = { "campaign_name", "run" },
    answers = { [200] = "Run" },
    errors = { "run_not_found", "run_ended", "journal_needed", "validation_failed", "storage_failed", "unavailable" },
  },
  {
    method = "GET", path = "/campaigns/{campaign}/runs/{run}/list", handler = "campaign_run_targets", bulk = true,
    id = "listTargets", tag = "Campaigns", summary = "Whom a run contacted, with which offers",
    about = "One offer a line, in the order of the customers' ids. Nothing of it is stored: it is made of the run's "
      .. "decisions in the journal, which are decided again; who was erased is not there any more.",
    parameters = { "campaign_name", "run", "list_format" },
    answers = { [200] = { "TargetLines", "NDJSON, or CSV with the same columns.", "application/x-ndjson" } },
    errors = { "run_not_found", "validation_failed", "unavailable" },
  },

  -- ---- Rules ----
  {
    method = "GET", path = "/products", handler = "products",
    id = "listProducts", tag = "Rules", summary = "The product catalogue",
    about = "Minima are shown as they hold; where a tier changed one, what the rule file says is under declared.",
    parameters = { "category" },
    answers = { [200] = "Products" },
    errors = { "validation_failed" }, headers = { "ETag" },
  },
  {
    method = "GET", path = "/products/{product_id}", handler = "product",
    id = "getProduct", tag = "Rules", summary = "One product",
    parameters = { "product_id" },
    answers = { [200] = "Product" },
    errors = { "product_not_found", "validation_failed" }, headers = { "ETag" },
  },
  {
    method = "GET", path = "/segments", handler = "segments",
    id = "listSegments", tag = "Rules", summary = "The customer segments and what they boost",
    answers = { [200] = "Segments" }, errors = { "validation_failed" }, headers = { "ETag" },
  },
  {
    method = "GET", path = "/rules", handler = "rules",
    id = "getRules", tag = "Rules", summary = "The rules that are in force",
    about = "Where they come from, how a score is made up, and which rules exclude products or adjust points.",
    answers = { [200] = "Rules" }, errors = { "validation_failed" }, headers = { "ETag" },
  },
  {
    method = "GET", path = "/rules/check", handler = "rules_check",
    id = "checkRules", tag = "Rules", summary = "What can be proved about the rules that are in force",
    about = "Products that nobody can get, rules that change nothing, conditions that always or never hold, segments "
      .. "that overlap. Each holds for every customer whom the schema allows, at any time.",
    answers = { [200] = "RulesCheck" }, errors = { "validation_failed" }, headers = { "ETag" },
  },
  {
    method = "GET", path = "/rules/history", handler = "rules_history",
    id = "getHistory", tag = "Rules", summary = "The rules that served, newest first",
    about = "Each generation has a number, the hash of its texts, when and by whom it was put into force, and why.",
    parameters = { "page_limit", "cursor" },
    answers = { [200] = "History" }, errors = { "validation_failed", "unavailable" },
  },
  {
    method = "POST", path = "/rules/reload", handler = "rules_reload",
    id = "reloadRules", tag = "Rules", summary = "Load the rules folder now",
    about = "Answers when every worker decides by the new rules. Texts that are the same change nothing. Rules with "
      .. "mistakes are refused with all findings, and those that serve stay.",
    body = "RulesChange", body_optional = true,
    answers = { [200] = "RulesLoaded" },
    errors = { "json_malformed", "validation_failed", "rules_invalid", "journal_needed", "body_too_large", "media_type",
      "content_coding", "storage_failed", "unavailable" },
  },
  {
    method = "POST", path = "/rules/rollback", handler = "rules_rollback",
    id = "rollbackRules", tag = "Rules", summary = "Put rules of the history back into force",
    about = "Loads the texts that were kept, not the folder, as a new generation. The next change that is saved in "
      .. "the folder (with --no-watch: the next reload) makes the folder's rules serve again. Without a note "
      .. "the generation's own says where it went back to.",
    body = "RulesRollback", body_optional = true,
    answers = { [200] = "RulesLoaded" },
    errors = { "json_malformed", "generation_not_found", "validation_failed", "rules_invalid", "journal_needed",
      "body_too_large",
      "media_type", "content_coding", "storage_failed", "unavailable" },
  },

  {
    method = "GET", path = "/rules/price", handler = "rules_price",
    id = "getPrice", tag = "Rules", summary = "What moving one gate of a product would change",
    about = "For each value of the gate: who would gain and lose the product, of which segments, and whose best offer "
      .. "would be another. Exact for all customers. 503 while two reports are being made.",
    parameters = { "product", "gate", "gate_to", "steps" },
    answers = { [200] = "Price" }, errors = { "product_not_found", "validation_failed", "unavailable" },
  },
  {
    method = "GET", path = "/rules/uncovered", handler = "rules_uncovered",
    id = "getUncovered", tag = "Rules", summary = "Customers without an offer, and what stands in the way",
    about = "Each is counted by what keeps the nearest product from them. 503 while two reports are being made.",
    parameters = { "category" },
    answers = { [200] = "Uncovered" }, errors = { "validation_failed", "unavailable" },
  },
  {
    method = "GET", path = "/rules/tests", handler = "rules_tests",
    id = "getTests", tag = "Rules", summary = "What the tests and signed cases say of the rules in force",
    about = "Runs what lies in tests of the rules folder now. 503 while two reports are being made.",
    answers = { [200] = "RulesTests" }, errors = { "validation_failed", "unavailable" },
  },
  {
    method = "GET", path = "/reports/{report}", handler = "reports",
    id = "getReport", tag = "Outcomes", summary = "What was decided, offered and came of it",
    about = "funnel: from decisions to conversions; conversion: rates, by product unless said otherwise; products: "
      .. "each product; campaign: one campaign, in all and by product, and its runs; all by the days of the decisions. "
      .. "segments and unmet: what the rules in force would offer to today's customers, and what they own nothing and "
      .. "are offered nothing of. 503 while two reports are being made.",
    parameters = { "report", "by", "campaign_report", "from", "until", "format" },
    answers = { [200] = "Activity" }, errors = { "not_found", "validation_failed", "unavailable" },
  },
  {
    method = "POST", path = "/rules/diff", handler = "rules_diff", body_max = MIB,
    id = "compareRules", tag = "Rules", summary = "What a change of rule files would do to every customer",
    about = "Compares the rules in force with the same rules after some files were replaced, added or, by null, taken "
      .. "away: who gains and who loses, which line did it, and how groups of protected attributes fare. gates holds "
      .. "the release gates that a reload would refuse it for. Nothing is put into force. A body of at most 1 MiB "
      .. "with at most 500 files. 503 while two reports are being made.",
    body = "RulesTexts",
    answers = { [200] = "RulesDiff" },
    errors = { "json_malformed", "validation_failed", "rules_invalid", "body_too_large", "media_type",
      "content_coding", "unavailable" },
  },

  -- ---- Operating ----
  {
    method = "GET", path = "/health", handler = "health",
    id = "health", tag = "Operating", summary = "What is running",
    about = "Says the same at every call for as long as nothing happens.",
    answers = { [200] = "Health" },
  },
  {
    method = "GET", path = "/livez", handler = "livez",
    id = "livez", tag = "Operating", summary = "Whether the process answers", answers = { [200] = TEXT },
  },
  {
    method = "GET", path = "/readyz", handler = "readyz",
    id = "readyz", tag = "Operating", summary = "Whether it takes work", answers = { [200] = TEXT },
  },
  {
    method = "GET", path = "/metrics", handler = "metrics",
    id = "metrics", tag = "Operating", summary = "Counters for Prometheus",
    answers = { [200] = { "Metrics", nil, "text/plain" } },
  },

  -- ---- Pages ----
  {
    method = "GET", path = "/openapi.json", handler = "openapi",
    id = "openapi", tag = "Pages", summary = "This description",
    answers = { [200] = "OpenApi" }, headers = { "ETag" },
  },
  {
    method = "GET", path = "/docs", handler = "docs",
    id = "docs", tag = "Pages", summary = "This description to try out (Swagger UI)", answers = { [200] = HTML },
    headers = { "ETag" },
  },
  {
    method = "GET", path = "/redoc", handler = "redoc",
    id = "redoc", tag = "Pages", summary = "This description to read (ReDoc)", answers = { [200] = HTML },
    headers = { "ETag" },
  },
  {
    method = "GET", path = "/assets/{name}", handler = "asset",
    id = "asset", tag = "Pages", summary = "A file that the pages need",
    parameters = { "asset" },
    answers = { [200] = { "Page", "The file.", "text/javascript" } },
    errors = { "not_found" }, headers = { "ETag" },
  },
  {
    method = "GET", path = "/", handler = "landing",
    id = "landing", tag = "Pages", summary = "The landing page", answers = { [200] = HTML }, headers = { "ETag" },
  },
}
