/*
 * The listening socket, on the loopback addresses.
 */
#include "core/listener.h"
#include "unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char error[256];

static int open_any(void)
{
    int listener = listener_open("127.0.0.1", 0, error, sizeof error);
    ck_assert_msg(listener >= 0, "%s", error);
    return listener;
}

/* The port by getsockname(2), not by listener_name(). */
static unsigned port_of(int listener)
{
    struct sockaddr_in address = {0};
    socklen_t length = sizeof address;
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    return ntohs(address.sin_port);
}

static int connect_to(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int client = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(connect(client, (struct sockaddr *)&address, sizeof address), 0);
    return client;
}

/* On the loopback a connection is in the queue as soon as connect(2) is done; poll makes sure. */
static enum accepted accept_next(int listener, int *connection, struct sockaddr_storage *peer)
{
    socklen_t length;
    struct pollfd waiting = {.fd = listener, .events = POLLIN};
    ck_assert_int_eq(poll(&waiting, 1, 10000), 1);
    return listener_accept(listener, connection, peer, &length);
}

static void assert_flags(int descriptor)
{
    ck_assert(fcntl(descriptor, F_GETFL) & O_NONBLOCK);
    ck_assert_int_eq(fcntl(descriptor, F_GETFD), FD_CLOEXEC);
}

/* --- opening -------------------------------------------------------------------------------- */

START_TEST(port_0_becomes_a_number)
{
    char name[LISTENER_NAME_BYTES], expected[LISTENER_NAME_BYTES];
    int listener = open_any();
    snprintf(expected, sizeof expected, "127.0.0.1:%u", port_of(listener));
    listener_name(listener, name);
    ck_assert_str_eq(name, expected);
    ck_assert_uint_gt(port_of(listener), 0);
    assert_flags(listener);
    close(listener);
}
END_TEST

START_TEST(ipv6_has_brackets)
{
    char name[LISTENER_NAME_BYTES];
    int listener = listener_open("::1", 0, error, sizeof error);
    if (listener < 0) {
        fprintf(stderr, "no IPv6 here (%s): a test is skipped\n", error);
        return;
    }
    listener_name(listener, name);
    ck_assert_mem_eq(name, "[::1]:", 6);
    ck_assert_int_gt(atoi(name + 6), 0);
    close(listener);
}
END_TEST

START_TEST(a_port_in_use_is_explained)
{
    char option[32];
    int listener = open_any();
    unsigned port = port_of(listener);
    ck_assert_int_lt(listener_open("127.0.0.1", port, error, sizeof error), 0);
    snprintf(option, sizeof option, "--port %u", port);
    ck_assert_ptr_nonnull(strstr(error, option));
    ck_assert_ptr_nonnull(strstr(error, "in use"));
    ck_assert_ptr_nonnull(strstr(error, "--port 0")); /* the mend */
    close(listener);
}
END_TEST

/* socket(7): SO_REUSEADDR. The server's end closes first, and so its port is in TIME_WAIT. */
START_TEST(a_port_used_a_moment_ago_can_be_taken)
{
    int listener = open_any(), connection;
    unsigned port = port_of(listener);
    struct sockaddr_storage peer;
    int client = connect_to(port);
    ck_assert_int_eq(accept_next(listener, &connection, &peer), ACCEPT_DONE);
    close(connection);
    close(client);
    close(listener);
    listener = listener_open("127.0.0.1", port, error, sizeof error);
    ck_assert_msg(listener >= 0, "%s", error);
    close(listener);
}
END_TEST

/* 192.0.2.1 is nobody's (RFC 5737). */
static const char *const wrong_addresses[] = {
    "localhost", "", "127.0.0.1:80", "256.0.0.1", "[::1]", "an address", "192.0.2.1",
};

START_TEST(a_wrong_address_is_explained)
{
    char option[64];
    ck_assert_int_lt(listener_open(wrong_addresses[_i], 0, error, sizeof error), 0);
    snprintf(option, sizeof option, "--address %s", wrong_addresses[_i]);
    ck_assert_ptr_nonnull(strstr(error, option));
    ck_assert_ptr_nonnull(strstr(error, "127.0.0.1")); /* the mend */
    ck_assert_ptr_null(strchr(error, '\n'));
}
END_TEST

