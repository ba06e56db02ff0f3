/*
 * slowdisk, from outside: before our server, before nginx and Node.js, before small programs; and
 * where the system does not allow what it needs.
 *
 * Which read is held, slowdisk tells on standard error; the tests wait for such lines and never
 * for time to pass. Files and clients are those of event_model.h.
 */
#include "integration/differences.h"
#include "integration/event_model.h"
#include "integration/slow.h"
#include "support/deadline.h"
#include "support/slow_disk.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    NAME_ROOM = 50,
    TEXT_ROOM = 4000,
    DELAY_MS = 200,
    COLD_FILES = 8,
    ROUNDING_MS = 2, /* both clocks, slowdisk's and ours, tell whole milliseconds */
    COMMANDS = 200,
    BY_SIGNAL = 128, /* as the shell says it */
    NOT_FOUND = 127,
    NOBODY = 65534,
};

static struct slow_disk slow;

/* --- clients -------------------------------------------------------------------------------- */

static struct http_connection *send_for_piece(unsigned number)
{
    char request[2 * NAME_ROOM];
    snprintf(request, sizeof request, "GET /piece%u.bin HTTP/1.1\r\n" HOST "\r\n", number);
    return open_and_send(&slow.program, request);
}

/* Asks for a piece and waits until its read is held. */
static struct http_connection *ask_for_piece(unsigned number)
{
    char name[NAME_ROOM];
    struct http_connection *talk = send_for_piece(number);
    snprintf(name, sizeof name, "piece%u.bin", number);
    slow_await_held(&slow, name);
    return talk;
}

static void demand_piece(struct http_connection *talk, unsigned number)
{
    http_read_answers(talk, 1);
    demand_statuses(talk, "200");
    demand_body(&talk->answers[0], piece_bytes(number), PIECE_BYTES);
}

/* Of our server nothing comes before the read has ended, others send the head before. */
static void demand_unanswered(struct http_connection *talk)
{
    http_receive(talk);
    ck_assert_msg(talk->count == 0 && !talk->closed, "answered while its read is held: %s",
                  http_describe(talk));
}

/* --- processes and files -------------------------------------------------------------------- */

static void demand_gone(pid_t pid)
{
    ck_assert_msg(kill(pid, 0) == -1 && errno == ESRCH, "process %d is still there", (int)pid);
}

static void demand_no_pipe(void)
{
    const char *path = slow_control_path(&event_tree);
    ck_assert_msg(access(path, F_OK) == -1 && errno == ENOENT, "the control pipe is still there");
}

/* Runs slowdisk with these words to its end, and returns its status. */
static int run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int run(const char *format, ...)
{
    char text[TEXT_ROOM];
    struct slow_words words = {0};
    struct slow_setup setup = {.words = &words, .is_silent = true};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    slow_add(&words, "%s", text);
    slow_start(&slow, &setup);
    return slow_await_end(&slow);
}

/* The messages must be one line of slowdisk's that has these parts. */
static void demand_line(const char *part, const char *other_part)
{
    const char *text = slow_messages(&slow), *end = strchr(text, '\n');
    ck_assert_msg(strncmp(text, "slowdisk: ", strlen("slowdisk: ")) == 0 && end != NULL &&
                      end[1] == '\0',
                  "not one line of slowdisk's:\n%s", text);
    ck_assert_msg(strstr(text, part) != NULL && strstr(text, other_part) != NULL,
                  "%s and %s are not both in: %s", part, other_part, text);
}

/* --- holding our server's reads ------------------------------------------------------------- */

/* The event model reads by AIO, whose helpers are threads; the first thread is the only one of
 * ours. */
START_TEST(held_read_is_told_with_file_call_and_thread)
{
    slow_hold(&slow, &event_tree, "");
    struct http_connection *talk = ask_for_piece(0);
    slow_await(&slow, 1,
               "^slowdisk: +[0-9]+\\.[0-9]{3} s  held +pread64 of piece0\\.bin "
               "by thread [0-9]+ \\([^)]+\\)$");
    ck_assert_uint_eq(slow_count(&slow, " held .* by first thread"), 0);
    demand_unanswered(talk);
    slow_tell(&event_tree, "release all");
    demand_piece(talk, 0);
    slow_await(&slow, 1, " s  done +pread64 of piece0\\.bin by thread ");
    ck_assert_int_eq(slow_stop(&slow), 0);
    demand_gone(slow.program.pid);
    demand_no_pipe();
}
END_TEST

