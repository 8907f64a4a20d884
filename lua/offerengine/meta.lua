---@meta offerengine
-- meta.lua: what editors with LuaLS know of require "offerengine". Not loaded; a spec compares it with the real tables.
-- luacheck: ignore 212 241

---What failed: "invalid", "syntax_error", "not_found", "conflict", "too_large", "io_error", "busy", "corrupt",
---"newer_version", "out_of_memory", "bad_argument" or "closed".
---@alias offerengine.Code string

---A mistake in the rules.
---@class offerengine.Finding
---@field severity "error"|"warning"|"note"
---@field code string stable, for example "E012", "W101" or "N108"
---@field message string
---@field file? string below the rules folder
---@field line? integer
---@field source_line? string
---@field suggestion? string the nearest right word

---@class offerengine.Fault
---@field location string for example "existing_products[3]", counted from 0 as in the answers of the service
---@field message string
---@field type string stable, for example "missing"

---@class offerengine.Options
---@field at? integer|string milliseconds UTC, "2026-11-22" or "2026-11-22T10:30:00Z"; now when left out
---@field limit? integer at most so many offers, 1 to 10000
---@field category? string only offers of this category
---@field contacts? offerengine.Contact[] deciding and explaining: what the customer was shown and said; without it
--- contact policies do not count
---@field channel? string with contacts
---@field campaign? string with contacts

---@class offerengine.Contact
---@field kind "shown"|"declined"|"reserved"|"opt_out"
---@field product? string
---@field category? string of an opt-out; all when left out
---@field channel? string
---@field campaign? string
---@field at_ms? integer|string when; the clock of the decision when left out
---@field unit_ms? integer|string when its offer was made; at_ms when left out

---One customer. nil or offerengine.null means "not on file". Members beside these are those of the schema.
---@class offerengine.Values
---@field customer_id string
---@field age integer
---@field income number
---@field credit_score? integer
---@field avg_account_balance number
---@field existing_products string[]

---@class offerengine.Recommendation
---@field product_id string
---@field product_name string
---@field category string
---@field confidence_score number
---@field message? string the product's message, where all its values are on file
---@field priority? number where it differs from the confidence
---@field reason string
---@field reasons {code: string, points: number}[] what gave or took points, largest first
---@field fallback? boolean

---The answer of the service, member by member.
---@class offerengine.Decision
---@field customer_id string
---@field recommended_products offerengine.Recommendation[]
---@field total_recommendations integer
---@field segments string[]
---@field portfolio_gaps string[]
---@field ladders? {ladder: string, step: integer, of: integer, next?: string}[] where the rules declare some
---@field experiments? {experiment: string, arm: string}[] where the rules declare some
---@field ruleset string

---@class offerengine
---@field version string "MAJOR.MINOR.PATCH"
---@field null lightuserdata "not on file", where nil cannot stand
local offerengine = {}

---@class offerengine.LoadOptions
---@field ruleset? offerengine.Ruleset decide for the same populations as this ruleset
---@field check? boolean findings of sound rules hold what can be proved, too
---@field texts? string load these texts, the third result of an earlier load, instead of the folder

---Loads a rules folder. With mistakes in it: nil, message, code and all findings.
---@param folder string
---@param options? offerengine.LoadOptions
---@return offerengine.Ruleset? ruleset
---@return offerengine.Finding[]|string findings or the message
---@return offerengine.Code? code or the texts of all files, as one string
---@return offerengine.Finding[]? findings
function offerengine.load(folder, options) end

---All findings on a rules folder: its mistakes, or what can be proved about sound rules.
---@param folder string
---@param options? offerengine.LoadOptions
---@return offerengine.Finding[]? findings nil when the folder cannot be read
---@return offerengine.Ruleset|string|nil ruleset or the message
---@return offerengine.Code? code
function offerengine.check(folder, options) end

---An empty population that decides by `ruleset`.
---@param ruleset offerengine.Ruleset
---@return offerengine.Population
function offerengine.population(ruleset) end

---@class offerengine.OpenOptions
---@field read_only? boolean beside a running owner

---Opens a database, creating it unless read_only.
---@param path string
---@param options? offerengine.OpenOptions
---@return offerengine.Store? store
---@return string? message
---@return offerengine.Code? code
function offerengine.open(path, options) end

---@class offerengine.ReadReport
---@field customers integer
---@field bad integer rows that hold no customer
---@field bad_rows string what was wrong with the first of them, a line each
---@field undeclared integer members of NDJSON lines that the schema does not know
---@field undeclared_columns string[]
---@field unknown_products integer owned ids that the catalogue does not know

