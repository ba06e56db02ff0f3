/*
 * The trace and its reader: what is written comes out whole, in order, once; what is lost is
 * counted; and a file that is no trace is refused by name.
 */
#include "core/trace.h"
#include "support/deadline.h"
#include "tools/trace_reader.h"
#include "unit/unit.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    KIB = 1024,
    SMALLEST = 1024, /* records, of the smallest ring */
    SLOTS = 16,
    WRITERS = 8,
    RECORDS_EACH = 20000,
    ROUNDS_EACH = 100000,
    TEST_SECONDS = 20,
};

static struct tree tree;
static struct trace trace;
static struct trace_reader reader;

static char *const command_line[] = {"threeways", "--trace", "a b", NULL};

static void make_tree(void)
{
    tree_make(&tree);
}

static void remove_tree(void)
{
    tree_remove(&tree);
}

/* --- writing and reading -------------------------------------------------------------------- */

static void open_undescribed(uint64_t bytes)
{
    ck_assert_msg(trace_open(&trace, tree_path(&tree, "trace"), bytes, command_line), "%s",
                  strerror(errno));
}

static void open_trace(uint64_t bytes)
{
    open_undescribed(bytes);
    trace_set_address(&trace, "127.0.0.1:8080");
    trace_describe(&trace, "threads", SLOTS, NULL);
}

static void open_reader(void)
{
    char error[TRACE_READER_ERROR_BYTES] = "";
    bool is_open = trace_reader_open(&reader, tree_path(&tree, "trace"), 0, error, sizeof error);
    ck_assert_msg(is_open, "%s", error);
}

static void write_counts(unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        trace_note(&trace, TRACE_WOKEN, TRACE_NO_SLOT, 0, i);
}

/* Reads one record, which must be the wake-up with this count. */
static void demand_count(unsigned count)
{
    struct trace_record record;
    ck_assert_int_eq(trace_reader_next(&reader, &record), TRACE_READ_RECORD);
    ck_assert_uint_eq(record.kind, TRACE_WOKEN);
    ck_assert_uint_eq(record.count, count);
}

static void demand_read(enum trace_read expected)
{
    struct trace_record record;
    ck_assert_int_eq(trace_reader_next(&reader, &record), expected);
}

START_TEST(the_header_tells_of_the_server)
{
    open_trace(0);
    open_reader();
    const struct trace_header *header = reader.header;
    ck_assert_str_eq(header->model, "threads");
    ck_assert_str_eq(header->address, "127.0.0.1:8080");
    ck_assert_str_eq(header->options, "threeways --trace a b");
    ck_assert_uint_eq(header->slots, SLOTS);
    ck_assert_uint_eq(header->process, (unsigned)getpid());
    ck_assert_uint_eq(header->states, REQUEST_STATE_COUNT);
    ck_assert_str_eq(trace_reader_state(&reader, LOADING), "LOADING");
    ck_assert_str_eq(trace_reader_state(&reader, REQUEST_STATE_COUNT), "");
    ck_assert_uint_eq(header->events, 0);
    ck_assert_str_eq(trace_reader_event(&reader, 0), "");
}
END_TEST

static const struct {
    uint64_t bytes;
    uint32_t capacity;
} capacities[] = {
    {0, SMALLEST},          {1, SMALLEST},          {64 * KIB, SMALLEST},
    {127 * KIB, SMALLEST},  {128 * KIB, 2048},      {100 * KIB, SMALLEST},
    {1024 * KIB, 16 * KIB}, {1500 * KIB, 16 * KIB}, {TRACE_USUAL_BYTES, 256 * KIB},
};

/* A record has 64 bytes, and the ring a power of two of them: the most that `bytes` hold. */
START_TEST(the_capacity_follows_from_the_size)
{
    struct stat status;
    open_trace(capacities[_i].bytes);
    open_reader();
    ck_assert_uint_eq(reader.header->capacity, capacities[_i].capacity);
    ck_assert_int_eq(stat(tree_path(&tree, "trace"), &status), 0);
    ck_assert_int_eq(status.st_size,
                     (off_t)(sizeof(struct trace_header) +
                             sizeof(struct trace_record) * capacities[_i].capacity));
}
END_TEST

