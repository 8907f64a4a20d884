/* starve.c: an allocator for LD_PRELOAD that refuses on demand, whoever asks: our code, Lua,
 * SQLite, libuv, cJSON, libcrypto and the C library. OE_STARVE names a file of eight numbers,
 * shared with whoever wants it to refuse (starve.lua). Without it nothing is refused. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* What the C library calls its own, whatever stands before it. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

typedef struct starving {
    atomic_int_fast64_t from;  /* the first allocation to refuse, counted from 1; 0: none */
    atomic_int_fast64_t until; /* the last one */
    atomic_int_fast64_t count; /* allocations since this was set to 0 */
    atomic_int_fast64_t refused;
    atomic_int_fast64_t live; /* blocks that were given and not taken back */
    atomic_int_fast64_t spare[3];
} starving;

static starving unheard;
static _Atomic(starving *) shared;

static starving *control(void)
{
    starving *own = atomic_load_explicit(&shared, memory_order_acquire);
    return own != NULL ? own : &unheard;
}

__attribute__((constructor)) static void open_control(void)
{
    const char *path = getenv("OE_STARVE");
    int file = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *page = mmap(NULL, sizeof(starving), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    unsetenv("OE_STARVE"); /* what the program starts is fed */
    if (page == MAP_FAILED)
        return;
    starving *own = page;
    atomic_store(&own->live, atomic_load(&unheard.live));
    atomic_store_explicit(&shared, own, memory_order_release);
}

static bool is_refused(void)
{
    starving *own = control();
    int_fast64_t from = atomic_load_explicit(&own->from, memory_order_relaxed);
    int_fast64_t number = atomic_fetch_add(&own->count, 1) + 1;
    if (from == 0 || number < from || number > atomic_load(&own->until))
        return false;
    atomic_fetch_add(&own->refused, 1);
    errno = ENOMEM;
    return true;
}

static void *given(void *block)
{
    if (block != NULL)
        atomic_fetch_add(&control()->live, 1);
    return block;
}

void *malloc(size_t size)
{
    return is_refused() ? NULL : given(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return is_refused() ? NULL : given(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size)
{
    if (size > 0 && is_refused())
        return NULL;
    void *moved = __libc_realloc(block, size);
    if (block == NULL)
        return given(moved);
    if (moved == NULL && size == 0)
        atomic_fetch_sub(&control()->live, 1);
    return moved;
}

void free(void *block)
{
    if (block != NULL)
        atomic_fetch_sub(&control()->live, 1);
    __libc_free(block);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    void *made = is_refused() ? NULL : given(__libc_memalign(alignment, size));
    if (made == NULL)
        return ENOMEM;
    *block = made;
    return 0;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return is_refused() ? NULL : given(__libc_memalign(alignment, size));
}