START_TEST(answers_come_in_the_order_of_release)
{
    static const unsigned order[] = {2, 0, 3, 1};
    enum { COUNT = sizeof order / sizeof *order };
    struct http_connection *talks[COUNT];
    slow_hold(&slow, &event_tree, "");
    for (unsigned i = 0; i < COUNT; i++)
        talks[i] = ask_for_piece(i);
    for (unsigned i = 0; i < COUNT; i++) {
        slow_tell(&event_tree, "release piece%u.bin", order[i]);
        demand_piece(talks[order[i]], order[i]);
        for (unsigned later = i + 1; later < COUNT; later++)
            demand_unanswered(talks[order[later]]);
    }
    ck_assert_int_eq(slow_stop(&slow), 0);
}
END_TEST

START_TEST(release_one_takes_the_oldest)
{
    slow_hold(&slow, &event_tree, "");
    struct http_connection *older = ask_for_piece(5), *newer = ask_for_piece(4);
    slow_tell(&event_tree, "release one");
    demand_piece(older, 5);
    demand_unanswered(newer);
    slow_tell(&event_tree, "release one");
    demand_piece(newer, 4);
    ck_assert_int_eq(slow_stop(&slow), 0);
}
END_TEST

/* A disk that is held from the beginning can be let go, and be held again. */
START_TEST(hold_and_go_switch_holding)
{
    slow_hold(&slow, &event_tree, "");
    struct http_connection *first = ask_for_piece(0);
    slow_tell(&event_tree, "go");
    demand_piece(first, 0);
    demand_file(&slow.program, "/piece1.bin", piece_bytes(1), PIECE_BYTES);
    slow_tell(&event_tree, "hold");
    /* "set free" is answered on standard error: then "hold" has been carried out, too. */
    slow_tell(&event_tree, "set free");
    slow_await(&slow, 1, "no such command");
    struct http_connection *last = ask_for_piece(2);
    demand_unanswered(last);
    slow_tell(&event_tree, "go");
    demand_piece(last, 2);
    ck_assert_int_eq(slow_stop(&slow), 0);
}
END_TEST

START_TEST(release_all_takes_all)
{
    struct http_connection *talks[COLD_FILES];
    slow_hold(&slow, &event_tree, "");
    for (unsigned i = 0; i < COLD_FILES; i++)
        talks[i] = ask_for_piece(i);
    slow_tell(&event_tree, "release all");
    for (unsigned i = 0; i < COLD_FILES; i++)
        demand_piece(talks[i], i);
    ck_assert_int_eq(slow_stop(&slow), 0);
}
END_TEST

START_TEST(release_of_what_is_not_held_is_told)
{
    slow_hold(&slow, &event_tree, "");
    struct http_connection *talk = ask_for_piece(0);
    slow_tell(&event_tree, "release none.bin");
    slow_await(&slow, 1, "^slowdisk: release none\\.bin: no read of this file is held$");
    demand_unanswered(talk);
    slow_tell(&event_tree, "set free");
    slow_await(&slow, 1, "^slowdisk: set free: no such command; write release one, ");
    demand_unanswered(talk);
    slow_tell(&event_tree, "release piece0.bin");
    demand_piece(talk, 0);
    ck_assert_int_eq(slow_stop(&slow), 0);
}
END_TEST

/* More lines than are read at a time: none may be cut in two. */
START_TEST(many_commands_may_come_at_once)
{
    siginfo_t info;
    slow_hold(&slow, &event_tree, "");
    struct http_connection *talk = ask_for_piece(0);
    ck_assert_int_eq(kill(slow.pid, SIGSTOP), 0);
    ck_assert_int_eq(waitid(P_PID, (id_t)slow.pid, &info, WSTOPPED), 0);
    for (unsigned i = 0; i < COMMANDS; i++)
        slow_tell(&event_tree, "release one");
    slow_tell(&event_tree, "release last.bin");
    ck_assert_int_eq(kill(slow.pid, SIGCONT), 0);
    demand_piece(talk, 0);
    slow_await(&slow, 1, "^slowdisk: release last\\.bin: no read of this file is held$");
    ck_assert_uint_eq(slow_count(&slow, "no such command"), 0);
    ck_assert_int_eq(slow_stop(&slow), 0);
}
END_TEST