START_TEST(records_come_out_as_they_were_written)
{
    struct trace_record record;
    open_trace(0);
    open_reader();
    trace_transition(&trace, 3, 7, READING, 5, LOADING);
    trace_request(&trace, 3, 7, "GET /a-name-that-is-longer-than-there-is-room");
    trace_note(&trace, TRACE_SIGNALS, TRACE_NO_SLOT, 0, 12);
    ck_assert_int_eq(trace_reader_next(&reader, &record), TRACE_READ_RECORD);
    ck_assert_uint_eq(record.kind, TRACE_TRANSITION);
    ck_assert_int_eq(record.slot, 3);
    ck_assert_uint_eq(record.generation, 7);
    ck_assert_uint_eq(record.from, READING);
    ck_assert_uint_eq(record.event, 5);
    ck_assert_uint_eq(record.to, LOADING);
    uint64_t first_ns = record.time_ns;
    ck_assert_int_eq(trace_reader_next(&reader, &record), TRACE_READ_RECORD);
    ck_assert_str_eq(record.text, "GET /a-name-that-is-longer-than");
    ck_assert_int_eq(trace_reader_next(&reader, &record), TRACE_READ_RECORD);
    ck_assert_uint_eq(record.count, 12);
    ck_assert_int_eq(record.slot, TRACE_NO_SLOT);
    ck_assert_uint_ge(record.time_ns, first_ns);
    demand_read(TRACE_READ_NOTHING);
    trace_close(&trace);
    demand_read(TRACE_READ_END);
}
END_TEST

START_TEST(without_a_file_nothing_happens)
{
    ck_assert(trace_open(&trace, NULL, 0, command_line));
    trace_set_address(&trace, "127.0.0.1:8080");
    trace_describe(&trace, "single", 1, NULL);
    trace_transition(&trace, 0, 0, FREE, 0, IDLE);
    trace_request(&trace, 0, 0, "GET /");
    trace_note(&trace, TRACE_HIT, 0, 0, 0);
    trace_close(&trace);
    ck_assert_ptr_null(trace.header);
}
END_TEST

/* --- the ring comes round -------------------------------------------------------------------- */

START_TEST(a_reader_that_comes_late_begins_with_the_oldest)
{
    open_trace(0);
    write_counts(0, SMALLEST + 10);
    open_reader();
    ck_assert_uint_eq(reader.lost, 10);
    for (unsigned i = 10; i < SMALLEST + 10; i++)
        demand_count(i);
    demand_read(TRACE_READ_NOTHING);
    ck_assert_uint_eq(reader.lost, 10);
}
END_TEST

START_TEST(a_reader_that_is_overtaken_counts_what_it_lost)
{
    unsigned read = 5;
    struct trace_record record;
    open_trace(0);
    open_reader();
    write_counts(0, 100);
    for (unsigned i = 0; i < read; i++)
        demand_count(i);
    write_counts(100, 10 * SMALLEST);
    while (trace_reader_next(&reader, &record) == TRACE_READ_RECORD) {
        ck_assert_uint_eq(record.count, read + reader.lost);
        read++;
    }
    ck_assert_uint_gt(reader.lost, 9 * SMALLEST - 100);
    ck_assert_uint_eq(read + reader.lost, 10 * SMALLEST);
}
END_TEST

/* --- a writer is interrupted ------------------------------------------------------------------ */

/* As if the writer of this record had begun it, and then been stopped. */
static void interrupt(uint64_t number)
{
    trace.ring[number % SMALLEST].stamp = TRACE_STAMP_BEGUN(number);
}

START_TEST(a_record_is_not_read_before_it_is_whole)
{
    open_trace(0);
    open_reader();
    write_counts(0, 3);
    interrupt(1);
    demand_count(0);
    demand_read(TRACE_READ_NOTHING);
    demand_read(TRACE_READ_NOTHING);
    trace.ring[1].stamp = TRACE_STAMP_WHOLE(1);
    demand_count(1);
    demand_count(2);
    ck_assert_uint_eq(reader.lost, 0);
}
END_TEST

