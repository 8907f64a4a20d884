-- release.lua: what a change of the rules may do to your customers before a reload is refused. A gate is open as long
-- as its line is a comment. `offerengine diff` shows the same figures beforehand.

release {
  -- max_lost         = 10,  -- percent of customers who lose an offer
  -- max_lost_only    = 2,   -- percent of customers who lose the only one
  -- max_best_changed = 5,   -- percent of customers whose best offer becomes another
  -- min_ratio        = 0.8, -- of the selection rates of any two groups of a protected attribute, for each product
  -- min_group        = 30,  -- customers that a group needs to be judged
}
