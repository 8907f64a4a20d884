/* crash_spec.c: a process is killed while it writes, again and again on one database. Every
 * write it had been told of is there, every batch is whole or absent, the file is sound, and a
 * write whose answer was lost is finished by repeating it. OE_ROUNDS sets the rounds. */
#include "check.h"
#include "store_fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* What operation number n is: of every five, one batch, one deletion of what was put DISTANCE
 * before, one put that will be deleted so, and two puts that stay. */
enum { KINDS = 5, BATCH = 0, DELETION = 1, DELETED_LATER = 2 };
enum { DISTANCE = 69, BATCH_SIZE = 20, OPERATIONS_MAX = 1 << 17, IN_FLIGHT = 60 };

typedef struct operation {
    oe_store_submission submission;
    oe_store_customer customers[BATCH_SIZE];
    char ids[BATCH_SIZE][32], operation_id[32];
} operation;

static void customer_id(char id[32], int number, int row)
{
    snprintf(id, 32, "N%06d.%d", number, row);
}

/* The same bytes each time it is made for a number; the id is also the body. */
static void make_operation(operation *made, int number)
{
    *made = (operation){.submission = {.operation = OE_STORE_CUSTOMER_PUT}};
    oe_store_submission *submission = &made->submission;
    snprintf(made->operation_id, sizeof made->operation_id, "operation %d", number);
    submission->operation_id = fixture_bytes(made->operation_id);
    submission->request_id = (uint64_t)number;
    if (number % KINDS == DELETION)
        submission->operation = OE_STORE_CUSTOMER_DELETE;
    customer_id(made->ids[0], number % KINDS == DELETION ? number - DISTANCE : number, 0);
    submission->id = fixture_bytes(made->ids[0]);
    if (number % KINDS != DELETION)
        submission->body = submission->id;
    if (number % KINDS != BATCH)
        return;
    submission->operation = OE_STORE_CUSTOMER_BATCH;
    submission->customers = made->customers;
    submission->customer_count = BATCH_SIZE;
    for (int i = 0; i < BATCH_SIZE; i++) {
        customer_id(made->ids[i], number, i);
        made->customers[i].id = made->customers[i].body = fixture_bytes(made->ids[i]);
    }
}

/* ---- The process that is killed ------------------------------------------------------------
 */

static void acknowledge(void *context, const oe_store_result *result)
{
    const int *to = context;
    int number = (int)result->request_id;
    if (result->status != OE_OK || write(*to, &number, sizeof number) != sizeof number)
        _exit(1);
}

static void write_until_killed(const char *path, int from, int to)
{
    oe_store_options options = {.url = path, .outstanding_max = IN_FLIGHT};
    oe_store *store;
    operation made;
    if (oe_store_open(&options, &store, NULL) != OE_OK)
        _exit(2);
    oe_store_port *port = oe_store_port_new(store);
    for (int number = from; number < OPERATIONS_MAX; number++) {
        make_operation(&made, number);
        made.submission.completion = acknowledge;
        made.submission.context = &to;
        while (oe_port_submit(port, &made.submission, NULL) == OE_E_LIMIT)
            oe_port_wait(port, -1);
        oe_port_drain(port);
    }
    _exit(3);
}

/* ---- The process that looks ----------------------------------------------------------------
 */

typedef struct history {
    bool *acknowledged;  /* by operation number */
    unsigned char *rows; /* customers found, by operation number */
    int next;            /* the first number never handed out */
    int wrong;           /* rows that no operation wrote */
} history;

static bool note_row(void *context, const oe_store_customer *customer)
{
    history *past = context;
    char id[64] = "";
    memcpy(id, customer->id.data, customer->id.length < 63 ? customer->id.length : 63);
    long number = strtol(id + 1, NULL, 10);
    if (number < 0 || number >= OPERATIONS_MAX || customer->body.length != strlen(id) ||
        memcmp(customer->body.data, id, strlen(id)) != 0)
        past->wrong++;
    else
        past->rows[number]++;
    return true;
}

