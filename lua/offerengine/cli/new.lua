-- new: a product, a segment or a rule from a template that is taken as it stands, with a test beside it that passes.

local arguments = require "offerengine.cli.arguments"
local core = require "offerengine.core"
local failure = require "offerengine.cli.failure"
local findings = require "offerengine.cli.findings"
local json = require "offerengine.json"
local loader = require "offerengine.loader"
local templates = require "offerengine.cli.templates"
local texts = require "offerengine.texts"

local new = {
  name = "new",
  summary = "Begin a product, segment or rule from a template, with a test.",
  usage = "new product | segment | rule NAME [--category ID] [--rules DIR]",
  examples = {
    { "offerengine new product travel_card --category credit", "rules/products/travel_card.lua and its test" },
    { "offerengine new segment homeowners", "rules/segments/homeowners.lua and its test" },
    { "offerengine new rule loyal_customers --category savings", "rules/policies/loyal_customers.lua and its test" },
  },
  operands = { 2, 2 },
  options = {
    arguments.RULES,
    { "category", "ID", "what it is about (default: the first category that is not regulated)" },
    arguments.JSON,
  },
}

local KINDS = { "product", "segment", "rule" }
local FOLDERS = { product = "products", segment = "segments", rule = "policies" }
local NAME_MAX = 64

local function did_you_mean(word, words, otherwise)
  local near = core.suggest(word, words)
  return near and ("; did you mean '%s'?"):format(near) or otherwise
end

local function check_words(kind, name)
  if not FOLDERS[kind] then
    failure.usage(("unknown kind '%s'%s"):format(kind, did_you_mean(kind, KINDS, "; there are "
      .. table.concat(KINDS, ", "))))
  elseif not name:find("^%l[%l%d_]*$") or #name > NAME_MAX or name == "category" then
    local better = name:lower():gsub("[^%l%d]+", "_"):gsub("^[%d_]+", ""):gsub("_+$", ""):sub(1, NAME_MAX)
    local example = #better > 0 and better ~= "category" and (", as in '%s'"):format(better) or ""
    failure.usage(("name '%s': must be a small letter, then small letters, digits and underscores, at most %d"):format(
      name, NAME_MAX) .. example)
  end
end

local function category_of(given, ruleset)
  local ids, first = {}, nil
  for i, category in ipairs(ruleset:categories()) do
    ids[i] = category.id
    first = first or not category.regulated and category.id or nil
    if category.id == given.category then
      first = category.id
    end
  end
  if given.category and first ~= given.category then
    failure.usage(("option '--category': unknown category '%s'%s"):format(given.category,
      did_you_mean(given.category, ids, "; allowed are " .. table.concat(ids, ", "))))
  end
  if #ids == 0 then
    failure.stop("rules: there is no category yet; declare one in schema.lua", failure.FINDINGS)
  end
  return first or ids[1], table.concat(ids, ", ")
end

-- Segments and rules give points under their id, so the two share their names.
local function check_free(kind, name, ruleset, files)
  local lists = kind == "product" and { product = ruleset:products() }
    or { segment = ruleset:segments(), rule = ruleset:rules() }
  for noun, list in pairs(lists) do
    for _, one in ipairs(list) do
      if one.id == name then
        failure.stop(("%s '%s' exists already, in %s:%d"):format(noun, name, one.file, one.line), failure.FINDINGS)
      end
    end
  end
  for _, file in ipairs(files) do
    if core.kind(file.path) then
      failure.stop(("file '%s' exists already; nothing was written"):format(file.path), failure.FINDINGS)
    end
  end
end

local function load(folder, with)
  local ruleset, message, code, found
  if with then
    ruleset, message, code, found = loader.load(folder, { texts = texts.pack(with) })
  else
    ruleset, message, code, found = loader.load(folder)
  end
  if not ruleset then
    io.stderr:write(findings.text(folder, found or {}))
    failure.stop(message, code)
  end
  return ruleset, code
end

local function explained(ruleset, customer, at, id)
  for _, product in ipairs(failure.check(ruleset:explain(customer, { at = at })).products) do
    if product.product_id == id then
      return product
    end
  end
end

-- What the test of a new product expects.
local function expect_product(ruleset, name, customer, at)
  local product = explained(ruleset, customer, at, name)
  if product.outcome == "offered" then
    return ('offered = "%s"'):format(name), ("%s is offered to a customer whom it suits"):format(name)
  end
  local code = product.reason_codes[1]
  return ('refused = { %s = "%s" }'):format(name, code), ("%s is not offered to this customer"):format(name)
end

-- What that of a segment or rule expects: the points of an offer in its category, if there is one.
local function expect_points(ruleset, name, customer, given)
  local offers = failure.check(ruleset:decide(customer, { at = given.at })).recommended_products
  local offer
  for _, one in ipairs(offers) do
    local fits = one.category == given.category and (not offer or offer.confidence_score == 100)
    offer = fits and one or offer
  end
  if offer then
    return ("score = { %s = %.1f }"):format(offer.product_id, offer.confidence_score),
      ("%s counts for %s"):format(name, offer.product_id)
  end
  local ids = {}
  for i, one in ipairs(offers) do
    ids[i] = ('"%s"'):format(one.product_id)
  end
  return ("offers = { %s }"):format(table.concat(ids, ", ")), ("%s leaves these offers"):format(name)
end

local function write_files(files)
  for i, file in ipairs(files) do
    local done, message, code = core.create(file.path, file.text)
    if not done then
      for written = 1, i - 1 do
        os.remove(files[written].path)
      end
      failure.stop(message, code)
    end
  end
end

-- Fills in the texts of the two files.
local function write_texts(kind, name, files, base)
  files[1].text = templates.rule(kind, { name = name, category = base.category, categories = base.categories,
    scored = base.scored })
  base.texts[files[1].below] = files[1].text
  local candidate = load(base.folder, base.texts)
  local given = { name = name, customer = templates.customer(candidate), at = os.date("!%Y-%m-%d") }
  local at = core.time(given.at)
  if kind == "product" then
    given.expected, given.title = expect_product(candidate, name, given.customer, at)
  else
    given.expected, given.title = expect_points(candidate, name, given.customer, { at = at, category = base.category })
  end
  files[2].text = templates.test(candidate, given)
end

function new.run(given)
  local kind, name, folder = given[1], given[2], given.rules or "rules"
  check_words(kind, name)
  local ruleset, packed = load(folder)
  local below = ("%s/%s.lua"):format(FOLDERS[kind], name)
  local files = { { below = below, path = folder .. "/" .. below },
    { path = ("%s/tests/%s.lua"):format(folder, name) } }
  local base = { folder = folder, texts = texts.unpack(packed), scored = templates.scored(ruleset) }
  base.category, base.categories = category_of(given, ruleset)
  check_free(kind, name, ruleset, files)
  if not base.scored then
    failure.stop("rules: scoring names no attribute to score by; add one to scoring.lua", failure.FINDINGS)
  end
  write_texts(kind, name, files, base)
  write_files(files)
  if given.json then
    io.stdout:write(json.encode { kind = kind, name = name, files = json.list { files[1].path, files[2].path } }, "\n")
    return
  end
  io.stdout:write(files[1].path, "\n", files[2].path, "\n")
  io.stderr:write(("%s '%s' begun: change both files as you need, then "):format(kind, name),
    ("'offerengine check %s' and 'offerengine test %s'\n"):format(folder, folder))
end

return new
