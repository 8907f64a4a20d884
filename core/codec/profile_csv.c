/* profile_csv.c: columns by the schema, cells to values and back. */
#include "codec/profile_csv.h"

#include "codec/fault.h"
#include "codec/number.h"
#include "engine/profile.h"
#include "engine/status.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_COLUMN "customer_id"
#define PREFIX "attr."

/* ---- the header ---- */

static bool is_text(const oe__csv_field *field, const char *terminated)
{
    return strlen(terminated) == field->length &&
           memcmp(field->bytes, terminated, field->length) == 0;
}

static oe__csv_column column_of(const oe_ruleset *ruleset, const oe__csv_field *name)
{
    const size_t prefix = sizeof PREFIX - 1;
    if (is_text(name, ID_COLUMN))
        return (oe__csv_column){OE_COLUMN_ID, false};
    int32_t attribute = oe__profile_attribute(ruleset, name->bytes, name->length);
    if (attribute >= 0)
        return (oe__csv_column){attribute, false};
    if (name->length > prefix && memcmp(name->bytes, PREFIX, prefix) == 0)
        attribute = oe__profile_attribute(ruleset, name->bytes + prefix, name->length - prefix);
    return (oe__csv_column){attribute >= 0 ? attribute : OE_COLUMN_UNDECLARED, attribute >= 0};
}

static bool has_column(const oe__csv_columns *columns, int32_t attribute)
{
    for (size_t i = 0; i < columns->count; i++)
        if (columns->columns[i].attribute == attribute)
            return true;
    return false;
}

static const char *name_of(const oe_ruleset *ruleset, int32_t attribute)
{
    return attribute < 0 ? ID_COLUMN : oe__attribute(ruleset, (size_t)attribute)->name;
}

static oe_status check_complete(const oe__csv_columns *columns, int64_t row, oe_error *error)
{
    const oe_ruleset *ruleset = columns->ruleset;
    int32_t missing = OE_COLUMN_UNDECLARED;
    if (!has_column(columns, OE_COLUMN_ID))
        missing = OE_COLUMN_ID;
    for (size_t i = 0; i < ruleset->declared.attributes.count; i++) {
        const oe_attribute *attribute = oe__attribute(ruleset, i);
        if (missing == OE_COLUMN_UNDECLARED && oe__is_needed(attribute) &&
            !attribute->nullable && !has_column(columns, (int32_t)i))
            missing = (int32_t)i;
    }
    if (missing == OE_COLUMN_UNDECLARED)
        return OE_OK;
    return oe__fail_at(error, OE_E_INVALID, row, "csv: row %lld: there is no column '%s'",
                       (long long)row, name_of(ruleset, missing));
}

oe_status oe__csv_columns_read(oe__csv_columns *columns, const oe_ruleset *ruleset,
                               const oe__csv_reader *header, oe_error *error)
{
    columns->ruleset = ruleset;
    columns->count = columns->undeclared_count = 0;
    columns->columns = calloc(header->field_count + 1, sizeof *columns->columns);
    if (columns->columns == NULL)
        return oe__fail(error, OE_E_MEMORY, "csv: out of memory");
    for (size_t i = 0; i < header->field_count; i++) {
        oe__csv_column column = column_of(ruleset, &header->fields[i]);
        if (column.attribute == OE_COLUMN_UNDECLARED)
            columns->undeclared_count++;
        else if (has_column(columns, column.attribute))
            return oe__fail_at(error, OE_E_CONFLICT, header->row,
                               "csv: row %lld: two columns mean '%s'", (long long)header->row,
                               name_of(ruleset, column.attribute));
        columns->columns[columns->count++] = column;
    }
    return check_complete(columns, header->row, error);
}

void oe__csv_columns_free(oe__csv_columns *columns)
{
    free(columns->columns);
    *columns = (oe__csv_columns){0};
}

/* ---- a record ---- */

typedef struct reading {
    oe__filling into;
    oe__csv_mapping mapping;
    bool failed; /* out of memory */
} reading;

static void refuse(reading *self, oe_type type)
{
    const char *message, *fault = oe__type_fault(type, &message);
    oe__fault_add(self->into.report, self->into.place, fault, message);
}

static void own_product(void *context, const char *id, size_t length)
{
    reading *self = context;
    if (!oe__fill_product(&self->into, id, length))
        self->failed = true;
}

static void read_products(reading *self, const oe__csv_field *cell)
{
    const char *at = cell->bytes, *end = at + cell->length;
    for (self->into.place.entry = 0; at <= end && cell->length > 0; self->into.place.entry++) {
        if (self->into.place.entry == OE_PRODUCTS_OWNED_MAX) {
            self->into.place.entry = -1;
            oe__fault_add(self->into.report, self->into.place, "too_long",
                          "must have at most 1024 entries");
            return;
        }
        const char *bar = at < end ? memchr(at, '|', (size_t)(end - at)) : NULL;
        const char *stop = bar != NULL ? bar : end;
        if (self->mapping.visit != NULL)
            self->mapping.visit(self->mapping.map, at, (size_t)(stop - at), own_product, self);
        else
            own_product(self, at, (size_t)(stop - at));
        at = stop + 1;
    }
}

static void read_flag(reading *self, size_t attribute, const oe__csv_field *cell)
{
    bool yes = is_text(cell, "true") || is_text(cell, "1");
    if (yes || is_text(cell, "false") || is_text(cell, "0"))
        self->into.profile->values[attribute] = yes;
    else
        refuse(self, OE_FLAG);
}

