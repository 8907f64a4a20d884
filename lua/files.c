/* files.c: walks the rules folder and reads its files. */
#define _XOPEN_SOURCE 700 /* realpath */

#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/status.h"
#include "engine/text.h"
#include "store/hash.h"

enum { PATH_BYTES_MAX = 4096 };

typedef struct walk {
    oe_rule_files *files;
    const char *root; /* as given */
    char *real_root;  /* without symbolic links */
    oe_error *error;
} rule_walk;

static const char tables[] = "tables";

static bool has_ending(const char *name, const char *ending)
{
    size_t length = strlen(name), size = strlen(ending);
    return length > size && strcmp(name + length - size, ending) == 0;
}

bool oe__rule_file_is_table(const oe_rule_file *file)
{
    return strncmp(file->path, tables, sizeof tables - 1) == 0 &&
           file->path[sizeof tables - 1] == '/';
}

static bool is_skipped(const char *below, const char *name)
{
    if (name[0] == '.')
        return true;
    return below[0] == '\0' && (strcmp(name, "tests") == 0 || strcmp(name, "samples") == 0);
}

/* `left`/`right`, or `right` alone when left is empty. NULL: out of memory. */
static char *join_path(const char *left, const char *right)
{
    size_t size = strlen(left) + strlen(right) + 2;
    char *path = malloc(size);
    if (path != NULL)
        (void)snprintf(path, size, "%s%s%s", left, left[0] != '\0' ? "/" : "", right);
    return path;
}

oe_rule_file *oe__rule_files_add(oe_rule_files *files)
{
    if (files->count == files->capacity) {
        size_t capacity = files->capacity > 0 ? files->capacity * 2 : 32;
        oe_rule_file *items = realloc(files->items, capacity * sizeof *items);
        if (items == NULL)
            return NULL;
        files->items = items;
        files->capacity = capacity;
    }
    oe_rule_file *file = &files->items[files->count++];
    *file = (oe_rule_file){0};
    return file;
}

static oe_rule_file *add_file(rule_walk *walk, const char *path)
{
    oe_rule_file *file = oe__rule_files_add(walk->files);
    if (file != NULL)
        file->path = strdup(path);
    return file != NULL && file->path != NULL ? file : NULL;
}

/* Opened without waiting: a FIFO must not hold the load up. */
static int open_regular(const char *path, oe_rule_file *file, struct stat *facts)
{
    int descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) {
        file->problem = "cannot be opened";
        return -1;
    }
    if (fstat(descriptor, facts) != 0 || !S_ISREG(facts->st_mode))
        file->problem = "is not a regular file";
    else if (facts->st_size > OE_RULE_FILE_MAX)
        file->problem = "is larger than 64 KiB; spread it over several files";
    if (file->problem == NULL)
        return descriptor;
    (void)close(descriptor);
    return -1;
}