START_TEST(an_explanation_is_cut_to_fit)
{
    char little[16];
    memset(little, '?', sizeof little);
    ck_assert_int_lt(listener_open("nowhere", 0, little, 10), 0);
    ck_assert_uint_eq(strlen(little), 9);
    ck_assert_int_eq(little[10], '?');
}
END_TEST

START_TEST(the_systems_ports_are_not_for_everybody)
{
    enum { NOBODY = 65534, SYSTEM_PORT = 1 };
    bool was_root = geteuid() == 0;
    if (was_root)
        ck_assert_int_eq(seteuid(NOBODY), 0);
    int listener = listener_open("127.0.0.1", SYSTEM_PORT, error, sizeof error);
    if (was_root)
        ck_assert_int_eq(seteuid(0), 0);
    if (listener >= 0) {
        fprintf(stderr, "low ports are free for all here: a test is skipped\n");
        close(listener);
        return;
    }
    ck_assert_ptr_nonnull(strstr(error, "--port 1:"));
    ck_assert_ptr_nonnull(strstr(error, "8001"));
}
END_TEST

/* --- accepting ------------------------------------------------------------------------------ */

START_TEST(nobody_waits)
{
    int connection, listener = open_any();
    struct sockaddr_storage peer;
    socklen_t length;
    ck_assert_int_eq(listener_accept(listener, &connection, &peer, &length), ACCEPT_NOBODY);
    close(listener);
}
END_TEST

START_TEST(a_connection_is_accepted)
{
    struct sockaddr_storage peer;
    struct sockaddr_in own;
    socklen_t length = sizeof own;
    int connection, on, listener = open_any();
    int client = connect_to(port_of(listener));
    ck_assert_int_eq(accept_next(listener, &connection, &peer), ACCEPT_DONE);
    assert_flags(connection);
    getsockname(client, (struct sockaddr *)&own, &length);
    ck_assert_int_eq(((struct sockaddr_in *)&peer)->sin_port, own.sin_port);
    length = sizeof on;
    ck_assert_int_eq(getsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, &length), 0);
    ck_assert_int_ne(on, 0);
    close(client);
    close(connection);
    close(listener);
}
END_TEST

/* Who waits while there is no descriptor goes on waiting, and comes in when there is one. */
START_TEST(without_descriptors_somebody_waits)
{
    struct sockaddr_storage peer;
    struct rlimit limit, none;
    socklen_t length;
    int connection, listener = open_any();
    int client = connect_to(port_of(listener));
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = limit.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    enum accepted accepted = listener_accept(listener, &connection, &peer, &length);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_int_eq(accepted, ACCEPT_FULL);
    ck_assert_int_eq(accept_next(listener, &connection, &peer), ACCEPT_DONE);
    close(client);
    close(connection);
    close(listener);
}
END_TEST

Suite *listener_suite(void)
{
    Suite *suite = suite_create("listener");
    TCase *opening = unit_add_case(suite, "listener_open");
    tcase_add_test(opening, port_0_becomes_a_number);
    tcase_add_test(opening, ipv6_has_brackets);
    tcase_add_test(opening, a_port_in_use_is_explained);
    tcase_add_test(opening, a_port_used_a_moment_ago_can_be_taken);
    tcase_add_loop_test(opening, a_wrong_address_is_explained, 0, ROWS(wrong_addresses));
    tcase_add_test(opening, an_explanation_is_cut_to_fit);
    tcase_add_test(opening, the_systems_ports_are_not_for_everybody);
    TCase *accepting = unit_add_case(suite, "listener_accept");
    tcase_add_test(accepting, nobody_waits);
    tcase_add_test(accepting, a_connection_is_accepted);
    tcase_add_test(accepting, without_descriptors_somebody_waits);
    return suite;
}