START_TEST(a_record_that_is_never_whole_is_given_up)
{
    struct trace_record record;
    int64_t deadline = deadline_in(DEADLINE_USUAL_MS);
    enum trace_read read = TRACE_READ_NOTHING;
    open_trace(0);
    open_reader();
    write_counts(0, 2);
    interrupt(0);
    while (read == TRACE_READ_NOTHING && deadline_retry(deadline))
        read = trace_reader_next(&reader, &record);
    ck_assert_int_eq(read, TRACE_READ_RECORD);
    ck_assert_uint_eq(record.count, 1);
    ck_assert_uint_eq(reader.lost, 1);
}
END_TEST

START_TEST(when_the_server_is_over_nothing_is_waited_for)
{
    open_trace(0);
    open_reader();
    write_counts(0, 2);
    interrupt(0);
    trace_close(&trace);
    demand_count(1);
    demand_read(TRACE_READ_END);
    ck_assert_uint_eq(reader.lost, 1);
}
END_TEST

/* The interrupted writer will go on some day, and write: nobody else may be there then. */
START_TEST(an_interrupted_writer_keeps_its_place)
{
    open_trace(0);
    write_counts(0, SMALLEST);
    interrupt(7);
    write_counts(SMALLEST, 2 * SMALLEST);
    ck_assert_uint_eq(trace.ring[7].stamp, TRACE_STAMP_BEGUN(7));
    ck_assert_uint_eq(trace.ring[7].count, 7);
    ck_assert_uint_eq(trace.header->next, 2 * SMALLEST + 1);
    trace_close(&trace);
    open_reader();
    for (unsigned i = SMALLEST + 1; i < 2 * SMALLEST; i++)
        demand_count(i);
    demand_read(TRACE_READ_END);
    ck_assert_uint_eq(reader.lost, SMALLEST + 2);
}
END_TEST

/* It has its number, but not yet its place, when others have come round. */
START_TEST(a_writer_that_has_been_overtaken_takes_another_number)
{
    open_trace(0);
    write_counts(0, 2 * SMALLEST);
    trace.header->next = 3;
    write_counts(9, 10);
    ck_assert_uint_eq(trace.ring[3].stamp, TRACE_STAMP_WHOLE(SMALLEST + 3));
    ck_assert_uint_eq(trace.ring[3].count, SMALLEST + 3);
    ck_assert_uint_eq(trace.ring[0].stamp, TRACE_STAMP_WHOLE(2 * SMALLEST));
    ck_assert_uint_eq(trace.ring[0].count, 9);
}
END_TEST

/* --- many threads ----------------------------------------------------------------------------- */

/* Every part of a record follows from its slot and generation; so a torn one does not fit. */
static unsigned mix(unsigned slot, unsigned generation)
{
    return generation * 2654435761u + slot;
}

static void write_fitting(unsigned slot, unsigned generation)
{
    unsigned mixed = mix(slot, generation);
    if (mixed % 2 == 0)
        trace_note(&trace, TRACE_HIT, (int)slot, generation, mixed);
    else
        trace_transition(&trace, (int)slot, generation, (enum request_state)(mixed % 3),
                         mixed % 200, (enum request_state)(mixed % 5));
}

static void demand_fitting(const struct trace_record *record)
{
    unsigned mixed = mix((unsigned)record->slot, record->generation);
    if (mixed % 2 == 0) {
        ck_assert_uint_eq(record->kind, TRACE_HIT);
        ck_assert_uint_eq(record->count, mixed);
    } else {
        ck_assert_uint_eq(record->kind, TRACE_TRANSITION);
        ck_assert_uint_eq(record->from, mixed % 3);
        ck_assert_uint_eq(record->event, mixed % 200);
        ck_assert_uint_eq(record->to, mixed % 5);
    }
}

struct writer {
    pthread_t thread;
    unsigned slot, count;
};

