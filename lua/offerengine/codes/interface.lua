-- interface.lua: codes that rule files never meet, because the rule language finds the same fault first and at its very
-- line. Programs that declare rules through offerengine.h meet them. One is a fault of our own.

local function by_interface(title, text, wrong, right)
  return { title = title, text = text .. "\nRule files never meet this code; programs that use offerengine.h do.",
    wrong = wrong, right = right, interface = true }
end

return {
  E040 = {
    title = "the rule language failed",
    text = "This is a fault of offerengine, not of your rules. Please report it together with the message.",
    interface = true,
  },
  E050 = by_interface("no lawful name", "A name is 1 to 128 bytes of UTF-8 without control characters.",
    'oe_category category = {.id = "loan\\n"};', 'oe_category category = {.id = "loan"};'),
  E052 = by_interface("no such type", "An attribute's type is one of oe_type.",
    'oe_attribute age = {.name = "age", .type = (oe_type)99};',
    'oe_attribute age = {.name = "age", .type = OE_INTEGER};'),
  E053 = by_interface("no lawful range or step",
    "The range rises from its lower to its upper end; the step is above 0.",
    'oe_attribute age = {.name = "age", .minimum = 130, .maximum = 0};',
    'oe_attribute age = {.name = "age", .minimum = 0, .maximum = 130};'),
  E057 = by_interface("a number that is not finite", "Points, raises and numbers in conditions are finite.",
    'oe_rule bonus = {.id = "bonus", .points = INFINITY};', 'oe_rule bonus = {.id = "bonus", .points = 5};'),
  E058 = by_interface("a range that holds for nobody", "OE_BETWEEN needs its lower end first.",
    'oe_test young = {.op = OE_BETWEEN, .attribute = "age", .low = 30, .high = 22};',
    'oe_test young = {.op = OE_BETWEEN, .attribute = "age", .low = 22, .high = 30};'),
  E059 = by_interface("a test that names no value", "OE_EQUALS, OE_ONE_OF and OE_NONE_OF need values.",
    'oe_test north = {.op = OE_ONE_OF, .attribute = "region", .value_count = 0};',
    'oe_test north = {.op = OE_ONE_OF, .attribute = "region", .values = &region, .value_count = 1};'),
  E061 = by_interface("a condition is missing", "Segments and gates need a condition.",
    'oe_segment young = {.id = "young", .condition = OE_NO_CONDITION};',
    'oe_segment young = {.id = "young", .condition = oe_builder_condition(builder, &test)};'),
  E063 = by_interface("a period that ends before it begins", "from_ms lies before until_ms.",
    'oe_product card = {.id = "card", .from_ms = 2, .until_ms = 1};',
    'oe_product card = {.id = "card", .from_ms = 1, .until_ms = 2};'),
  E067 = by_interface("no lawful condition",
    "The operator is one of oe_operator, OE_NOT has one part, and parts were made by the same builder.",
    "oe_test test = {.op = OE_NOT, .part_count = 0};",
    "oe_test test = {.op = OE_NOT, .parts = &part, .part_count = 1};"),
  E104 = by_interface("no lawful derivation",
    "Each derived attribute has one derivation, in the order of computing; keys and values suit their attributes.\n" ..
      "A lot has two values or more, each once and with a share from 1, all together at most 1000000, and a time.",
    'oe_derivation trend = {.attribute = "trend", .key = "trend"};',
    'oe_derivation trend = {.attribute = "trend", .key = "region", .keys = keys, .values = values, .row_count = 4};'),
  E074 = by_interface("a weight that is not above 0", "Each dimension has a finite weight above 0.",
    'oe_dimension income = {.name = "income", .weight = 0};',
    'oe_dimension income = {.name = "income", .weight = 40};'),
  E075 = by_interface("no lawful curve",
    "Ends of a ramp differ, the points of bands and steps do not fall, steps give 0 to 1 and are at most 16.",
    "oe_curve curve = {.kind = OE_CURVE_RAMP, .x = {5, 5}};", "oe_curve curve = {.kind = OE_CURVE_RAMP, .x = {0, 5}};"),
  E080 = by_interface("a threshold out of its range", "Thresholds lie between 0 and 100.",
    "oe_builder_threshold(builder, OE_LEVEL_DEFAULT, NULL, 300, where);",
    "oe_builder_threshold(builder, OE_LEVEL_DEFAULT, NULL, 30, where);"),
  E081 = by_interface("no lawful limit", "A limit is a whole number from 1 on.",
    "oe_builder_limit(builder, OE_LEVEL_DEFAULT, NULL, 0, where);",
    "oe_builder_limit(builder, OE_LEVEL_DEFAULT, NULL, 1, where);"),
  E082 = by_interface("no lawful contact policy",
    "A cap allows one or more, in 1 minute to 400 days; times of the day lie between 00:00 and 23:59; channels and\n" ..
    "campaigns have names; a reservation lasts 1 minute to 1 day.",
    'oe_policy cap = {.kind = OE_POLICY_CAP, .id = "three", .at_most = 0, .window_ms = 2592000000};',
    'oe_policy cap = {.kind = OE_POLICY_CAP, .id = "three", .at_most = 3, .window_ms = 2592000000};'),
}
