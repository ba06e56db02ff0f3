/*
 * POSIX AIO on real files, through each wake-up: the bytes come, and the signal says whose.
 */
#include "core/signals.h"
#include "core/wakeup.h"
#include "event/loop.h"
#include "support/deadline.h"
#include "unit/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

extern const struct poller poller_select;
extern const struct disk_backend disk_aio;

enum {
    PLACES = 16,
    READS = 1000,
    FILE_BYTES = 64 * 1024,
    LENGTH = 4096,
    OFFSET = 12345,
    LIMIT_SECONDS = 30,
};

static struct server server;
static struct loop loop;
static const struct wakeup *wakeup;
static int wakeup_descriptor = -1;
static char path[] = "/tmp/threeways-aio-XXXXXX";
static char contents[FILE_BYTES], memory[PLACES][LENGTH];

/* Bytes that differ from their neighbours, and from those a page further on. */
static void make_file(void)
{
    for (size_t i = 0; i < sizeof contents; i++)
        contents[i] = (char)(i * 7 + i / 251);
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, contents, sizeof contents), sizeof contents);
    close(file);
}

static void set_up(void)
{
    static const struct disk_plan plan = {&disk_aio, PLACES, 1, false};
    signals_block(); /* before AIO has any thread */
    make_file();
    ck_assert(loop_create(&loop, &server, &poller_select, PLACES, &plan));
}

static void take_wakeup(int number)
{
    wakeup = wakeups[number];
    wakeup_descriptor = wakeup->open();
    ck_assert_int_ge(wakeup_descriptor, 0);
}

static void tear_down(void)
{
    if (wakeup != NULL)
        wakeup->close();
    wakeup = NULL;
    unlink(path);
    ck_assert(loop_destroy(&loop));
}

static struct request *request_with_a_place(void)
{
    struct request *request = request_table_take(&loop.table);
    ck_assert_ptr_nonnull(request);
    request->row.state = LOADING;
    ck_assert(disk_take(&loop.disk, request, false));
    return request;
}

/* Starts to read LENGTH bytes from `offset`, with the file opened for this read alone. */
static void start(struct request *request, uint64_t offset)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(file, 0);
    request->exchange.file = file;
    memset(memory[request->place->number], 0, LENGTH);
    ck_assert_int_eq(
        disk_start(&loop.disk, request, file, memory[request->place->number], LENGTH, offset),
        NOTHING);
}

static void demand_bytes(const struct request *request)
{
    const struct disk_read *read = request->place;
    ck_assert_uint_eq(read->done, LENGTH);
    ck_assert_msg(memcmp(read->into, contents + read->offset, LENGTH) == 0,
                  "wrong bytes from offset %llu", (unsigned long long)read->offset);
}

/* --- waiting -------------------------------------------------------------------------------- */

/* Takes one note, which must come in time and be the only one. */
static struct wakeup_note await_note(void)
{
    struct wakeup_note notes[WAKEUP_BATCH];
    ck_assert_msg(deadline_wait(wakeup_descriptor, POLLIN, deadline_in(DEADLINE_USUAL_MS)) != 0,
                  "no signal came before the deadline");
    ck_assert_uint_eq(wakeup->drain(notes), 1);
    return notes[0];
}

static unsigned done, failed;

static void count_end(struct request *request, enum event event)
{
    if (event == DISK_DONE) {
        demand_bytes(request);
        done++;
    } else {
        ck_assert_int_eq(event, DISK_FAILED);
        failed++;
    }
    close(request->exchange.file);
    request->exchange.file = EXCHANGE_NO_FILE;
}

/* Sweeps, with the pauses of a loop that no signal wakes, until as many reads have ended. */
static void sweep_until(unsigned ended)
{
    int64_t deadline = deadline_in(DEADLINE_USUAL_MS);
    disk_sweep(&loop.disk, count_end);
    while (done + failed < ended) {
        struct wakeup_note notes[WAKEUP_BATCH];
        deadline_wait(wakeup_descriptor, POLLIN, deadline_in(1));
        while (wakeup->drain(notes) == WAKEUP_BATCH)
            continue;
        ck_assert_msg(deadline_left_ms(deadline) > 0, "%u of %u reads ended by the deadline",
                      done + failed, ended);
        disk_sweep(&loop.disk, count_end);
    }
}

/* --- tests ---------------------------------------------------------------------------------- */

START_TEST(signal_says_whose_read_has_ended)
{
    take_wakeup(_i);
    struct request *request = request_with_a_place();
    start(request, OFFSET);
    struct wakeup_note note = await_note();
    ck_assert_int_eq(note.signal, SIGNAL_DISK);
    ck_assert_int_eq(note.code, SI_ASYNCIO);
    ck_assert_ptr_eq(request_table_find(&loop.table, (uint32_t)note.token), request);
    disk_sweep(&loop.disk, count_end); /* at once: the signal comes after the end */
    ck_assert_uint_eq(done, 1);
}
END_TEST

