/* ownership_spec.c: one owner per database, readers beside it, and how others learn who it is.
 */
#include "check.h"
#include "store_fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that owns a database until it is told to go. */
typedef struct owner {
    pid_t pid;
    int told, tells; /* our ends of two pipes */
} owner;

static char read_byte(int fd)
{
    char byte = 0;
    return read(fd, &byte, 1) == 1 ? byte : 0;
}

static void write_byte(int fd, char byte)
{
    if (write(fd, &byte, 1) != 1)
        abort();
}

/* The child: 'o' when it owns; on a byte it closes the store and ends. */
static void own(const char *path, const char *address, int from, int to)
{
    oe_store_options options = {.url = path};
    oe_store *store;
    if (oe_store_open(&options, &store, NULL) != OE_OK ||
        (address != NULL && oe_store_set_address(store, address, NULL) != OE_OK))
        _exit(1);
    write_byte(to, 'o');
    read_byte(from);
    oe_store_close(store);
    _exit(0);
}

static owner start_owner(const char *path, const char *address)
{
    int down[2], up[2];
    owner child = {.pid = -1};
    if (pipe(down) != 0 || pipe(up) != 0)
        return child;
    child.pid = fork();
    if (child.pid == 0) {
        close(down[1]);
        close(up[0]);
        own(path, address, down[0], up[1]);
    }
    close(down[0]);
    close(up[1]);
    child.told = up[0];
    child.tells = down[1];
    CHECK_INT(read_byte(child.told), 'o');
    return child;
}

static void end_owner(owner *child, bool by_force)
{
    int code;
    if (by_force)
        kill(child->pid, SIGKILL);
    else
        write_byte(child->tells, 'x');
    waitpid(child->pid, &code, 0);
    close(child->told);
    close(child->tells);
}

/* A database that exists and that nobody has open. */
static void make_database(store_fixture *fixture)
{
    fixture_open(fixture, FIXTURE_SQLITE);
    fixture_put(fixture, "a", "1");
    oe_store_port_free(fixture->port);
    oe_store_close(fixture->store);
    fixture->port = NULL;
    fixture->store = NULL;
}

static oe_status try_open(const char *path, bool read_only, oe_error *error)
{
    oe_store_options options = {.url = path, .read_only = read_only};
    oe_store *store = NULL;
    oe_status status = oe_store_open(&options, &store, error);
    oe_store_close(store);
    return status;
}

static void it_refuses_a_second_owner_and_names_the_first(void)
{
    static const char *const addresses[] = {NULL, "http://127.0.0.1:8000"};
    for (size_t i = 0; i < 2; i++) {
        store_fixture fixture;
        oe_error error;
        char expected[OE_ERROR_MESSAGE_MAX];
        make_database(&fixture);
        owner child = start_owner(fixture.path, addresses[i]);
        CHECK_INT(try_open(fixture.path, false, &error), OE_E_BUSY);
        snprintf(expected, sizeof expected, "store: %s is owned by process %d%s%s",
                 fixture.path, (int)child.pid, i > 0 ? " at " : "", i > 0 ? addresses[i] : "");
        CHECK_TEXT(error.message, expected);
        end_owner(&child, false);
        CHECK_INT(try_open(fixture.path, false, &error), OE_OK);
        fixture_close(&fixture);
    }
}

static void it_refuses_a_second_owner_within_one_process(void)
{
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        oe_store *second = NULL;
        fixture_open(&fixture, (fixture_backend)backend);
        oe_store_options options = fixture_options(&fixture);
        CHECK_INT(oe_store_open(&options, &second, NULL), OE_E_BUSY);
        CHECK(second == NULL);
        CHECK_INT(fixture_put(&fixture, "a", "1").result.status, OE_OK);
        fixture_close(&fixture);
    }
}

static void it_lets_a_killed_owner_go(void)
{
    store_fixture fixture;
    oe_store_owner found;
    make_database(&fixture);
    owner child = start_owner(fixture.path, "http://127.0.0.1:8000");
    end_owner(&child, true);
    CHECK_INT(oe_store_owner_address(fixture.path, &found, NULL), OE_E_NOT_FOUND);
    CHECK_INT(found.pid, 0);
    CHECK_TEXT(found.address, "");
    CHECK_INT(try_open(fixture.path, false, NULL), OE_OK);
    fixture_close(&fixture);
}

static void it_shares_one_lock_between_two_names_of_a_file(void)
{
    store_fixture fixture;
    char name[128];
    make_database(&fixture);
    snprintf(name, sizeof name, "%s/other", fixture.folder);
    CHECK_INT(symlink(fixture.path, name), 0);
    owner child = start_owner(fixture.path, NULL);
    CHECK_INT(try_open(name, false, NULL), OE_E_BUSY);
    end_owner(&child, false);
    unlink(name);
    fixture_close(&fixture);
}

static void it_tells_who_the_owner_is(void)
{
    store_fixture fixture;
    oe_store_owner found;
    char url[128];
    make_database(&fixture);
    snprintf(url, sizeof url, "sqlite:%s", fixture.path);
    CHECK_INT(oe_store_owner_address(url, &found, NULL), OE_E_NOT_FOUND);
    owner child = start_owner(fixture.path, "http://127.0.0.1:8000");
    CHECK_INT(oe_store_owner_address(url, &found, NULL), OE_OK);
    CHECK_INT(found.pid, child.pid);
    CHECK_TEXT(found.address, "http://127.0.0.1:8000");
    end_owner(&child, false);
    CHECK_INT(oe_store_owner_address(url, &found, NULL), OE_E_NOT_FOUND);
    CHECK_INT(oe_store_owner_address("/nowhere/at/all", &found, NULL), OE_E_NOT_FOUND);
    fixture_close(&fixture);
}