/* Kills the child after `enough` acknowledgements and notes all that it sent. */
static void run_until_killed(history *past, const char *path, int enough)
{
    int pipe_ends[2], number, seen = 0, code;
    if (pipe(pipe_ends) != 0)
        abort();
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        close(pipe_ends[0]);
        write_until_killed(path, past->next, pipe_ends[1]);
    }
    close(pipe_ends[1]);
    while (read(pipe_ends[0], &number, sizeof number) == sizeof number) {
        past->acknowledged[number] = true;
        if (number >= past->next)
            past->next = number + 1;
        if (++seen == enough)
            kill(child, SIGKILL);
    }
    close(pipe_ends[0]);
    waitpid(child, &code, 0);
    CHECK(WIFSIGNALED(code));
    past->next += IN_FLIGHT; /* what was handed over and never answered */
}

static void check_history(const history *past)
{
    int lost = 0, torn = 0, risen = 0;
    for (int i = 0; i < past->next; i++) {
        int kind = i % KINDS, rows = past->rows[i];
        int whole = kind == BATCH ? BATCH_SIZE : 1;
        torn += rows != 0 && rows != whole;
        if (kind == DELETION && past->acknowledged[i] && i >= DISTANCE)
            risen += past->rows[i - DISTANCE] != 0;
        if (kind != DELETION && kind != DELETED_LATER && past->acknowledged[i])
            lost += rows == 0;
    }
    CHECK_INT(lost, 0);
    CHECK_INT(torn, 0);
    CHECK_INT(risen, 0);
    CHECK_INT(past->wrong, 0);
}

/* Repeats the last round's writes: what was acknowledged is remembered, the rest gets done. */
static void repeat_writes(store_fixture *fixture, history *past, int from)
{
    operation made;
    int forgotten = 0, failed = 0;
    for (int i = from; i < past->next; i++) {
        make_operation(&made, i);
        store_answer answer = fixture_call(fixture, made.submission);
        failed += answer.result.status != OE_OK;
        forgotten += past->acknowledged[i] && !answer.result.repeated;
        past->acknowledged[i] = true;
    }
    CHECK_INT(failed, 0);
    CHECK_INT(forgotten, 0);
}

static void look(history *past, const char *path, int from)
{
    oe_store_options options = {.url = path};
    store_fixture fixture = {.backend = FIXTURE_SQLITE};
    oe_error error = {.message = ""};
    for (int pass = 0; pass < 2; pass++) {
        CHECK_INT(oe_store_open(&options, &fixture.store, &error), OE_OK);
        CHECK_TEXT(error.message, "");
        if (fixture.store == NULL)
            return;
        fixture.port = oe_store_port_new(fixture.store);
        CHECK_INT(oe_store_check(fixture.store, &error), OE_OK);
        CHECK_TEXT(error.message, "");
        memset(past->rows, 0, OPERATIONS_MAX);
        CHECK_INT(oe_store_scan_all(fixture.store, note_row, past, NULL), OE_OK);
        check_history(past);
        if (pass == 0)
            repeat_writes(&fixture, past, from);
        oe_store_port_free(fixture.port);
        oe_store_close(fixture.store);
        fixture.store = NULL;
    }
}

static void it_keeps_every_acknowledged_write_when_killed(void)
{
    store_fixture place;
    history past = {.acknowledged = calloc(OPERATIONS_MAX, sizeof(bool)),
                    .rows = calloc(OPERATIONS_MAX, 1),
                    .next = 100 - 100 % KINDS};
    fixture_open(&place, FIXTURE_SQLITE);
    oe_store_port_free(place.port);
    oe_store_close(place.store);
    place.port = NULL;
    place.store = NULL;
    long rounds = fixture_number("OE_ROUNDS", 20);
    for (int round = 0; round < rounds && past.next < OPERATIONS_MAX - 4096; round++) {
        int from = past.next;
        run_until_killed(&past, place.path, 1 + (round * 37) % 150);
        look(&past, place.path, from);
    }
    free(past.acknowledged);
    free(past.rows);
    fixture_close(&place);
}

int main(void)
{
    RUN("keeps every acknowledged write when killed",
        it_keeps_every_acknowledged_write_when_killed);
    return check_report();
}
