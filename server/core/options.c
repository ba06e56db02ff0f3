#include "core/options.h"

#include <getopt.h>
#include <stddef.h>
#include <string.h>

enum kind { NUMBER, SIZE, TIME, TEXT, FLAG, MODEL, POLLER, DISK, WAKEUP, FSM_FORMAT };

struct row {
    const char *name;
    char letter; /* 0: none */
    enum kind kind;
    bool for_students; /* in --help, not only in --help-all */
    size_t member;     /* where in struct options the value goes */
    uint64_t least, most;
    const char *value, *help;
};

#define MEMBER(name) offsetof(struct options, name)

/* clang-format off */
static const struct row rows[] = {
    {"port",            'p', NUMBER, true,  MEMBER(port),                 0, 65535,   "PORT",    "listen on this port; 0 takes a free one (8080)"},
    {"address",         'a', TEXT,   false, MEMBER(address),              0, 0,       "ADDRESS", "listen on this numeric address (127.0.0.1)"},
    {"root",            'd', TEXT,   true,  MEMBER(root),                 0, 0,       "DIR",     "serve the files beneath this directory (.)"},
    {"model",           'm', MODEL,  true,  MEMBER(model),                0, 0,       "MODEL",   "how the server is built"},
    {"poller",          0,   POLLER, false, MEMBER(poller),               0, 0,       "POLLER",  "what waits for descriptors"},
    {"disk",            0,   DISK,   false, MEMBER(disk),                 0, 0,       "DISK",    "how files are read"},
    {"wakeup",          'w', WAKEUP, true,  MEMBER(wakeup),               0, 0,       "WAKEUP",  "what turns a signal into an event"},
    {"cache-size",      'c', SIZE,   true,  MEMBER(cache_bytes),          0, 1ull<<40, "SIZE",   "memory for the page cache; 0 turns it off (64M)"},
    {"cache-file-max",  0,   SIZE,   false, MEMBER(cache_file_max_bytes), 0, 1ull<<30, "SIZE",   "larger files are streamed, not cached (1M)"},
    {"max-connections", 0,   NUMBER, false, MEMBER(max_connections),      1, 1000000, "N",       "connections at a time, if the system allows (as many as it does)"},
    {"places",          0,   NUMBER, false, MEMBER(places),               1, 1024,    "N",       "disk reads in flight at a time (64)"},
    {"buffers",         0,   NUMBER, false, MEMBER(buffers),              1, 65536,   "N",       "buffers of 256 KiB for streamed files (32)"},
    {"nowait",          0,   FLAG,   false, MEMBER(nowait),               0, 0,       NULL,      "event: ask the kernel for what it has in memory first (Linux)"},
    {"threads",         't', NUMBER, true,  MEMBER(threads),              1, 1024,    "N",       "threads: how many workers (32)"},
    {"queue",           0,   NUMBER, false, MEMBER(queue),                1, 65536,   "N",       "threads: connections that may wait for a worker (64)"},
    {"work",            0,   TIME,   false, MEMBER(work_ms),              0, 60000,   "TIME",    "CPU time burned for every request, for exercises (0)"},
    {"read-timeout",    0,   TIME,   false, MEMBER(read_timeout_ms),      1, 86400000, "TIME",   "for a whole request to arrive (10s)"},
    {"load-timeout",    0,   TIME,   false, MEMBER(load_timeout_ms),      1, 86400000, "TIME",   "for the disk to answer (30s)"},
    {"idle-timeout",    0,   TIME,   false, MEMBER(idle_timeout_ms),      1, 86400000, "TIME",   "between two requests of a connection (15s)"},
    {"write-timeout",   0,   TIME,   false, MEMBER(write_timeout_ms),     1, 86400000, "TIME",   "without progress while sending (30s)"},
    {"grace-time",      0,   TIME,   false, MEMBER(grace_ms),             0, 86400000, "TIME",   "for requests to finish after SIGTERM (10s)"},
    {"list",            'l', FLAG,   true,  MEMBER(list),                 0, 0,       NULL,      "list directories that have no index.html"},
    {"log",             0,   TEXT,   true,  MEMBER(log),                  0, 0,       "FILE",    "write an access log (common log format); - is standard output"},
    {"trace",           0,   TEXT,   false, MEMBER(trace),                0, 0,       "FILE[,SIZE]", "write a trace that can be watched, with a ring of this size (16M)"},
    {"verbose",         'v', FLAG,   true,  MEMBER(verbose),              0, 0,       NULL,      "tell every transition on standard error"},
    {"print-fsm",       0,   FSM_FORMAT, true, MEMBER(print_fsm),         0, 0,       "FORMAT",  "print the finite-state machine: table (the default) or dot"},
    {"help",            'h', FLAG,   true,  MEMBER(help),                 0, 0,       NULL,      "show this"},
    {"help-all",        0,   FLAG,   true,  MEMBER(help_all),             0, 0,       NULL,      "show every option, and what can be chosen"},
    {"version",         'V', FLAG,   false, MEMBER(version),              0, 0,       NULL,      "show the version"},
};
/* clang-format on */

