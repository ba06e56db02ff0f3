/*
 * Lab 06: extend the machine. First abandonment, then the state of this term (VARIANT).
 *
 * The table is data, so first it is read as data: the student's server prints it (--print-fsm), and
 * rules say which cell is wrong. A table proves nothing about actions, so then the machine runs:
 * clients go while their reads are held, and SIGUSR1, the descriptors and the disk's log show what
 * became of them.
 */
#include "grader/lab.h"
#include "support/deadline.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PATH_ROOM = 500,
    TEXT_ROOM = 500,
    TEXTS = 4,
    TABLE_ROOM = 64 * 1024,
    EXCERPT_ROOM = 2000,
    NAME_ROOM = 24,
    CELLS_MAX = 128,
    ROWS_MAX = 32,
    COLD_BYTES = 5000,
    LARGE_BYTES = 600 * 1024, /* with PIECE_BY_PIECE: more than two pieces */
    HUGE_BYTES = 12 << 20,    /* more than the kernel takes for a client that does not read */
    NARROW_BYTES = 64 * 1024,
    QUIET_MS = 50,     /* nothing has come for so long: the server sends no more for now */
    HOT_REQUESTS = 20, /* so many turns of the loop, at least */
    BATCH = 50,        /* at a time; there are 64 places */
    BATCHES = 2,
};

/* So long that nobody is answered because time is over. */
#define PATIENT        "--load-timeout 10m --write-timeout 10m"
#define PIECE_BY_PIECE "--cache-file-max 256K"

/* --- words for the messages ----------------------------------------------------------------- */

static const char *words(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* By printf's rules, in memory that a later call overwrites: the fourth from here. */
static const char *words(const char *format, ...)
{
    static char texts[TEXTS][TEXT_ROOM];
    static unsigned next;
    char *text = texts[next++ % TEXTS];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, TEXT_ROOM, format, arguments);
    va_end(arguments);
    return text;
}

/* --- the student's table -------------------------------------------------------------------- */

static struct cell {
    char state[NAME_ROOM], event[NAME_ROOM], action[NAME_ROOM], next[NAME_ROOM];
} cells[CELLS_MAX];

static struct row {
    char state[NAME_ROOM], watches[NAME_ROOM], clock[NAME_ROOM];
} rows[ROWS_MAX];

static size_t cell_count, row_count;

/* A line of the printed table is a cell; the first one of a state tells of its row, too. */
static void take_line(const char *line)
{
    struct cell cell;
    struct row row;
    int words_read = sscanf(line, "%23[A-Z_] %23s %23s %23s %23s %23s", row.state, row.watches,
                            row.clock, cell.event, cell.action, cell.next);
    bool begins_row = words_read == 6 && row_count < ROWS_MAX;
    if (begins_row)
        rows[row_count++] = row;
    else if (row_count == 0 ||
             sscanf(line, " %23[A-Z_] %23s %23[A-Z_]", cell.event, cell.action, cell.next) != 3)
        return;
    memcpy(cell.state, rows[row_count - 1].state, NAME_ROOM);
    if (cell_count < CELLS_MAX)
        cells[cell_count++] = cell;
}

static void read_machine(void)
{
    char line[TEXT_ROOM];
    const char *server = getenv("THREEWAYS"), *cage = getenv("CAGE");
    const char *command = words("'%s' 2 '%s' --print-fsm", cage != NULL ? cage : "build/cage",
                                server != NULL ? server : "build/threeways");
    FILE *output = popen(command, "r");
    cell_count = row_count = 0;
    while (output != NULL && fgets(line, sizeof line, output) != NULL)
        take_line(line);
    if (output != NULL)
        pclose(output);
    demand(cell_count > 0, command, "no table", "the machine, printed as a table");
}

static const struct row *row_of(const char *state)
{
    for (size_t i = 0; i < row_count; i++)
        if (strcmp(rows[i].state, state) == 0)
            return &rows[i];
    return NULL;
}

static const struct cell *cell_of(const char *state, const char *event)
{
    for (size_t i = 0; i < cell_count; i++)
        if (strcmp(cells[i].state, state) == 0 && strcmp(cells[i].event, event) == 0)
            return &cells[i];
    return NULL;
}

static const char *describe_cell(const char *state, const char *event)
{
    const struct cell *cell = cell_of(state, event);
    return cell != NULL ? words("[%s] = { %s, %s }", event, cell->action, cell->next) : "no cell";
}

static void demand_of_cell(bool is_met, const char *state, const char *event, const char *why)
{
    demand(is_met, words("--print-fsm; look at state %s, event %s", state, event),
           describe_cell(state, event), "%s", why);
}

static void demand_cell(const char *state, const char *event, const char *why)
{
    demand_of_cell(cell_of(state, event) != NULL, state, event,
                   words("a cell of %s for %s: %s", state, event, why));
}

static void demand_no_cell(const char *state, const char *event, const char *why)
{
    demand_of_cell(cell_of(state, event) == NULL, state, event,
                   words("no cell of %s for %s: %s", state, event, why));
}

static void demand_leads(const char *state, const char *event, const char *next, const char *why)
{
    const struct cell *cell = cell_of(state, event);
    demand_of_cell(cell != NULL && strcmp(cell->next, next) == 0, state, event,
                   words("%s on %s leads to %s: %s", state, event, next, why));
}

static void demand_row(const char *state, const char *watches, const char *clock, const char *why)
{
    const struct row *row = row_of(state);
    demand(row != NULL && strcmp(row->watches, watches) == 0 && strcmp(row->clock, clock) == 0,
           words("--print-fsm; look at the row of %s", state),
           row != NULL ? words("it watches %s, its clock is %s", row->watches, row->clock)
                       : "no row",
           "%s watches %s, its clock is %s: %s", state, watches, clock, why);
}

/* Nothing is proved by what the starter could do, nor by waiting for a state that nobody wrote. */
static void need_row(const char *state)
{
    read_machine();
    demand(row_of(state) != NULL, "--print-fsm", words("no row of %s", state),
           "write the row [%s] of event/fsm_table.c first", state);
}

/* --- the table's rules: abandonment --------------------------------------------------------- */

#define OWNS "a read in flight owns its memory and its file until it has ended, so the slot stays"

