#include "faults/faults.h"

#include "integration/differences.h"
#include "support/deadline.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PATH_ROOM = 400,
    IDLE_MS = 500,
    BUSY_TICKS = 5, /* of 50 in that time */
    TOKEN_SLOT_BITS = 20,
    CROWD_MAX = 64,
};

/* --- interposers ------------------------------------------------------------------------------ */

static const char *environment_or(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : otherwise;
}

/* Whether the server's program has one of these texts in it; the list is ended by NULL. */
static bool program_mentions(const char *const *texts)
{
    FILE *file = fopen(environment_or("THREEWAYS", "build/threeways"), "r");
    struct stat status;
    bool found = false;
    ck_assert(file != NULL && fstat(fileno(file), &status) == 0);
    size_t size = (size_t)status.st_size;
    char *bytes = malloc(size);
    ck_assert(bytes != NULL && fread(bytes, 1, size, file) == size);
    for (; *texts != NULL && !found; texts++)
        found = memmem(bytes, size, *texts, strlen(*texts)) != NULL;
    free(bytes);
    fclose(file);
    return found;
}

static bool has_sanitizer(void)
{
    static const char *const marks[] = {"__asan_init", "__tsan_init", "__msan_init",
                                        "__ubsan_handle", NULL};
    return program_mentions(marks);
}

static bool has_wrapper(void)
{
    return *environment_or("THREEWAYS_WRAPPER", "") != '\0';
}

bool server_is_plain(void)
{
    return !has_sanitizer() && !has_wrapper();
}

static const char *why_not_interpose(const char *object)
{
    static const char *const glibc[] = {"GLIBC_2.", NULL};
    if (has_wrapper())
        return "the server runs under a wrapper";
    if (has_sanitizer())
        return "the server is built with a sanitizer";
    if (!program_mentions(glibc))
        return "the server does not use glibc as a shared library";
    return access(object, R_OK) == 0 ? NULL : strerror(errno);
}

bool interpose(const char *name)
{
    char object[PATH_ROOM], switch_file[PATH_ROOM];
    char *absolute = realpath(environment_or("INTERPOSE", "build/interpose"), NULL);
    snprintf(object, sizeof object, "%s/%s.so", absolute != NULL ? absolute : "", name);
    free(absolute);
    const char *why = why_not_interpose(object);
    if (why != NULL) {
        fprintf(stderr, "skipped, needs the interposer %s: %s\n", name, why);
        return false;
    }
    snprintf(switch_file, sizeof switch_file, "%s/hold", event_tree.base);
    release(); /* a test that failed may have left it */
    setenv("HOLD_WHILE", switch_file, 1);
    setenv("LD_PRELOAD", object, 1);
    return true;
}

void hold(void)
{
    docroot_write(&event_tree, "../hold", "", 0);
}

void release(void)
{
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "%s/hold", event_tree.base);
    unlink(path);
}

/* --- the process, seen from outside ----------------------------------------------------------- */

int64_t resident_kib(const struct server *server)
{
    char path[PATH_ROOM];
    long pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)server->pid);
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
    ck_assert_int_eq(fscanf(file, "%*d %ld", &pages), 1);
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / KIB);
}

void demand_no_growth(const struct server *server, int64_t before_kib, int64_t bound_kib)
{
    int64_t growth = resident_kib(server) - before_kib;
    ck_assert_msg(growth < bound_kib || !server_is_plain(), "memory grew by %d KiB from %d KiB",
                  (int)growth, (int)before_kib);
}

void await_emptiness(const struct server *server)
{
    await_table(server, NOBODY_IS_SERVED);
    if (clients_cost_no_thread())
        await_table(server, "\n  disk: 0 of [0-9]+ places taken, (32|64) buffers left;");
}

void await_descriptors(const struct server *server, unsigned count)
{
    int64_t deadline = deadline_in(DEADLINE_USUAL_MS);
    await_emptiness(server);
    while (count_descriptors(server) != count && deadline_retry(deadline))
        continue;
    ck_assert_uint_eq(count_descriptors(server), count);
}