enum { ROWS = sizeof rows / sizeof *rows };

static const struct options defaults = {
    .address = "127.0.0.1",
    .port = 8080,
    .root = ".",
    .cache_bytes = 64 << 20,
    .cache_file_max_bytes = 1 << 20,
    .max_connections = 1000000,
    .places = 64,
    .buffers = 32,
    .threads = 32,
    .queue = 64,
    .read_timeout_ms = 10 * 1000,
    .load_timeout_ms = 30 * 1000,
    .idle_timeout_ms = 15 * 1000,
    .write_timeout_ms = 30 * 1000,
    .grace_ms = 10 * 1000,
};

/* --- values ------------------------------------------------------------------------------- */

/* Digits, and how far they went. Returns false for none, or for more than 64 bits. */
static bool parse_digits(const char **text, uint64_t *number)
{
    const char *at = *text;
    *number = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (*number > (UINT64_MAX - digit) / 10)
            return false;
        *number = *number * 10 + digit;
    }
    bool any = at > *text;
    *text = at;
    return any;
}

struct unit {
    const char *name;
    uint64_t factor;
};

static bool parse_with_unit(const char *text, const struct unit *units, uint64_t *value)
{
    if (!parse_digits(&text, value))
        return false;
    for (const struct unit *unit = units; unit->name != NULL; unit++) {
        if (strcmp(text, unit->name) != 0)
            continue;
        bool fits = *value <= UINT64_MAX / unit->factor;
        *value *= unit->factor;
        return fits;
    }
    return false;
}

bool options_parse_size(const char *text, uint64_t *bytes)
{
    static const struct unit units[] = {{"", 1},        {"k", 1 << 10}, {"K", 1 << 10},
                                        {"M", 1 << 20}, {"G", 1 << 30}, {NULL, 0}};
    return parse_with_unit(text, units, bytes);
}

