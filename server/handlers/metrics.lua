-- metrics: GET /metrics, Prometheus text format 0.0.4. No label ever holds anything of a customer.
-- service.metrics() is { answers = { [1] = n, ... by status class }, errors = { code = n }, and the counters below,
-- summed over the workers }.

local offerengine = require "offerengine"

local COUNTERS = {
  { "connections_opened", "Connections that were taken." },
  { "connections_closed", "Connections that ended." },
  { "connections_refused", "Connections that were one too many." },
  { "bytes_read", "Bytes that came in." },
  { "bytes_written", "Bytes that went out." },
  { "timeouts", "Connections that a deadline ended, idle ones too." },
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
  for class = 1, 5 do
    samples[class] = { label("status", class .. "xx"), answers[class] or 0 }
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

local function add_gauges(lines, service)
  local ruleset = service.ruleset
  local build = ('{version="%s",ruleset="%s"}'):format(offerengine.version, ruleset:hash())
  add_family(lines, "info", "gauge", "What is running; always 1.", { { build, 1 } })
  add_family(lines, "start_time_seconds", "gauge", "When the service started, in seconds since 1970.",
    { { "", ("%.3f"):format(service.started_ms / 1000) } })
  add_family(lines, "generation", "gauge", "Running number of the rules in force.", { { "", service.generation } })
  add_family(lines, "workers", "gauge", "Threads that serve.", { { "", service.workers } })
  add_family(lines, "customers", "gauge", "Customers that are known.", { { "", service.customers() } })
  add_family(lines, "products", "gauge", "Products that the rules declare.", { { "", #ruleset:products() } })
end

return function(_, service)
  local lines, counted = {}, service.metrics()
  add_gauges(lines, service)
  add_family(lines, "answers_total", "counter", "Answers by class of their status.", answers_by_class(counted.answers))
  add_family(lines, "errors_total", "counter", "Error answers by their code.", errors_by_code(counted.errors))
  for _, counter in ipairs(COUNTERS) do
    add_family(lines, counter[1] .. "_total", "counter", counter[2], { { "", counted[counter[1]] or 0 } })
  end
  return 200, table.concat(lines, "\n") .. "\n",
    { ["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8", ["Cache-Control"] = "no-store" }
end