---A sealed ruleset. Never changes.
---@class offerengine.Ruleset
local Ruleset = {}

---Decides. `profile` is a profile or a table of values.
---@param profile offerengine.Profile|offerengine.Values
---@param options? offerengine.Options
---@return offerengine.Decision? decision
---@return string? message naming every fault of the profile
---@return offerengine.Code? code
---@return offerengine.Fault[]? faults
function Ruleset:decide(profile, options) end

---The same as the bytes that the service answers.
---@param profile offerengine.Profile|offerengine.Values
---@param options? offerengine.Options
---@return string? json
---@return string? message
---@return offerengine.Code? code
---@return offerengine.Fault[]? faults
function Ruleset:decide_json(profile, options) end

---Every product, or one: why, why not, and what would change it.
---@param profile offerengine.Profile|offerengine.Values
---@param options? offerengine.Options
---@param product? string only this product
---@return table? explanation
---@return string? message
---@return offerengine.Code? code
---@return offerengine.Fault[]? faults
function Ruleset:explain(profile, options, product) end

---The same as bytes.
---@param profile offerengine.Profile|offerengine.Values
---@param options? offerengine.Options
---@param product? string only this product
---@return string? json
---@return string? message
---@return offerengine.Code? code
---@return offerengine.Fault[]? faults
function Ruleset:explain_json(profile, options, product) end

---A checked profile, to be used more than once.
---@param values offerengine.Values
---@return offerengine.Profile? profile
---@return table|string|nil warnings {undeclared = names, unknown_products = positions}, or the message
---@return offerengine.Code? code
---@return offerengine.Fault[]? faults
function Ruleset:profile(values) end

---The same from JSON text.
---@param text string
---@return offerengine.Profile? profile
---@return table|string|nil warnings {undeclared = count, unknown_products = positions}, or the message
---@return offerengine.Code? code
---@return offerengine.Fault[]? faults
function Ruleset:profile_json(text) end

---The segments that a customer is in; all of them without a profile.
---@param profile? offerengine.Profile|offerengine.Values
---@param options? offerengine.Options
---@return table[]? segments
---@return string? message
---@return offerengine.Code? code
---@return offerengine.Fault[]? faults
function Ruleset:segments(profile, options) end

---What can be proved: warnings and notes that hold for every customer whom the schema allows.
---@return offerengine.Finding[]
function Ruleset:check() end

---The min_ and max_ of a product are as they hold; `declared` has the rule's own min_ where its tier changed it.
---@return table[] products in the order of their declaration
function Ruleset:products() end

---@param id string
---@return table? product
---@return string? message
---@return offerengine.Code? code
function Ruleset:product(id) end

---@return table[] rules that exclude or adjust
function Ruleset:rules() end

---@return table[] attributes
function Ruleset:attributes() end

---@return table[] ladders with their steps
function Ruleset:ladders() end

---@return {name: string, salt: string, from_ms?: integer, until_ms?: integer, arms: {name: string, share: integer}[]}[]
function Ruleset:experiments() end

---@return string[] names the declared campaigns, then those that contact policies name
function Ruleset:campaigns() end

---@return table[] categories
function Ruleset:categories() end

---@return table[] dimensions of the score
function Ruleset:dimensions() end

---@class offerengine.Function
---@field rule string the rule that it belongs to
---@field file string
---@field line integer
---@field errors integer calls that failed or gave what does not belong there
---@field stops integer calls that were stopped
---@field quarantined boolean not called any more

---What happened so far to the functions in the rules.
---@return offerengine.Function[]
---@return integer bytes that a state of theirs held at most, of those that are gone
function Ruleset:functions() end

---@param profile offerengine.Profile
---@param options? offerengine.Options
---@param product string
---@return string? outcome "offered", "fallback" or the principal reason code
---@return number|string|nil confidence nil where a gate or an earlier stage refused; or the message
---@return number|offerengine.Code|nil priority
function Ruleset:outcome(profile, options, product) end

---The values of each attribute at which the rules change their mind: rising numbers, or the texts that are asked for.
---@return table<string, number[]|string[]>
function Ruleset:edges() end

---The values of the derived attributes; what is not on file is nil.
---@param profile offerengine.Profile
---@param options? offerengine.Options
---@return offerengine.Values? values
---@return string? message
---@return offerengine.Code? code
function Ruleset:derived(profile, options) end

---@class offerengine.Seen
---@field text string a condition, a minimum or a maximum
---@field file string
---@field line integer
---@field held boolean for one of the profiles at least
---@field failed boolean for one of the profiles at least