bool options_parse_time(const char *text, uint64_t *ms)
{
    static const struct unit units[] = {
        {"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {NULL, 0}};
    return parse_with_unit(text, units, ms);
}

/* --- one option --------------------------------------------------------------------------- */

struct parser {
    struct options *options;
    const struct option_choices *choices;
    const char *program;
    FILE *errors;
};

static const struct choice *const *choices_of(const struct option_choices *choices, enum kind kind)
{
    switch (kind) {
    case MODEL: return choices->models;
    case POLLER: return choices->pollers;
    case DISK: return choices->disks;
    case WAKEUP: return choices->wakeups;
    case NUMBER:
    case SIZE:
    case TIME:
    case TEXT:
    case FLAG:
    case FSM_FORMAT: break;
    }
    return NULL;
}

static bool complain(const struct parser *parser, const struct row *row, const char *value,
                     const char *mend)
{
    fprintf(parser->errors, "%s: --%s %s: %s\n", parser->program, row->name, value, mend);
    return false;
}

static bool take_number(const struct parser *parser, const struct row *row, const char *value)
{
    char mend[96];
    uint64_t *member = (uint64_t *)(void *)((char *)parser->options + row->member);
    const char *rest = value;
    bool valid = row->kind == SIZE   ? options_parse_size(value, member)
                 : row->kind == TIME ? options_parse_time(value, member)
                                     : parse_digits(&rest, member) && *rest == '\0';
    if (valid && *member >= row->least && *member <= row->most)
        return true;
    if (row->kind == TIME)
        return complain(parser, row, value, "not a time; write it like 20ms, 10s or 2m");
    if (row->kind == SIZE)
        return complain(parser, row, value, "not a size within reason; write it like 16K or 64M");
    snprintf(mend, sizeof mend, "not a number from %llu to %llu", (unsigned long long)row->least,
             (unsigned long long)row->most);
    return complain(parser, row, value, mend);
}

static bool take_choice(const struct parser *parser, const struct row *row, const char *value)
{
    const struct choice *const *list = choices_of(parser->choices, row->kind);
    char mend[256] = "not one of:";
    for (size_t i = 0; list[i] != NULL; i++) {
        if (strcmp(list[i]->name, value) == 0) {
            *(uint64_t *)(void *)((char *)parser->options + row->member) = i;
            return true;
        }
        size_t length = strlen(mend);
        snprintf(mend + length, sizeof mend - length, " %s", list[i]->name);
    }
    return complain(parser, row, value, mend);
}

static bool take_text(const struct parser *parser, const struct row *row, const char *value)
{
    if (*value == '\0')
        return complain(parser, row, "''", "empty; give a value");
    *(const char **)(void *)((char *)parser->options + row->member) = value;
    return true;
}

static bool take_fsm_format(const struct parser *parser, const struct row *row, const char *value)
{
    if (value == NULL)
        value = "table";
    if (strcmp(value, "table") != 0 && strcmp(value, "dot") != 0)
        return complain(parser, row, value, "not one of: table dot");
    return take_text(parser, row, value);
}

static bool take(const struct parser *parser, const struct row *row, const char *value)
{
    switch (row->kind) {
    case NUMBER:
    case SIZE:
    case TIME: return take_number(parser, row, value);
    case TEXT: return take_text(parser, row, value);
    case FLAG: *((bool *)parser->options + row->member) = true; return true;
    case FSM_FORMAT: return take_fsm_format(parser, row, value);
    case MODEL:
    case POLLER:
    case DISK:
    case WAKEUP: return take_choice(parser, row, value);
    }
    return false;
}

/* --- the command line --------------------------------------------------------------------- */

/* The table in the form that getopt_long(3) wants: it answers with a row's number + 256. */
enum { ROW_BASE = 256 };

static void make_getopt_tables(struct option longs[ROWS + 1], char shorts[2 * ROWS + 2])
{
    *shorts++ = ':'; /* tell a missing value from an unknown option */
    for (int i = 0; i < ROWS; i++) {
        int argument = rows[i].kind == FLAG         ? no_argument
                       : rows[i].kind == FSM_FORMAT ? optional_argument
                                                    : required_argument;
        longs[i] = (struct option){rows[i].name, argument, NULL, ROW_BASE + i};
        if (rows[i].letter == '\0')
            continue;
        *shorts++ = rows[i].letter;
        if (argument == required_argument)
            *shorts++ = ':';
    }
    longs[ROWS] = (struct option){0};
    *shorts = '\0';
}

static const struct row *row_for(int answer)
{
    if (answer >= ROW_BASE)
        return &rows[answer - ROW_BASE];
    for (int i = 0; i < ROWS; i++)
        if (rows[i].letter == (char)answer)
            return &rows[i];
    return NULL;
}

/* getopt leaves an unknown letter in `optopt`, an unknown long option in the word before. */
static void complain_of_unknown(const struct parser *parser, const char *word)
{
    char letter[] = {'-', (char)optopt, '\0'};
    fprintf(parser->errors, "%s: %s: no such option; see %s --help-all\n", parser->program,
            optopt != 0 ? letter : word, parser->program);
}

static bool complain_of_option(const struct parser *parser, int answer, const char *word)
{
    const struct row *row = optopt != 0 ? row_for(optopt) : NULL;
    if (answer == ':' && row != NULL)
        fprintf(parser->errors, "%s: --%s: the value is missing; write --%s %s\n", parser->program,
                row->name, row->name, row->value);
    else if (row != NULL)
        fprintf(parser->errors, "%s: --%s takes no value\n", parser->program, row->name);
    else
        complain_of_unknown(parser, word);
    return false;
}

bool options_parse(struct options *options, int argc, char *argv[],
                   const struct option_choices *choices, FILE *errors)
{
    struct parser parser = {options, choices, "threeways", errors};
    struct option longs[ROWS + 1];
    char shorts[2 * ROWS + 2];
    make_getopt_tables(longs, shorts);
    *options = defaults;
    opterr = 0;
    optind = 1;
    for (;;) {
        int answer = getopt_long(argc, argv, shorts, longs, NULL);
        if (answer == -1)
            break;
        if (answer == '?' || answer == ':')
            return complain_of_option(&parser, answer, argv[optind - 1]);
        if (!take(&parser, row_for(answer), optarg))
            return false;
    }
    if (optind < argc)
        options->root = argv[optind++];
    if (optind < argc) {
        fprintf(errors, "%s: %s: one ROOT is enough; leave the others out\n", parser.program,
                argv[optind]);
        return false;
    }
    return true;
}

static void print_choices(FILE *out, const struct choice *const *list)
{
    for (size_t i = 0; list[i] != NULL; i++)
        fprintf(out, "                            %-9s %s%s\n", list[i]->name, list[i]->summary,
                i == 0 ? " (the default)" : "");
}

void options_print_help(FILE *out, bool all, const struct option_choices *choices)
{
    fprintf(out, "threeways [OPTION]... [ROOT]\n"
                 "A web server built in three ways, to see how each of them waits.\n\n");
    for (int i = 0; i < ROWS; i++) {
        const struct row *row = &rows[i];
        const struct choice *const *list = choices_of(choices, row->kind);
        char left[32], letter[8] = "   ";
        if (!all && !row->for_students)
            continue;
        if (row->letter != '\0')
            snprintf(letter, sizeof letter, "-%c,", row->letter);
        const char *form = row->kind == FSM_FORMAT ? "--%s[=%s]" : "--%s %s";
        snprintf(left, sizeof left, form, row->name, row->value != NULL ? row->value : "");
        fprintf(out, "  %s %-23s %s\n", letter, left, row->help);
        if (list != NULL)
            print_choices(out, list);
    }
    fprintf(out, "\nSizes take K, M, G; times take ms, s, m. SIGUSR1 prints the request table,\n"
                 "SIGTERM or Ctrl-C ends the server when its requests are done.\n");
}
