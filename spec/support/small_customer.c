/* small_customer.c: see small_customer.h. */
#include "small_customer.h"

#include <stdio.h>
#include <stdlib.h>

oe_builder *small_customer_begin(small_customer *made)
{
    *made = (small_customer){.dictionary = oe_dictionary_new(),
                             .options = {.at_ms = 1000, .category = -1}};
    return small_rules(made->dictionary);
}

void small_customer_seal(small_customer *made, oe_builder *builder, const oe_calls *calls)
{
    made->ruleset = small_seal(builder);
    made->decider = made->ruleset ? oe_decider_new(made->ruleset) : NULL;
    made->profile = made->ruleset ? oe_profile_new(made->ruleset) : NULL;
    if (made->decider == NULL || made->profile == NULL) {
        fprintf(stderr, "small customer: cannot be made\n");
        exit(1);
    }
    oe_decider_calls(made->decider, calls);
    oe_profile_set_id(made->profile, "C1", 2, NULL);
    oe_profile_set_number(made->profile, SMALL_INCOME, 90000, NULL);
}

void small_customer_close(small_customer *made)
{
    oe_decider_free(made->decider);
    oe_profile_free(made->profile);
    oe_ruleset_free(made->ruleset);
    oe_dictionary_free(made->dictionary);
}