/* Catches: a read that cannot be called back is treated as if it could (FREE, or SENDING). */
START_TEST(loading_lets_its_client_go)
{
    read_machine();
    demand_leads("LOADING", "HUNG_UP", "ABANDONED", OWNS);
    demand_leads("LOADING", "TIMED_OUT", "ABANDONED", OWNS);
    demand_row("LOADING", "input", "disk",
               "select() tells of a reset only to those who watch for input, and a disk that takes "
               "too long is noticed by its clock");
    demand_leads("LOADING", "READABLE", "LOADING", "what comes meanwhile is kept");
}
END_TEST

/* Catches: the slot never gets free, or somebody is waited for who has gone. */
START_TEST(abandoned_waits_for_nothing_but_its_read)
{
    read_machine();
    demand_leads("ABANDONED", "DISK_DONE", "FREE", "nothing is owed to anybody any more");
    demand_leads("ABANDONED", "DISK_FAILED", "FREE", "a read that failed has ended, too");
    demand_row("ABANDONED", "-", "-", "there is no client, and the read has all the time it takes");
    for (size_t i = 0; i < cell_count; i++)
        if (strcmp(cells[i].state, "ABANDONED") == 0 && strncmp(cells[i].event, "DISK_", 5) != 0)
            demand_no_cell("ABANDONED", cells[i].event, "only the disk can say anything to it");
}
END_TEST

/* --- the table's rules: any machine --------------------------------------------------------- */

static bool is_one_of(const char *name, const char *names)
{
    char padded[TEXT_ROOM];
    snprintf(padded, sizeof padded, " %s ", name);
    return strstr(names, padded) != NULL;
}

/* Whether cells lead from one state to another, in any number of steps. */
static bool leads(const char *from, const char *to)
{
    bool reached[ROWS_MAX] = {false};
    for (size_t round = 0; round < row_count; round++)
        for (size_t i = 0; i < cell_count; i++) {
            bool starts = strcmp(cells[i].state, from) == 0;
            const struct row *row = row_of(cells[i].state), *next = row_of(cells[i].next);
            if (next != NULL && (starts || reached[row - rows]))
                reached[next - rows] = true;
        }
    return reached[row_of(to) - rows];
}

/* Catches: a state that cannot be left (its slot is lost), or that nobody comes to. */
START_TEST(every_state_has_a_way_in_and_a_way_out)
{
    need_row("ABANDONED");
    for (size_t i = 0; i < cell_count; i++)
        demand_of_cell(
            row_of(cells[i].next) != NULL, cells[i].state, cells[i].event,
            words("%s has a row: a request that comes there must get out again", cells[i].next));
    for (size_t i = 0; i < row_count; i++) {
        const char *state = rows[i].state;
        const char *look = words("--print-fsm; look at the row of %s", state);
        demand(leads(state, "FREE"), look, "no way to FREE", "%s has a way out, to FREE", state);
        demand(leads("FREE", state), look, "no way to it", "some cell leads to %s", state);
    }
}
END_TEST

static void check_row(const struct row *row)
{
    const char *state = row->state;
    bool has_clock = strcmp(row->clock, "-") != 0;
    if (strcmp(row->watches, "input") == 0)
        demand_cell(state, "READABLE", "its row watches input");
    else
        demand_no_cell(state, "READABLE", "its row does not watch input");
    if (strcmp(row->watches, "output") == 0)
        demand_cell(state, "WRITABLE", "its row watches output");
    if (has_clock)
        demand_cell(state, "TIMED_OUT", "its row has a clock");
    else
        demand_no_cell(state, "TIMED_OUT", "its row has no clock");
    if (!is_one_of(state, " FREE ABANDONED "))
        demand_cell(state, "HUNG_UP", "it has a client, and clients go");
}

/* Catches: what a state waits for happens, and the machine has no answer. */
START_TEST(every_wait_has_an_end)
{
    need_row("ABANDONED");
    for (size_t i = 0; i < row_count; i++)
        check_row(&rows[i]);
}
END_TEST

/* What the actions may hand on, as actions.h and term.h declare it. */
static const struct {
    const char *action, *outcomes;
} declared[] = {
    {"receive", " COMPLETE HAS_BODY MALFORMED ENDED HUNG_UP "},
    {"parse", " COMPLETE HAS_BODY MALFORMED ENDED "},
    {"receive_ahead", " HUNG_UP "},
    {"discard_body", " BODY_READ MALFORMED ENDED HUNG_UP "},
    {"look_up", " HIT JOIN MISS BUSY "},
    {"take_turn", " HIT JOIN MISS BUSY "},
    {"start_read", " BUSY DISK_DONE DISK_FAILED "},
    {"use_data", " WRITABLE "},
    {"begin_reply", " WRITABLE "},
    {"reply_refusal", " WRITABLE "},
    {"reply_408", " WRITABLE "},
    {"reply_500", " WRITABLE BROKEN "},
    {"reply_503", " WRITABLE BROKEN "},
    {"send_some", " CHUNK_SENT SENT CLOSING HUNG_UP "},
    {"next_request", " PIPELINED SPENT ENDED STOPPING "},
    {"linger", " ENDED HUNG_UP "},
    {"drain", " ENDED HUNG_UP "},
    {"read_ahead", " DISK_DONE DISK_FAILED "},
    {"send_piece", " CHUNK_SENT HUNG_UP "},
    {"take_piece", " WRITABLE "},
};

static void check_outcomes(const struct cell *cell, const char *outcomes)
{
    char outcome[NAME_ROOM];
    int length;
    for (; sscanf(outcomes, " %23s%n", outcome, &length) == 1; outcomes += length)
        demand_cell(cell->next, outcome,
                    words("%s on %s runs %s, which may hand it on, and is %s then", cell->state,
                          cell->event, cell->action, cell->next));
}

/* Catches: an action says what came of it, and its state does not know the word. */
START_TEST(every_outcome_has_a_cell)
{
    need_row("ABANDONED");
    for (size_t i = 0; i < cell_count; i++)
        for (size_t k = 0; k < sizeof declared / sizeof *declared; k++)
            if (strcmp(cells[i].action, declared[k].action) == 0)
                check_outcomes(&cells[i], declared[k].outcomes);
}
END_TEST