static void read_number(reading *self, size_t attribute, const oe__csv_field *cell)
{
    double value = 0;
    oe_status status = oe__number_read(cell->bytes, cell->length, &value);
    if (status == OE_OK)
        oe__fill_number(&self->into, attribute, value);
    else if (status == OE_E_INVALID)
        oe__fault_add(self->into.report, self->into.place, "finite_number",
                      "must be a finite number");
    else
        refuse(self, oe__attribute(self->into.profile->ruleset, attribute)->type);
}

static void read_cell(reading *self, size_t attribute, const oe__csv_field *cell)
{
    const oe_attribute *declared = oe__attribute(self->into.profile->ruleset, attribute);
    if (declared->type == OE_PRODUCT_SET)
        read_products(self, cell);
    else if (cell->length == 0 && !declared->optional && !declared->nullable)
        oe__fault_add(self->into.report, self->into.place, "missing", "is missing");
    else if (cell->length == 0)
        return;
    else if (declared->type == OE_FLAG)
        read_flag(self, attribute, cell);
    else if (declared->type != OE_TEXT)
        read_number(self, attribute, cell);
    else if (!oe__fill_text(&self->into, attribute, cell->bytes, cell->length))
        self->failed = true;
}

static void read_id(reading *self, const oe__csv_field *cell)
{
    if (cell->length == 0)
        oe__fault_add(self->into.report, self->into.place, "missing", "is missing");
    else
        oe__fill_id(&self->into, cell->bytes, cell->length);
}

static void read_column(reading *self, oe__csv_column column, const oe__csv_field *cell)
{
    char name[sizeof PREFIX + OE_ID_MAX];
    snprintf(name, sizeof name, "%s%s", column.prefixed ? PREFIX : "",
             name_of(self->into.profile->ruleset, column.attribute));
    self->into.place = (oe__place){name, -1};
    if (column.attribute == OE_COLUMN_ID)
        read_id(self, cell);
    else
        read_cell(self, (size_t)column.attribute, cell);
    self->into.place.member = NULL;
}

oe_status oe__profile_read_csv(oe_profile *profile, const oe__csv_columns *columns,
                               const oe__csv_reader *record, oe__csv_mapping mapping,
                               oe_read_report *report)
{
    reading self = {.into = {.profile = profile, .report = report}, .mapping = mapping};
    oe_profile_clear(profile);
    oe__report_begin(report);
    for (size_t i = 0; i < columns->count && i < record->field_count; i++)
        if (columns->columns[i].attribute == OE_COLUMN_UNDECLARED)
            report->undeclared++;
        else
            read_column(&self, columns->columns[i], &record->fields[i]);
    return self.failed ? OE_E_MEMORY : oe__fault_status(report, NULL);
}

/* ---- writing ---- */

typedef struct set {
    oe__buffer cell;
    bool some;
} set;

static void add_product(void *context, const char *id, size_t length)
{
    set *owned = context;
    if (owned->some)
        oe__buffer_add_char(&owned->cell, '|');
    oe__buffer_add(&owned->cell, id, length);
    owned->some = true;
}

static void write_products(oe__buffer *buffer, const oe_profile *profile)
{
    set owned = {{0}, false};
    oe_profile_owned(profile, add_product, &owned);
    if (owned.cell.failed)
        buffer->failed = true;
    else if (owned.some)
        oe__csv_write_field(buffer, owned.cell.data, owned.cell.length);
    oe__buffer_free(&owned.cell);
}

static void write_number(oe__buffer *buffer, double value)
{
    char digits[OE_NUMBER_TEXT_MAX];
    oe__buffer_add(buffer, digits, oe__number_write(value, digits));
}

static void write_cell(oe__buffer *buffer, const oe_profile *profile, size_t attribute)
{
    size_t length = 0;
    double value = profile->values[attribute];
    oe_type type = oe__attribute(profile->ruleset, attribute)->type;
    if (type == OE_PRODUCT_SET) {
        write_products(buffer, profile);
    } else if (type == OE_TEXT) {
        const char *text = oe_profile_text(profile, attribute, &length);
        oe__csv_write_field(buffer, text != NULL ? text : "", length);
    } else if (isnan(value)) {
        return;
    } else if (type == OE_FLAG) {
        oe__buffer_add_text(buffer, value != 0 ? "true" : "false");
    } else {
        write_number(buffer, value);
    }
}

void oe__profile_write_csv_header(oe__buffer *buffer, const oe_ruleset *ruleset)
{
    oe__buffer_add_text(buffer, ID_COLUMN);
    for (size_t i = 0; i < ruleset->declared.attributes.count; i++) {
        const char *name = oe__attribute(ruleset, i)->name;
        if (oe__attribute(ruleset, i)->derived)
            continue;
        oe__buffer_add_char(buffer, ',');
        oe__csv_write_field(buffer, name, strlen(name));
    }
    oe__buffer_add_char(buffer, '\n');
}

void oe__profile_write_csv(oe__buffer *buffer, const oe_profile *profile)
{
    oe__csv_write_field(buffer, profile->id, profile->id_length);
    for (size_t i = 0; i < profile->ruleset->declared.attributes.count; i++) {
        if (oe__attribute(profile->ruleset, i)->derived)
            continue;
        oe__buffer_add_char(buffer, ',');
        write_cell(buffer, profile, i);
    }
    oe__buffer_add_char(buffer, '\n');
}
