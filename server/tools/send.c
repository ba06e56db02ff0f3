/*
 * threeways-send: asks one server, or several at the same moment, in a stated order, and tells who
 * was answered first.
 */
#define _POSIX_C_SOURCE 200809L
#include "core/options.h"
#include "tools/send_crowd.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2, TIMEOUT_MS = 60000, FIRST_MOST = 1000000, ADDRESS_BYTES = 256 };

static const char usage[] =
    "threeways-send [OPTION]... ORDER ADDRESS:PORT...\n"
    "Opens connections in a stated order and tells in which order the answers came.\n\n"
    "ORDER is made of numbers and kinds: c is cold (a file that is not in the page cache),\n"
    "h is hot (one that is). 1c10h asks for one cold file and then ten times for the hot one.\n\n"
    "  --first N      the number of the first cold file (1); the files are those of make www\n"
    "  --pace TIME    from one request to the next, whatever the answers do (0)\n"
    "  --timeout TIME for all of it (60s)\n"
    "  --run N        a mark for the requests: ?N.1, ?N.2 and so on stand behind their paths\n"
    "  --json         tell each request's beginning and end at once, as a line of JSON\n"
    "  --help         show this\n";

struct sender {
    struct send_order order;
    struct send_crowd crowd;
    uint64_t first, run, pace_ms, timeout_ms;
    bool json;
};

static bool complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("threeways-send: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return false;
}

/* --- the command line --------------------------------------------------------------------- */

static bool take_number(const char *name, const char *value, uint64_t *number)
{
    bool is_number = *value != '\0' && strspn(value, "0123456789") == strlen(value) &&
                     options_parse_size(value, number);
    return (is_number && *number >= 1 && *number <= FIRST_MOST) ||
           complain("--%s %s: not a number from 1 to %d", name, value, FIRST_MOST);
}

static bool take_time(const char *name, const char *value, uint64_t *ms)
{
    return options_parse_time(value, ms) ||
           complain("--%s %s: not a time; write it like 20ms or 2s", name, value);
}

static bool take_option(struct sender *sender, int option, const char *value)
{
    switch (option) {
    case 'f': return take_number("first", value, &sender->first);
    case 'r': return take_number("run", value, &sender->run);
    case 'p': return take_time("pace", value, &sender->pace_ms);
    case 't': return take_time("timeout", value, &sender->timeout_ms);
    case 'j': sender->json = true; return true;
    default: return false;
    }
}

static bool parse(struct sender *sender, int argc, char *argv[])
{
    static const struct option options[] = {{"first", required_argument, NULL, 'f'},
                                            {"run", required_argument, NULL, 'r'},
                                            {"pace", required_argument, NULL, 'p'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"timeout", required_argument, NULL, 't'},
                                            {"help", no_argument, NULL, 'H'},
                                            {0}};
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
        if (!take_option(sender, option, optarg))
            return false;
    }
    if (argc - optind < 2)
        return complain("which order, and which server? write threeways-send 1c10h 127.0.0.1:8080");
    return send_order_parse(&sender->order, argv[optind]) ||
           complain("%s: not an order of 1 to %d requests; write it like 1c10h", argv[optind],
                    SEND_MOST);
}

/* The host of "127.0.0.1:8080" or "[::1]:8080". Returns the port, or NULL. */
static const char *split_address(const char *text, char host[ADDRESS_BYTES])
{
    const char *colon = strrchr(text, ':');
    size_t length = colon != NULL ? (size_t)(colon - text) : 0;
    bool bracketed = length >= 2 && text[0] == '[' && text[length - 1] == ']';
    if (length == 0 || length >= ADDRESS_BYTES)
        return NULL;
    snprintf(host, ADDRESS_BYTES, "%.*s", (int)length - 2 * bracketed, text + bracketed);
    return colon + 1;
}

/* NULL after a complaint. */
static const struct addrinfo *find_address(const char *text)
{
    char host[ADDRESS_BYTES];
    struct addrinfo *address = NULL;
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    const char *port = split_address(text, host);
    if (port == NULL || getaddrinfo(host, port, &hints, &address) != 0)
        complain("%s: not an address and port; write it like 127.0.0.1:8080", text);
    return address;
}