/* Catches: a slot that is free by its state alone, or freed by an action and still in use. */
START_TEST(slots_are_freed_where_the_machine_says_so)
{
    need_row("ABANDONED");
    for (size_t i = 0; i < cell_count; i++) {
        const struct cell *cell = &cells[i];
        bool frees = is_one_of(cell->action, " release finish_alone ");
        bool abandons = is_one_of(cell->action, " let_go give_up ");
        demand_of_cell(frees == (strcmp(cell->next, "FREE") == 0), cell->state, cell->event,
                       "release and finish_alone lead to FREE, and nothing else does");
        demand_of_cell(!abandons || strcmp(cell->next, "ABANDONED") == 0, cell->state, cell->event,
                       "let_go and give_up lead to ABANDONED: they close the connection");
    }
}
END_TEST

/* All that the starter had, and that need not be touched: each state, then its events. */
static const char *const as_it_was[][10] = {
    {"FREE", "ACCEPTED IDLE", NULL},
    {"IDLE", "READABLE READING", "PIPELINED READING", "SPENT YIELDED", "HUNG_UP FREE", "ENDED FREE",
     "TIMED_OUT FREE", "STOPPING FREE", NULL},
    {"READING", "READABLE READING", "COMPLETE READING", "HAS_BODY DISCARDING", "HIT SENDING",
     "JOIN JOINED", "MISS LOADING", "BUSY WAITING", "MALFORMED SENDING", NULL},
    {"READING", "TIMED_OUT SENDING", "HUNG_UP FREE", "ENDED FREE", NULL},
    {"DISCARDING", "READABLE DISCARDING", "BODY_READ READING", "MALFORMED SENDING",
     "TIMED_OUT SENDING", "HUNG_UP FREE", "ENDED FREE", NULL},
    {"YIELDED", "TURN READING", "HUNG_UP FREE", NULL},
    {"WAITING", "READABLE WAITING", "TURN READING", "TIMED_OUT SENDING", "HUNG_UP FREE", NULL},
    {"JOINED", "READABLE JOINED", "LOADED SENDING", "LOAD_FAILED SENDING", "TIMED_OUT SENDING",
     "HUNG_UP FREE", NULL},
    {"LOADING", "DISK_DONE SENDING", "DISK_FAILED SENDING", "BUSY WAITING", NULL},
    {"SENDING", "WRITABLE SENDING", "CHUNK_SENT LOADING", "SENT IDLE", "CLOSING LINGERING",
     "BROKEN FREE", "HUNG_UP FREE", "TIMED_OUT FREE", NULL},
    {"LINGERING", "READABLE LINGERING", "HUNG_UP FREE", "ENDED FREE", "TIMED_OUT FREE", NULL},
};

/* Catches: an edge that was right is bent to make a new one fit. */
START_TEST(the_rest_of_the_machine_is_as_it_was)
{
    need_row("ABANDONED");
    for (size_t i = 0; i < sizeof as_it_was / sizeof *as_it_was; i++)
        for (const char *const *edge = &as_it_was[i][1]; *edge != NULL; edge++) {
            char event[NAME_ROOM], next[NAME_ROOM];
            sscanf(*edge, "%23s %23s", event, next);
            demand_leads(as_it_was[i][0], event, next, "it was so, and it was right");
        }
}
END_TEST

/* --- the request table, as SIGUSR1 shows it ------------------------------------------------- */

/* A message of Check's has an end. */
static const char *excerpt(const char *text)
{
    static char shown[EXCERPT_ROOM];
    snprintf(shown, sizeof shown, "%.*s", EXCERPT_ROOM - 1, text);
    return shown;
}

/* What the server has said from an offset on. (Its messages are a nameless file.) */
static const char *said_from(off_t offset)
{
    static char text[TABLE_ROOM];
    ssize_t length = pread(lab_server.program.messages, text, sizeof text - 1, offset);
    text[length > 0 ? length : 0] = '\0';
    return text;
}

/* Whether the table is there to its last line. (Lines of slowdisk's may have come in between.) */
static bool is_whole(const char *table)
{
    const char *totals = strstr(table, " timeouts, ");
    return totals != NULL && strstr(totals, " sent\n") != NULL;
}

/* Has the server print its table, and returns it. */
static const char *show_table(void)
{
    struct stat messages;
    ck_assert_int_eq(fstat(lab_server.program.messages, &messages), 0);
    off_t before = messages.st_size;
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    kill(lab_server.program.pid, SIGUSR1);
    do {
        const char *table = strstr(said_from(before), "Request table (");
        if (table != NULL && is_whole(table))
            return table;
    } while (deadline_retry(deadline));
    demand(false, "SIGUSR1", excerpt(said_from(before)),
           "the request table: the one thread must be free to print it");
    return "";
}

static unsigned count_in(const char *text, const char *word)
{
    unsigned count = 0;
    for (; (text = strstr(text, word)) != NULL; text++)
        count++;
    return count;
}

/* Waits until the table has `word` exactly so many times; `sent` says what was done before. */
static void await_in_table(unsigned count, const char *word, const char *sent)
{
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    const char *table;
    do {
        table = show_table();
        if (count_in(table, word) == count)
            return;
    } while (deadline_retry(deadline));
    demand(false, sent, excerpt(table), "\"%s\" %u times in the request table (SIGUSR1)", word,
           count);
}

/* The same, without waiting: nothing is to come any more. */
static void demand_in_table(const char *word, const char *sent)
{
    const char *table = show_table();
    demand(count_in(table, word) == 1, sent, excerpt(table),
           "\"%s\" in the request table (SIGUSR1)", word);
}

static void await_states(unsigned count, const char *state, const char *sent)
{
    await_in_table(count, words(" %s ", state), sent);
}

/* The read that was held last, as the disk's log tells it. */
static const char *last_read(void)
{
    const char *last = "no read", *next = slow_messages(&lab_server);
    while ((next = strstr(next, " held ")) != NULL)
        last = next++;
    return words("%.*s", (int)strcspn(last, "\n"), last);
}

/* Waits until the disk has all reads that were started: only what is held can be released. */
static void await_all_held(void)
{
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    unsigned started = 0;
    do {
        const char *disk = strstr(show_table(), "buffers left; ");
        if (disk != NULL && sscanf(disk, "buffers left; %u reads", &started) == 1 &&
            slow_count_held(&lab_server) >= started)
            return;
    } while (deadline_retry(deadline));
    demand(false, "all of the above", last_read(), "%u reads, held by the disk", started);
}

