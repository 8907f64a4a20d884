-- parameters.lua: the parameters that routes take, as the interface description says them. A list of categories is
-- filled in from the ruleset.

local function path(name, words, example)
  return {
    name = name, ["in"] = "path", required = true, description = words, example = example,
    schema = { type = "string", minLength = 1, maxLength = 128 },
  }
end

local function query(name, words, schema)
  return { name = name, ["in"] = "query", required = false, description = words, schema = schema }
end

local parameters = {
  customer_id = path("customer_id", "1 to 128 bytes without control characters.", "C001"),
  product_id = path("product_id", "A product of the catalogue.", "credit_card"),
  asset = path("name", "The file's name.", "page.css"),
  limit = query("limit", "At most so many offers.", { type = "integer", minimum = 1, maximum = 10000 }),
  explain = query("explain", "Add what GET /explain says.", { type = "boolean", default = false }),
  channel = query("channel", "Where the offers will be shown: contact policies and opt-outs may be of one channel.",
    { type = "string", minLength = 1, maxLength = 128 }),
  campaign_name = path("campaign", "A campaign of the rules.", "spring_cards"),
  run = { name = "run", ["in"] = "path", required = true, description = "The number of a run.",
    schema = { type = "integer", minimum = 1 }, example = 1 },
  list_format = query("format", "What the list is, whatever Accept says.",
    { type = "string", enum = { "ndjson", "csv" } }),
  campaign = query("campaign", "A campaign of the rules, which then decides for its group, among its products and for "
    .. "its channel; or one that contact policies name.",
    { type = "string", minLength = 1, maxLength = 128 }),
  page_limit = query("limit", "At most so many customers in this page.",
    { type = "integer", minimum = 1, maximum = 1000, default = 1000 }),
  cursor = query("cursor", "The next_cursor of the page before.", { type = "string", minLength = 2, maxLength = 256 }),
  idempotency_key = {
    name = "Idempotency-Key", ["in"] = "header", required = false,
    description = "A text of your own for this request. The same again with the same body is answered as the first "
      .. "time, with another body refused.",
    schema = { type = "string", minLength = 1, maxLength = 255 },
  },
  product = {
    name = "product", ["in"] = "query", required = true, description = "A product of the catalogue.",
    schema = { type = "string" }, example = "credit_card",
  },
  gate = {
    name = "attribute", ["in"] = "query", required = true, schema = { type = "string" }, example = "min_income",
    description = "The gate: an attribute, or min_ or max_ with one.",
  },
  gate_to = query("to", "The last value; as loose as the attribute allows when left out.", { type = "number" }),
  steps = query("steps", "How many values up to that one.",
    { type = "integer", minimum = 1, maximum = 1000, default = 20 }),
  report = path("report", "funnel, conversion, products, campaign, segments or unmet.", "conversion"),
  by = query("by", "What conversion keeps apart; product or category begin a funnel at all customers.",
    { type = "string", default = "product",
    enum = { "product", "category", "generation", "channel", "campaign", "day" } }),
  campaign_report = query("campaign", "Of campaign, which needs it: a campaign of the rules, or one that was counted.",
    { type = "string", minLength = 1, maxLength = 128 }),
  from = query("from", "Decisions of this day and later.", { type = "string", format = "date" }),
  ["until"] = query("until", "Decisions of this day and earlier.", { type = "string", format = "date" }),
  format = query("format", "csv: the table as CSV.", { type = "string", enum = { "json", "csv" }, default = "json" }),
  skip_bad = query("skip_bad", "Leave bad lines out instead of refusing all.", { type = "boolean", default = false }),
}

-- The parameter of that name; `ids` are the categories.
return function(name, ids)
  if name == "category" then
    return query("category", "Only this category.", { type = "string", enum = ids })
  end
  return assert(parameters[name], name)
end
