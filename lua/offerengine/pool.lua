-- pool: customers on whom a change of a number shows: for every edge of the rules someone just below, at and just
-- above it, in many circumstances. Made from the rules alone, the same every time.

local core = require "offerengine.core"

local pool = {}

local RANDOM_BASES = 40

-- A customer with one value changed.
function pool.with(customer, name, value)
  local changed = {}
  for key, old in pairs(customer) do
    changed[key] = old
  end
  changed[name] = value
  return changed
end

local function is_numeric(attribute)
  return attribute.type == "integer" or attribute.type == "money" or attribute.type == "number"
end

-- The smallest step of a numeric attribute.
function pool.step_of(attribute)
  return attribute.step and attribute.step > 0 and attribute.step or attribute.type == "integer" and 1 or 0.01
end

-- A number of the attribute's kind.
function pool.number(attribute, value)
  return attribute.type == "integer" and math.tointeger(math.floor(value)) or value
end

-- The same, or nil when it is out of range.
local function fitting(attribute, value)
  if value >= (attribute.minimum or -math.huge) and value <= (attribute.maximum or math.huge) then
    return pool.number(attribute, value)
  end
end

-- A value of an attribute with which a product may be offered: its ideal, or with `barely` the least.
local function suiting(attribute, edges, product, barely)
  local name = attribute.name
  if attribute.type == "flag" then
    return true
  elseif attribute.type == "text" then
    return nil
  end
  local low, high = product["min_" .. name], product["max_" .. name]
  local middle = edges[(#edges + 1) // 2 + 1] or edges[#edges] or 0
  local much = product["ideal_" .. name] or low and low * 1.25 or middle
  local value = barely and (low or edges[2] or 0) or much
  value = high and math.min(value, high) or value
  return fitting(attribute, value) or fitting(attribute, edges[#edges] or 0)
end

local function base_for(attributes, edges, product, barely)
  local base = {}
  for _, attribute in ipairs(attributes) do
    if attribute.type == "product_set" then
      base[attribute.name] = product.after or {}
    else
      base[attribute.name] = suiting(attribute, edges[attribute.name] or {}, product, barely)
    end
  end
  return base
end

-- A generator of its own: the same numbers on every machine.
local function new_random()
  local state = 88172645463325252
  return function(count)
    state = state ~ (state << 13)
    state = state ~ (state >> 7)
    state = state ~ (state << 17)
    return (state >> 1) % count + 1
  end
end

local function random_base(attributes, edges, products, random)
  local base = {}
  for _, attribute in ipairs(attributes) do
    local list = edges[attribute.name]
    if attribute.type == "product_set" then
      local owned = {}
      for _ = 1, random(3) - 1 do
        owned[#owned + 1] = products[random(#products)].id
      end
      base[attribute.name] = owned
    elseif attribute.type == "text" then
      base[attribute.name] = list[random(#list + 1)]
    elseif list and #list > 0 and (random(5) > 1 or not (attribute.optional or attribute.nullable)) then
      base[attribute.name] = fitting(attribute, list[random(#list)])
    elseif attribute.type == "flag" then
      base[attribute.name] = random(2) == 1
    end
  end
  return base
end

local function sample_bases(ruleset, folder)
  local found = {}
  local list = core.customers(ruleset, { path = folder .. "/samples/customers.csv" })
  while list and list:read() do end
  for text in (list and list:ndjson() or ""):gmatch "[^\n]+" do
    found[#found + 1] = core.decode_json(text)
  end
  return found
end

local function bases_of(ruleset, folder, attributes, edges)
  local bases, products, random = {}, ruleset:products(), new_random()
  for _, barely in ipairs { false, true } do
    for _, product in ipairs(products) do
      bases[#bases + 1] = base_for(attributes, edges, product, barely)
    end
  end
  table.move(sample_bases(ruleset, folder), 1, 1000, #bases + 1, bases)
  for _ = 1, RANDOM_BASES do
    bases[#bases + 1] = random_base(attributes, edges, products, random)
  end
  return bases
end

local function add(population, made, entry)
  local id = #made + 1
  if population:add(pool.with(entry.customer, "customer_id", tostring(id))) then
    made[id], made[tostring(id)] = entry, entry
    entry.id = tostring(id)
  end
end

-- The least value, on the grid of steps, at which a product is offered to a customer who has too few points at `low`
-- and enough at `high`; nil when that is not so.
local function tipping(ask, customer, attribute, low, high)
  local step = pool.step_of(attribute)
  local function outcome(value)
    return ask(pool.with(pool.with(customer, attribute.name, fitting(attribute, value)), "customer_id", "x"))
  end
  if outcome(low) ~= "below_threshold" or outcome(high) ~= "offered" then
    return nil
  end
  local refused, offered = 0, math.floor((high - low) / step)
  while offered - refused > 1 do
    local middle = (refused + offered) // 2
    if outcome(low + middle * step) == "offered" then
      offered = middle
    else
      refused = middle
    end
  end
  return low + offered * step
end

-- Customers around the thresholds: for each product and attribute where the confidence tips over.
local function add_tipping(ruleset, at, attributes, edges, add_around)
  for number, product in ipairs(ruleset:products()) do
    local base = base_for(attributes, edges, product, true)
    local function ask(customer)
      return (ruleset:outcome(customer, { at = at }, product.id))
    end
    for _, attribute in ipairs(attributes) do
      local list = is_numeric(attribute) and edges[attribute.name] or {}
      for i = 2, #list do
        local value = tipping(ask, base, attribute, list[i - 1], list[i])
        if value then
          add_around(base, -number, attribute, value)
        end
      end
    end
  end
end

-- new(ruleset, folder, at): a population and what each of its customers is: by number and by id
-- { customer, base, attribute, edge, place = -1, 0 or 1 }.
function pool.new(ruleset, folder, at)
  local population, made = core.population(ruleset), {}
  local attributes, edges = {}, ruleset:edges()
  for _, attribute in ipairs(ruleset:attributes()) do
    attributes[#attributes + 1] = not attribute.derived and attribute or nil
  end
  local function add_around(base, number, attribute, edge)
    for place = -1, 1 do
      local value = fitting(attribute, edge + place * pool.step_of(attribute))
      if value then
        add(population, made, { customer = pool.with(base, attribute.name, value), base = number,
          attribute = attribute.name, edge = edge, place = place })
      end
    end
  end
  for number, base in ipairs(bases_of(ruleset, folder, attributes, edges)) do
    add(population, made, { customer = base, base = number })
    for _, attribute in ipairs(attributes) do
      for _, edge in ipairs(is_numeric(attribute) and edges[attribute.name] or {}) do
        add_around(base, number, attribute, edge)
      end
    end
  end
  add_tipping(ruleset, at, attributes, edges, add_around)
  return population, made
end

function pool.customer(made, id)
  return pool.with(made[id].customer, "customer_id", "signed")
end

-- The customer at another place of the same edge, nil when there is none.
function pool.neighbour(made, id, place)
  local own = made[id]
  for distance = -2, 2 do
    local other = made[math.tointeger(tonumber(id)) + distance]
    if other and other.base == own.base and other.attribute == own.attribute and other.edge == own.edge and
      other.place == place then
      return other.id
    end
  end
end

return pool
