-- errors.lua: the errors that the interface description names: code -> status, title and detail. The service's own
-- table is server/http/errors.c; a spec compares the two.

local TITLES = {
  [400] = "Bad Request", [404] = "Not Found", [409] = "Conflict", [413] = "Content Too Large",
  [415] = "Unsupported Media Type", [422] = "Unprocessable Content", [503] = "Service Unavailable",
}

local function entry(status, detail)
  return { status = status, title = TITLES[status], detail = detail }
end

return {
  json_malformed = entry(400, "body: not well-formed JSON"),
  not_found = entry(404, "Not Found"),
  customer_not_found = entry(404, "Customer not found"),
  product_not_found = entry(404, "Product not found"),
  generation_not_found = entry(404, "Generation not found"),
  campaign_not_found = entry(404, "Campaign not found"),
  run_not_found = entry(404, "Run not found"),
  unknown_decision = entry(404, "decision_id: no decision of that id is on record"),
  product_not_in_decision = entry(409, "product_id: the decision did not offer it"),
  outcome_before_decision = entry(409, "at: lies before the decision"),
  decision_expired = entry(409, "decision_id: the decision is too old to be reported on"),
  outcome_in_future = entry(409, "at: lies in the future; look at your clock"),
  idempotency_key_reused = entry(409, "idempotency-key: was used for another request"),
  journal_needed = entry(409, "rules: contact policies need the journal; omit --no-journal"),
  run_repeated = entry(409, "run: there is one with this clock and seed"),
  run_ended = entry(409, "run: has ended already"),
  conflict = entry(409, "Conflict"),
  body_too_large = entry(413, "body: larger than this route takes"),
  media_type = entry(415, "content-type: not taken by this route"),
  content_coding = entry(415, "content-encoding: only 'identity' is known"),
  validation_failed = entry(422, "the request holds values that are not allowed"),
  rules_invalid = entry(422, "rules: hold mistakes; those that serve stay as they are"),
  unavailable = entry(503, "service: cannot do this now, try again"),
  storage_failed = entry(503, "store: the change could not be stored, try again"),
}
