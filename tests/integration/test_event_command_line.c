/*
 * What cannot be started is told in one line, which names the option, its value and the mend.
 */
#include "integration/event_model.h"

#include <string.h>

enum { EXIT_USAGE = 2, WORDS = 4, PORT_ROOM = 8 };

static const struct {
    const char *words[WORDS];
    const char *told[WORDS]; /* all of these are in the line */
} mistakes[] = {
    {{"--no-such-option"}, {"--no-such-option", "--help-all"}},
    {{"-Z"}, {"-Z", "--help-all"}},
    {{"--port", "99999"}, {"--port", "99999", "65535"}},
    {{"-p", "http"}, {"--port", "http", "65535"}},
    {{"--port", "-1"}, {"--port", "-1", "65535"}},
    {{"--port"}, {"--port", "missing", "--port PORT"}},
    {{"--max-connections", "0"}, {"--max-connections", "0", "from 1"}},
    {{"--places", "1025"}, {"--places", "1025", "1024"}},
    {{"--cache-size", "64Q"}, {"--cache-size", "64Q", "64M"}},
    {{"--cache-size", "99999999999999999999G"}, {"--cache-size", "99999999999999999999G", "64M"}},
    {{"--idle-timeout", "soon"}, {"--idle-timeout", "soon", "10s"}},
    {{"--read-timeout", "0"}, {"--read-timeout", "0", "10s"}},
    {{"--wakeup", "bell"}, {"--wakeup", "bell", "selfpipe"}},
    {{"--model", "magic"}, {"--model", "magic", "event"}},
    {{"--poller", "crystal"}, {"--poller", "crystal", "select"}},
    {{"--disk", "tape"}, {"--disk", "tape", "aio"}},
    {{"--print-fsm=poem"}, {"--print-fsm", "poem", "dot"}},
    {{"--root", ""}, {"--root", "empty"}},
    {{"--root", "/no/such/directory"}, {"--root", "/no/such/directory", "name a directory"}},
    {{"/no/such/directory"}, {"--root", "/no/such/directory", "name a directory"}},
    {{"/dev/null"}, {"--root", "/dev/null", "name a directory"}},
    {{"--log", "/no/such/file", "/"}, {"--log", "/no/such/file", "name a file"}},
    {{"--address", "localhost", "/"}, {"--address", "localhost", "127.0.0.1"}},
    {{"--address", "192.0.2.1", "/"}, {"--address", "192.0.2.1", "127.0.0.1"}},
    {{"/", "/tmp"}, {"/tmp", "leave"}},
};

static void demand_one_line(const char *text)
{
    const char *end = strchr(text, '\n');
    ck_assert_msg(end != NULL && end[1] == '\0', "not exactly one line:\n%s", text);
    ck_assert_msg(strncmp(text, "threeways: ", strlen("threeways: ")) == 0, "%s", text);
}

START_TEST(mistake_is_told_in_one_line)
{
    struct program_run run;
    run_program(&run, mistakes[_i].words);
    ck_assert_msg(run.status == EXIT_USAGE, "status %d after\n%s", run.status, run.errors);
    ck_assert_str_eq(run.output, "");
    demand_one_line(run.errors);
    for (size_t i = 0; i < WORDS && mistakes[_i].told[i] != NULL; i++)
        ck_assert_msg(strstr(run.errors, mistakes[_i].told[i]) != NULL, "%s is not named in: %s",
                      mistakes[_i].told[i], run.errors);
}
END_TEST

START_TEST(port_in_use_is_told_in_one_line)
{
    struct server *server = serve();
    char port[PORT_ROOM];
    snprintf(port, sizeof port, "%d", server->port);
    const char *words[] = {"--port", port, event_tree.root, NULL};
    struct program_run run;
    run_program(&run, words);
    ck_assert_int_eq(run.status, EXIT_USAGE);
    demand_one_line(run.errors);
    ck_assert_ptr_nonnull(strstr(run.errors, "--port"));
    ck_assert_ptr_nonnull(strstr(run.errors, port));
    ck_assert_ptr_nonnull(strstr(run.errors, "in use"));
    demand_file(server, "/small.txt", SMALL_TEXT, strlen(SMALL_TEXT)); /* the first one is well */
    demand_good_end(server);
}
END_TEST

START_TEST(help_tells_of_every_option_that_it_takes)
{
    static const char *const words[] = {"--help-all", NULL};
    struct program_run run;
    run_program(&run, words);
    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(run.errors, "");
    ck_assert_ptr_nonnull(strstr(run.output, "--max-connections"));
    ck_assert_ptr_nonnull(strstr(run.output, "selfpipe"));
}
END_TEST

TCase *event_command_line_case(void)
{
    TCase *tcase = create_event_case("event_command_line");
    tcase_add_loop_test(tcase, mistake_is_told_in_one_line, 0, sizeof mistakes / sizeof *mistakes);
    tcase_add_test(tcase, port_in_use_is_told_in_one_line);
    tcase_add_test(tcase, help_tells_of_every_option_that_it_takes);
    return tcase;
}
