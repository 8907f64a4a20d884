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

/* Copies for what is declared; NULL and false fields mark the builder as failed. */
void *oe__builder_took(oe_builder *builder, void *memory);
const char *oe__builder_copy_text(oe_builder *builder, const char *text);
const char *oe__builder_copy_name(oe_builder *builder, const char *name);
void *oe__builder_copy_array(oe_builder *builder, const void *items, size_t count, size_t size);
oe_where oe__builder_copy_where(oe_builder *builder, oe_where where);
const char *const *oe__builder_copy_texts(oe_builder *builder, const char *const *texts,
                                          size_t count);
const oe_key *oe__builder_copy_keys(oe_builder *builder, const oe_key *keys, size_t count);
oe_scope oe__builder_copy_scope(oe_builder *builder, const oe_scope *scope);
oe_status oe__builder_done(const oe_builder *builder);

/* For qsort: the order in which findings are read: file, line, code, message. */
int oe__finding_compare(const void *left, const void *right);

#endif
