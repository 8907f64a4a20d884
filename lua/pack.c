/* pack.c: rule files to bytes and back. */
#include "pack.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/status.h"
#include "failure.h"

static void pack_file(const oe_rule_file *file, oe__buffer *packed)
{
    char length[32];
    int digits = snprintf(length, sizeof length, "%zu", file->length);
    oe__buffer_add(packed, file->path, strlen(file->path) + 1);
    oe__buffer_add(packed, length, (size_t)digits + 1);
    if (file->bytes != NULL)
        oe__buffer_add(packed, file->bytes, file->length);
}

static bool is_schema(const oe_rule_files *files)
{
    return files->count > 0 && strcmp(files->items[0].path, "schema.lua") == 0;
}

/* The files are sorted but for schema.lua, which is packed at its sorted place. */
void oe__rule_files_pack(const oe_rule_files *files, oe__buffer *packed)
{
    const oe_rule_file *schema = is_schema(files) ? &files->items[0] : NULL;
    for (size_t i = schema != NULL ? 1 : 0; i < files->count; i++) {
        if (schema != NULL && strcmp(schema->path, files->items[i].path) < 0) {
            pack_file(schema, packed);
            schema = NULL;
        }
        pack_file(&files->items[i], packed);
    }
    if (schema != NULL)
        pack_file(schema, packed);
}

static oe_status fail_corrupt(oe_error *error)
{
    return oe__fail(error, OE_E_CORRUPT, "rules: the kept texts are damaged");
}

/* The text up to the next NUL at *at, which moves behind it; NULL when there is none. */
static const char *take_text(const char **at, const char *end)
{
    const char *text = *at;
    const char *stop = memchr(text, '\0', (size_t)(end - text));
    if (stop != NULL)
        *at = stop + 1;
    return stop != NULL ? text : NULL;
}

static oe_status unpack_file(oe_rule_file *file, const char **at, const char *end,
                             oe_error *error)
{
    const char *path = take_text(at, end);
    const char *digits = path != NULL ? take_text(at, end) : NULL;
    char *rest = NULL;
    unsigned long long length = digits != NULL ? strtoull(digits, &rest, 10) : 0;
    if (digits == NULL || rest == digits || *rest != '\0' ||
        length > (unsigned long long)(end - *at))
        return fail_corrupt(error);
    file->path = strdup(path);
    file->bytes = malloc((size_t)length + 1);
    if (file->path == NULL || file->bytes == NULL)
        return oe__fail(error, OE_E_MEMORY, "rules: out of memory");
    memcpy(file->bytes, *at, (size_t)length);
    file->bytes[length] = '\0';
    file->length = (size_t)length;
    *at += length;
    return OE_OK;
}

oe_status oe__rule_files_unpack(oe_rule_files *files, const char *bytes, size_t length,
                                oe_error *error)
{
    const char *at = bytes;
    while (at < bytes + length) {
        if (files->count >= OE_RULE_FILES_MAX)
            return fail_corrupt(error);
        oe_rule_file *file = oe__rule_files_add(files);
        if (file == NULL)
            return oe__fail(error, OE_E_MEMORY, "rules: out of memory");
        oe_status status = unpack_file(file, &at, bytes + length, error);
        if (status != OE_OK)
            return status;
    }
    oe__rule_files_sort(files);
    return OE_OK;
}

int oe_lua_source(lua_State *L)
{
    const char *folder = luaL_checkstring(L, 1);
    oe_rule_files files = {0};
    char hash[13] = "";
    oe_error error = {0};
    oe_status status = oe__rule_files_read(&files, folder, &error);
    if (status == OE_OK) {
        status = oe__rule_files_hash(&files, hash);
        if (status != OE_OK)
            (void)oe__fail(&error, status, "rules: out of memory");
    }
    oe__rule_files_free(&files);
    if (status != OE_OK)
        return oe_lua_fail(L, &error);
    lua_pushstring(L, hash);
    return 1;
}
