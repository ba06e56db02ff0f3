/*
 * poke: a client that does on purpose what browsers do by accident.
 *
 *     poke [--times N] PORT FILE      asks N times, all in one go, and counts the answers
 *     poke --half-close PORT FILE     asks, says that it has nothing more to say, and waits
 *     poke --reset PORT FILE          asks, and hangs up with a reset, as a crashed client does
 *     poke --narrow PORT FILE         asks over a narrow line, and writes all that comes
 *     poke --signals PID              sends the disk's signal with every token there may be
 *
 * A narrow line: the server's kernel cannot take much ahead. The signals are as if they had been
 * queued for reads that have ended since (Linux).
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    REQUEST_ROOM = 500,
    INPUT_BYTES = 64 << 10,
    NUMBER_BASE = 10,
    SEGMENT_BYTES = 536, /* of the narrow line; on a machine's own network it is 64 KiB */
    WINDOW_BYTES = 8 << 10,
    BEFORE_READING_US = 500000,
    BEFORE_RESET_US = 300000, /* until the server has begun to read the disk */
    SLOTS = 64,
    GENERATIONS = 16,
    TOKEN_SLOT_BITS = 20, /* see event/request_table.h */
    EXIT_USAGE = 2,
};

static const char mark[] = "HTTP/1.1 "; /* each answer begins so, and no file of ours has it */

static int complain(const char *what)
{
    perror(what);
    return EXIT_FAILURE;
}

static int connect_to(const char *port, bool is_narrow)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)strtoul(port, NULL, NUMBER_BASE)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int segment = SEGMENT_BYTES, window = WINDOW_BYTES;
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    if (is_narrow) {
        setsockopt(connection, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
        setsockopt(connection, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    }
    if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof address) != 0)
        return -1;
    return connection;
}

static bool ask(int connection, const char *file, unsigned long times, const char *field)
{
    char request[REQUEST_ROOM];
    int length =
        snprintf(request, sizeof request, "GET /%s HTTP/1.1\r\nHost: poke\r\n%s\r\n", file, field);
    char *all = malloc(times * (size_t)length);
    if (all == NULL)
        return false;
    for (unsigned long i = 0; i < times; i++)
        memcpy(all + i * (size_t)length, request, (size_t)length);
    ssize_t sent = send(connection, all, times * (size_t)length, MSG_NOSIGNAL);
    free(all);
    return sent == (ssize_t)(times * (size_t)length);
}

/* Counts answers as they come. Only a mark that is torn in two by a read is kept for the next. */
static int count_answers(int connection, unsigned long wanted)
{
    static char input[INPUT_BYTES + sizeof mark];
    unsigned long count = 0;
    size_t kept = 0;
    ssize_t got;
    while (count < wanted && (got = recv(connection, input + kept, INPUT_BYTES, 0)) > 0) {
        size_t length = kept + (size_t)got;
        const char *at = input;
        const char *found;
        while ((found = memmem(at, length - (size_t)(at - input), mark, strlen(mark))) != NULL) {
            at = found + strlen(mark);
            count++;
        }
        size_t rest = length - (size_t)(at - input);
        kept = rest < strlen(mark) - 1 ? rest : strlen(mark) - 1;
        memmove(input, input + length - kept, kept);
        printf("%lu of %lu answers have begun\n", count, wanted);
        fflush(stdout);
    }
    return count == wanted ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The server is to close when it has sent all; until then everything is the answer. */
static int copy_answer(int connection)
{
    static char input[INPUT_BYTES];
    ssize_t got;
    usleep(BEFORE_READING_US);
    while ((got = recv(connection, input, sizeof input, 0)) > 0)
        fwrite(input, 1, (size_t)got, stdout);
    return got == 0 ? EXIT_SUCCESS : complain("recv");
}

static void reset(int connection)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    usleep(BEFORE_RESET_US);
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(connection);
}

static int send_late_signals(const char *process)
{
    pid_t pid = (pid_t)strtol(process, NULL, NUMBER_BASE);
    siginfo_t info = {.si_signo = SIGRTMIN, .si_code = SI_ASYNCIO};
    for (int token = 0; token < SLOTS * GENERATIONS; token++) {
        info.si_value.sival_int = token / SLOTS << TOKEN_SLOT_BITS | token % SLOTS;
        if (syscall(SYS_rt_sigqueueinfo, pid, SIGRTMIN, &info) != 0)
            return complain("rt_sigqueueinfo");
    }
    return EXIT_SUCCESS;
}

static int usage(void)
{
    fputs("poke [--times N] PORT FILE\n"
          "poke --half-close | --reset | --narrow PORT FILE\n"
          "poke --signals PID\n",
          stderr);
    return EXIT_USAGE;
}

int main(int argc, char *argv[])
{
    const char *option = argc > 1 && strncmp(argv[1], "--", 2) == 0 ? argv[1] : "";
    bool has_value = strcmp(option, "--times") == 0 || strcmp(option, "--signals") == 0;
    int words = (*option != '\0') + has_value;
    if (strcmp(option, "--signals") == 0)
        return argc > 2 ? send_late_signals(argv[2]) : usage();
    if (argc != words + 3)
        return usage();
    unsigned long times = has_value ? strtoul(argv[2], NULL, NUMBER_BASE) : 1;
    bool is_narrow = strcmp(option, "--narrow") == 0;
    int connection = connect_to(argv[words + 1], is_narrow);
    if (connection < 0)
        return complain("connect");
    if (!ask(connection, argv[words + 2], times, is_narrow ? "Connection: close\r\n" : ""))
        return complain("send");
    if (is_narrow)
        return copy_answer(connection);
    if (strcmp(option, "--reset") == 0) {
        reset(connection);
        return EXIT_SUCCESS;
    }
    if (strcmp(option, "--half-close") == 0)
        shutdown(connection, SHUT_WR);
    return count_answers(connection, times);
}
