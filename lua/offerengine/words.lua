---@meta offerengine.words
-- words.lua: what editors with LuaLS know of the words of rule files. Nothing loads this file; a spec compares it with
-- what the rule language really takes.
-- luacheck: ignore 111 131 212

---@class offerengine.Condition
---@class offerengine.Test
---@class offerengine.Curve
---@class offerengine.Raise

---A customer's values by name; what is not on file is nil. Anything but true and false is neither.
---@alias offerengine.Function fun(c: table<string, any>): boolean?
---Attribute tests by attribute name, and conditions as list items: all of them must hold.
---@alias offerengine.When offerengine.Condition|offerengine.Function|table<string|integer, any>
---@alias offerengine.Names string|string[]

---@class offerengine.words.attribute
---@field type "number"|"integer"|"money"|"text"|"flag"|"product_set"
---@field unit? string
---@field label? string
---@field range? (number|nil)[] lowest and highest value
---@field words? offerengine.Names by which a reason speaks of the attribute
---@field values? offerengine.Names the texts that rules may ask for
---@field optional? boolean
---@field nullable? boolean
---@field protected? boolean
---@field immutable? boolean
---@field groups? number[]
---@field step? number

---@class offerengine.words.derive
---@field type "number"|"integer"|"money"|"text"|"flag"
---@field unit? string
---@field label? string
---@field range? (number|nil)[] lowest and highest value
---@field words? offerengine.Names by which a reason speaks of the attribute
---@field values? offerengine.Names the texts that it may be
---@field step? number
---@field protected? boolean
---@field lookup? string the id of a lookup, with
---@field column? string one of its columns, and
---@field default? number|string for a key that is not on file or has no row
---@field value? fun(c: table): number|string|boolean|nil

---@class offerengine.words.lookup
---@field file string in the folder tables
---@field key string the attribute that is looked up, and the column that holds its values

---@class offerengine.words.category
---@field name? string
---@field regulated? "credit"

---Besides these: min_, max_ and ideal_ with the name of an attribute.
---@class offerengine.words.product
---@field name string
---@field category string
---@field tier? string
---@field reason? string
---@field message? string|fun(c: table): string? a template, as in "With {income:money} a year"
---@field group? string
---@field off? boolean
---@field curve? table<string, offerengine.Curve|"gate"|fun(v: number): number>
---@field requires? offerengine.When
---@field when? offerengine.When
---@field after? offerengine.Names
---@field not_with? offerengine.Names
---@field from? string
---@field until? string
---@field value? number
---@field lever? number
---@field [string] number

---@class offerengine.words.segment
---@field name? string
---@field when offerengine.When
---@field boost? table<string, number|table<string, number>>
---@field threshold? number

---@class offerengine.words.exclude
---@field category? offerengine.Names
---@field product? offerengine.Names
---@field when offerengine.When
---@field reason? string
---@field unknown? "exclude"
---@field from? string
---@field until? string

---@class offerengine.words.adjust
---@field category? offerengine.Names
---@field product? offerengine.Names
---@field when? offerengine.When
---@field points number
---@field reason? string
---@field from? string
---@field until? string

---How often a customer may be contacted.
---@class offerengine.words.cap
---@field category? offerengine.Names
---@field product? offerengine.Names
---@field channel? offerengine.Names decisions for these, and contacts through them
---@field campaign? offerengine.Names the same
---@field at_most integer
---@field per string as in "30 days", "12 hours", "45 minutes"
---@field each? "product"|"category" so many of each; all together when left out
---@field reason? string
---@field from? string
---@field until? string

---None for a time after the customer declined one.
---@class offerengine.words.cool_down
---@field category? offerengine.Names
---@field product? offerengine.Names
---@field channel? offerengine.Names
---@field campaign? offerengine.Names
---@field days integer
---@field each? "product"|"category"|"scope" what rests; the product that was declined when left out
---@field reason? string
---@field from? string
---@field until? string

---None at some times.
---@class offerengine.words.quiet
---@field category? offerengine.Names
---@field product? offerengine.Names
---@field channel? offerengine.Names
---@field campaign? offerengine.Names
---@field hours? string[] as in { "21:00", "08:00" }
---@field weekdays? offerengine.Names mon, tue, wed, thu, fri, sat, sun
---@field reason? string
---@field from? string
---@field until? string

---@class offerengine.words.dimension
---@field weight number
---@field of? string the attribute; the dimension's own name when left out
---@field ideal? number
---@field every? boolean
---@field curve? offerengine.Curve|"gate"|fun(v: number): number

---@class offerengine.words.threshold
---@field default? number
---@field category? table<string, number>
---@field product? table<string, number>
---@field segment? table<string, number>

---@class offerengine.words.limit
---@field default? integer
---@field category? table<string, integer>
---@field group? table<string, integer>

---@class offerengine.words.ladder
---@field steps string[] products, the first step first

---@class offerengine.words.release
---@field max_lost? number percent of the customers who lose an offer
---@field max_lost_only? number percent who lose the only one
---@field max_best_changed? number percent whose best offer becomes another
---@field min_ratio? number 0 to 1
---@field min_group? integer

---A target group, the products for it and what is said of them.
---@class offerengine.words.campaign
---@field name? string
---@field category? offerengine.Names
---@field product? offerengine.Names
---@field segment? offerengine.Names in any of these
---@field when? offerengine.When
---@field channel? string
---@field message? string
---@field per_customer? integer 1 when left out
---@field quota? integer customers, in all
---@field holdout? integer percent
---@field from? string
---@field until? string