/* Nobody is there any more, and all is given back. */
static void await_all_free(const char *sent)
{
    await_in_table(1, "  0 of ", sent);
    await_in_table(1, "disk: 0 of ", sent);
}

/* The connection that has asked for hot.txt may still be open. */
static unsigned count_descriptors_at_rest(void)
{
    await_all_free("the start");
    return lab_count_descriptors();
}

/* A pair that the table does not list is told on standard error, and ends the connection. */
static void end_well(void)
{
    static char line[TEXT_ROOM];
    const char *fault = strstr(slow_messages(&lab_server), "threeways: fault:");
    snprintf(line, sizeof line, "%.*s", fault != NULL ? (int)strcspn(fault, "\n") : 0,
             fault != NULL ? fault : "");
    demand(fault == NULL, "all of the above", line, "no fault: the table has all that happens");
    lab_end();
}

/* --- clients -------------------------------------------------------------------------------- */

#define RESET_WHILE_HELD "GET of a cold file, and a reset while its read was held"

static void reset_connection(struct http_connection *talk)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(talk->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    http_close(talk);
}

/* Asks for a cold file, and resets while its read is held; the slot is ABANDONED then. */
static const char *abandon_a_read(size_t bytes)
{
    const char *file = lab_new_file(bytes);
    reset_connection(lab_ask_cold(file));
    await_states(1, "ABANDONED", RESET_WHILE_HELD);
    return file;
}

/* Who has JOINED an abandoned read is told of its end. */
static void demand_told(struct http_connection *joined, const char *event)
{
    http_read_answers(joined, 1);
    demand(joined->count == 1, "the release of an abandoned read that another had JOINED",
           http_describe(joined), "an answer for the one that has JOINED: it is to be told %s",
           event);
}

static unsigned count_reads_of(const char *file)
{
    return slow_count(&lab_server, words(" s  held +[a-z0-9]+ of %s by ", file));
}

static void cut_off(const char *file)
{
    const char *path = words("%s/%s", lab_root(), file);
    ck_assert_msg(truncate(path, 0) == 0, "%s: %s", path, strerror(errno));
}

/* --- the machine runs: abandonment ---------------------------------------------------------- */

/* Catches: the machine sleeps beside the disk and does not see that its client has gone. */
START_TEST(client_that_goes_is_let_go)
{
    need_row("ABANDONED");
    lab_hold(PATIENT);
    abandon_a_read(COLD_BYTES);
    demand_hot(HOT_REQUESTS);
    lab_release_all();
    await_all_free("the release of a read whose client had gone");
    demand_hot(1);
    end_well();
}
END_TEST

/* Catches: file or buffer given back in flight; connection or area kept. */
START_TEST(abandoned_read_keeps_what_it_owns_and_no_more)
{
    need_row("ABANDONED");
    lab_hold(PATIENT " --buffers 4 " PIECE_BY_PIECE);
    unsigned before = count_descriptors_at_rest();
    abandon_a_read(LARGE_BYTES);
    unsigned now = lab_count_descriptors();
    demand(now > before, RESET_WHILE_HELD, words("%u open descriptors", now),
           "%u: the file stays open. A read is in flight, and would fetch from whatever gets the "
           "number next",
           before + 1);
    demand(now == before + 1, RESET_WHILE_HELD, words("%u open descriptors", now),
           "%u: the file's. The connection is closed at once", before + 1);
    demand_in_table("disk: 1 of 64 places taken, 3 buffers left", RESET_WHILE_HELD);
    lab_release_all();
    await_in_table(1, "disk: 0 of 64 places taken, 4 buffers left", "its release");
    await_all_free("its release");
    now = lab_count_descriptors();
    demand(now == before, "its release", words("%u open descriptors", now), "%u, as before",
           before);
    end_well();
}
END_TEST

/* Catches: the read is in vain, and those who joined it wait for ever. */
START_TEST(who_joined_gets_the_file_all_the_same)
{
    need_row("ABANDONED");
    lab_hold(PATIENT);
    const char *file = lab_new_file(COLD_BYTES);
    struct http_connection *first = lab_ask_cold(file), *second = lab_ask(file);
    await_states(1, "JOINED", "a second GET of a file whose read was held");
    reset_connection(first);
    await_states(1, "ABANDONED", "a reset of the first");
    lab_release(file);
    demand_told(second, "LOADED");
    demand_file(second, file);
    demand_file(lab_ask(file), file);
    unsigned reads = count_reads_of(file);
    demand(reads == 1, "a third GET of it", words("%u reads of the file", reads),
           "1: what an abandoned read brought is in the page cache");
    end_well();
}
END_TEST

/* Catches: only the good end of an abandoned read is thought of. */
START_TEST(abandoned_read_may_fail)
{
    need_row("ABANDONED");
    lab_hold(PATIENT);
    const char *file = lab_new_file(COLD_BYTES);
    struct http_connection *first = lab_ask_cold(file), *second = lab_ask(file);
    await_states(1, "JOINED", "a second GET of a file whose read was held");
    reset_connection(first);
    await_states(1, "ABANDONED", "a reset of the first");
    cut_off(file);
    lab_release(file);
    demand_told(second, "LOAD_FAILED");
    demand_status(second, 500);
    http_close(second);
    await_all_free("an abandoned read that failed: the file was empty by then");
    end_well();
}
END_TEST

/* Catches: a client that is not told; or told, and its read forgotten. */
START_TEST(disk_that_takes_too_long_is_answered_for)
{
    need_row("ABANDONED");
    lab_hold("--load-timeout 1s");
    const char *file = lab_new_file(COLD_BYTES);
    struct http_connection *talk = lab_ask_cold(file);
    http_read_to_end(talk);
    demand(talk->closed && talk->count == 1 && talk->answers[0].status == 503,
           "GET of a cold file, whose read was held beyond --load-timeout", http_describe(talk),
           "a 503, and the end of the connection");
    await_states(1, "ABANDONED", "GET of a cold file, held beyond --load-timeout");
    demand_hot(HOT_REQUESTS);
    lab_release_all();
    await_all_free("its release");
    end_well();
}
END_TEST

