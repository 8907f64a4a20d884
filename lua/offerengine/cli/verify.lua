-- verify: proves that the journal is whole. Reads the database beside a running service.

local arguments = require "offerengine.cli.arguments"
local failure = require "offerengine.cli.failure"
local json = require "offerengine.json"
local offerengine = require "offerengine"
local progress = require "offerengine.cli.progress"

local verify = {
  name = "verify",
  summary = "Prove that no record of the journal was changed, added or taken out.",
  usage = "verify [--db FILE] [--json]",
  examples = {
    { "offerengine verify", "follow the chain through offerengine.db" },
    { "offerengine verify --db bank.db --json", "for programs; keep the chain value where the database is not" },
  },
  options = {
    { "db", "FILE", "the database (default: offerengine.db)", arguments.database },
    arguments.JSON,
  },
}

local function write_json(proof)
  io.stdout:write(json.encode(json.object("sound", proof.sound, "blocks", proof.blocks, "records", proof.records,
    "erased", proof.erased, "forgotten_blocks", proof.forgotten_blocks, "chain", proof.chain,
    "bad_block", proof.bad_block, "bad_record", proof.bad_record, "damage", proof.damage)), "\n")
end

local function write_text(proof)
  if not proof.sound then
    local place = proof.bad_record > 0 and (", record %d"):format(proof.bad_record) or ""
    io.stdout:write(("damaged at block %d%s: %s\n"):format(proof.bad_block, place, proof.damage))
  end
  io.stdout:write(("%d records in %d blocks %s; %d of them erased, %d blocks forgotten\nchain %s\n"):format(
    proof.records, proof.blocks, proof.sound and "are whole" or "before that are whole", proof.erased,
    proof.forgotten_blocks, proof.chain))
end

function verify.run(given)
  local store <close> = failure.check(offerengine.open(given.db or "offerengine.db", { read_only = true }))
  local show, wipe = progress.start("verify")
  local proof = failure.check(store:verify(show))
  wipe()
  if given.json then
    write_json(proof)
  else
    write_text(proof)
  end
  return proof.sound and failure.NONE or failure.FINDINGS
end

return verify
