/* small_population.h: a population under small_rules with products "one" (saving) and "two"
 * (travel), for specs of the engine. */
#ifndef OE_SPEC_SMALL_POPULATION_H
#define OE_SPEC_SMALL_POPULATION_H

#include "small_rules.h"

typedef struct small_population {
    oe_dictionary *dictionary;
    oe_ruleset *ruleset;
    oe_population *population;
    oe_profile *profile; /* for writing and reading in between */
    oe_reader *reader;
} small_population;

/* Ends the program when memory is out. */
small_population small_population_open(void);
void small_population_close(small_population *opened);

/* A batch of its own, or (_within) part of the caller's. */
bool small_put(small_population *opened, const char *id, double income);
bool small_put_within(small_population *opened, const char *id, double income);
bool small_remove(small_population *opened, const char *id);

/* The income that a reader sees; NAN: the customer is not there. */
double small_get(small_population *opened, const char *id);

#endif