static void *write_many(void *of_writer)
{
    const struct writer *writer = of_writer;
    for (unsigned i = 1; i <= writer->count; i++)
        write_fitting(writer->slot, i);
    return NULL;
}

static void begin_writers(struct writer writers[WRITERS], unsigned count)
{
    for (unsigned i = 0; i < WRITERS; i++) {
        writers[i].slot = i;
        writers[i].count = count;
        ck_assert_int_eq(pthread_create(&writers[i].thread, NULL, write_many, &writers[i]), 0);
    }
}

static void end_writers(struct writer writers[WRITERS])
{
    for (unsigned i = 0; i < WRITERS; i++)
        ck_assert_int_eq(pthread_join(writers[i].thread, NULL), 0);
    trace_close(&trace);
}

/* The ring holds all of them: each is there, whole, once, and in its writer's order. */
START_TEST(many_threads_lose_nothing)
{
    struct writer writers[WRITERS];
    struct trace_record record;
    unsigned last[WRITERS] = {0}, thread_of[WRITERS];
    open_trace(TRACE_USUAL_BYTES);
    open_reader();
    begin_writers(writers, RECORDS_EACH);
    end_writers(writers);
    while (trace_reader_next(&reader, &record) == TRACE_READ_RECORD) {
        demand_fitting(&record);
        ck_assert_uint_eq(record.generation, ++last[record.slot]);
        if (record.generation == 1)
            thread_of[record.slot] = record.thread;
        ck_assert_uint_eq(record.thread, thread_of[record.slot]);
    }
    for (unsigned i = 0; i < WRITERS; i++)
        ck_assert_uint_eq(last[i], RECORDS_EACH);
    ck_assert_uint_eq(reader.lost, 0);
}
END_TEST

/* The ring is much too small: what the reader gets is whole and in order, the rest is counted. */
START_TEST(a_reader_in_the_middle_of_it_gets_whole_records)
{
    struct writer writers[WRITERS];
    struct trace_record record;
    enum trace_read read;
    unsigned last[WRITERS] = {0};
    uint64_t records = 0;
    open_trace(0);
    open_reader();
    begin_writers(writers, ROUNDS_EACH);
    while (records + reader.lost < (uint64_t)WRITERS * ROUNDS_EACH / 2) {
        read = trace_reader_next(&reader, &record);
        if (read != TRACE_READ_RECORD)
            continue;
        demand_fitting(&record);
        ck_assert_uint_gt(record.generation, last[record.slot]);
        last[record.slot] = record.generation;
        records++;
    }
    end_writers(writers);
    while ((read = trace_reader_next(&reader, &record)) == TRACE_READ_RECORD) {
        demand_fitting(&record);
        records++;
    }
    ck_assert_int_eq(read, TRACE_READ_END);
    ck_assert_uint_gt(records, 0);
    ck_assert_uint_eq(records + reader.lost, reader.header->next);
}
END_TEST

/* --- the end -----------------------------------------------------------------------------------
 */

START_TEST(a_server_that_was_killed_is_over_too)
{
    int status;
    pid_t server = fork();
    ck_assert_int_ge(server, 0);
    if (server == 0) {
        open_trace(0);
        write_counts(0, 1);
        _exit(0); /* without trace_close() */
    }
    ck_assert_int_eq(waitpid(server, &status, 0), server);
    open_reader();
    demand_count(0);
    demand_read(TRACE_READ_END);
}
END_TEST

/* --- files --------------------------------------------------------------------------------------
 */

static void demand_refusal(const char *name, const char *why)
{
    char error[TRACE_READER_ERROR_BYTES] = "";
    const char *path = tree_path(&tree, name);
    ck_assert(!trace_reader_open(&reader, path, 0, error, sizeof error));
    ck_assert_msg(strncmp(error, path, strlen(path)) == 0, "%s", error);
    ck_assert_msg(strstr(error, why) != NULL, "%s", error);
    ck_assert_ptr_null(strchr(error, '\n'));
}

