/* builder.h: declarations and findings on their way to a ruleset. */
#ifndef OE_ENGINE_BUILDER_H
#define OE_ENGINE_BUILDER_H

#include "engine/declared.h"

struct oe_builder {
    oe_dictionary *dictionary;
    oe__declared declared;
    oe__arena finding_arena;
    oe__list findings; /* oe_finding */
    size_t errors;     /* that oe__builder_error reported */
    bool failed;       /* memory ran out: nothing can be sealed */
    bool sealed;       /* what was declared is gone: to a ruleset, or with its errors */
};

/* Reports an error, unless there are hundreds already: nobody reads them, and they take their
 * time. `suggestion` may be NULL; both texts are copied. */
void oe__builder_error(oe_builder *builder, const char *code, oe_where where,
                       const char *suggestion, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* For qsort: the order in which findings are read: file, line, code, message. */
int oe__finding_compare(const void *left, const void *right);

#endif
