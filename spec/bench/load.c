/* load.c: a closed loop of requests for ratio benchmarks: N connections on one thread, each
 * with `depth` requests on the way, for a bounded time. Compare only figures of one run on one
 * machine.
 *
 * load [-c connections] [-d depth] [-s seconds] [-p server pid] [-b body file for POST] PORT
 * PATH... prints one line: requests/s, p50 and p99 of a batch of `depth` in µs, errors and,
 * given a pid, the server's CPU time per request in µs. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 1024,
    DEPTH_MAX = 256,
    SECONDS_MAX = 60,
    REQUEST_MAX = 128 * 1024,
    INPUT_SIZE = 256 * 1024,
    BUCKETS = 1 << 16, /* latencies up to 65 ms in steps of 1 µs, the last one holds the rest */
};

typedef struct load_connection {
    int fd;
    int waiting;        /* answers still to come */
    uint64_t sent_us;   /* when the batch went off */
    size_t body_left;   /* of the answer being read */
    size_t line_length; /* of the header line being read */
    size_t announced;   /* content-length of the answer being read */
    char line[128];     /* its beginning */
    bool is_error, is_first_line;
} load_connection;

typedef struct load_run {
    int port, connections, depth, seconds, pid;
    const char *body;
    size_t body_length;
    char **batches; /* one per path: `depth` requests */
    size_t *batch_lengths;
    int path_count, next_path;
    uint64_t answers, errors;
    uint32_t *latencies;
    load_connection all[CONNECTIONS_MAX];
    char input[INPUT_SIZE];
} load_run;

static void die(const char *message)
{
    fprintf(stderr, "load: %s\n", message);
    exit(3);
}

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* User and system time of a process in µs, fields 14 and 15 of its stat line. */
static uint64_t cpu_us_of(int pid)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        die("cannot read the server's CPU time");
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    const char *at = strrchr(text, ')');
    unsigned long user = 0, kernel = 0;
    if (at == NULL || sscanf(at + 1, " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu",
                             &user, &kernel) != 2)
        die("cannot read the server's CPU time");
    return (uint64_t)(user + kernel) * 1000000 / (uint64_t)sysconf(_SC_CLK_TCK);
}

/* ---- Requests ---------------------------------------------------------------------------- */

static void make_batch(load_run *run, int index, const char *path)
{
    char one[REQUEST_MAX];
    int head =
        run->body == NULL
            ? snprintf(one, sizeof one, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path)
            : snprintf(
                  one, sizeof one,
                  "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                  "Content-Length: %zu\r\n\r\n",
                  path, run->body_length);
    size_t length = (size_t)head + run->body_length;
    if (length > sizeof one)
        die("request too large");
    if (run->body != NULL)
        memcpy(one + head, run->body, run->body_length);
    size_t depth = (size_t)run->depth;
    char *batch = malloc(length * depth);
    if (batch == NULL)
        die("out of memory");
    for (size_t i = 0; i < depth; i++)
        memcpy(batch + i * length, one, length);
    run->batches[index] = batch;
    run->batch_lengths[index] = length * depth;
}

static void send_batch(load_run *run, load_connection *to)
{
    int path = run->next_path;
    run->next_path = (path + 1) % run->path_count;
    to->waiting = run->depth;
    to->is_first_line = true;
    to->sent_us = now_us();
    const char *bytes = run->batches[path];
    size_t left = run->batch_lengths[path];
    while (left > 0) {
        ssize_t sent = send(to->fd, bytes, left, MSG_NOSIGNAL);
        if (sent <= 0)
            die("cannot send");
        bytes += sent;
        left -= (size_t)sent;
    }
}

/* ---- Answers ----------------------------------------------------------------------------- */

static void end_answer(load_run *run, load_connection *from)
{
    run->answers++;
    run->errors += from->is_error;
    from->is_first_line = true;
    from->announced = 0;
    if (--from->waiting > 0)
        return;
    uint64_t took = now_us() - from->sent_us;
    run->latencies[took < BUCKETS ? took : BUCKETS - 1]++;
}

static void end_line(load_run *run, load_connection *from)
{
    size_t length = from->line_length;
    from->line[length < sizeof from->line ? length : sizeof from->line - 1] = '\0';
    from->line_length = 0;
    if (from->is_first_line) {
        from->is_error = strncmp(from->line, "HTTP/1.1 2", 10) != 0;
        from->is_first_line = false;
    } else if (strncasecmp(from->line, "content-length:", 15) == 0) {
        from->announced = strtoul(from->line + 15, NULL, 10);
    } else if (length == 0) {
        from->body_left = from->announced;
        if (from->body_left == 0)
            end_answer(run, from);
    }
}