static oe_status read_bytes(const char *path, oe_rule_file *file)
{
    struct stat facts;
    int descriptor = open_regular(path, file, &facts);
    if (descriptor < 0)
        return OE_OK;
    file->bytes = malloc((size_t)OE_RULE_FILE_MAX + 2);
    oe_status status = file->bytes != NULL ? OE_OK : OE_E_MEMORY;
    while (status == OE_OK && file->length <= OE_RULE_FILE_MAX) {
        ssize_t got = read(descriptor, file->bytes + file->length,
                           (size_t)OE_RULE_FILE_MAX + 1 - file->length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            file->problem = "cannot be read";
        if (got <= 0)
            break;
        file->length += (size_t)got;
    }
    (void)close(descriptor);
    if (status == OE_OK && file->problem == NULL && file->length > OE_RULE_FILE_MAX)
        file->problem = "is larger than 64 KiB; spread it over several files";
    if (file->bytes != NULL)
        file->bytes[file->length] = '\0';
    return status;
}

static const char *text_problem(const oe_rule_file *file)
{
    if (memchr(file->bytes, '\0', file->length) != NULL || file->bytes[0] == '\x1b')
        return "is not text";
    if (!oe__text_is_utf8(file->bytes, file->length))
        return "is not UTF-8 text; save it with the encoding UTF-8";
    return NULL;
}

static oe_status read_file(oe_rule_file *file, const char *path)
{
    if (!oe__text_is_utf8(file->path, strlen(file->path)) ||
        strpbrk(file->path, ":\n\r\t") != NULL) {
        file->problem = "has a name with a colon, control character or broken UTF-8";
        return OE_OK;
    }
    oe_status status = read_bytes(path, file);
    if (status == OE_OK && file->problem == NULL)
        file->problem = text_problem(file);
    if (file->problem != NULL) {
        free(file->bytes);
        file->bytes = NULL;
    }
    if (file->bytes != NULL) {
        char *fitting = realloc(file->bytes, file->length + 1);
        if (fitting != NULL)
            file->bytes = fitting;
    }
    return status;
}

/* Where a symbolic link leads, if that lies within the folder. */
static char *resolve_link(const rule_walk *walk, const char *path, oe_rule_file *file)
{
    char *target = realpath(path, NULL);
    size_t length = strlen(walk->real_root);
    if (target == NULL)
        file->problem = "is a symbolic link that leads nowhere";
    else if (strncmp(target, walk->real_root, length) != 0 || target[length] != '/')
        file->problem = "is a symbolic link that leads out of the rules folder";
    if (file->problem == NULL)
        return target;
    free(target);
    return NULL;
}

static oe_status take_file(rule_walk *walk, const char *below, const char *path, bool is_link)
{
    if (walk->files->count >= OE_RULE_FILES_MAX)
        return oe__fail(walk->error, OE_E_LIMIT, "rules: more than %d files",
                        OE_RULE_FILES_MAX);
    oe_rule_file *file = add_file(walk, below);
    if (file == NULL)
        return oe__fail(walk->error, OE_E_MEMORY, "rules: out of memory");
    oe_status status = OE_OK;
    if (is_link) {
        char *target = resolve_link(walk, path, file);
        if (target != NULL)
            status = read_file(file, target);
        free(target);
    } else {
        status = read_file(file, path);
    }
    return status == OE_OK ? OE_OK : oe__fail(walk->error, status, "rules: out of memory");
}

static oe_status refuse_folder(rule_walk *walk, const char *below, const char *problem)
{
    oe_rule_file *file = add_file(walk, below);
    if (file == NULL)
        return oe__fail(walk->error, OE_E_MEMORY, "rules: out of memory");
    file->problem = problem;
    return OE_OK;
}

static oe_status walk_folder(rule_walk *walk, const char *below, int depth);

static oe_status take_entry(rule_walk *walk, const char *below, const char *name, int depth)
{
    oe_status status = OE_E_MEMORY;
    bool is_table = strcmp(below, tables) == 0;
    char *inner = join_path(below, name);
    char *path = inner != NULL ? join_path(walk->root, inner) : NULL;
    struct stat facts;
    if (path == NULL)
        (void)oe__fail(walk->error, OE_E_MEMORY, "rules: out of memory");
    else if (lstat(path, &facts) != 0)
        status = errno == ENOENT
                     ? OE_OK
                     : oe__fail(walk->error, OE_E_IO, "rules: %s: %s", inner, strerror(errno));
    else if (S_ISDIR(facts.st_mode) && !is_table && has_ending(name, ".lua"))
        status = refuse_folder(walk, inner, "is a folder; only rule files end in .lua");
    else if (S_ISDIR(facts.st_mode))
        status = is_table ? OE_OK : walk_folder(walk, inner, depth + 1);
    else if (has_ending(name, is_table ? ".csv" : ".lua"))
        status = take_file(walk, inner, path, S_ISLNK(facts.st_mode));
    else if (!is_table && S_ISLNK(facts.st_mode) && stat(path, &facts) == 0 &&
             S_ISDIR(facts.st_mode))
        status = refuse_folder(
            walk, inner,
            "is a symbolic link to a folder; rule files behind it would be missing");
    else
        status = OE_OK;
    free(path);
    free(inner);
    return status;
}

/* By open: thread sanitizers do not see that libuv closes descriptors, and take one that
 * opendir makes itself for the connection that had its number before. */
static DIR *open_folder(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = descriptor >= 0 ? fdopendir(descriptor) : NULL;
    if (folder == NULL && descriptor >= 0)
        (void)close(descriptor);
    return folder;
}

static oe_status walk_folder(rule_walk *walk, const char *below, int depth)
{
    if (depth > OE_RULE_DEPTH_MAX)
        return oe__fail(walk->error, OE_E_LIMIT, "rules: folders nest deeper than %d: %s",
                        OE_RULE_DEPTH_MAX, below);
    char *path = below[0] != '\0' ? join_path(walk->root, below) : strdup(walk->root);
    DIR *folder = path != NULL ? open_folder(path) : NULL;
    int reason = errno;
    free(path);
    if (folder == NULL)
        return oe__fail(walk->error, reason == ENOENT ? OE_E_NOT_FOUND : OE_E_IO,
                        "rules: folder '%s': %s", below[0] != '\0' ? below : walk->root,
                        strerror(reason));
    oe_status status = OE_OK;
    for (struct dirent *entry; status == OE_OK && (entry = readdir(folder)) != NULL;)
        if (!is_skipped(below, entry->d_name))
            status = take_entry(walk, below, entry->d_name, depth);
    (void)closedir(folder);
    return status;
}

static int compare_paths(const void *left, const void *right)
{
    return strcmp(((const oe_rule_file *)left)->path, ((const oe_rule_file *)right)->path);
}

void oe__rule_files_sort(oe_rule_files *files)
{
    if (files->count > 1)
        qsort(files->items, files->count, sizeof *files->items, compare_paths);
    for (size_t i = 1; i < files->count; i++)
        if (strcmp(files->items[i].path, "schema.lua") == 0) {
            oe_rule_file schema = files->items[i];
            memmove(files->items + 1, files->items, i * sizeof schema);
            files->items[0] = schema;
        }
}

oe_status oe__rule_files_read(oe_rule_files *files, const char *folder, oe_error *error)
{
    char *real_root = realpath(folder, NULL);
    if (real_root == NULL)
        return oe__fail(error, errno == ENOENT ? OE_E_NOT_FOUND : OE_E_IO,
                        "rules: folder '%s': %s", folder, strerror(errno));
    rule_walk walk = {files, folder, real_root, error};
    oe_status status = walk_folder(&walk, "", 0);
    free(real_root);
    if (status == OE_OK)
        oe__rule_files_sort(files);
    return status;
}

void oe__rule_files_free(oe_rule_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->items[i].path);
        free(files->items[i].bytes);
    }
    free(files->items);
    *files = (oe_rule_files){0};
}