START_TEST(what_is_no_trace_is_refused)
{
    tree_write(&tree, "text", "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    tree_write(&tree, "short", "GET");
    tree_write(&tree, "magic", TRACE_MAGIC);
    tree_write(&tree, "empty", "");
    tree_add_directory(&tree, "directory");
    tree_add_pipe(&tree, "pipe");
    demand_refusal("text", "is no trace");
    demand_refusal("short", "is no trace");
    demand_refusal("magic", "was cut");
    demand_refusal("empty", "is empty");
    demand_refusal("directory", "is no file");
    demand_refusal("pipe", "is no file");
    demand_refusal("missing", strerror(ENOENT));
}
END_TEST

static void spoil_version(struct trace_header *header)
{
    header->version++;
}

static void spoil_capacity(struct trace_header *header)
{
    header->capacity--;
}

static void spoil_record_size(struct trace_header *header)
{
    header->record_bytes /= 2;
}

static void spoil_states(struct trace_header *header)
{
    header->states = TRACE_STATES_MAX + 1;
}

static void spoil_name(struct trace_header *header)
{
    memset(header->state_names[FREE], 'x', TRACE_NAME_BYTES);
}

static void spoil_edge(struct trace_header *header)
{
    header->edges = 1;
    header->edge[0] = (struct trace_edge){.from = READING, .to = REQUEST_STATE_COUNT};
}

static void enlarge(struct trace_header *header)
{
    header->capacity *= 2;
}

static const struct {
    void (*spoil)(struct trace_header *header);
    const char *why;
} spoilt[] = {
    {spoil_version, "another version"},
    {spoil_capacity, "damaged"},
    {spoil_record_size, "damaged"},
    {spoil_states, "damaged"},
    {spoil_name, "damaged"},
    {spoil_edge, "damaged"},
    {enlarge, "was cut"},
};

START_TEST(a_spoilt_header_is_refused)
{
    open_trace(0);
    spoilt[_i].spoil(trace.header);
    demand_refusal("trace", spoilt[_i].why);
}
END_TEST

START_TEST(a_cut_trace_is_refused)
{
    open_trace(0);
    ck_assert_int_eq(truncate(tree_path(&tree, "trace"), sizeof(struct trace_header) - 1), 0);
    demand_refusal("trace", "was cut");
    ck_assert_int_eq(truncate(tree_path(&tree, "trace"), sizeof(struct trace_header) + 1), 0);
    demand_refusal("trace", "was cut");
}
END_TEST

/* Kinds, states and slots that there are not would lead every user of the reader astray. */
START_TEST(damaged_records_count_as_lost)
{
    open_trace(0);
    write_counts(0, 1);
    trace_note(&trace, (enum trace_kind)(TRACE_RESUMED + 1), 0, 0, 0);
    trace_note(&trace, (enum trace_kind)0, 0, 0, 0);
    trace_note(&trace, TRACE_HIT, SLOTS, 0, 0);
    trace_note(&trace, TRACE_HIT, TRACE_NO_SLOT, 0, 0);
    trace_note(&trace, TRACE_SIGNALS, 0, 0, 0);
    trace_transition(&trace, 0, 0, REQUEST_STATE_COUNT, 0, IDLE);
    trace_transition(&trace, 0, 0, FREE, 0, REQUEST_STATE_COUNT);
    write_counts(1, 2);
    open_reader();
    demand_count(0);
    demand_count(1);
    ck_assert_uint_eq(reader.lost, 7);
}
END_TEST

static void *open_patiently(void *error)
{
    const char *path = tree_path(&tree, "trace");
    int patience_ms = (int)(DEADLINE_USUAL_MS * deadline_scale());
    return trace_reader_open(&reader, path, patience_ms, error, TRACE_READER_ERROR_BYTES) ? &reader
                                                                                          : NULL;
}

START_TEST(a_header_that_is_being_made_is_waited_for)
{
    char error[TRACE_READER_ERROR_BYTES] = "";
    pthread_t thread;
    void *opened;
    open_undescribed(0);
    demand_refusal("trace", "is empty");
    ck_assert_int_eq(pthread_create(&thread, NULL, open_patiently, error), 0);
    trace_describe(&trace, "single", 1, NULL);
    ck_assert_int_eq(pthread_join(thread, &opened), 0);
    ck_assert_msg(opened == &reader, "%s", error);
    ck_assert_str_eq(reader.header->model, "single");
}
END_TEST

START_TEST(only_a_trace_is_replaced)
{
    char text[16];
    tree_write(&tree, "precious", "do not lose this");
    ck_assert(!trace_open(&trace, tree_path(&tree, "precious"), 0, command_line));
    ck_assert_int_eq(errno, EEXIST);
    tree_read(&tree, "precious", text, sizeof text);
    ck_assert_str_eq(text, "do not lose thi");
    tree_add_link(&tree, "link", "precious");
    ck_assert(!trace_open(&trace, tree_path(&tree, "link"), 0, command_line));
    ck_assert_int_eq(errno, EEXIST);
}
END_TEST

START_TEST(who_reads_an_old_trace_keeps_it)
{
    open_trace(0);
    write_counts(0, 2);
    open_reader();
    demand_count(0);
    open_trace(0); /* the next server */
    write_counts(8, 9);
    demand_count(1);
    demand_read(TRACE_READ_NOTHING);
    open_reader();
    demand_count(8);
}
END_TEST

START_TEST(a_directory_that_is_missing_is_told)
{
    ck_assert(!trace_open(&trace, tree_path(&tree, "missing/trace"), 0, command_line));
    ck_assert_int_eq(errno, ENOENT);
}
END_TEST

/* --- the suite -----------------------------------------------------------------------------------
 */

static void add_ring_tests(TCase *tcase)
{
    tcase_add_test(tcase, a_reader_that_comes_late_begins_with_the_oldest);
    tcase_add_test(tcase, a_reader_that_is_overtaken_counts_what_it_lost);
    tcase_add_test(tcase, a_record_is_not_read_before_it_is_whole);
    tcase_add_test(tcase, a_record_that_is_never_whole_is_given_up);
    tcase_add_test(tcase, when_the_server_is_over_nothing_is_waited_for);
    tcase_add_test(tcase, an_interrupted_writer_keeps_its_place);
    tcase_add_test(tcase, a_writer_that_has_been_overtaken_takes_another_number);
    tcase_add_test(tcase, many_threads_lose_nothing);
    tcase_add_test(tcase, a_reader_in_the_middle_of_it_gets_whole_records);
    tcase_add_test(tcase, a_server_that_was_killed_is_over_too);
}

static void add_file_tests(TCase *tcase)
{
    tcase_add_test(tcase, what_is_no_trace_is_refused);
    tcase_add_loop_test(tcase, a_spoilt_header_is_refused, 0, ROWS(spoilt));
    tcase_add_test(tcase, a_cut_trace_is_refused);
    tcase_add_test(tcase, damaged_records_count_as_lost);
    tcase_add_test(tcase, a_header_that_is_being_made_is_waited_for);
    tcase_add_test(tcase, only_a_trace_is_replaced);
    tcase_add_test(tcase, who_reads_an_old_trace_keeps_it);
    tcase_add_test(tcase, a_directory_that_is_missing_is_told);
}

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *tcase = unit_add_case(suite, name);
    tcase_add_unchecked_fixture(tcase, make_tree, remove_tree);
    tcase_set_timeout(tcase, TEST_SECONDS * deadline_scale());
    return tcase;
}

Suite *trace_suite(void)
{
    Suite *suite = suite_create("trace");
    TCase *records = add_case(suite, "trace_records");
    tcase_add_test(records, the_header_tells_of_the_server);
    tcase_add_loop_test(records, the_capacity_follows_from_the_size, 0, ROWS(capacities));
    tcase_add_test(records, records_come_out_as_they_were_written);
    tcase_add_test(records, without_a_file_nothing_happens);
    add_ring_tests(add_case(suite, "trace_ring"));
    add_file_tests(add_case(suite, "trace_files"));
    return suite;
}