/* A terminal's two ends: keys are typed into the first. */
static void open_terminal(int ends[2])
{
    ends[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    ck_assert(ends[0] >= 0 && grantpt(ends[0]) == 0 && unlockpt(ends[0]) == 0);
    ends[1] = open(ptsname(ends[0]), O_RDWR | O_NOCTTY | O_CLOEXEC);
    ck_assert_msg(ends[1] >= 0, "%s: %s", ptsname(ends[0]), strerror(errno));
}

static void type(const int terminal[2], const char *text)
{
    ck_assert_int_eq(write(terminal[0], text, strlen(text)), (ssize_t)strlen(text));
}

static void hold_at_terminal(const int terminal[2])
{
    struct slow_words words = {0};
    struct slow_setup setup = {.words = &words, .input = terminal[1]};
    slow_add(&words, "--hold --under %s --", event_tree.root);
    slow_add_server(&words, event_tree.root, "");
    slow_start(&slow, &setup);
    close(terminal[1]);
}

START_TEST(keys_release_at_a_terminal)
{
    int terminal[2];
    struct http_connection *talks[3];
    open_terminal(terminal);
    hold_at_terminal(terminal);
    for (unsigned i = 0; i < 3; i++)
        talks[i] = ask_for_piece(i);
    type(terminal, "\n");
    demand_piece(talks[0], 0);
    slow_await(&slow, 1, "^slowdisk:   held 1: pread64 of piece1\\.bin by thread ");
    slow_await(&slow, 1, "^slowdisk:   held 2: pread64 of piece2\\.bin by thread ");
    demand_unanswered(talks[1]);
    type(terminal, "a\n");
    demand_piece(talks[1], 1);
    demand_piece(talks[2], 2);
    close(terminal[0]); /* the terminal's window is shut; the server stays */
    ask_for_status(slow.program.port, 404, GET("/none", ""));
    ck_assert_int_eq(slow_stop(&slow), 0);
}
END_TEST

/* --- ends ----------------------------------------------------------------------------------- */

START_TEST(killed_server_leaves_nothing_behind)
{
    slow_hold(&slow, &event_tree, "");
    ask_for_piece(0);
    ask_for_piece(1);
    ck_assert_int_eq(kill(slow.program.pid, SIGKILL), 0);
    ck_assert_int_eq(slow_await_end(&slow), BY_SIGNAL + SIGKILL);
    demand_gone(slow.program.pid);
    demand_no_pipe();
}
END_TEST

/* The server ends only when its reads have: so the gate is opened, and stays open. */
START_TEST(sigterm_ends_a_server_whose_reads_are_held)
{
    slow_hold(&slow, &event_tree, "");
    struct http_connection *talk = ask_for_piece(0);
    ck_assert_int_eq(slow_stop(&slow), 0);
    demand_piece(talk, 0);
    if (clients_cost_no_thread()) /* a thread may be through before another has the signal */
        ck_assert_str_eq(demand_field(&talk->answers[0], "Connection"), "close");
    demand_gone(slow.program.pid);
    demand_no_pipe();
}
END_TEST

/* --- delay and heads ------------------------------------------------------------------------ */

static int delay_ms(void)
{
    return (int)(DELAY_MS * deadline_scale());
}

/* Starts our server on a disk that is slow, but not held. */
static void slow_down(const char *disk)
{
    struct slow_words words = {0};
    struct slow_setup setup = {.words = &words};
    slow_add(&words, "--delay %dms %s --under %s --", delay_ms(), disk, event_tree.root);
    slow_add_server(&words, event_tree.root, "");
    slow_start(&slow, &setup);
}

/* How long it takes to answer for cold files that are asked for at the same time. */
static int time_cold_files(const char *disk)
{
    struct http_connection *talks[COLD_FILES];
    slow_down(disk);
    int64_t begun = milliseconds_now();
    for (unsigned i = 0; i < COLD_FILES; i++)
        talks[i] = send_for_piece(i);
    for (unsigned i = 0; i < COLD_FILES; i++)
        demand_piece(talks[i], i);
    int taken = (int)(milliseconds_now() - begun);
    ck_assert_int_eq(slow_stop(&slow), 0);
    return taken;
}

START_TEST(many_heads_are_faster_than_one)
{
    int one = time_cold_files("--heads 1"), many = time_cold_files("--heads 64");
    ck_assert_msg(one >= COLD_FILES * delay_ms() - ROUNDING_MS,
                  "%d files took %d ms with one head and a delay of %d ms", COLD_FILES, one,
                  delay_ms());
    ck_assert_int_ge(many, delay_ms() - ROUNDING_MS);
    ck_assert_msg(2 * many < one, "64 heads took %d ms, one %d ms", many, one);
}
END_TEST

START_TEST(log_tells_of_each_read)
{
    slow_down("--log");
    demand_file(&slow.program, "/piece0.bin", piece_bytes(0), PIECE_BYTES);
    slow_await(&slow, 1, " s  came +pread64 of piece0\\.bin by thread [0-9]+ \\([^)]+\\)$");
    slow_await(&slow, 1, " s  done +pread64 of piece0\\.bin by thread [0-9]+ \\([^)]+\\)$");
    ck_assert_int_eq(slow_stop(&slow), 0);
}
END_TEST

START_TEST(without_log_nothing_is_told)
{
    slow_down("");
    demand_file(&slow.program, "/piece0.bin", piece_bytes(0), PIECE_BYTES);
    ck_assert_int_eq(slow_stop(&slow), 0);
    ck_assert_uint_eq(slow_count(&slow, "slowdisk"), 0);
}
END_TEST

/* --- an ordinary user ----------------------------------------------------------------------- */

/* Why a server cannot be run as somebody else by root, or NULL. */
static const char *why_not_nobody(void)
{
    if (getenv("THREEWAYS_KEEP_USER") != NULL)
        return "THREEWAYS_KEEP_USER is set";
    return geteuid() == 0 && !slow_nobody_can_run() ? "nobody cannot run the programs" : NULL;
}

static void demand_user(pid_t pid)
{
    char path[NAME_ROOM];
    struct stat status;
    snprintf(path, sizeof path, "/proc/%d", (int)pid);
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_uint_eq(status.st_uid, geteuid() == 0 ? NOBODY : geteuid());
}

START_TEST(ordinary_user_needs_no_privileges)
{
    struct slow_words words = {0};
    struct slow_setup setup = {.words = &words, .as_nobody = true};
    const char *why = why_not_nobody();
    if (why != NULL) {
        fprintf(stderr, "skipped, needs an ordinary user: %s\n", why);
        return;
    }
    slow_add(&words, "--hold --control %s --under %s --", slow_control_path(&event_tree),
             event_tree.root);
    slow_add_server(&words, event_tree.root, "");
    slow_start(&slow, &setup);
    demand_user(slow.pid);
    demand_user(slow.program.pid);
    struct http_connection *talk = ask_for_piece(0);
    slow_tell(&event_tree, "release all");
    demand_piece(talk, 0);
    ck_assert_int_eq(slow_stop(&slow), 0);
    demand_no_pipe();
}
END_TEST

/* --- the command line ----------------------------------------------------------------------- */

START_TEST(status_of_the_program_is_passed_on)
{
    ck_assert_int_eq(run("-- true"), 0);
    ck_assert_int_eq(run("-- false"), 1);
    ck_assert_int_eq(run("-- expr 1 / 0"), 2);
    ck_assert_str_ne(slow_messages(&slow), ""); /* the program's own */
    ck_assert_uint_eq(slow_count(&slow, "slowdisk"), 0);
}
END_TEST

START_TEST(program_that_is_not_there_is_told)
{
    ck_assert_int_eq(run("-- /no/such/program"), NOT_FOUND);
    demand_line("/no/such/program: No such file", "name a program after --");
    ck_assert_int_eq(run("--hold --control %s -- /no/such/program", slow_control_path(&event_tree)),
                     NOT_FOUND);
    demand_no_pipe();
}
END_TEST

static const struct {
    const char *words, *part, *mend;
} wrong[] = {
    {"--delay soon -- true", "--delay soon", "20ms"},
    {"--delay -5ms -- true", "--delay -5ms", "20ms"},
    {"--delay", "--delay", "see slowdisk --help"},
    {"--heads 0 -- true", "--heads 0", "from 1 to "},
    {"--heads 100000 -- true", "--heads 100000", "from 1 to "},
    {"--heads -1 -- true", "--heads -1", "from 1 to "},
    {"--heads 2k -- true", "--heads 2k", "from 1 to "},
    {"--calls open -- true", "--calls open", "name some of pread64"},
    {"--calls read,,readv -- true", "--calls read,,readv", "name some of pread64"},
    {"--calls read,read,read,read,read,read,read,read,read -- true", "--calls read,read", "name"},
    {"--under /no/such/directory -- true", "--under /no/such/directory", "name a directory"},
    {"--under /dev/null -- true", "--under /dev/null", "name a directory"},
    {"--control /no/such/directory/pipe -- true", "--control /no/such", "name a path"},
    {"--faster -- true", "--faster", "see slowdisk --help"},
    {"--hold=yes -- true", "--hold", "see slowdisk --help"},
    {"--hold", "which program?", "write slowdisk --delay 20ms -- PROGRAM"},
    {"", "which program?", "write slowdisk --delay 20ms -- PROGRAM"},
};

START_TEST(wrong_option_is_told_in_one_line)
{
    ck_assert_int_eq(run("%s", wrong[_i].words), 2);
    demand_line(wrong[_i].part, wrong[_i].mend);
}
END_TEST

static void read_output(char *text, size_t size)
{
    ssize_t length = read(slow.program.output, text, size - 1);
    text[length > 0 ? length : 0] = '\0';
}

START_TEST(help_names_every_option)
{
    static const char *const names[] = {"--delay", "--heads", "--hold", "--control",
                                        "--under", "--calls", "--log",  "--strace"};
    char text[TEXT_ROOM];
    ck_assert_int_eq(run("--help"), 0);
    read_output(text, sizeof text);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_msg(strstr(text, names[i]) != NULL, "%s is not in:\n%s", names[i], text);
    ck_assert_str_eq(slow_messages(&slow), "");
}
END_TEST

/* Every user of --control would lose a file some day: a file that is no pipe is not ours. */
START_TEST(file_that_is_no_pipe_is_left_alone)
{
    const char *path = slow_control_path(&event_tree);
    docroot_write(&event_tree, "../slow/control", "precious", strlen("precious"));
    int status = run("--control %s -- true", path);
    ck_assert_msg(access(path, F_OK) == 0, "slowdisk has removed a file that is not its own");
    unlink(path);
    ck_assert_int_eq(status, 2);
    demand_line("--control", "name a path");
}
END_TEST

/* What the program finds is what it would find without slowdisk: here, SIGPIPE's action. */
START_TEST(signals_are_for_the_program_as_they_were)
{
    char text[TEXT_ROOM];
    ck_assert_int_eq(run("-- grep -E ^Sig(Blk|Ign): /proc/self/status"), 0);
    read_output(text, sizeof text);
    ck_assert_msg(text_matches(text, "SigBlk:\t0+\n"), "signals are blocked:\n%s", text);
    /* A shell may have had its job ignore SIGINT and SIGQUIT. SIGPIPE is the 13th bit. */
    ck_assert_msg(text_matches(text, "SigIgn:\t[0-9a-f]+[02468ace][0-9a-f]{3}\n"),
                  "SIGPIPE is ignored:\n%s", text);
}
END_TEST

/* A program that tells of a process of its own that reads a file, and then reads another. */
static pid_t hold_two_readers(void)
{
    struct slow_words words = {0};
    struct slow_setup setup = {.words = &words, .is_silent = true};
    char line[NAME_ROOM];
    slow_add(&words, "--hold --control %s --under %s -- sh -c", slow_control_path(&event_tree),
             event_tree.root);
    slow_add_word(&words, "cat $0/piece0.bin & echo $!; wait; exec cat $0/piece1.bin");
    slow_add_word(&words, event_tree.root);
    slow_start(&slow, &setup);
    slow_await_held(&slow, "piece0.bin");
    read_output(line, sizeof line);
    return (pid_t)strtol(line, NULL, 10);
}

/* Whoever is dead waits no more: Enter, once pressed, is for the oldest of those who do. */
START_TEST(read_of_a_dead_process_is_not_held)
{
    pid_t reader = hold_two_readers();
    ck_assert_int_gt(reader, 0);
    ck_assert_int_eq(kill(reader, SIGKILL), 0);
    slow_await_held(&slow, "piece1.bin");
    slow_tell(&event_tree, "release one");
    slow_await(&slow, 1, " s  done +read of piece[01]\\.bin ");
    ck_assert_uint_eq(slow_count(&slow, " s  done +read of piece0\\.bin "), 0);
    slow_stop(&slow);
}
END_TEST

static unsigned count_reads_by_cat(const char *under, const char *calls)
{
    ck_assert_int_eq(
        run("--log --delay 0ms --under %s %s -- cat %s/small.txt", under, calls, event_tree.root),
        0);
    return slow_count(&slow, " s  came +read of .*small\\.txt by first thread \\(cat\\)$");
}

/* cat reads until there is no more: at least twice. */
START_TEST(only_files_beneath_the_directory_are_slow)
{
    ck_assert_uint_ge(count_reads_by_cat(event_tree.root, ""), 2);
    ck_assert_uint_ge(count_reads_by_cat(event_tree.base, ""), 2);
    ck_assert_uint_eq(count_reads_by_cat("/proc", ""), 0);
    ck_assert_uint_ge(count_reads_by_cat("/", ""), 2);
}
END_TEST

START_TEST(only_the_chosen_calls_are_slow)
{
    ck_assert_uint_ge(count_reads_by_cat(event_tree.root, "--calls readv,read"), 2);
    ck_assert_uint_eq(count_reads_by_cat(event_tree.root, "--calls pread64,sendfile"), 0);
}
END_TEST

/* --- other servers -------------------------------------------------------------------------- */

static const char *find_nginx(void)
{
    static const char *const paths[] = {"/usr/sbin/nginx", "/usr/bin/nginx",
                                        "/usr/local/sbin/nginx"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (access(paths[i], X_OK) == 0)
            return paths[i];
    return NULL;
}

static bool nginx_has_threads(const char *nginx)
{
    char command[2 * NAME_ROOM], text[2 * TEXT_ROOM];
    snprintf(command, sizeof command, "%s -V 2>&1", nginx);
    FILE *answer = popen(command, "re"); /* NOLINT: a shell joins what it tells */
    ck_assert_ptr_nonnull(answer);
    text[fread(text, 1, sizeof text - 1, answer)] = '\0';
    pclose(answer);
    return strstr(text, "--with-threads") != NULL;
}

/* nginx cannot choose a port. But it takes over a listening socket, as from an older nginx. */
static int listen_for_nginx(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    char number[NAME_ROOM];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert(fd >= 0 && bind(fd, (struct sockaddr *)&address, length) == 0 &&
              listen(fd, COLD_FILES) == 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    snprintf(number, sizeof number, "%d;", fd);
    setenv("NGINX", number, 1);
    return fd;
}

/* /hot is answered without any file: whether nginx is free to answer, it shows. */
static void write_nginx_configuration(int port, const char *how)
{
    static const char format[] =
        "daemon off; worker_processes 1; pid %s/nginx.pid; error_log stderr;\n"
        "events { }\n"
        "http {\n"
        "    access_log off; %s\n"
        "    client_body_temp_path %s/body; proxy_temp_path %s/proxy;\n"
        "    fastcgi_temp_path %s/fastcgi; uwsgi_temp_path %s/uwsgi; scgi_temp_path "
        "%s/scgi;\n"
        "    server { listen 127.0.0.1:%d; root %s; location = /hot { return 200 hot; } }\n"
        "}\n";
    char text[TEXT_ROOM], room[NAME_ROOM * 6];
    snprintf(room, sizeof room, "%s/slow", event_tree.base);
    int length = snprintf(text, sizeof text, format, room, how, room, room, room, room, room, port,
                          event_tree.root);
    docroot_write(&event_tree, "../slow/nginx.conf", text, (size_t)length);
}

/* The socket listens from the beginning: who comes before nginx is ready waits there. */
static void hold_nginx(const char *nginx, const char *how)
{
    struct slow_words words = {0};
    struct slow_setup setup = {.words = &words, .is_silent = true};
    int port, fd = listen_for_nginx(&port);
    write_nginx_configuration(port, how);
    slow_add(&words, "--hold --control %s --under %s -- %s -c %s/slow/nginx.conf",
             slow_control_path(&event_tree), event_tree.root, nginx, event_tree.base);
    slow_start(&slow, &setup);
    close(fd);
    slow.program.port = port;
}

static const struct {
    const char *how, *held;
    bool needs_threads; /* and then its worker is free while a thread reads */
} nginx_ways[] = {
    {"sendfile on;", " held +sendfile of piece0\\.bin by first thread \\(nginx\\)$", false},
    {"sendfile off;", " held +p?read(64)? of piece0\\.bin by first thread \\(nginx\\)$", false},
    {"sendfile on; aio threads;", " held +sendfile of piece0\\.bin by thread [0-9]+ \\(nginx\\)$",
     true},
    {"sendfile off; aio threads;", " held +pread64 of piece0\\.bin by thread [0-9]+ \\(nginx\\)$",
     true},
};

static bool can_use_nginx(const char *nginx, bool needs_threads)
{
    if (nginx == NULL)
        fprintf(stderr, "skipped, needs nginx: install nginx or nginx-light\n");
    else if (needs_threads && !nginx_has_threads(nginx))
        fprintf(stderr, "skipped, needs an nginx that was built with --with-threads\n");
    else
        return true;
    return false;
}

static void demand_hot(struct http_connection *talk)
{
    http_read_answers(talk, 1);
    demand_statuses(talk, "200");
    demand_body(&talk->answers[0], "hot", strlen("hot"));
}

/*
 * Without threads the worker itself is stopped, and with it all of its clients. This is how a
 * server fails that our event model's tests (test_nonblocking.c) would find to be blocking.
 */
START_TEST(nginx_answers_when_its_read_is_released)
{
    const char *nginx = find_nginx();
    if (!can_use_nginx(nginx, nginx_ways[_i].needs_threads))
        return;
    hold_nginx(nginx, nginx_ways[_i].how);
    struct http_connection *cold = send_for_piece(0);
    slow_await(&slow, 1, nginx_ways[_i].held);
    struct http_connection *hot = open_and_send(&slow.program, GET("/hot", ""));
    if (nginx_ways[_i].needs_threads)
        demand_hot(hot);
    demand_unanswered(cold);
    if (!nginx_ways[_i].needs_threads)
        demand_unanswered(hot);
    slow_release_until_answered(&event_tree, cold);
    demand_piece(cold, 0);
    slow_release_until_answered(&event_tree, hot);
    demand_hot(hot);
    ck_assert_int_eq(slow_stop(&slow), 0);
    demand_no_pipe();
}
END_TEST

static bool can_run_node(void)
{
    bool is_there = system("node --version >/dev/null 2>&1") == 0; /* NOLINT: PATH is the user's */
    if (!is_there)
        fprintf(stderr, "skipped, needs Node.js: install nodejs\n");
    return is_there;
}

static void hold_node(void)
{
    struct slow_words words = {0};
    struct slow_setup setup = {.words = &words};
    slow_add(&words, "--hold --control %s --under %s -- node tests/compare/static_server.js %s",
             slow_control_path(&event_tree), event_tree.root, event_tree.root);
    setenv("UV_USE_IO_URING", "0", 1); /* reads by io_uring are no system calls */
    slow_start(&slow, &setup);
}

/* Node.js has a pool of threads for files, so that its first thread is free. */
START_TEST(node_answers_when_its_read_is_released)
{
    if (!can_run_node())
        return;
    hold_node();
    struct http_connection *cold = ask_for_piece(0);
    slow_await(&slow, 1, " held +p?read(64)? of piece0\\.bin by thread [0-9]+ \\([^)]+\\)$");
    struct http_connection *other = open_and_send(&slow.program, GET("/none", ""));
    http_read_answers(other, 1);
    demand_statuses(other, "404");
    demand_unanswered(cold);
    slow_release_until_answered(&event_tree, cold);
    demand_piece(cold, 0);
    ck_assert_int_eq(slow_stop(&slow), BY_SIGNAL + SIGTERM); /* it takes no care of signals */
    demand_gone(slow.program.pid);
    demand_no_pipe();
}
END_TEST

/* --- where user notification is refused ----------------------------------------------------- */

static bool can_run_strace(void)
{
    bool is_there = system("strace -V >/dev/null 2>&1") == 0; /* NOLINT: PATH is the user's */
    if (!is_there)
        fprintf(stderr, "skipped, needs strace: install strace\n");
    return is_there;
}

/* Leak detection is impossible under strace: it would end a sanitized server badly. */
static void start_under_strace(void)
{
    struct slow_words words = {0};
    struct slow_setup setup = {.words = &words, .is_refused = true};
    slow_add(&words, "--delay %dms --under %s --", delay_ms(), event_tree.root);
    slow_add_server(&words, event_tree.root, "");
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    slow_start(&slow, &setup);
}

START_TEST(refused_it_uses_strace)
{
    if (!can_run_strace())
        return;
    start_under_strace();
    demand_line("user notification is refused here (Operation not permitted)", "using strace");
    int64_t begun = milliseconds_now();
    demand_file(&slow.program, "/piece0.bin", piece_bytes(0), PIECE_BYTES);
    ck_assert_int_ge(milliseconds_now() - begun, delay_ms() - ROUNDING_MS);
    ck_assert_int_eq(kill(slow.program.pid, SIGTERM), 0);
    ck_assert_int_eq(slow_await_end(&slow), 0);
    demand_gone(slow.program.pid);
}
END_TEST

/* Whoever ends slowdisk need not know what it has become. */
START_TEST(sigterm_ends_the_server_under_strace)
{
    if (!can_run_strace())
        return;
    start_under_strace();
    ck_assert_int_eq(slow_stop(&slow), 0);
    if (slow.program.pid != slow.pid)
        demand_gone(slow.program.pid);
}
END_TEST

static int run_refused(const char *options)
{
    struct slow_words words = {0};
    struct slow_setup setup = {.words = &words, .is_refused = true, .is_silent = true};
    slow_add(&words, "%s -- true", options);
    slow_start(&slow, &setup);
    return slow_await_end(&slow);
}

/* strace is told each file's name, and a command line has an end: the program's must fit. */
START_TEST(strace_is_told_of_as_many_files_as_fit)
{
    enum { FILES = 5000 };
    char name[32], options[TEXT_ROOM];
    struct docroot many;
    if (!can_run_strace())
        return;
    docroot_make_empty(&many);
    for (unsigned i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, "%u", i);
        docroot_write(&many, name, "", 0);
    }
    snprintf(options, sizeof options, "--delay 1ms --under %s", many.root);
    int status = run_refused(options);
    ck_assert_msg(status == EXIT_SUCCESS, "%d: %s", status, slow_messages(&slow));
    slow_await(&slow, 1, "^slowdisk: strace can name [0-9]+ files; [0-9]+ others are not slowed");
    docroot_remove(&many);
}
END_TEST

START_TEST(refused_it_cannot_hold)
{
    char options[TEXT_ROOM];
    snprintf(options, sizeof options, "--hold --control %s", slow_control_path(&event_tree));
    ck_assert_int_eq(run_refused(options), EXIT_FAILURE);
    slow_await(&slow, 1, "^slowdisk: .*refused");
    slow_await(&slow, 1, "^slowdisk: .*--hold .*need user notification");
}
END_TEST

/* It must not announce what it then does not do. */
START_TEST(refused_hold_does_not_speak_of_strace)
{
    ck_assert_int_eq(run_refused("--hold"), EXIT_FAILURE);
    ck_assert_uint_eq(slow_count(&slow, "using strace"), 0);
}
END_TEST

START_TEST(refused_hold_leaves_no_pipe)
{
    char options[TEXT_ROOM];
    snprintf(options, sizeof options, "--hold --control %s", slow_control_path(&event_tree));
    ck_assert_int_eq(run_refused(options), EXIT_FAILURE);
    bool is_there = access(slow_control_path(&event_tree), F_OK) == 0;
    unlink(slow_control_path(&event_tree));
    ck_assert_msg(!is_there, "the control pipe is still there");
}
END_TEST

START_TEST(refused_it_cannot_serve_by_heads)
{
    ck_assert_int_eq(run_refused("--heads 1"), EXIT_FAILURE);
    slow_await(&slow, 1, "^slowdisk: .*--heads .*need user notification");
}
END_TEST

START_TEST(missing_strace_is_told)
{
    setenv("PATH", "/no/such/directory", 1);
    ck_assert_int_eq(run_refused("--delay 1ms"), EXIT_FAILURE);
    slow_await(&slow, 1, "^slowdisk: .*strace: No such file or directory; install strace");
}
END_TEST

START_TEST(strace_can_be_asked_for)
{
    if (!can_run_strace())
        return;
    int64_t begun = milliseconds_now();
    ck_assert_int_eq(run("--strace --delay %dms --under %s -- cat %s/small.txt", delay_ms(),
                         event_tree.root, event_tree.root),
                     0);
    ck_assert_int_ge(milliseconds_now() - begun, delay_ms() - ROUNDING_MS);
    ck_assert_str_eq(slow_messages(&slow), "");
    ck_assert_int_eq(run("--strace -- false"), 1);
}
END_TEST

/* --- the suite ------------------------------------------------------------------------------ */

static void make_room(void)
{
    slow_make_room(&event_tree);
}

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *tcase = create_event_case(name);
    tcase_add_unchecked_fixture(tcase, make_room, NULL);
    suite_add_tcase(suite, tcase);
    return tcase;
}

static void add_our_server(Suite *suite)
{
    TCase *tcase = add_case(suite, "slowdisk_our_server");
    tcase_add_test(tcase, release_of_what_is_not_held_is_told);
    tcase_add_test(tcase, many_commands_may_come_at_once);
    tcase_add_test(tcase, without_log_nothing_is_told);
    tcase_add_test(tcase, ordinary_user_needs_no_privileges);
    if (!reads_hold_nobody_up()) /* then there is only one read at a time to be held */
        return;
    tcase_add_test(tcase, held_read_is_told_with_file_call_and_thread);
    tcase_add_test(tcase, answers_come_in_the_order_of_release);
    tcase_add_test(tcase, release_one_takes_the_oldest);
    tcase_add_test(tcase, release_all_takes_all);
    tcase_add_test(tcase, hold_and_go_switch_holding);
    tcase_add_test(tcase, keys_release_at_a_terminal);
    tcase_add_test(tcase, killed_server_leaves_nothing_behind);
    tcase_add_test(tcase, sigterm_ends_a_server_whose_reads_are_held);
    tcase_add_test(tcase, many_heads_are_faster_than_one);
    tcase_add_test(tcase, log_tells_of_each_read);
}

static void add_command_line(Suite *suite)
{
    TCase *tcase = add_case(suite, "slowdisk_command_line");
    tcase_add_test(tcase, status_of_the_program_is_passed_on);
    tcase_add_test(tcase, program_that_is_not_there_is_told);
    tcase_add_loop_test(tcase, wrong_option_is_told_in_one_line, 0, sizeof wrong / sizeof *wrong);
    tcase_add_test(tcase, help_names_every_option);
    tcase_add_test(tcase, file_that_is_no_pipe_is_left_alone);
    tcase_add_test(tcase, signals_are_for_the_program_as_they_were);
    tcase_add_test(tcase, read_of_a_dead_process_is_not_held);
    tcase_add_test(tcase, only_files_beneath_the_directory_are_slow);
    tcase_add_test(tcase, only_the_chosen_calls_are_slow);
}

static void add_other_servers(Suite *suite)
{
    TCase *tcase = add_case(suite, "slowdisk_other_servers");
    tcase_add_loop_test(tcase, nginx_answers_when_its_read_is_released, 0,
                        sizeof nginx_ways / sizeof *nginx_ways);
    tcase_add_test(tcase, node_answers_when_its_read_is_released);
}

static void add_refused(Suite *suite)
{
    TCase *tcase = add_case(suite, "slowdisk_refused");
    tcase_add_test(tcase, refused_it_uses_strace);
    tcase_add_test(tcase, sigterm_ends_the_server_under_strace);
    tcase_add_test(tcase, strace_is_told_of_as_many_files_as_fit);
    tcase_add_test(tcase, refused_it_cannot_hold);
    tcase_add_test(tcase, refused_hold_does_not_speak_of_strace);
    tcase_add_test(tcase, refused_hold_leaves_no_pipe);
    tcase_add_test(tcase, refused_it_cannot_serve_by_heads);
    tcase_add_test(tcase, missing_strace_is_told);
    tcase_add_test(tcase, strace_can_be_asked_for);
}

Suite *slowdisk_suite(void)
{
    Suite *suite = suite_create("slowdisk");
    add_our_server(suite);
    add_command_line(suite);
    if (connections_are_kept()) /* else what is expected of ours would be expected of them */
        add_other_servers(suite);
    add_refused(suite);
    return suite;
}
