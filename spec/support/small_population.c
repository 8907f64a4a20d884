/* small_population.c: see small_population.h. */
#include "small_population.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

small_population small_population_open(void)
{
    small_population opened = {.dictionary = oe_dictionary_new()};
    oe_builder *builder = small_rules(opened.dictionary);
    oe_product one = small_product("one", "saving"), two = small_product("two", "travel");
    oe_builder_product(builder, &one);
    oe_builder_product(builder, &two);
    opened.ruleset = small_seal(builder);
    opened.population = oe_population_new(opened.dictionary);
    opened.profile = opened.ruleset ? oe_profile_new(opened.ruleset) : NULL;
    opened.reader = opened.population ? oe_reader_new(opened.population) : NULL;
    if (opened.profile == NULL || opened.reader == NULL) {
        fprintf(stderr, "small population: cannot be opened\n");
        exit(1);
    }
    return opened;
}

void small_population_close(small_population *opened)
{
    oe_reader_free(opened->reader);
    oe_profile_free(opened->profile);
    oe_population_free(opened->population);
    oe_ruleset_free(opened->ruleset);
    oe_dictionary_free(opened->dictionary);
}

bool small_put_within(small_population *opened, const char *id, double income)
{
    bool replaced = false;
    oe_error error;
    oe_profile_clear(opened->profile);
    oe_profile_set_id(opened->profile, id, strlen(id), NULL);
    oe_profile_set_number(opened->profile, SMALL_INCOME, income, NULL);
    if (oe_population_put(opened->population, opened->profile, &replaced, &error) != OE_OK)
        printf("  small population: %s\n", error.message);
    return replaced;
}

bool small_put(small_population *opened, const char *id, double income)
{
    oe_population_begin(opened->population);
    bool replaced = small_put_within(opened, id, income);
    oe_population_commit(opened->population);
    return replaced;
}

bool small_remove(small_population *opened, const char *id)
{
    oe_population_begin(opened->population);
    bool removed = oe_population_remove(opened->population, id, strlen(id));
    oe_population_commit(opened->population);
    return removed;
}

double small_get(small_population *opened, const char *id)
{
    oe_reader_enter(opened->reader);
    bool found = oe_reader_get(opened->reader, id, strlen(id), opened->profile);
    oe_reader_leave(opened->reader);
    return found ? oe_profile_number(opened->profile, SMALL_INCOME) : (double)NAN;
}
