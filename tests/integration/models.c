#include "integration/models.h"

#include "support/deadline.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { OPTIONS_ROOM = 200, PATH_ROOM = 50, LINE_ROOM = 200 };

#define HALF_A_HEAD "GET /small.txt HTTP/1.1\r\nHos"
#define ONE_READING "\n +[0-9]+ +127[^\n]* READING "

const struct model_row model_rows[MODEL_ROWS] = {
    {"event", "signalfd", false}, {"threads", "signalfd", false}, {"single", "signalfd", true},
    {"event", "selfpipe", false}, {"threads", "selfpipe", false}, {"single", "selfpipe", true},
};

struct server *serve_row(int row, const char *format, ...)
{
    char options[OPTIONS_ROOM];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(options, sizeof options, format, arguments);
    va_end(arguments);
    return serve_with("--model %s --wakeup %s %s", model_rows[row].model, model_rows[row].wakeup,
                      options);
}

/* proc(5), status: ShdPnd has a bit for each signal that waits for the process. */
static bool is_pending(const struct server *server, int signal)
{
    char path[PATH_ROOM], line[LINE_ROOM];
    unsigned long long set = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)server->pid);
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "ShdPnd:", strlen("ShdPnd:")) == 0)
            set = strtoull(line + strlen("ShdPnd:"), NULL, 16);
    fclose(file);
    return (set >> (signal - 1) & 1) != 0;
}

void send_signal(const struct server *server, int signal)
{
    int64_t deadline = deadline_in(DEADLINE_USUAL_MS);
    ck_assert_int_eq(kill(server->pid, signal), 0);
    do {
        if (!is_pending(server, signal))
            return;
    } while (deadline_retry(deadline));
    ck_abort_msg("by the deadline the server has not taken signal %d", signal);
}

struct http_connection *open_half(const struct server *server)
{
    struct http_connection *half = open_and_send(server, HALF_A_HEAD);
    await_table(server, ONE_READING);
    return half;
}
