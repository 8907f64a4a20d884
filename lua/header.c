/* header.c: says what a CSV's header row lacks, all at once. */
#include <string.h>

#include "engine/status.h"
#include "records.h"

static bool has_column(const oe__csv_reader *header, const char *name)
{
    static const char prefix[] = "attr."; /* which a column may carry */
    size_t length = strlen(name);
    for (size_t i = 0; i < header->field_count; i++) {
        const oe__csv_field *field = &header->fields[i];
        bool is_prefixed = field->length > sizeof prefix - 1 &&
                           memcmp(field->bytes, prefix, sizeof prefix - 1) == 0;
        size_t skipped = is_prefixed ? sizeof prefix - 1 : 0;
        if (field->length == skipped + length &&
            memcmp(field->bytes + skipped, name, length) == 0)
            return true;
    }
    return false;
}

static void add_missing(oe__buffer *names, const oe__csv_reader *header, const char *name)
{
    if (has_column(header, name))
        return;
    oe__buffer_add_text(names, names->length > 0 ? ", " : "");
    oe__buffer_add_text(names, name);
}

oe_status oe_lua_header_check(const oe__csv_reader *header, const oe_ruleset *ruleset,
                              oe_error *error)
{
    oe__buffer names = {0};
    add_missing(&names, header, "customer_id");
    for (size_t i = 0; i < oe_ruleset_count(ruleset, OE_ATTRIBUTES); i++) {
        const oe_attribute *attribute = oe_ruleset_attribute(ruleset, i);
        if (!attribute->optional && !attribute->nullable && !attribute->derived)
            add_missing(&names, header, attribute->name);
    }
    oe_status status = OE_OK;
    if (names.failed)
        status = oe__fail(error, OE_E_MEMORY, "csv: out of memory");
    else if (names.length > 0)
        status = oe__fail_at(error, OE_E_INVALID, header->row,
                             "csv: row %lld: missing columns: %.*s; names are in lower case, "
                             "with commas between",
                             (long long)header->row,
                             (int)(names.length < 150 ? names.length : 150), names.data);
    oe__buffer_free(&names);
    return status;
}
