/* listener.c: the listening socket of a worker. When descriptors run out, libuv gives up its
 * spare one to accept and close, so that the service goes on. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* SO_REUSEPORT */
#endif
#include "server/http/connection.h"

#include "engine/status.h"

#include <netinet/in.h>
#include <sys/socket.h>

enum { BACKLOG = 512 };

static void on_connection(uv_stream_t *listener, int status)
{
    oe_worker *worker = listener->data;
    if (status < 0) {
        oe__count(&worker->counters.connections_refused, 1);
        oe__worker_log(worker, "accept_failed", uv_strerror(status));
        return;
    }
    oe__connection_open(worker, listener);
}

static bool read_address(const oe_worker_config *config, struct sockaddr_storage *address)
{
    memset(address, 0, sizeof *address);
    return uv_ip4_addr(config->host, config->port, (struct sockaddr_in *)address) == 0 ||
           uv_ip6_addr(config->host, config->port, (struct sockaddr_in6 *)address) == 0;
}

static int bind_listener(oe_worker *worker, const struct sockaddr_storage *address)
{
    int one = 1, fd = -1;
    int code = uv_tcp_init_ex(&worker->loop, &worker->listener, address->ss_family);
    if (code != 0)
        return code;
    worker->listener.data = worker;
    uv_fileno((uv_handle_t *)&worker->listener, &fd);
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) != 0)
        return UV_ENOTSUP;
    unsigned flags = address->ss_family == AF_INET6 ? UV_TCP_IPV6ONLY : 0;
    code = uv_tcp_bind(&worker->listener, (const struct sockaddr *)address, flags);
    if (code == 0)
        code = uv_tcp_nodelay(&worker->listener, 1); /* accepted sockets inherit it */
    if (code == 0)
        code = uv_listen((uv_stream_t *)&worker->listener, BACKLOG, on_connection);
    return code;
}

static int read_port(oe_worker *worker)
{
    struct sockaddr_storage bound;
    int length = sizeof bound;
    if (uv_tcp_getsockname(&worker->listener, (struct sockaddr *)&bound, &length) != 0)
        return 0;
    return bound.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&bound)->sin6_port)
                                       : ntohs(((struct sockaddr_in *)&bound)->sin_port);
}

oe_status oe__listener_open(oe_worker *worker, oe_error *error)
{
    struct sockaddr_storage address;
    const oe_worker_config *config = &worker->config;
    if (!read_address(config, &address))
        return oe__fail(error, OE_E_INVALID,
                        "host: '%s' must be a numeric IPv4 or IPv6 address", config->host);
    int code = bind_listener(worker, &address);
    if (code != 0)
        return oe__fail(error, OE_E_IO, "address: cannot listen on %s port %d: %s",
                        config->host, config->port, uv_strerror(code));
    worker->port = read_port(worker);
    return OE_OK;
}