static void it_publishes_its_latest_address(void)
{
    store_fixture fixture;
    oe_store_owner found;
    char longest[OE_STORE_ADDRESS_MAX + 1];
    memset(longest, 'a', sizeof longest);
    longest[OE_STORE_ADDRESS_MAX] = '\0';
    fixture_open(&fixture, FIXTURE_SQLITE);
    CHECK_INT(oe_store_set_address(fixture.store, "x\ny", NULL), OE_E_INVALID);
    CHECK_INT(oe_store_set_address(fixture.store, longest, NULL), OE_E_INVALID);
    longest[OE_STORE_ADDRESS_MAX - 1] = '\0';
    CHECK_INT(oe_store_set_address(fixture.store, longest, NULL), OE_OK);
    CHECK_INT(oe_store_owner_address(fixture.path, &found, NULL), OE_OK);
    CHECK_TEXT(found.address, longest);
    CHECK_INT(oe_store_set_address(fixture.store, "http://[::1]:1", NULL), OE_OK);
    CHECK_INT(oe_store_owner_address(fixture.path, &found, NULL), OE_OK);
    CHECK_TEXT(found.address, "http://[::1]:1");
    CHECK_INT(found.pid, getpid());
    fixture_close(&fixture);
}

static bool count_row(void *context, const oe_store_customer *customer)
{
    size_t *count = context;
    *count += customer->id.length > 0 ? 1 : 0;
    return true;
}

static void it_reads_beside_a_running_owner(void)
{
    store_fixture fixture;
    size_t count = 0;
    fixture_open(&fixture, FIXTURE_SQLITE);
    fixture_put(&fixture, "a", "1");
    oe_store_options options = {.url = fixture.path, .read_only = true};
    store_fixture reader = {.backend = FIXTURE_SQLITE};
    CHECK_INT(oe_store_open(&options, &reader.store, NULL), OE_OK);
    reader.port = oe_store_port_new(reader.store);
    oe_store_submission get = {.operation = OE_STORE_CUSTOMER_GET, .id = fixture_bytes("b")};
    CHECK_INT(fixture_call(&reader, get).result.status, OE_E_NOT_FOUND);
    fixture_put(&fixture, "b", "2");
    CHECK_TEXT(fixture_call(&reader, get).text, "b=2;");
    CHECK_INT(fixture_put(&reader, "c", "3").result.status, OE_E_ARGUMENT);
    CHECK_INT(oe_store_set_address(reader.store, "x", NULL), OE_E_ARGUMENT);
    CHECK_INT(oe_store_scan_all(reader.store, count_row, &count, NULL), OE_OK);
    CHECK_INT(count, 2);
    CHECK_INT(oe_store_check(reader.store, NULL), OE_OK);
    oe_store_port_free(reader.port);
    oe_store_close(reader.store);
    CHECK_INT(fixture_put(&fixture, "c", "3").result.status, OE_OK);
    fixture_close(&fixture);
}

static void it_reads_without_an_owner_but_creates_nothing(void)
{
    store_fixture fixture;
    char missing[128];
    make_database(&fixture);
    CHECK_INT(try_open(fixture.path, true, NULL), OE_OK);
    snprintf(missing, sizeof missing, "%s/missing", fixture.folder);
    CHECK_INT(try_open(missing, true, NULL), OE_E_NOT_FOUND);
    CHECK_INT(access(missing, F_OK), -1);
    fixture_close(&fixture);
}

static void it_keeps_its_place_when_the_working_directory_changes(void)
{
    store_fixture fixture;
    size_t count = 0;
    oe_store *store = NULL;
    oe_store_options options = {.url = "relative"};
    char here[256], name[128];
    make_database(&fixture);
    CHECK(getcwd(here, sizeof here) != NULL);
    CHECK_INT(chdir(fixture.folder), 0);
    CHECK_INT(oe_store_open(&options, &store, NULL), OE_OK);
    CHECK_INT(chdir(here), 0);
    CHECK_INT(oe_store_scan_all(store, count_row, &count, NULL), OE_OK);
    CHECK_INT(oe_store_check(store, NULL), OE_OK);
    oe_store_close(store);
    snprintf(name, sizeof name, "%s/relative", fixture.folder);
    CHECK_INT(unlink(name), 0);
    snprintf(name, sizeof name, "%s/relative.lock", fixture.folder);
    CHECK_INT(unlink(name), 0);
    fixture_close(&fixture);
}

int main(void)
{
    RUN("refuses a second owner and names the first",
        it_refuses_a_second_owner_and_names_the_first);
    RUN("refuses a second owner within one process",
        it_refuses_a_second_owner_within_one_process);
    RUN("lets a killed owner go", it_lets_a_killed_owner_go);
    RUN("shares one lock between two names of a file",
        it_shares_one_lock_between_two_names_of_a_file);
    RUN("tells who the owner is", it_tells_who_the_owner_is);
    RUN("publishes its latest address", it_publishes_its_latest_address);
    RUN("reads beside a running owner", it_reads_beside_a_running_owner);
    RUN("reads without an owner but creates nothing",
        it_reads_without_an_owner_but_creates_nothing);
    RUN("keeps its place when the working directory changes",
        it_keeps_its_place_when_the_working_directory_changes);
    return check_report();
}
