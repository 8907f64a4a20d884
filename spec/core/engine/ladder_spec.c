/* ladder_spec.c: ladders are checked when they are sealed, and tell the highest step owned. */
#include "finding_cases.h"

#include "engine/profile.h"

static void declare_ladder(oe_builder *builder, const char *id, const char *const *products,
                           size_t count)
{
    oe_step steps[4];
    for (size_t i = 0; i < count; i++)
        steps[i] = (oe_step){products[i], small_where()};
    oe_ladder ladder = {id, steps, count, small_where()};
    oe_builder_ladder(builder, &ladder);
}

static void add_products(oe_builder *builder)
{
    static const char *const ids[] = {"a", "b", "c"};
    for (size_t i = 0; i < 3; i++) {
        oe_product product = small_product(ids[i], "saving");
        oe_builder_product(builder, &product);
    }
}

static void one_step(oe_builder *builder, bool lawful)
{
    add_products(builder);
    declare_ladder(builder, "way", (const char *const[]){"a", "b"}, lawful ? 2 : 1);
}

static void step_twice(oe_builder *builder, bool lawful)
{
    add_products(builder);
    declare_ladder(builder, "way", (const char *const[]){"a", "b", lawful ? "c" : "a"}, 3);
}

static void unknown_step(oe_builder *builder, bool lawful)
{
    oe_product product = small_product("savings_account", "saving");
    oe_builder_product(builder, &product);
    add_products(builder);
    declare_ladder(builder, "way",
                   (const char *const[]){"a", lawful ? "savings_account" : "saving_account"},
                   2);
}

static void ladder_twice(oe_builder *builder, bool lawful)
{
    add_products(builder);
    declare_ladder(builder, "way", (const char *const[]){"a", "b"}, 2);
    declare_ladder(builder, lawful ? "other" : "way", (const char *const[]){"b", "c"}, 2);
}

static void ladder_without_name(oe_builder *builder, bool lawful)
{
    add_products(builder);
    declare_ladder(builder, lawful ? "w" : "", (const char *const[]){"a", "b"}, 2);
}

static const finding_case cases[] = {
    {"one step", "E093", "ladder \"way\": needs at least two steps", NULL, one_step},
    {"a step twice", "E094", "ladder \"way\": \"a\" is a step of it already", NULL, step_twice},
    {"an unknown step", "E011", "unknown product \"saving_account\"", "savings_account",
     unknown_step},
    {"a ladder twice", "E051", "ladder: \"way\" is declared twice, first at case.lua:7", NULL,
     ladder_twice},
    {"no name", "E050", "ladder: a name must be 1 to 128 bytes", NULL, ladder_without_name},
};

static void it_refuses_what_cannot_be_climbed(void)
{
    check_unlawful(cases, sizeof cases / sizeof *cases);
}

static void it_takes_their_neighbours(void)
{
    check_lawful(cases, sizeof cases / sizeof *cases);
}

typedef struct climb {
    const char *owned[2];
    size_t step;
    const char *shown;
} climb;

static void it_tells_the_highest_step_owned(void)
{
    static const climb climbs[] = {
        {{NULL, NULL},
         0,
         "\"ladders\":[{\"ladder\":\"way\",\"step\":0,\"of\":3,\"next\":\"a\"}]"},
        {{"a", NULL},
         1,
         "\"ladders\":[{\"ladder\":\"way\",\"step\":1,\"of\":3,\"next\":\"b\"}]"},
        {{"b", NULL},
         2,
         "\"ladders\":[{\"ladder\":\"way\",\"step\":2,\"of\":3,\"next\":\"c\"}]"},
        {{"a", "c"}, 3, "\"ladders\":[{\"ladder\":\"way\",\"step\":3,\"of\":3,\"next\":null}]"},
        {{"other", NULL}, 0, "\"step\":0,\"of\":3,\"next\":\"a\"}],\"ruleset\":"},
    };
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_builder *builder = small_rules(dictionary);
    add_products(builder);
    declare_ladder(builder, "way", (const char *const[]){"a", "b", "c"}, 3);
    oe_ruleset *ruleset = small_seal(builder);
    oe_decider *decider = oe_decider_new(ruleset);
    oe_profile *profile = oe_profile_new(ruleset);
    oe_options options = {.category = -1};
    for (size_t i = 0; i < sizeof climbs / sizeof *climbs; i++) {
        oe_error error;
        char text[4096];
        oe_profile_clear(profile);
        oe_profile_set_id(profile, "C1", 2, &error);
        for (size_t o = 0; o < 2 && climbs[i].owned[o] != NULL; o++)
            oe_profile_own(profile, climbs[i].owned[o], strlen(climbs[i].owned[o]), NULL,
                           &error);
        const oe_decision *decision = oe_decide(decider, profile, &options);
        CHECK_INT(oe_decision_ladder_step(decision, 0), climbs[i].step);
        CHECK_INT(oe_decision_ladder_step(decision, 1), 0);
        text[oe_decision_write(decision, text, sizeof text - 1)] = '\0';
        if (!CHECK(strstr(text, climbs[i].shown) != NULL))
            printf("    %s\n", text);
    }
    CHECK_INT(oe_ruleset_ladder_count(ruleset), 1);
    CHECK_TEXT(oe_ruleset_ladder(ruleset, 0)->steps[2].product, "c");
    CHECK(oe_ruleset_ladder(ruleset, 1) == NULL);
    oe_profile_free(profile);
    oe_decider_free(decider);
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
}

int main(void)
{
    RUN("what cannot be climbed is refused", it_refuses_what_cannot_be_climbed);
    RUN("the nearest lawful ladders are taken", it_takes_their_neighbours);
    RUN("the highest step owned counts", it_tells_the_highest_step_owned);
    return check_report();
}
