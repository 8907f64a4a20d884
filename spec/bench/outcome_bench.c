/* outcome_bench.c: durable outcomes per second: N connections that each post one outcome after
 * the other, against rows of the same table that SQLite commits one by one with synchronous =
 * FULL, in turns on the same disk. Compare only figures of one run.
 *
 * outcome_bench PORT FOLDER [SECONDS [ROUNDS [CONNECTIONS]]]; the bash script beside it starts
 * the service. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 256, BUFFER = 1 << 16, OFFERS_MAX = 64, CUSTOMERS = 12, OUTCOMES = 5 };

static void die(const char *what)
{
    fprintf(stderr, "outcome_bench: %s\n", what);
    exit(1);
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- HTTP ---- */

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        die("cannot connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static void send_all(int fd, const char *bytes, size_t length)
{
    if (send(fd, bytes, length, MSG_NOSIGNAL) != (ssize_t)length)
        die("cannot send");
}

/* Reads one whole answer into `answer`, terminated; returns its status. */
static int receive(int fd, char *answer)
{
    size_t length = 0, whole = BUFFER;
    while (length < whole) {
        ssize_t got = recv(fd, answer + length, BUFFER - 1 - length, 0);
        if (got <= 0)
            die("the service hung up");
        length += (size_t)got;
        answer[length] = '\0';
        const char *body = strstr(answer, "\r\n\r\n");
        const char *announced = strstr(answer, "Content-Length: ");
        if (announced == NULL)
            announced = strstr(answer, "content-length: ");
        if (body != NULL && announced != NULL)
            whole = (size_t)(body + 4 - answer) + strtoul(announced + 16, NULL, 10);
    }
    return (int)strtol(answer + 9, NULL, 10);
}

/* ---- Outcomes to post ---- */

typedef struct supply {
    int fd; /* decisions are asked for here */
    unsigned asked;
    char id[40], products[OFFERS_MAX][64];
    size_t products_count, next;
    char answer[BUFFER];
} supply;

/* Copies the text behind each `key` of the answer. */
static size_t take_texts(const char *from, const char *key, char (*to)[64], size_t most)
{
    size_t count = 0;
    for (const char *at = from; count < most && (at = strstr(at, key)) != NULL; count++) {
        at += strlen(key);
        snprintf(to[count], 64, "%.*s", (int)strcspn(at, "\""), at);
    }
    return count;
}

static void decide(supply *from)
{
    char request[128], id[1][64];
    int length = snprintf(request, sizeof request,
                          "GET /recommend/C%03u HTTP/1.1\r\nHost: bench\r\n\r\n",
                          from->asked++ % CUSTOMERS + 1);
    send_all(from->fd, request, (size_t)length);
    if (receive(from->fd, from->answer) != 200 ||
        take_texts(from->answer, "\"decision_id\":\"", id, 1) != 1)
        die("no decision");
    snprintf(from->id, sizeof from->id, "%.39s", id[0]);
    from->products_count =
        take_texts(from->answer, "\"product_id\":\"", from->products, OFFERS_MAX);
    from->next = 0;
}

static size_t next_body(supply *from, char *body, size_t size)
{
    static const char *const names[OUTCOMES] = {"shown", "clicked", "accepted", "declined",
                                                "converted"};
    while (from->next == from->products_count * OUTCOMES)
        decide(from);
    size_t product = from->next / OUTCOMES, outcome = from->next % OUTCOMES;
    from->next++;
    return (size_t)snprintf(body, size,
                            "{\"decision_id\":\"%s\",\"product_id\":\"%s\",\"outcome\":\"%s\"}",
                            from->id, from->products[product], names[outcome]);
}

static void post(supply *from, int fd)
{
    char body[256], request[512];
    size_t length = next_body(from, body, sizeof body);
    int whole = snprintf(request, sizeof request,
                         "POST /outcomes HTTP/1.1\r\nHost: bench\r\n"
                         "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                         length, body);
    send_all(fd, request, (size_t)whole);
}

/* Outcomes that were answered 201, per second. */
static double post_for(supply *from, const int *fds, int count, double seconds)
{
    struct pollfd polled[CONNECTIONS_MAX];
    static char answer[BUFFER];
    double begun = now_s(), end = begun + seconds;
    long stored = 0;
    int waiting = count;
    for (int i = 0; i < count; i++) {
        polled[i] = (struct pollfd){fds[i], POLLIN, 0};
        post(from, fds[i]);
    }
    while (waiting > 0 && poll(polled, (nfds_t)count, 10000) > 0)
        for (int i = 0; i < count; i++) {
            if (polled[i].revents == 0)
                continue;
            if (receive(fds[i], answer) != 201)
                die(answer);
            stored++;
            if (now_s() < end) {
                post(from, fds[i]);
            } else {
                polled[i].fd = -1;
                waiting--;
            }
        }
    return (double)stored / (now_s() - begun);
}

/* ---- Rows that are committed one by one ---- */

static sqlite3 *open_rows(const char *folder)
{
    char path[512];
    sqlite3 *db = NULL;
    snprintf(path, sizeof path, "%s/rows.db", folder);
    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(db,
                     "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                     "CREATE TABLE event (decision BLOB, product TEXT, outcome INTEGER,"
                     " customer TEXT, at_ms INTEGER, received_ms INTEGER, channel TEXT,"
                     " value REAL, PRIMARY KEY (decision, product, outcome)) WITHOUT ROWID;"
                     "CREATE INDEX event_customer ON event (customer);"
                     "CREATE INDEX event_at ON event (at_ms)",
                     NULL, NULL, NULL) != SQLITE_OK)
        die("cannot make the rows' database");
    return db;
}

static double insert_for(sqlite3 *db, double seconds)
{
    static long number;
    sqlite3_stmt *insert = NULL;
    double begun = now_s();
    long first = number;
    sqlite3_prepare_v2(db,
                       "INSERT INTO event VALUES (cast(printf('%016d', ?1) AS BLOB),"
                       " 'credit_card', ?1 % 5, 'C' || (?1 % 12), ?1, ?1, '', NULL)",
                       -1, &insert, NULL);
    while (now_s() < begun + seconds) {
        sqlite3_bind_int64(insert, 1, ++number);
        if (sqlite3_step(insert) != SQLITE_DONE)
            die("cannot insert a row");
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    return (double)(number - first) / (now_s() - begun);
}

int main(int argc, char **argv)
{
    static supply from;
    int fds[CONNECTIONS_MAX], port = argc > 2 ? atoi(argv[1]) : 0;
    int rounds = argc > 4 ? atoi(argv[4]) : 5, count = argc > 5 ? atoi(argv[5]) : 64;
    double seconds = argc > 3 ? atof(argv[3]) : 2;
    if (port == 0 || count < 1 || count > CONNECTIONS_MAX)
        die("outcome_bench PORT FOLDER [SECONDS [ROUNDS [CONNECTIONS]]]");
    sqlite3 *db = open_rows(argv[2]);
    from.fd = connect_to(port);
    for (int i = 0; i < count; i++)
        fds[i] = connect_to(port);
    for (int round = 0; round < rounds; round++) {
        double rows = insert_for(db, seconds);
        double outcomes = post_for(&from, fds, count, seconds);
        printf("%d connections: %.0f outcomes/s   one row a commit: %.0f/s   ratio %.1f\n",
               count, outcomes, rows, outcomes / rows);
        fflush(stdout);
    }
    sqlite3_close(db);
    return 0;
}
