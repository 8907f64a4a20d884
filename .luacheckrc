-- What Lua files may see. Rule files see the rule words and the sandbox's allow-list, nothing else.
std = "lua54"
max_line_length = 120
exclude_files = { "build" }

files["spec"] = { std = "lua54+busted" }

files["rules"] = {
  std = "none",
  read_globals = {
    -- declarations
    "attribute", "category", "product", "segment", "scoring", "threshold", "tier", "exclude", "adjust", "limit",
    "fallback", "ladder", "derive", "lookup", "settings", "include", "release", "on_accept",
    "cap", "cool_down", "quiet", "experiment", "holdout", "campaign",
    -- conditions
    "at_least", "at_most", "above", "below", "between", "equals", "one_of", "none_of", "owns", "lacks",
    "lacks_category", "in_segment", "known", "unknown", "any", "all", "none",
    -- curves and tier changes
    "ramp", "band", "steps", "gate", "raise",
    -- the sandbox
    "assert", "error", "ipairs", "pairs", "select", "tonumber", "tostring", "type",
    math = { fields = { "abs", "ceil", "floor", "fmod", "max", "min", "sqrt" } },
    string = { fields = { "len", "sub", "upper", "lower", "byte", "reverse", "rep", "find", "format" } },
    table = { fields = { "concat", "sort", "insert", "remove", "unpack" } },
  },
}

files["spec/bench/peers-rules"] = files["rules"]
files["rules/tests"] = { read_globals = { "test" } }