START_TEST(reads_at_once_have_a_signal_each)
{
    bool told[PLACES] = {false};
    take_wakeup(_i);
    for (unsigned i = 0; i < PLACES; i++)
        start(request_with_a_place(), i * 100);
    for (unsigned count = 0; count < PLACES;) {
        struct wakeup_note notes[WAKEUP_BATCH];
        ck_assert_msg(deadline_wait(wakeup_descriptor, POLLIN, deadline_in(DEADLINE_USUAL_MS)),
                      "only %u of %d signals came before the deadline", count, PLACES);
        for (size_t left = wakeup->drain(notes); left > 0; left--, count++)
            told[request_slot(request_table_find(&loop.table, (uint32_t)notes[left - 1].token))] =
                true;
    }
    for (unsigned i = 0; i < PLACES; i++)
        ck_assert(told[i]);
    sweep_until(PLACES);
    ck_assert_uint_eq(done, PLACES);
}
END_TEST

/* The backend alone: what disk.c asks for after a result was lost to a full queue. */
START_TEST(quiet_read_ends_without_a_signal)
{
    take_wakeup(_i);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    int64_t deadline = deadline_in(DEADLINE_USUAL_MS);
    struct disk_read read = {
        .file = file, .into = memory[0], .length = LENGTH, .offset = OFFSET, .quiet = true};
    ck_assert_int_eq(disk_aio.start(&read), DISK_STARTED);
    while (!disk_aio.check(&read))
        ck_assert_msg(deadline_retry(deadline), "the quiet read did not end by the deadline");
    ck_assert_int_eq(read.error, 0);
    ck_assert_uint_eq(read.bytes, LENGTH);
    ck_assert_mem_eq(memory[0], contents + OFFSET, LENGTH);
    close(file);
    struct request *loud = request_with_a_place(); /* its signal is the first that comes */
    start(loud, 0);
    ck_assert_int_eq(await_note().token, (int)request_token(loud));
    sweep_until(1);
}
END_TEST

START_TEST(closed_descriptor_gives_an_error)
{
    take_wakeup(_i);
    struct request *request = request_with_a_place();
    int closed = open(path, O_RDONLY | O_CLOEXEC);
    close(closed);
    enum event event = disk_start(&loop.disk, request, closed, memory[0], LENGTH, 0);
    if (event == NOTHING)
        sweep_until(1);
    ck_assert(event == DISK_FAILED || failed == 1);
    ck_assert_uint_eq(done, 0);
    ck_assert_uint_eq(loop.disk.counts.failed, 1);
}
END_TEST

START_TEST(read_beyond_the_end_of_the_file_fails)
{
    take_wakeup(_i);
    start(request_with_a_place(), FILE_BYTES - LENGTH / 2);
    sweep_until(1);
    ck_assert_uint_eq(failed, 1);
}
END_TEST

/* Always PLACES of them in flight, until there were READS. */
static void read_many(void)
{
    struct request *requests[PLACES];
    for (unsigned i = 0; i < PLACES; i++)
        requests[i] = request_with_a_place();
    for (unsigned started = 0; started < READS; sweep_until(started))
        for (unsigned i = 0; i < PLACES && started < READS; i++, started++)
            start(requests[i], started * 37 % (FILE_BYTES - LENGTH));
    ck_assert_uint_eq(done, READS);
    ck_assert_uint_eq(failed, 0);
}

START_TEST(thousand_reads_all_end_well)
{
    take_wakeup(_i);
    read_many();
}
END_TEST

/* No signal can be queued: glibc loses the results, musl says nothing; the sweep finds them all. */
START_TEST(thousand_reads_all_end_well_without_any_signal)
{
    struct rlimit limit, none;
    take_wakeup(_i);
    ck_assert_int_eq(getrlimit(RLIMIT_SIGPENDING, &limit), 0);
    none = (struct rlimit){0, limit.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_SIGPENDING, &none), 0);
    read_many();
    ck_assert_int_eq(setrlimit(RLIMIT_SIGPENDING, &limit), 0);
    ck_assert_uint_eq(disk_rescued(&loop.disk), READS);
#ifdef __GLIBC__
    ck_assert_uint_gt(loop.disk.counts.full, 0);
#endif
}
END_TEST

Suite *disk_aio_suite(void)
{
    int count = 0;
    Suite *suite = suite_create("disk_aio");
    TCase *tcase = tcase_create("disk_aio");
    while (wakeups[count] != NULL)
        count++;
    tcase_set_timeout(tcase, LIMIT_SECONDS * deadline_scale());
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, signal_says_whose_read_has_ended, 0, count);
    tcase_add_loop_test(tcase, reads_at_once_have_a_signal_each, 0, count);
    tcase_add_loop_test(tcase, quiet_read_ends_without_a_signal, 0, count);
    tcase_add_loop_test(tcase, closed_descriptor_gives_an_error, 0, count);
    tcase_add_loop_test(tcase, read_beyond_the_end_of_the_file_fails, 0, count);
    tcase_add_loop_test(tcase, thousand_reads_all_end_well, 0, count);
    tcase_add_loop_test(tcase, thousand_reads_all_end_well_without_any_signal, 0, count);
    suite_add_tcase(suite, tcase);
    return suite;
}