/* --- the crowd ---------------------------------------------------------------------------- */

/* Request by request, and for each of them server by server: so all get it at the same moment. */
static void assign(struct sender *sender, size_t server, const char *name,
                   const struct addrinfo *address)
{
    size_t cold = (size_t)sender->first - 1;
    for (size_t i = 0; i < sender->order.count; i++) {
        struct send_client *client = &sender->crowd.clients[i * sender->crowd.servers + server];
        bool is_cold = sender->order.is_cold[i];
        *client = (struct send_client){
            .server = name, .address = address, .number = i + 1, .is_cold = is_cold, .socket = -1};
        send_order_path(client->path, is_cold, cold, (unsigned)sender->run, i + 1);
        cold += is_cold;
    }
}

static bool gather(struct sender *sender, char *const names[], size_t servers)
{
    struct send_crowd *crowd = &sender->crowd;
    crowd->servers = servers;
    crowd->count = servers * sender->order.count;
    crowd->pace_us = (int64_t)sender->pace_ms * 1000;
    crowd->timeout_us = (int64_t)sender->timeout_ms * 1000;
    crowd->clients = crowd->count > 0 ? calloc(crowd->count, sizeof *crowd->clients) : NULL;
    if (crowd->clients == NULL)
        return complain("not enough memory");
    for (size_t i = 0; i < servers; i++) {
        const struct addrinfo *address = find_address(names[i]);
        if (address == NULL)
            return false;
        assign(sender, i, names[i], address);
    }
    return true;
}

/* --- what it tells ------------------------------------------------------------------------ */

/* One write per line: several senders may share a file. */
static void tell_json(const struct send_client *client)
{
    if (client->stage == SEND_DONE)
        printf("{\"server\":\"%s\",\"path\":\"%s\",\"done\":%" PRId64 ",\"place\":%zu,"
               "\"status\":%u}\n",
               client->server, client->path, client->done_us, client->place, client->status);
    else
        printf("{\"server\":\"%s\",\"path\":\"%s\",\"sent\":%" PRId64 ",\"number\":%zu,"
               "\"kind\":\"%s\"}\n",
               client->server, client->path, client->sent_us, client->number,
               client->is_cold ? "cold" : "hot");
    fflush(stdout);
}

static void print_line(const struct send_client *client)
{
    enum { US_PER_MS = 1000 };
    int64_t waited = client->done_us - client->sent_us;
    printf("%6zu. %6zu  %-4s  %6" PRId64 ".%03d ms  ", client->place, client->number,
           client->is_cold ? "cold" : "hot", waited / US_PER_MS, (int)(waited % US_PER_MS));
    if (client->status == 0)
        printf("-    %s\n", client->path);
    else
        printf("%u  %s\n", client->status, client->path);
}

static const struct send_client *find_place(const struct send_crowd *crowd, const char *server,
                                            size_t place)
{
    for (size_t i = 0; i < crowd->count; i++)
        if (crowd->clients[i].server == server && crowd->clients[i].place == place)
            return &crowd->clients[i];
    return NULL;
}

static void print_server(const struct send_crowd *crowd, const char *server)
{
    const struct send_client *client;
    printf("%s\n  place request  kind         waited  status\n", server);
    for (size_t place = 1; (client = find_place(crowd, server, place)) != NULL; place++)
        print_line(client);
}

int main(int argc, char *argv[])
{
    static struct sender sender = {.first = 1, .timeout_ms = TIMEOUT_MS};
    if (!parse(&sender, argc, argv))
        return EXIT_USAGE;
    char *const *servers = argv + optind + 1;
    if (!gather(&sender, servers, (size_t)(argc - optind - 1)))
        return EXIT_USAGE;
    sender.crowd.tell = sender.json ? tell_json : NULL;
    bool all_answered = send_crowd_run(&sender.crowd);
    for (; *servers != NULL && !sender.json; servers++)
        print_server(&sender.crowd, *servers);
    return all_answered ? EXIT_SUCCESS : EXIT_FAILURE;
}