static void take_bytes(load_run *run, load_connection *from, const char *bytes, size_t length)
{
    const char *end = bytes + length;
    while (bytes < end) {
        if (from->body_left > 0) {
            size_t here = (size_t)(end - bytes) < from->body_left ? (size_t)(end - bytes)
                                                                  : from->body_left;
            bytes += here;
            from->body_left -= here;
            if (from->body_left == 0)
                end_answer(run, from);
            continue;
        }
        const char *feed = memchr(bytes, '\n', (size_t)(end - bytes));
        const char *stop = feed != NULL ? feed : end;
        for (; bytes < stop; bytes++)
            if (*bytes != '\r' && from->line_length < sizeof from->line - 1)
                from->line[from->line_length++] = *bytes;
        if (feed != NULL) {
            bytes = feed + 1;
            end_line(run, from);
        }
    }
}

/* ---- The run ----------------------------------------------------------------------------- */

static int connect_to(int port)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        die("cannot connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static void start_connections(load_run *run, int poll)
{
    for (int i = 0; i < run->connections; i++) {
        load_connection *made = &run->all[i];
        made->fd = connect_to(run->port);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = made};
        epoll_ctl(poll, EPOLL_CTL_ADD, made->fd, &event);
        send_batch(run, made);
    }
}

static void serve_events(load_run *run, int poll)
{
    struct epoll_event events[64];
    int count = epoll_wait(poll, events, 64, 1000);
    if (count == 0)
        die("no answer for a second");
    for (int i = 0; i < count; i++) {
        load_connection *from = events[i].data.ptr;
        ssize_t length = recv(from->fd, run->input, sizeof run->input, 0);
        if (length <= 0)
            die("the server closed a connection");
        take_bytes(run, from, run->input, (size_t)length);
        if (from->waiting == 0)
            send_batch(run, from);
    }
}

static unsigned percentile(const load_run *run, double share)
{
    uint64_t total = 0, seen = 0;
    for (unsigned i = 0; i < BUCKETS; i++)
        total += run->latencies[i];
    for (unsigned i = 0; i < BUCKETS; i++)
        if ((double)(seen += run->latencies[i]) >= share * (double)total)
            return i;
    return BUCKETS;
}

static void measure(load_run *run)
{
    int poll = epoll_create1(0);
    uint64_t cpu = run->pid > 0 ? cpu_us_of(run->pid) : 0;
    start_connections(run, poll);
    uint64_t began = now_us(), end = began + (uint64_t)run->seconds * 1000000;
    while (now_us() < end)
        serve_events(run, poll);
    double took_s = (double)(now_us() - began) / 1e6, answers = (double)run->answers;
    printf("requests/s %.0f p50_us %u p99_us %u errors %llu", answers / took_s,
           percentile(run, 0.50), percentile(run, 0.99), (unsigned long long)run->errors);
    if (run->pid > 0)
        printf(" cpu_us/request %.3f", (double)(cpu_us_of(run->pid) - cpu) / answers);
    printf("\n");
}

static void read_body(load_run *run, const char *path)
{
    static char body[REQUEST_MAX / 2];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        die("cannot read the body");
    run->body_length = fread(body, 1, sizeof body, file);
    run->body = body;
    fclose(file);
}

static int in_range(const char *text, int low, int high)
{
    long number = strtol(text, NULL, 10);
    if (number < low || number > high)
        die("number out of range");
    return (int)number;
}

static void read_options(load_run *run, int argc, char **argv)
{
    int option;
    while ((option = getopt(argc, argv, "c:d:s:p:b:")) != -1) {
        if (option == 'c')
            run->connections = in_range(optarg, 1, CONNECTIONS_MAX);
        else if (option == 'd')
            run->depth = in_range(optarg, 1, DEPTH_MAX);
        else if (option == 's')
            run->seconds = in_range(optarg, 1, SECONDS_MAX);
        else if (option == 'p')
            run->pid = in_range(optarg, 1, 1 << 30);
        else if (option == 'b')
            read_body(run, optarg);
        else
            exit(2);
    }
}

int main(int argc, char **argv)
{
    static load_run only;
    load_run *run = &only;
    run->connections = 16;
    run->depth = 1;
    run->seconds = 3;
    read_options(run, argc, argv);
    if (argc - optind < 2) {
        fprintf(stderr, "usage: load [-c connections] [-d depth] [-s seconds] [-p pid] [-b "
                        "body] PORT PATH...\n");
        return 2;
    }
    run->port = in_range(argv[optind++], 1, 65535);
    run->path_count = argc - optind;
    run->batches = calloc((size_t)run->path_count, sizeof *run->batches);
    run->batch_lengths = calloc((size_t)run->path_count, sizeof *run->batch_lengths);
    run->latencies = calloc(BUCKETS, sizeof *run->latencies);
    if (run->batches == NULL || run->batch_lengths == NULL || run->latencies == NULL)
        return 3;
    for (int i = 0; i < run->path_count; i++)
        make_batch(run, i, argv[optind + i]);
    measure(run);
    for (int i = 0; i < run->path_count; i++)
        free(run->batches[i]);
    free(run->batches);
    free(run->batch_lengths);
    free(run->latencies);
    return 0;
}