/* Catches: the end of what a client sends is taken for its hanging up. */
START_TEST(half_closed_client_still_gets_its_reply)
{
    need_row("ABANDONED");
    lab_hold(PATIENT);
    const char *file = lab_new_file(COLD_BYTES);
    struct http_connection *talk = lab_ask_cold(file);
    http_finish_sending(talk);
    demand_hot(HOT_REQUESTS);
    await_states(1, "LOADING", "GET of a cold file, and the end of the stream (SHUT_WR)");
    lab_release(file);
    demand_file(talk, file);
    end_well();
}
END_TEST

/* Catches: bytes that come while the disk is read are lost, or make the loop spin. */
START_TEST(what_comes_while_the_disk_is_read_is_kept)
{
    need_row("ABANDONED");
    lab_hold(PATIENT);
    const char *file = lab_new_file(COLD_BYTES);
    struct http_connection *talk = lab_ask_cold(file);
    http_send_text(talk, "GET /hot.txt HTTP/1.1\r\nHost: test\r\n\r\n");
    demand_hot(HOT_REQUESTS);
    demand_rest(300);
    lab_release(file);
    http_read_answers(talk, 2);
    demand(talk->count == 2 && talk->answers[0].status == 200 && talk->answers[1].status == 200 &&
               talk->answers[0].body_length == COLD_BYTES,
           "GET of a cold file, and of hot.txt on the same connection while its read was held",
           http_describe(talk), "both, in this order");
    end_well();
}
END_TEST

static void reset_a_batch(void)
{
    struct http_connection *batch[BATCH];
    const char *file = lab_new_file(LARGE_BYTES); /* too large for the cache: nobody joins */
    for (unsigned i = 0; i < BATCH; i++)
        batch[i] = lab_ask(file);
    await_states(BATCH, "LOADING", "50 GETs of a large cold file");
    for (unsigned i = 0; i < BATCH; i++)
        reset_connection(batch[i]);
    await_states(BATCH, "ABANDONED", "50 resets while their reads were held");
    await_all_held();
    lab_release_all();
    await_all_free("the release of 50 abandoned reads");
}

/* Catches: a place, a buffer, an area, a descriptor lost with each client that goes. */
START_TEST(hundred_resets_leave_nothing_behind)
{
    need_row("ABANDONED");
    lab_hold(PATIENT " --buffers 64 " PIECE_BY_PIECE);
    unsigned before = count_descriptors_at_rest();
    for (unsigned i = 0; i < BATCHES; i++)
        reset_a_batch();
    unsigned now = lab_count_descriptors();
    demand(now == before, "100 resets while reads were held", words("%u open descriptors", now),
           "%u, as before", before);
    await_in_table(1, "disk: 0 of 64 places taken, 64 buffers left", "100 resets");
    lab_let_go();
    const char *file = lab_new_file(LARGE_BYTES);
    demand_file(lab_ask(file), file);
    end_well();
}
END_TEST

/* Catches: who waits for another's read, or for a place, is treated as if it had its own. */
START_TEST(who_only_waits_is_forgotten_at_once)
{
    need_row("ABANDONED");
    lab_hold(PATIENT " --places 1");
    const char *file = lab_new_file(COLD_BYTES);
    struct http_connection *first = lab_ask_cold(file), *joined = lab_ask(file);
    struct http_connection *waiting = lab_ask(lab_new_file(COLD_BYTES));
    await_states(1, "JOINED", "a second GET of a file whose read was held");
    await_states(1, "WAITING", "GET of another file, with --places 1");
    reset_connection(joined);
    reset_connection(waiting);
    await_in_table(1, "  1 of ", "resets of one that had JOINED and of one that was WAITING");
    lab_release(file);
    demand_file(first, file);
    end_well();
}
END_TEST

static bool is_door_closed(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)lab_server.program.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool refused = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == -1 &&
                   errno == ECONNREFUSED;
    close(fd);
    return refused;
}

/* Catches: the server ends beside a read, or waits for the slot of one that has ended. */
START_TEST(end_waits_for_an_abandoned_read)
{
    need_row("ABANDONED");
    lab_hold(PATIENT);
    const char *file = abandon_a_read(COLD_BYTES);
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    kill(lab_server.program.pid, SIGTERM); /* slowdisk would open the gate at once */
    while (!is_door_closed() && deadline_retry(deadline))
        continue;
    demand(kill(lab_server.program.pid, 0) == 0, "SIGTERM, with an abandoned read that was held",
           "the server's end", "it waits for the read, which owns its memory");
    lab_release(file);
    int status = slow_await_end(&lab_server);
    demand(status == 0, "SIGTERM, and the release of an abandoned read", words("status %d", status),
           "the end, with status 0");
}
END_TEST

/* --- the second part, a: read ahead --------------------------------------------------------- */

/* Catches: the read that is in flight while a piece is sent is forgotten. */
START_TEST(table_reads_ahead)
{
    read_machine();
    demand_leads("SENDING", "SLACK", "AHEAD", "the client takes no more, so the disk reads ahead");
    demand_row("AHEAD", "output", "send",
               "it sends, and the client's slowness is what it waits for");
    demand_row("STOCKED", "output", "send", "it sends");
    demand_leads("AHEAD", "DISK_DONE", "STOCKED", "the piece is there, the one before is not sent");
    demand_cell("AHEAD", "DISK_FAILED", "reads fail");
    demand_leads("AHEAD", "CHUNK_SENT", "LOADING", "all is sent, and the read is still in flight");
    demand_leads("AHEAD", "HUNG_UP", "ABANDONED", OWNS);
    demand_leads("AHEAD", "TIMED_OUT", "ABANDONED", OWNS);
    demand_leads("STOCKED", "CHUNK_SENT", "SENDING", "the next piece is there already");
    demand_no_cell("STOCKED", "DISK_DONE", "its read has ended");
}
END_TEST

static struct http_connection *ask_narrowly(const char *file)
{
    struct http_connection *talk = http_open_narrow(lab_server.program.port, NARROW_BYTES);
    http_send_text(talk, words("GET /%s HTTP/1.1\r\nHost: test\r\n\r\n", file));
    return talk;
}

#define FULL_CLIENT "GET of a large file, by a client that takes nothing"