---@class offerengine.words.experiment
---@field arms table<string, integer> percent of the customers; control is one of them
---@field holdout? integer percent who are offered nothing of it
---@field off? table<string, offerengine.Names> arm -> products that it does not offer
---@field category? offerengine.Names what the holdout is not offered
---@field product? offerengine.Names
---@field salt? string another one draws anew
---@field from? string the first day
---@field until? string the last day

---@class offerengine.words.holdout
---@field percent integer of all customers
---@field salt? string another one draws anew

---@class offerengine.words.on_accept
---@field own boolean

---@class offerengine.words.settings
---@field currency? string
---@field utc_offset? string
---@field reservation? string for how long an offer is held for its customer, as in "30 minutes"

---In rules/tests. One of offers, offered, refused, score and segments at least.
---@class offerengine.words.test
---@field customer table<string, any> a record without customer_id
---@field at? string the day, as in "2026-03-03"
---@field contacts? table[] what happened before, as in { shown = "credit_card", on = "2026-02-20", channel = "sms" }
---@field channel? string for which the decision is
---@field campaign? string for which the decision is
---@field offers? string[] all offers, in their order
---@field offered? offerengine.Names products that are among the offers
---@field refused? table<string, string> products with one of their principal reason codes
---@field score? table<string, number> products with their confidence
---@field segments? string[] all segments that the customer is in

---@param title string
---@return fun(keys: offerengine.words.test)
function test(title) end
---@param id string
---@return fun(keys: offerengine.words.attribute)
function attribute(id) end
---@param id string
---@return fun(keys: offerengine.words.derive)
function derive(id) end
---@param id string
---@return fun(keys: offerengine.words.lookup): table<string|number, table<string, string|number>>
function lookup(id) end
---@param id string
---@return fun(keys: offerengine.words.category)
function category(id) end
---@param id string
---@return fun(keys: offerengine.words.product)
function product(id) end
---@param id string
---@return fun(keys: offerengine.words.segment)
function segment(id) end
---@param id string
---@return fun(raises: table<string, offerengine.Raise>)
function tier(id) end
---@param id string
---@return fun(keys: offerengine.words.exclude)
function exclude(id) end
---@param id string
---@return fun(keys: offerengine.words.adjust)
function adjust(id) end
---@param id string
---@return fun(keys: offerengine.words.cap)
function cap(id) end
---@param id string
---@return fun(keys: offerengine.words.cool_down)
function cool_down(id) end
---@param id string
---@return fun(keys: offerengine.words.quiet)
function quiet(id) end
---@param dimensions table<string, offerengine.words.dimension>
function scoring(dimensions) end
---@param levels offerengine.words.threshold
function threshold(levels) end
---@param levels offerengine.words.limit
function limit(levels) end
---@param products string[]
function fallback(products) end
---@param keys offerengine.words.on_accept
function on_accept(keys) end
---@param id string
---@return fun(keys: offerengine.words.ladder)
function ladder(id) end
---@param id string
---@return fun(keys: offerengine.words.experiment)
function experiment(id) end

---@param id string
---@return fun(keys: offerengine.words.campaign)
function campaign(id) end
---@param keys offerengine.words.holdout
function holdout(keys) end
---@param keys offerengine.words.release
function release(keys) end
---@param keys offerengine.words.settings
function settings(keys) end
---@param path string of a rule file, from the rules folder
---@return any returned a copy of what that file returns
function include(path) end

---@param value number
---@return offerengine.Test
function at_least(value) end
---@param value number
---@return offerengine.Test
function at_most(value) end
---@param value number
---@return offerengine.Test
function above(value) end
---@param value number
---@return offerengine.Test
function below(value) end
---@param low number
---@param high number
---@return offerengine.Test
function between(low, high) end
---@param value number|string|boolean
---@return offerengine.Test
function equals(value) end
---@param values (number|string|boolean)[]
---@return offerengine.Test
function one_of(values) end
---@param values (number|string|boolean)[]
---@return offerengine.Test
function none_of(values) end
---@param attribute_name? string
---@return offerengine.Condition
function known(attribute_name) end
---@param attribute_name? string
---@return offerengine.Condition
function unknown(attribute_name) end
---@param product_id string
---@return offerengine.Condition
function owns(product_id) end
---@param product_id string
---@return offerengine.Condition
function lacks(product_id) end
---@param category_id? string
---@return offerengine.Condition
function lacks_category(category_id) end
---@param segment_id string
---@return offerengine.Condition
function in_segment(segment_id) end
---@param conditions table
---@return offerengine.Condition
function any(conditions) end
---@param conditions table
---@return offerengine.Condition
function all(conditions) end
---@param conditions table
---@return offerengine.Condition
function none(conditions) end

---@param low number
---@param high number
---@return offerengine.Curve
function ramp(low, high) end
---@param foot number
---@param top number
---@param top_end number
---@param foot_end number
---@return offerengine.Curve
function band(foot, top, top_end, foot_end) end
---@param points number[][]
---@return offerengine.Curve
function steps(points) end
---@type offerengine.Curve
gate = nil
---@param points number
---@return offerengine.Raise
function raise(points) end
