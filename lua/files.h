/* files.h: the rule files of a folder: which there are, in which order, and their bytes. It
 * must not know what they say. */
#ifndef OE_LUA_FILES_H
#define OE_LUA_FILES_H

#include "offerengine.h"

enum {
    OE_RULE_FILE_MAX = 64 << 10, /* bytes of one rule file */
    OE_RULE_FILES_MAX = 10000,
    OE_RULE_DEPTH_MAX = 8
};

typedef struct oe_rule_file {
    char *path;  /* below the folder, "products/credit.lua" or "tables/trends.csv" */
    char *bytes; /* terminated; NULL when refused */
    size_t length;
    const char *problem; /* why it was refused, e.g. "is larger than 64 KiB"; NULL when read */
} oe_rule_file;

typedef struct oe_rule_files {
    oe_rule_file *items; /* schema.lua first, then bytewise by path */
    size_t count, capacity;
} oe_rule_files;

/* Reads every *.lua file below `folder`, but not those of its subfolders tests and samples and
 * of hidden ones, and every *.csv file in its subfolder tables. Only regular files count; a
 * symbolic link may lead to a regular file within the folder. What is refused is listed with
 * its problem. OE_E_NOT_FOUND / OE_E_IO: the folder cannot be read. OE_E_LIMIT: more than
 * OE_RULE_FILES_MAX files. Zero-initialise; oe__rule_files_free in any case. */
oe_status oe__rule_files_read(oe_rule_files *files, const char *folder, oe_error *error);
void oe__rule_files_free(oe_rule_files *files);

/* Whether it is data for lookups, not rules. */
bool oe__rule_file_is_table(const oe_rule_file *file);

/* One more file, empty; NULL: out of memory. */
oe_rule_file *oe__rule_files_add(oe_rule_files *files);

/* schema.lua first, then bytewise by path. */
void oe__rule_files_sort(oe_rule_files *files);

/* The first 12 hexadecimal digits of SHA-256 over path NUL length NUL bytes of every file,
 * sorted by path. OE_E_MEMORY: memory is out. */
oe_status oe__rule_files_hash(const oe_rule_files *files, char hash[13]);

/* Line `number` (1-based) of a file without its end; NULL when there is none. */
const char *oe__rule_files_line(const oe_rule_files *files, const char *path, int number,
                                size_t *length);

#endif