/* Lets pieces go to a client that does not read, until the read of one is held beside it. */
static struct http_connection *ask_until_ahead(const char *file)
{
    struct http_connection *talk = ask_narrowly(file);
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    const char *table;
    slow_await_held(&lab_server, file);
    do {
        table = show_table();
        if (count_in(table, " AHEAD ") == 1)
            break;
        lab_release_all();
    } while (deadline_retry(deadline));
    demand(count_in(table, " AHEAD ") == 1, FULL_CLIENT, excerpt(table),
           "AHEAD: its next piece is read while it has not taken the one before");
    await_all_held();
    return talk;
}

/* Catches: no overlap; or the piece that is being sent is overwritten by the next. */
START_TEST(next_piece_is_read_while_one_is_sent)
{
    need_row("AHEAD");
    lab_hold(PATIENT " " PIECE_BY_PIECE);
    const char *file = lab_new_file(HUGE_BYTES);
    struct http_connection *talk = ask_until_ahead(file);
    unsigned reads = count_reads_of(file);
    demand_hot(HOT_REQUESTS);
    lab_release_all();
    await_states(1, "STOCKED", FULL_CLIENT ", and the release of the piece after it");
    demand(count_reads_of(file) == reads, FULL_CLIENT, words("%u reads", count_reads_of(file)),
           "%u: there is a buffer for one piece more, not for two", reads);
    lab_let_go();
    demand_file(talk, file);
    http_close(talk);
    await_all_free("the end of it all");
    end_well();
}
END_TEST

/* Catches: a place is kept while nothing is read, and the disk stands idle beside a slow client. */
START_TEST(piece_that_is_kept_has_no_place)
{
    need_row("AHEAD");
    lab_hold(PATIENT " --places 1 " PIECE_BY_PIECE);
    const char *file = lab_new_file(HUGE_BYTES), *other = lab_new_file(COLD_BYTES);
    struct http_connection *talk = ask_until_ahead(file);
    lab_release_all();
    await_states(1, "STOCKED", FULL_CLIENT ", and the release of the piece after it");
    demand_in_table("disk: 0 of 1 places taken", FULL_CLIENT ", STOCKED");
    struct http_connection *second = lab_ask_cold(other);
    lab_release(other);
    demand_file(second, other);
    lab_let_go();
    demand_file(talk, file);
    end_well();
}
END_TEST

/* Catches: slot, file or buffer are freed while the read ahead is in flight. */
START_TEST(client_that_goes_from_ahead_is_let_go)
{
    need_row("AHEAD");
    lab_hold(PATIENT " --buffers 4 " PIECE_BY_PIECE);
    unsigned before = count_descriptors_at_rest();
    reset_connection(ask_until_ahead(lab_new_file(HUGE_BYTES)));
    await_states(1, "ABANDONED", "a reset in AHEAD");
    demand_in_table("disk: 1 of 64 places taken, 3 buffers left", "a reset in AHEAD");
    unsigned now = lab_count_descriptors();
    demand(now == before + 1, "a reset in AHEAD", words("%u open descriptors", now),
           "%u: the file's; the connection is closed", before + 1);
    lab_release_all();
    await_in_table(1, "disk: 0 of 64 places taken, 4 buffers left", "its release");
    await_all_free("its release");
    end_well();
}
END_TEST

/* Catches: CHUNK_SENT starts a second read of the same piece. */
START_TEST(client_that_is_faster_waits_for_its_piece)
{
    need_row("AHEAD");
    lab_hold(PATIENT " " PIECE_BY_PIECE);
    const char *file = lab_new_file(HUGE_BYTES);
    struct http_connection *talk = ask_until_ahead(file);
    unsigned reads = count_reads_of(file);
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    const char *table;
    do {
        while (deadline_wait(talk->fd, POLLIN, deadline_in(QUIET_MS)) != 0)
            http_receive(talk);
        table = show_table();
    } while (count_in(table, " LOADING ") == 0 && deadline_retry(deadline));
    demand(count_in(table, " LOADING ") == 1 && count_reads_of(file) == reads,
           "a client in AHEAD takes all that is at hand", excerpt(table),
           "LOADING, and no other read of the file: the one in flight is what it waits for");
    lab_let_go();
    demand_file(talk, file);
    end_well();
}
END_TEST

/* Catches: the end of a read ahead is only thought of as a good one. */
START_TEST(read_ahead_may_fail)
{
    need_row("AHEAD");
    lab_hold(PATIENT " " PIECE_BY_PIECE);
    const char *file = lab_new_file(HUGE_BYTES);
    struct http_connection *talk = ask_until_ahead(file);
    cut_off(file);
    lab_let_go();
    http_read_to_end(talk);
    demand(talk->count == 0 && talk->closed, "a read ahead that fails: the file was empty by then",
           http_describe(talk), "the end of the connection, before the announced length");
    await_all_free("a read ahead that failed");
    end_well();
}
END_TEST

/* --- the second part, b: short files first -------------------------------------------------- */

/* Catches: a state that waits, and does not see that its client has gone. */
START_TEST(table_has_a_queue_of_its_own)
{
    read_machine();
    demand_leads("READING", "STAND_BACK", "QUEUED", "there is no place, and the file is large");
    demand_leads("LOADING", "STAND_BACK", "QUEUED", "nor is there one for the next piece");
    demand_row("QUEUED", "input", "disk", "it waits as WAITING does");
    demand_leads("QUEUED", "READABLE", "QUEUED", "what comes meanwhile is kept");
    demand_leads("QUEUED", "TURN", "READING", "it has its place, and looks in the cache again");
    demand_leads("QUEUED", "TIMED_OUT", "SENDING", "a 503, if nothing has been said yet");
    demand_leads("QUEUED", "HUNG_UP", "FREE", "it owns no read in flight");
}
END_TEST

/* The next read that is held must be of this file, and so far none of `later`. */
static void demand_next_read(const char *file, const char *later, const char *sent)
{
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    while (count_reads_of(file) == 0 && count_reads_of(later) == 0 && deadline_retry(deadline))
        continue;
    demand(count_reads_of(file) > 0 && count_reads_of(later) == 0, sent, last_read(),
           "a read of %s next, before one of %s", file, later);
}

#define ONE_PLACE "--places 1 " PIECE_BY_PIECE

