---@meta offerengine
-- meta_journal.lua: what editors know of the journal of decisions; see meta.lua.
-- luacheck: ignore 212 241

---@class offerengine.Ruleset
local Ruleset = {}

---@class offerengine.Replayed
---@field same boolean every byte is the one that was answered
---@field offers boolean products, their order and their scores are
---@field clock boolean it is the same with the time of the decision's id
---@field stopped? string a rule whose function was stopped now and not then

---Decides again what a record of the journal says; the rules must be those of its generation.
---@param record string
---@return offerengine.Replayed?
---@return string? message
---@return offerengine.Code? code
function Ruleset:replay(record) end

---The same, as the bytes of the decision and of its explanation.
---@param record string
---@return string? decision
---@return string? explanation or the message
---@return offerengine.Code? code
function Ruleset:replay_trace(record) end

---@class offerengine.Store
local Store = {}

---The record of a decision.
---@param decision_id string
---@return string? record
---@return string? message
---@return offerengine.Code? code
function Store:decision(decision_id) end

---Calls `visit` for each record of [from_ms, until_ms) by the time in its id.
---@param from_ms integer
---@param until_ms integer
---@param visit fun(record: string, state: "sound"|"erased"|"damaged", block: integer, place: integer)
---@return boolean? done
---@return string? message
---@return offerengine.Code? code
function Store:decisions(from_ms, until_ms, visit) end

---@class offerengine.Activity
---@field day? integer since 1970-01-01, UTC, of the decision
---@field generation? integer
---@field channel? string empty: none was given
---@field campaign? string
---@field product? string none where decisions are counted
---@field step "decided"|"without_offer"|"offered"|"shown"|"clicked"|"accepted"|"declined"|"converted"
---@field count integer

---How often what happened. `by` is the sum of what is kept apart: 1 day, 2 generation, 4 channel, 8 campaign,
---16 product.
---@param by integer
---@param from_day integer
---@param until_day integer the day behind the last
---@return offerengine.Activity[]?
---@return string? message
---@return offerengine.Code? code
function Store:activity(by, from_day, until_day) end

---What is known of each run of a campaign, as JSON, oldest first.
---@return string[]?
---@return string? message
---@return offerengine.Code? code
function Store:runs() end

---@class offerengine.Proof
---@field sound boolean no record was changed, added or taken out
---@field blocks integer
---@field records integer
---@field erased integer records of people who were deleted
---@field forgotten_blocks integer
---@field chain string to be kept where the database is not
---@field bad_block? integer the first that is damaged
---@field bad_record? integer 0: the block as a whole
---@field damage? string

---The customers of an experiment for whom something was decided since then, by arm, and those with an outcome since.
---@param ruleset offerengine.Ruleset
---@param experiment string
---@param since_ms integer
---@param outcome "shown"|"clicked"|"accepted"|"declined"|"converted"
---@return {arm: string, customers: integer, converted: integer}[]? arms
---@return string? message
---@return offerengine.Code? code
function Store:trial(ruleset, experiment, since_ms, outcome) end

---Proves that the journal is whole.
---@param progress? fun(done: integer, all: integer)
---@return offerengine.Proof?
---@return string? message
---@return offerengine.Code? code
function Store:verify(progress) end
