/*
 * threeways-observe: shows what servers are doing, from the traces that they write.
 *
 * It is a web server on the same core, in the event model: its files are the page, and a generator
 * (core/generator.h) makes the answers to what the page asks for. The observed servers do not know
 * of it.
 */
#include "core/listener.h"
#include "core/server.h"
#include "core/signals.h"
#include "event/disk.h"
#include "event/poller.h"
#include "models/model.h"
#include "tools/observe_pages.h"
#include "tools/observe_place.h"
#include "tools/observe_text.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "threeways-observe [OPTION]... [NAME=]TRACE...\n"
    "Shows servers that write traces (threeways --trace) on a page, or in a terminal.\n\n"
    "  --port PORT     where the page is; 0 takes a free port (8000)\n"
    "  --control FIFO  a slow disk that the page may hold and let go: slowdisk --control\n"
    "                  (may be given for each)\n"
    "  --page DIR      the page's files (those that belong to this program)\n"
    "  --text          no page: tables in this terminal, until Ctrl-C\n"
    "  --help          show this\n";

static struct observer observer;

struct wishes {
    const char *port, *page;
    bool text;
};

static bool complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("threeways-observe: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return false;
}

/* --- the command line --------------------------------------------------------------------- */

static bool add_disk(const char *control)
{
    if (observer.disks.count == DISKS_MOST)
        return complain("--control %s: too many disks", control);
    observer.disks.control[observer.disks.count++] = control;
    return true;
}

static bool take_option(struct wishes *wishes, int option, const char *value)
{
    switch (option) {
    case 'p': wishes->port = value; return true;
    case 'd': wishes->page = value; return true;
    case 'c': return add_disk(value);
    case 't': wishes->text = true; return true;
    default: return false;
    }
}

static bool add_servers(char *const words[])
{
    char error[TRACE_READER_ERROR_BYTES];
    if (*words == NULL)
        return complain("which traces? write threeways-observe event=FILE, with the FILE of a "
                        "threeways --trace FILE");
    for (; *words != NULL; words++)
        if (!watched_add(&observer.servers, *words, error, sizeof error))
            return complain("%s", error);
    return true;
}

static bool parse(struct wishes *wishes, int argc, char *argv[])
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},    {"page", required_argument, NULL, 'd'},
        {"control", required_argument, NULL, 'c'}, {"text", no_argument, NULL, 't'},
        {"help", no_argument, NULL, 'H'},          {0}};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == 'H') {
            fputs(usage, stdout);
            exit(EXIT_SUCCESS);
        }
        if (option == ':' || option == '?')
            return complain("%s: no such option, or its value is missing; see --help",
                            argv[optind - 1]);
        if (!take_option(wishes, option, optarg))
            return false;
    }
    return add_servers(argv + optind);
}

/* --- the page ----------------------------------------------------------------------------- */

static bool make_token(char token[sizeof observer.token])
{
    unsigned char bytes[(sizeof observer.token - 1) / 2] = {0};
    FILE *random = fopen("/dev/urandom", "rb");
    bool well = random != NULL && fread(bytes, sizeof bytes, 1, random) == 1;
    if (random != NULL)
        fclose(random);
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(token + 2 * i, 3, "%02x", bytes[i]);
    return well || complain("/dev/urandom: %s", strerror(errno));
}

/* What belongs to this program: the page, unless one was named, and the sender. */
static bool find_parts(const char *word, struct wishes *wishes)
{
    static char page[PATH_MAX], sender[PATH_MAX];
    char directory[PATH_MAX];
    if (!place_of_program(word, directory, sizeof directory))
        return complain("%s: not found in PATH", word);
    if (wishes->page == NULL && !place_of_page(directory, page, sizeof page))
        return complain("the page is not where this program is; name it with --page DIR");
    if (wishes->page == NULL)
        wishes->page = page;
    if (snprintf(sender, sizeof sender, "%s/threeways-send", directory) >= (int)sizeof sender)
        return complain("%s: too long a name", directory);
    return senders_open(&observer.senders, sender) ||
           complain("no place for a temporary file: %s", strerror(errno));
}

static bool open_page(struct server *server, char *word, const struct wishes *wishes)
{
    static const struct generator generator = {observe_make_page, &observer};
    const struct option_choices choices = {model_choices, poller_choices, disk_choices,
                                           wakeup_choices};
    const char *words[] = {word, "--port", wishes->port, "--root", wishes->page, NULL};
    if (!options_parse(&server->options, 5, (char **)words, &choices, stderr) ||
        !server_open(server, "threeways-observe", (char **)words))
        return false;
    server->wakeup = wakeups[server->options.wakeup];
    server->generator = &generator;
    return true;
}

/* Behind the '#' the token stays in the browser: it is not part of what is asked for. */
static void announce(struct server *server)
{
    char name[LISTENER_NAME_BYTES];
    listener_name(server->listener, name);
    server_announce(server);
    printf("PAGE http://%s/#%s\n", name, observer.token);
    fflush(stdout);
}

static int show_page(char *word, struct wishes *wishes)
{
    static struct server server;
    signals_block();
    if (!find_parts(word, wishes) || !make_token(observer.token) ||
        !open_page(&server, word, wishes))
        return EXIT_USAGE;
    announce(&server);
    int status = models[server.options.model]->run(&server);
    server_close(&server);
    senders_close(&observer.senders);
    return status;
}

int main(int argc, char *argv[])
{
    struct wishes wishes = {.port = "8000"};
    if (!parse(&wishes, argc, argv))
        return EXIT_USAGE;
    if (wishes.text)
        return observe_text(&observer.servers) ? EXIT_SUCCESS : EXIT_FAILURE;
    return show_page(argv[0], &wishes);
}
