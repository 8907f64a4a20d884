-- metrics: GET /metrics, Prometheus text format 0.0.4. No label ever holds anything of a customer.
-- service.metrics() holds the counters below, summed over the workers, connections_open, answers = { ["2xx"] = n },
-- errors = { code = n }; service.store_stats() those of the store.

local offerengine = require "offerengine"

local COUNTERS = {
  { "decisions", "Customers that were decided for." },
  { "offers", "Offers in those decisions." },
  { "no_offers", "Decisions without an offer." },
  { "explanations", "Customers whose products were explained." },
  { "customer_writes", "Changes of one customer that are durable." },
  { "customer_write_failures", "Changes of one customer that could not be stored." },
  { "imported_customers", "Customers that imports brought." },
  { "batch_lines", "Lines of batches that were answered." },
  { "batch_errors", "Those of them that were answered with an error." },
  { "connections_opened", "Connections that were taken." },
  { "connections_closed", "Connections that ended." },
  { "connections_refused", "Connections that were one too many." },
  { "bytes_read", "Bytes that came in." },
  { "bytes_written", "Bytes that went out." },
  { "timeouts", "Connections that a deadline ended, idle ones too." },
  { "lua_errors", "Handlers in Lua that failed." },
  { "journalled", "Decisions that are in the journal." },
  { "journal_blocks", "Blocks in which they came there." },
  { "late_shown", "Offers that were shown when their reservation had ended; they count all the same." },
}

local STORE_COUNTERS = {
  { "reads", "Reads from the store." },
  { "writes", "Writes to the store." },
  { "transactions", "Transactions that were committed." },
  { "failed_transactions", "Transactions that failed." },
}

-- One family: HELP, TYPE and its samples, each { labels, value }.
local function add_family(lines, name, kind, words, samples)
  lines[#lines + 1] = ("# HELP offerengine_%s %s"):format(name, words)
  lines[#lines + 1] = ("# TYPE offerengine_%s %s"):format(name, kind)
  for _, sample in ipairs(samples) do
    lines[#lines + 1] = ("offerengine_%s%s %s"):format(name, sample[1], sample[2])
  end
end

local function label(name, value)
  return ('{%s="%s"}'):format(name, tostring(value):gsub('[\\"]', "\\%0"):gsub("\n", "\\n"))
end

local function answers_by_class(answers)
  local samples = {}
  for i, class in ipairs { "1xx", "2xx", "3xx", "4xx", "5xx" } do
    samples[i] = { label("status", class), answers[class] or 0 }
  end
  return samples
end

local function errors_by_code(errors)
  local codes, samples = {}, {}
  for code in pairs(errors) do
    codes[#codes + 1] = code
  end
  table.sort(codes)
  for i, code in ipairs(codes) do
    samples[i] = { label("code", code), errors[code] }
  end
  return samples
end

local function loads_by_result(loads)
  local samples = {}
  for i, result in ipairs { "loaded", "unchanged", "refused", "failed" } do
    samples[i] = { label("result", result), loads[result] or 0 }
  end
  return samples
end

-- Those that were refused have the code of their error as result.
local function outcomes_by_result(outcomes)
  local results, samples = {}, {}
  for result in pairs(outcomes) do
    results[#results + 1] = result
  end
  table.sort(results)
  for i, result in ipairs(results) do
    samples[i] = { label("result", result), outcomes[result] }
  end
  return samples
end

local CONTACTS = {
  { "customers", "Customers with contacts that policies count." },
  { "reservations", "Offers that are reserved; those that ended leave within minutes." },
  { "contacts", "What policies count: reservations, offers shown, offers declined and opt-outs." },
  { "opt_outs", "What customers opted out of." },
}

local function add_contacts(lines, held)
  for _, gauge in ipairs(CONTACTS) do
    add_family(lines, "contact_" .. gauge[1], "gauge", gauge[2], { { "", held[gauge[1]] } })
  end
end

local function add_gauges(lines, service)
  local ruleset = service.ruleset
  local build = ('{version="%s",ruleset="%s"}'):format(offerengine.version, ruleset:hash())
  add_family(lines, "info", "gauge", "What is running; always 1.", { { build, 1 } })
  add_family(lines, "start_time_seconds", "gauge", "When the service started, in seconds since 1970.",
    { { "", ("%.3f"):format(service.started_ms / 1000) } })
  add_family(lines, "ruleset_generation", "gauge", "Running number of the rules in force.",
    { { "", service.generation } })
  add_family(lines, "workers", "gauge", "Threads that serve.", { { "", service.workers } })
  add_family(lines, "customers", "gauge", "Customers that are known.", { { "", service.customers() } })
  add_family(lines, "customers_skipped", "gauge", "Stored customers that the rules' schema does not take.",
    { { "", service.skipped() } })
  add_family(lines, "products", "gauge", "Products that the rules declare.", { { "", #ruleset:products() } })
end

local function add_counters(lines, prefix, counters, counted)
  for _, counter in ipairs(counters) do
    add_family(lines, prefix .. counter[1] .. "_total", "counter", counter[2], { { "", counted[counter[1]] or 0 } })
  end
end

-- What became of the calls of functions, by their place, which tells two functions of one rule apart.
local function add_functions(lines, functions)
  local families = { { "rule_errors_total", "counter", "Calls of rule functions that failed.", "errors" },
    { "rule_stops_total", "counter", "Calls of rule functions that were stopped.", "stops" },
    { "rule_quarantined", "gauge", "1: the rule function is not called any more.", "quarantined" } }
  for _, family in ipairs(families) do
    local samples = {}
    for i, called in ipairs(functions) do
      local value = called[family[4]]
      local labels = ("{rule=%q,place=%q}"):format(called.rule, called.file .. ":" .. called.line)
      samples[i] = { labels, value == true and 1 or value or 0 }
    end
    if #samples > 0 then
      add_family(lines, family[1], family[2], family[3], samples)
    end
  end
end

return function(_, service)
  local lines, counted = {}, service.metrics()
  add_gauges(lines, service)
  add_contacts(lines, service.contacts())
  add_family(lines, "connections_open", "gauge", "Connections that are open.", { { "", counted.connections_open } })
  add_family(lines, "answers_total", "counter", "Answers by class of their status.", answers_by_class(counted.answers))
  add_family(lines, "errors_total", "counter", "Error answers by their code.", errors_by_code(counted.errors))
  add_family(lines, "outcomes_total", "counter", "Outcomes that were reported, by what became of them.",
    outcomes_by_result(counted.outcomes))
  add_family(lines, "rules_reloads_total", "counter", "Loads of the rules while it ran, by their result.",
    loads_by_result(service.loads()))
  add_counters(lines, "", COUNTERS, counted)
  add_counters(lines, "store_", STORE_COUNTERS, service.store_stats())
  add_functions(lines, service.ruleset:functions())
  return 200, table.concat(lines, "\n") .. "\n",
    { ["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8", ["Cache-Control"] = "no-store" }
end
