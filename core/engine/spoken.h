/* spoken.h: whether a text speaks of an attribute, by the words that the schema gives it. */
#ifndef OE_ENGINE_SPOKEN_H
#define OE_ENGINE_SPOKEN_H

#include "offerengine.h"

/* Whether one of its words (without any: its label or name) stands in the text, in any case. */
bool oe__speaks_of(const char *text, const oe_attribute *attribute);

#endif