/* Catches: first come, first served, under a new name. */
START_TEST(short_files_go_first)
{
    need_row("QUEUED");
    lab_hold(PATIENT " " ONE_PLACE);
    const char *large = lab_new_file(LARGE_BYTES), *other = lab_new_file(LARGE_BYTES);
    const char *shorts[3] = {lab_new_file(COLD_BYTES), lab_new_file(COLD_BYTES),
                             lab_new_file(COLD_BYTES)};
    struct http_connection *talks[5] = {lab_ask_cold(large), lab_ask(other)};
    await_states(1, "QUEUED", "two GETs of large files, with --places 1");
    for (unsigned i = 0; i < 3; i++) {
        talks[2 + i] = lab_ask(shorts[i]);
        await_states(i + 1, "WAITING", "then GETs of short files");
    }
    lab_release_all();
    for (unsigned i = 0; i < 3; i++) {
        demand_next_read(shorts[i], i < 2 ? shorts[i + 1] : other,
                         "the release of the one read in flight");
        demand_hot(1);
        lab_release_all();
        demand_file(talks[2 + i], shorts[i]);
    }
    demand_next_read(other, "any other file", "the end of all short files");
    await_states(1, "QUEUED", "the first large file, between two pieces");
    lab_let_go();
    demand_file(talks[0], large);
    demand_file(talks[1], other);
    end_well();
}
END_TEST

/* Catches: the order among equals is lost; a short file passes another that was there before. */
START_TEST(large_files_keep_their_order)
{
    need_row("QUEUED");
    lab_hold(PATIENT " " ONE_PLACE);
    const char *first = lab_new_file(COLD_BYTES);
    const char *larges[2] = {lab_new_file(LARGE_BYTES), lab_new_file(LARGE_BYTES)};
    struct http_connection *talks[3] = {lab_ask_cold(first)};
    for (unsigned i = 0; i < 2; i++) {
        talks[1 + i] = lab_ask(larges[i]);
        await_states(i + 1, "QUEUED", "GETs of large files while one read is in flight");
    }
    lab_release_all();
    demand_next_read(larges[0], larges[1], "its release");
    lab_let_go();
    demand_file(talks[0], first);
    demand_file(talks[1], larges[0]);
    demand_file(talks[2], larges[1]);
    end_well();
}
END_TEST

/* Catches: the link of a slot that has been freed stays in the queue. */
START_TEST(queued_client_that_goes_is_forgotten)
{
    need_row("QUEUED");
    lab_hold(PATIENT " " ONE_PLACE);
    const char *first = lab_new_file(COLD_BYTES), *last = lab_new_file(LARGE_BYTES);
    struct http_connection *talk = lab_ask_cold(first);
    struct http_connection *gone = lab_ask(lab_new_file(LARGE_BYTES));
    await_states(1, "QUEUED", "GET of a large file while one read is in flight");
    reset_connection(gone);
    await_in_table(1, "  1 of ", "a reset in QUEUED");
    gone = lab_ask(last);
    await_states(1, "QUEUED", "another GET of a large file");
    lab_let_go();
    demand_file(talk, first);
    demand_file(gone, last);
    end_well();
}
END_TEST

/* Catches: who stands back is forgotten there. */
START_TEST(queued_too_long_is_answered_for)
{
    need_row("QUEUED");
    lab_hold("--load-timeout 1s " ONE_PLACE);
    lab_ask_cold(lab_new_file(COLD_BYTES));
    struct http_connection *talk = lab_ask(lab_new_file(LARGE_BYTES));
    await_states(1, "QUEUED", "GET of a large file while one read is in flight");
    demand_status(talk, 503);
    http_close(talk);
    lab_release_all();
    await_all_free("the release of the read before it");
    end_well();
}
END_TEST

/* --- the second part, c: a wait for a buffer ------------------------------------------------ */

/* Catches: a state that waits, and does not see that its client has gone. */
START_TEST(table_has_a_wait_for_a_buffer)
{
    read_machine();
    demand_leads("READING", "NO_BUFFER", "STARVED", "no buffer is left");
    demand_leads("READING", "BUSY", "WAITING", "there are buffers, or none is needed: no place");
    demand_row("STARVED", "input", "disk", "it waits as WAITING does");
    demand_leads("STARVED", "READABLE", "STARVED", "what comes meanwhile is kept");
    demand_leads("STARVED", "TURN", "READING", "it has place and buffer, and looks again");
    demand_leads("STARVED", "TIMED_OUT", "SENDING", "a 503, nothing has been said yet");
    demand_leads("STARVED", "HUNG_UP", "FREE", "it owns no read in flight");
}
END_TEST

#define ONE_BUFFER "--buffers 1 " PIECE_BY_PIECE
#define TWO_LARGE  "two GETs of large files, with --buffers 1"

/* Catches: who waits for a buffer is in the way of those who need none. */
START_TEST(starved_is_passed_by_who_needs_no_buffer)
{
    need_row("STARVED");
    lab_hold(PATIENT " --places 2 " ONE_BUFFER);
    const char *larges[2] = {lab_new_file(LARGE_BYTES), lab_new_file(LARGE_BYTES)};
    const char *small = lab_new_file(COLD_BYTES);
    struct http_connection *talks[2] = {lab_ask_cold(larges[0]), lab_ask(larges[1])};
    await_states(1, "STARVED", TWO_LARGE);
    struct http_connection *passes = lab_ask_cold(small);
    lab_release(small);
    demand_file(passes, small);
    await_states(1, "STARVED", TWO_LARGE " and one of a small file");
    demand(count_reads_of(larges[1]) == 0, TWO_LARGE, last_read(),
           "no read of the second as long as the first has the buffer");
    lab_let_go();
    demand_file(talks[0], larges[0]);
    http_close(talks[0]);
    demand_file(talks[1], larges[1]);
    http_close(talks[1]);
    http_close(passes);
    await_in_table(1, "places taken, 1 buffers left", "the end of it all");
    await_all_free("the end of it all");
    end_well();
}
END_TEST