static void hash_file(oe__sha256 *hash, const oe_rule_file *file)
{
    char length[32];
    int digits = snprintf(length, sizeof length, "%zu", file->length);
    oe__sha256_add(hash, file->path, strlen(file->path) + 1);
    oe__sha256_add(hash, length, (size_t)digits + 1);
    if (file->bytes != NULL)
        oe__sha256_add(hash, file->bytes, file->length);
}

/* The files are sorted but for schema.lua, which is hashed at its sorted place. */
oe_status oe__rule_files_hash(const oe_rule_files *files, char hash[13])
{
    oe__sha256 *sha = oe__sha256_new();
    const oe_rule_file *schema = NULL;
    size_t first = 0;
    if (files->count > 0 && strcmp(files->items[0].path, "schema.lua") == 0) {
        schema = &files->items[0];
        first = 1;
    }
    for (size_t i = first; i < files->count; i++) {
        if (schema != NULL && compare_paths(schema, &files->items[i]) < 0) {
            hash_file(sha, schema);
            schema = NULL;
        }
        hash_file(sha, &files->items[i]);
    }
    if (schema != NULL)
        hash_file(sha, schema);
    unsigned char digest[OE__SHA256_SIZE];
    char hex[OE__SHA256_HEX_SIZE];
    oe_status status = oe__sha256_finish(sha, digest);
    oe__sha256_to_hex(digest, hex);
    memcpy(hash, hex, 12);
    hash[12] = '\0';
    return status;
}

static const char *line_of(const oe_rule_file *file, int number, size_t *length)
{
    const char *line = file->bytes;
    const char *end = file->bytes + file->length;
    for (int at = 1; at < number && line != NULL; at++) {
        line = memchr(line, '\n', (size_t)(end - line));
        line = line != NULL ? line + 1 : NULL;
    }
    if (line == NULL || line >= end)
        return NULL;
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    stop = stop != NULL ? stop : end;
    *length = (size_t)(stop - line);
    if (*length > 0 && line[*length - 1] == '\r')
        --*length;
    return line;
}

const char *oe__rule_files_line(const oe_rule_files *files, const char *path, int number,
                                size_t *length)
{
    for (size_t i = 0; i < files->count && number > 0; i++)
        if (strcmp(files->items[i].path, path) == 0)
            return files->items[i].bytes != NULL ? line_of(&files->items[i], number, length)
                                                 : NULL;
    return NULL;
}
