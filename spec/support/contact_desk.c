/* contact_desk.c: see contact_desk.h. */
#include "contact_desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const contact_ids[CONTACT_PRODUCTS] = {"card_a", "card_b", "save_a",
                                                   "save_b", "trip_a", "trip_b"};
const char *const contact_categories[CONTACT_PRODUCTS / 2] = {"credit", "saving", "travel"};

oe_policy contact_policy(oe_policy_kind kind, const char *id)
{
    return (oe_policy){.kind = kind,
                       .id = id,
                       .at_most = 1,
                       .window_ms = kind == OE_POLICY_QUIET ? 0 : 30 * (int64_t)CONTACT_DAY,
                       .from_ms = INT64_MIN,
                       .until_ms = INT64_MAX,
                       .where = small_where()};
}

/* Their rank is not the order of their declaration. */
void contact_products(oe_builder *builder)
{
    for (size_t i = 0; i < CONTACT_PRODUCTS; i++) {
        oe_product product = small_product(contact_ids[i], contact_categories[i / 2]);
        product.value = 1 + (double)(i * 5 % CONTACT_PRODUCTS) / 10;
        oe_builder_product(builder, &product);
    }
}

contact_desk contact_open(const oe_policy *policies, size_t count)
{
    contact_desk on = {.dictionary = oe_dictionary_new(),
                       .options = {.at_ms = CONTACT_NOW, .category = -1}};
    oe_builder *builder = small_rules(on.dictionary);
    contact_products(builder);
    for (size_t i = 0; i < count; i++)
        oe_builder_policy(builder, &policies[i]);
    on.ruleset = small_seal(builder);
    if (on.ruleset == NULL) {
        printf("unlawful contact policies\n");
        exit(1);
    }
    on.decider = oe_decider_new(on.ruleset);
    on.profile = oe_profile_new(on.ruleset);
    oe_profile_set_id(on.profile, "someone", 7, NULL);
    oe_profile_set_number(on.profile, SMALL_INCOME, 90000, NULL);
    return on;
}

void contact_close(contact_desk *on)
{
    oe_profile_free(on->profile);
    oe_decider_free(on->decider);
    oe_ruleset_free(on->ruleset);
    oe_dictionary_free(on->dictionary);
}

uint64_t contact_name(const char *text)
{
    return text == NULL ? 0 : oe_contact_name(text, strlen(text));
}

const oe_decision *contact_decide(contact_desk *on, const oe_contact *history, size_t count)
{
    oe_decider_contacts(on->decider, history, count, on->options.at_ms, &on->contacts);
    on->options.contacts = &on->contacts;
    return oe_decide(on->decider, on->profile, &on->options);
}
