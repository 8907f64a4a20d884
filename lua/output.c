/* output.c: files that are there as a whole or not at all. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static oe_status io_failed(oe_error *error, const char *path)
{
    error->status = OE_E_IO;
    error->position = -1;
    (void)snprintf(error->message, sizeof error->message, "output: '%.150s': %s", path,
                   strerror(errno));
    return OE_E_IO;
}

/* A pipe or device, which is written to and not replaced. */
static bool is_special(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && !S_ISREG(found.st_mode);
}

oe_status oe_lua_output_open(oe_lua_output *output, const char *path, oe_error *error)
{
    output->descriptor = -1;
    output->part[0] = '\0';
    if (path == NULL)
        return OE_OK;
    if (strcmp(path, "-") == 0) {
        output->descriptor = STDOUT_FILENO;
        return OE_OK;
    }
    if (is_special(path)) {
        output->descriptor = open(path, O_WRONLY | O_CLOEXEC);
        return output->descriptor >= 0 ? OE_OK : io_failed(error, path);
    }
    errno = ENAMETOOLONG;
    int length = snprintf(output->part, sizeof output->part, "%s.part", path);
    bool fits = length > 0 && (size_t)length < sizeof output->part;
    output->descriptor =
        fits ? open(output->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;
    if (output->descriptor >= 0)
        return OE_OK;
    output->part[0] = '\0';
    return io_failed(error, path);
}

oe_status oe_lua_output_write(const oe_lua_output *output, const char *bytes, size_t length,
                              oe_error *error)
{
    while (length > 0) {
        ssize_t written = write(output->descriptor, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return io_failed(error, output->part[0] != '\0' ? output->part : "-");
        bytes += written;
        length -= (size_t)written;
    }
    return OE_OK;
}

oe_status oe_lua_output_finish(oe_lua_output *output, const char *path, oe_error *error)
{
    bool in_place = output->part[0] == '\0';
    if (in_place && (output->descriptor < 0 || output->descriptor == STDOUT_FILENO))
        return OE_OK;
    int descriptor = output->descriptor;
    output->descriptor = -1;
    if (close(descriptor) != 0 || (!in_place && rename(output->part, path) != 0))
        return io_failed(error, path);
    output->part[0] = '\0';
    return OE_OK;
}

void oe_lua_output_drop(oe_lua_output *output)
{
    if (output->descriptor > STDERR_FILENO)
        (void)close(output->descriptor);
    output->descriptor = -1;
    if (output->part[0] != '\0')
        (void)unlink(output->part);
    output->part[0] = '\0';
}