void demand_idleness(const struct server *server, const struct http_connection *talk)
{
    unsigned before = cpu_ticks(server);
    deadline_wait(talk->fd, POLLHUP, deadline_in(IDLE_MS)); /* which does not come */
    unsigned ticks = cpu_ticks(server) - before;
    ck_assert_msg(ticks < BUSY_TICKS, "%u ticks of CPU in half a second of waiting", ticks);
}

void freeze(const struct server *server)
{
    siginfo_t info;
    ck_assert_int_eq(kill(server->pid, SIGSTOP), 0);
    ck_assert_int_eq(waitid(P_PID, (id_t)server->pid, &info, WSTOPPED | WNOWAIT), 0);
}

void thaw(const struct server *server)
{
    ck_assert_int_eq(kill(server->pid, SIGCONT), 0);
}

/* --- floods ----------------------------------------------------------------------------------- */

/*
 * A value that could be a token: a low slot and a low generation, sometimes anything at all. The
 * system lets one process pretend to another that its signal comes from AIO.
 */
static void send_one(pid_t pid, int signal)
{
    static unsigned state = 1;
    state = state * 1103515245u + 12345u;
    unsigned plausible = (state >> 8 & 63u) | (state >> 16 & 7u) << TOKEN_SLOT_BITS;
    siginfo_t info = {.si_signo = signal, .si_code = SI_ASYNCIO};
    info.si_value.sival_int = (int)(state & 1u << 30 ? state : plausible);
    if (signal < SIGRTMIN || syscall(SYS_rt_sigqueueinfo, pid, signal, &info) == -1)
        kill(pid, signal); /* the queue may be full */
}

void send_junk(const struct server *server, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        send_one(server->pid, SIGRTMIN);
}

static _Noreturn void flood_for_ever(pid_t target, const struct flood *flood)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        for (unsigned i = 0; i < flood->at_once; i++)
            send_one(target, flood->signal);
        if (flood->pause_ms > 0)
            poll(NULL, 0, (int)flood->pause_ms);
    }
}

pid_t flood_start(const struct server *server, const struct flood *flood)
{
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0)
        flood_for_ever(server->pid, flood);
    return pid;
}

void flood_stop(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* --- asking ----------------------------------------------------------------------------------- */

struct http_connection *open_for_piece(const struct server *server, unsigned piece)
{
    char request[PATH_ROOM];
    snprintf(request, sizeof request, "GET /piece%u.bin HTTP/1.1\r\n" HOST "\r\n", piece);
    return open_and_send(server, request);
}

void demand_piece(struct http_connection *talk, unsigned piece)
{
    http_read_answers(talk, 1);
    demand_statuses(talk, "200");
    demand_body(&talk->answers[0], piece_bytes(piece), PIECE_BYTES);
}

/* Waits until something comes from one of them. Returns false when all are closed. */
static bool await_any(struct http_connection *const *crowd, size_t count)
{
    struct pollfd watched[CROWD_MAX];
    bool open = false;
    ck_assert_uint_le(count, CROWD_MAX);
    for (size_t i = 0; i < count; i++) {
        watched[i] = (struct pollfd){.fd = crowd[i]->closed ? -1 : crowd[i]->fd, .events = POLLIN};
        open |= !crowd[i]->closed;
    }
    return open && poll(watched, (nfds_t)count, -1) > 0; /* Check ends a test that hangs */
}

void read_all_to_end(struct http_connection *const *crowd, size_t count)
{
    while (await_any(crowd, count))
        for (size_t i = 0; i < count; i++)
            if (!crowd[i]->closed)
                http_receive(crowd[i]); /* never waits */
}

void close_all(struct http_connection *const *crowd, size_t count)
{
    for (size_t i = 0; i < count; i++)
        http_close(crowd[i]);
}

void demand_all_files(const struct server *server)
{
    struct http_connection *crowd[PIECES];
    for (unsigned i = 0; i < PIECES; i++)
        crowd[i] = open_for_piece(server, i);
    demand_file(server, "/small.txt", SMALL_TEXT, strlen(SMALL_TEXT));
    demand_file(server, "/cold.bin", cold_bytes(), COLD_BYTES);
    demand_file(server, "/large.bin", large_bytes(), LARGE_BYTES);
    for (unsigned i = 0; i < PIECES; i++)
        demand_piece(crowd[i], i);
    close_all(crowd, PIECES);
}
