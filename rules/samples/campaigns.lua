-- campaigns.lua: one campaign for each sample segment. Samples are not read as rules: copy it beside them.

campaign "wealth_talk" {
  segment  = "affluent",
  category = "investment",
  channel  = "branch",
  message  = "{name}: your {avg_account_balance:money} could do more. May we call you?",
}

campaign "calm_years" {
  segment  = "retirement_planners",
  category = { "retirement", "deposit", "insurance" },
  channel  = "letter",
  message  = "{name}: a good time to plan ahead.",
}

campaign "first_plan" {
  segment  = "young_professionals",
  category = { "savings", "investment" },
  channel  = "app",
  message  = "{name}: begin with a little each month.",
}

campaign "steady_score" {
  segment = "credit_builders",
  product = "secured_credit_card",
  channel = "email",
  message = "{name}: a limit that you secure, a history that you build.",
}

campaign "welcome" {
  segment  = "new_to_bank",
  category = { "account", "savings" },
  channel  = "email",
  message  = "{name}: good to have you with us.",
}