---Which conditions and limits the profiles put to the test.
---@param profiles offerengine.Profile[]
---@param options? offerengine.Options
---@return offerengine.Seen[]?
---@return string? message
---@return offerengine.Code? code
function Ruleset:seen(profiles, options) end

---@return table<string, number|string>? gates that are closed, nil where the rules do not have the word release
function Ruleset:release() end
---@return string hash of the rule files, 12 hexadecimal digits
function Ruleset:hash() end

---What the rules mean, 12 hex digits: equal for texts that differ in comments, spacing or places only.
---@return string
function Ruleset:meaning() end

---One customer's values, checked by the schema of the ruleset that made it.
---@class offerengine.Profile
local Profile = {}

---@return string
function Profile:id() end

---The value of an attribute, nil when it is not on file.
---@param name string
---@return any
function Profile:get(name) end

---@return offerengine.Values
function Profile:table() end

---@return string
function Profile:json() end

---Many profiles in memory. #population is how many.
---@class offerengine.Population
---@operator len: integer
local Population = {}

---@param profile offerengine.Profile|offerengine.Values
---@return "created"|"replaced"|nil outcome
---@return string? message
---@return offerengine.Code? code
---@return offerengine.Fault[]? faults
function Population:add(profile) end

---@param id string
---@return offerengine.Values? values
---@return string? message
---@return offerengine.Code? code
function Population:get(id) end

---@param id string
---@return boolean removed whether it was there
function Population:remove(id) end

---@return integer
function Population:count() end

---Reads a file of customers into the population. Bad rows are counted and left out; of equal ids the last one stays.
---`progress` is told now and then how many bytes were read, and of how many (-1: not known).
---@param file {path: string, format?: "csv"|"ndjson"|"auto", map?: string, progress?: fun(read: integer, of: integer)}
---@return offerengine.ReadReport? read
---@return string? message
---@return offerengine.Code? code
function Population:read(file) end

---Walks over the customers of this moment: for id, values in population:each() do ... end
---@return fun(): string, offerengine.Values
function Population:each() end

---Decides for the customers of this moment. `visit` may return false to end.
---@param options? offerengine.Options
---@param visit fun(decision: offerengine.Decision): boolean?
---@return integer? visited
---@return string? message
---@return offerengine.Code? code
function Population:decide_all(options, visit) end

---The first customer whom `ruleset`, loaded with this population's ruleset as options.ruleset, decides otherwise.
---@param ruleset offerengine.Ruleset
---@param options? offerengine.Options
---@return string? id
function Population:first_difference(ruleset, options) end

---Frees the memory now; may be called again.
function Population:close() end

---A database of customers. Each call waits until it is done; what was written is durable.
---@class offerengine.Store
local Store = {}

---@param profile offerengine.Profile
---@return "created"|"replaced"|nil outcome
---@return string? message
---@return offerengine.Code? code
function Store:put(profile) end

---@param id string
---@return offerengine.Values? values
---@return string? message
---@return offerengine.Code? code
function Store:get(id) end

---@param id string
---@param at? integer as it was then, milliseconds UTC
---@return string? json
---@return string? message
---@return offerengine.Code? code
function Store:get_json(id, at) end

---@param id string
---@return boolean? deleted whether it was there
---@return string? message
---@return offerengine.Code? code
function Store:delete(id) end

---@return integer? count
---@return boolean|string ever_held whether there ever was a customer, or the message
---@return offerengine.Code? code
function Store:count() end

---@class offerengine.ScanOptions
---@field after? string begin behind this id
---@field limit? integer
---@field json? boolean give JSON text instead of values

---@class offerengine.Generation
---@field generation integer running number
---@field ruleset string hash of its texts
---@field at_ms integer when it began to serve, milliseconds UTC
---@field author string
---@field note string

---The rules that served, newest first; 100 of them unless `limit` (1 to 1000) says otherwise.
---@param limit? integer
---@return offerengine.Generation[]|nil
---@return string? message
---@return offerengine.Code? code
function Store:generations(limit) end

---The rules of one generation, the newest unless `number` says otherwise; `texts` are what offerengine.load takes.
---@param number? integer
---@return offerengine.Generation?
---@return string? message
---@return offerengine.Code? code
function Store:generation(number) end

---Walks in bytewise order of the ids: for id, values in store:scan() do ... end
---@param options? offerengine.ScanOptions
---@return fun(): string, offerengine.Values
function Store:scan(options) end

---Closes the database; may be called again.
function Store:close() end

return offerengine
