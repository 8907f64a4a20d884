---@meta offerengine
-- meta_reports.lua: what editors know of the tests of rules and of the reports on a book; see meta.lua.
-- luacheck: ignore 212 241

---@class offerengine
local offerengine = {}

---@class offerengine.Tested
---@field results {title: string, file: string, line: integer, problems: string[]}[] of the test files
---@field signed integer signed cases
---@field changed {case: table, now: string}[] those that are decided otherwise now
---@field findings offerengine.Finding[] all that stands against the rules; empty when every test passes

---Runs what lies in folder/tests: the tests and the signed cases.
---@param folder string
---@param ruleset? offerengine.Ruleset the folder's own when left out
---@return offerengine.Tested? tested
---@return string? message
---@return offerengine.Code? code
---@return offerengine.Finding[]? findings mistakes in the rules
function offerengine.test(folder, ruleset) end

---@class offerengine.DiffOptions
---@field at? integer|string as for deciding
---@field limit? integer at most so many offers each
---@field workers? integer threads, 1 to 256; one per core when left out
---@field output? string a CSV of every product gained or lost
---@field ratio? number a group must be offered a product at least so often as the highest one: 0.8
---@field group? integer groups of fewer customers are not judged: 30
---@field progress? fun(done: integer, all: integer)

---Every customer of a population under two rulesets: who gains, who loses, what did it, and how groups of protected
---attributes fare under the new one. `new` was loaded with options.ruleset = base, and the population made by either.
---@param base offerengine.Ruleset
---@param new offerengine.Ruleset
---@param population offerengine.Population
---@param options? offerengine.DiffOptions
---@return table? counts
---@return string? message
---@return offerengine.Code? code
function offerengine.diff(base, new, population, options) end

---@class offerengine.ReportOptions: offerengine.Options
---@field workers? integer threads, one per core when left out

---@class offerengine.PriceOptions: offerengine.ReportOptions
---@field to? number the last value of the gate; as loose as the attribute allows when left out
---@field steps? integer how many points lie between the gate and `to`, that one included; 20 when left out

---@class offerengine.Share
---@field name string
---@field customers integer
---@field product_id? string
---@field segment? string

---What differs from now when the gate is at one value.
---@class offerengine.PricePoint
---@field gate number as a rule declares it
---@field effective number with what the tier adds
---@field refused? string rules that say so would not load: why; there is nothing else then
---@field offered integer who get the product then
---@field without_offer integer who get nothing then
---@field gained integer who get the product then and not now
---@field lost integer who get it now and not then
---@field reached integer who get nothing now and something then
---@field emptied integer who get something now and nothing then
---@field displaced integer whose best offer of now is not their best one then
---@field displaced_products offerengine.Share[] those best offers
---@field gained_segments offerengine.Share[]
---@field lost_segments offerengine.Share[]

---@class offerengine.Price
---@field product_id string
---@field product_name string
---@field gate string for example "min_income"
---@field attribute string
---@field unit? string
---@field file? string
---@field line? integer
---@field customers integer
---@field points offerengine.PricePoint[] the first is the gate as it is

---Moves one gate of a product over a range of values and tells for each who would gain and lose. Exact: what
---deciding every customer again by changed rules would come to, for one pass over the population.
---@param ruleset offerengine.Ruleset
---@param population offerengine.Population
---@param product string
---@param attribute string "income", "min_income" or "max_age"
---@param options? offerengine.PriceOptions
---@return offerengine.Price? price
---@return string? message
---@return offerengine.Code? code
function offerengine.price(ruleset, population, product, attribute, options) end

---Customers whose nearest product is kept from them for one cause.
---@class offerengine.Obstacle
---@field stage string
---@field cause string
---@field attribute? string
---@field customers integer
---@field winnable integer who would be offered it after some change
---@field products offerengine.Share[] the nearest product of each
---@field changes {at_most: number, customers: integer}[] how many a change of one number of at most so much wins

---@class offerengine.Uncovered
---@field customers integer
---@field without_offer integer
---@field obstacles offerengine.Obstacle[] their customers add up to without_offer
---@field categories {category: string, name: string, gaps: integer, without_offer: integer}[]

---Who gets nothing, what stands in the way, and in which categories customers own nothing and are offered nothing.
---@param ruleset offerengine.Ruleset
---@param population offerengine.Population
---@param options? offerengine.ReportOptions
---@return offerengine.Uncovered? uncovered
---@return string? message
---@return offerengine.Code? code
function offerengine.uncovered(ruleset, population, options) end
