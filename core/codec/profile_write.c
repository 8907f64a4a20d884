/* profile_write.c: a profile as JSON. */
#include "codec/deliver.h"
#include "codec/json.h"
#include "codec/profile.h"
#include "engine/profile.h"

#include <math.h>

typedef struct list {
    oe__buffer *buffer;
    char separator;
} list;

static void write_entry(void *context, const char *id, size_t length)
{
    list *owned = context;
    oe__buffer_add_char(owned->buffer, owned->separator);
    oe__json_write_string(owned->buffer, id, length);
    owned->separator = ',';
}

static void write_owned(oe__buffer *buffer, const oe_profile *profile)
{
    list owned = {buffer, '['};
    oe_profile_owned(profile, write_entry, &owned);
    oe__buffer_add_text(buffer, owned.separator == '[' ? "[]" : "]");
}

static void write_text(oe__buffer *buffer, const oe_profile *profile, size_t attribute)
{
    size_t length = 0;
    const char *text = oe_profile_text(profile, attribute, &length);
    if (text == NULL)
        oe__buffer_add_text(buffer, "null");
    else
        oe__json_write_string(buffer, text, length);
}

static void write_value(oe__buffer *buffer, const oe_profile *profile, size_t attribute)
{
    double value = profile->values[attribute];
    switch (oe__attribute(profile->ruleset, attribute)->type) {
    case OE_PRODUCT_SET:
        write_owned(buffer, profile);
        break;
    case OE_TEXT:
        write_text(buffer, profile, attribute);
        break;
    case OE_FLAG:
        oe__buffer_add_text(buffer, isnan(value) ? "null" : value != 0 ? "true" : "false");
        break;
    default:
        oe__json_write_number(buffer, value); /* not on file: null */
    }
}

void oe__profile_write(oe__buffer *buffer, const oe_profile *profile)
{
    const oe_ruleset *ruleset = profile->ruleset;
    oe__buffer_add_text(buffer, "{\"customer_id\":");
    oe__json_write_string(buffer, profile->id, profile->id_length);
    for (size_t i = 0; i < ruleset->declared.attributes.count; i++) {
        const oe_attribute *attribute = oe__attribute(ruleset, i);
        if (!oe__is_needed(attribute) && attribute->type != OE_PRODUCT_SET &&
            isnan(profile->values[i]))
            continue;
        oe__buffer_add_char(buffer, ',');
        oe__json_write_string(buffer, attribute->name, strlen(attribute->name));
        oe__buffer_add_char(buffer, ':');
        write_value(buffer, profile, i);
    }
    oe__buffer_add_char(buffer, '}');
}

size_t oe_profile_write(const oe_profile *profile, char *out, size_t capacity)
{
    oe__buffer buffer = {0};
    oe__profile_write(&buffer, profile);
    return oe__deliver(&buffer, out, capacity);
}