/* Catches: one name for both waits; the table does not say what is scarce. */
START_TEST(starved_and_waiting_are_told_apart)
{
    need_row("STARVED");
    lab_hold(PATIENT " --places 1 " ONE_BUFFER);
    const char *larges[2] = {lab_new_file(LARGE_BYTES), lab_new_file(LARGE_BYTES)};
    const char *small = lab_new_file(COLD_BYTES);
    struct http_connection *talks[3] = {lab_ask_cold(larges[0]), lab_ask(larges[1]),
                                        lab_ask(small)};
    await_states(1, "STARVED", TWO_LARGE);
    await_states(1, "WAITING", "GET of a small file, with --places 1");
    lab_let_go();
    demand_file(talks[0], larges[0]);
    demand_file(talks[1], larges[1]);
    demand_file(talks[2], small);
    end_well();
}
END_TEST

/* Catches: a buffer that a read in flight still fills is given to the next. */
START_TEST(starved_waits_for_the_buffer_of_an_abandoned_read)
{
    need_row("STARVED");
    lab_hold(PATIENT " --places 2 " ONE_BUFFER);
    const char *first = lab_new_file(LARGE_BYTES), *second = lab_new_file(LARGE_BYTES);
    struct http_connection *gone = lab_ask_cold(first), *talk = lab_ask(second);
    await_states(1, "STARVED", TWO_LARGE);
    reset_connection(gone);
    await_states(1, "ABANDONED", "a reset of the one that has the buffer");
    demand_hot(HOT_REQUESTS);
    await_states(1, "STARVED", "a reset of the one that has the buffer, its read still held");
    lab_release(first);
    slow_await_held(&lab_server, second);
    lab_let_go();
    demand_file(talk, second);
    end_well();
}
END_TEST

/* Catches: the link of a slot that has been freed stays in the queue. */
START_TEST(starved_client_that_goes_is_forgotten)
{
    need_row("STARVED");
    lab_hold(PATIENT " " ONE_BUFFER);
    const char *larges[2] = {lab_new_file(LARGE_BYTES), lab_new_file(LARGE_BYTES)};
    struct http_connection *talk = lab_ask_cold(larges[0]);
    struct http_connection *gone = lab_ask(lab_new_file(LARGE_BYTES));
    await_states(1, "STARVED", TWO_LARGE);
    reset_connection(gone);
    await_in_table(1, "  1 of ", "a reset in STARVED");
    gone = lab_ask(larges[1]);
    await_states(1, "STARVED", "another GET of a large file");
    lab_let_go();
    demand_file(talk, larges[0]);
    http_close(talk);
    demand_file(gone, larges[1]);
    end_well();
}
END_TEST

/* Catches: who starves is forgotten there. */
START_TEST(starved_too_long_is_answered_for)
{
    need_row("STARVED");
    lab_hold("--load-timeout 1s " ONE_BUFFER);
    lab_ask_cold(lab_new_file(LARGE_BYTES));
    struct http_connection *talk = lab_ask(lab_new_file(LARGE_BYTES));
    await_states(1, "STARVED", TWO_LARGE);
    demand_status(talk, 503);
    http_close(talk);
    lab_release_all();
    await_all_free("the release of the read before it");
    end_well();
}
END_TEST

/* --- what is graded ------------------------------------------------------------------------- */

static void add_read_ahead(void)
{
    GRADE(table_reads_ahead, 6);
    GRADE(next_piece_is_read_while_one_is_sent, 10);
    GRADE(piece_that_is_kept_has_no_place, 6);
    GRADE(client_that_goes_from_ahead_is_let_go, 8);
    GRADE(client_that_is_faster_waits_for_its_piece, 5);
    GRADE(read_ahead_may_fail, 5);
}

static void add_short_first(void)
{
    GRADE(table_has_a_queue_of_its_own, 6);
    GRADE(short_files_go_first, 14);
    GRADE(large_files_keep_their_order, 8);
    GRADE(queued_client_that_goes_is_forgotten, 6);
    GRADE(queued_too_long_is_answered_for, 6);
}

static void add_starved(void)
{
    GRADE(table_has_a_wait_for_a_buffer, 6);
    GRADE(starved_is_passed_by_who_needs_no_buffer, 10);
    GRADE(starved_and_waiting_are_told_apart, 8);
    GRADE(starved_waits_for_the_buffer_of_an_abandoned_read, 6);
    GRADE(starved_client_that_goes_is_forgotten, 5);
    GRADE(starved_too_long_is_answered_for, 5);
}

/* The second part is worth 40; without it, the first one counts for all. */
static bool add_second_part(void)
{
    const char *variant = getenv("VARIANT");
    if (variant == NULL || *variant == '\0')
        return false;
    if (*variant == 'a')
        add_read_ahead();
    if (*variant == 'b')
        add_short_first();
    if (*variant == 'c')
        add_starved();
    return true;
}

static void add_tests(void)
{
    bool is_half = add_second_part();
    GRADE(loading_lets_its_client_go, is_half ? 6 : 10);
    GRADE(abandoned_waits_for_nothing_but_its_read, is_half ? 6 : 10);
    GRADE(every_state_has_a_way_in_and_a_way_out, is_half ? 3 : 5);
    GRADE(every_wait_has_an_end, is_half ? 3 : 5);
    GRADE(every_outcome_has_a_cell, is_half ? 3 : 5);
    GRADE(slots_are_freed_where_the_machine_says_so, is_half ? 3 : 5);
    GRADE(the_rest_of_the_machine_is_as_it_was, is_half ? 3 : 5);
    GRADE(client_that_goes_is_let_go, is_half ? 6 : 10);
    GRADE(abandoned_read_keeps_what_it_owns_and_no_more, is_half ? 5 : 8);
    GRADE(who_joined_gets_the_file_all_the_same, is_half ? 5 : 8);
    GRADE(abandoned_read_may_fail, is_half ? 3 : 5);
    GRADE(disk_that_takes_too_long_is_answered_for, is_half ? 4 : 6);
    GRADE(half_closed_client_still_gets_its_reply, is_half ? 2 : 4);
    GRADE(what_comes_while_the_disk_is_read_is_kept, is_half ? 2 : 3);
    GRADE(hundred_resets_leave_nothing_behind, is_half ? 3 : 5);
    GRADE(who_only_waits_is_forgotten_at_once, is_half ? 2 : 3);
    GRADE(end_waits_for_an_abandoned_read, is_half ? 1 : 3);
}

const struct lab lab = {"06-fsm", "--model event --disk aio", add_tests};
