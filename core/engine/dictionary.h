/* dictionary.h: the numbers that populations and rulesets share. Append-only, numbers are never
 * reused. */
#ifndef OE_ENGINE_DICTIONARY_H
#define OE_ENGINE_DICTIONARY_H

#include "engine/names.h"

/* Another reference; given back by oe_dictionary_free. */
oe_dictionary *oe__dictionary_hold(oe_dictionary *dictionary);

/* The number of an attribute, added when new; its type stays what it is until it is released as
 * often as it was claimed. -1: out of memory; -2: somebody claims it with another type. */
int32_t oe__dictionary_claim(oe_dictionary *dictionary, const char *name, oe_type type);

/* Gives claims back; numbers that the dictionary never gave are passed over. */
void oe__dictionary_release(oe_dictionary *dictionary, const int32_t *numbers, size_t count);

/* Whether somebody claims the attribute with another type. */
bool oe__dictionary_differs(oe_dictionary *dictionary, const char *name, oe_type type);

/* The number of a product id or of a text that a rule compares with, added when new. -1: out of
 * memory. */
int32_t oe__dictionary_product(oe_dictionary *dictionary, const char *id, size_t length);
int32_t oe__dictionary_text(oe_dictionary *dictionary, const char *text, size_t length);

/* The same without adding; -1: not there. */
int32_t oe__dictionary_find_product(oe_dictionary *dictionary, const char *id, size_t length);
int32_t oe__dictionary_find_text(oe_dictionary *dictionary, const char *text, size_t length);

/* How many product ids there are, and the first `count` of them. The texts last as long as the
 * dictionary. */
size_t oe__dictionary_products(oe_dictionary *dictionary, oe__name *names, size_t count);

#endif
