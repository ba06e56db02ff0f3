/*
 * The disk's queue and its rules, over a disk that does exactly what a test says.
 */
#include "event/loop.h"
#include "event/ready.h"
#include "unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct poller poller_select;

enum { REQUESTS = 8, PLACES = 3, BUFFERS = 1, LENGTH = 100, NO_FILE = -1, DELIVERIES = 16 };

static struct server server;
static struct loop loop;
static struct disk *const disk = &loop.disk;
static char memory[PLACES][LENGTH];

/* --- the disk that does as it is told ------------------------------------------------------- */

static struct {
    struct {
        bool in_flight, ended, quiet;
        size_t bytes;
        int error;
    } reads[PLACES];
    unsigned in_flight, room;
    unsigned starts; /* how often a read was to be started */
    bool on_the_spot;
    size_t spot_bytes; /* what a read on the spot brings, at most */
    int spot_error;
    bool is_open;
} fake;

static bool fake_open(unsigned places)
{
    ck_assert_uint_eq(places, PLACES);
    memset(&fake, 0, sizeof fake);
    fake.room = PLACES;
    fake.is_open = true;
    return true;
}

static enum disk_start fake_start(struct disk_read *read)
{
    ck_assert_uint_lt(read->number, PLACES);
    ck_assert(!fake.reads[read->number].in_flight);
    fake.starts++;
    if (fake.on_the_spot) {
        size_t rest = read->length - read->done;
        read->bytes = rest < fake.spot_bytes ? rest : fake.spot_bytes;
        read->error = fake.spot_error;
        return DISK_FINISHED;
    }
    if (fake.in_flight == fake.room)
        return DISK_NO_ROOM;
    fake.in_flight++;
    memset(&fake.reads[read->number], 0, sizeof fake.reads[read->number]);
    fake.reads[read->number].in_flight = true;
    fake.reads[read->number].quiet = read->quiet;
    return DISK_STARTED;
}

static bool fake_check(struct disk_read *read)
{
    ck_assert_msg(fake.reads[read->number].in_flight, "asked about a read that has ended");
    if (!fake.reads[read->number].ended)
        return false;
    fake.reads[read->number].in_flight = false;
    fake.in_flight--;
    read->bytes = fake.reads[read->number].bytes;
    read->error = fake.reads[read->number].error;
    return true;
}

static void fake_close(void)
{
    ck_assert_uint_eq(fake.in_flight, 0);
    fake.is_open = false;
}

static const struct disk_backend fake_disk = {
    .choice = {"fake", "does as it is told"},
    .open = fake_open,
    .start = fake_start,
    .check = fake_check,
    .close = fake_close,
};

/* Ends the read of a request; the next sweep will see it. */
static void end_read(const struct request *request, size_t bytes, int error)
{
    unsigned number = request->place->number;
    ck_assert(fake.reads[number].in_flight && !fake.reads[number].ended);
    fake.reads[number].ended = true;
    fake.reads[number].bytes = bytes;
    fake.reads[number].error = error;
}

/* --- requests ------------------------------------------------------------------------------- */

static void set_up(void)
{
    static const struct disk_plan plan = {&fake_disk, PLACES, BUFFERS, false};
    ck_assert(loop_create(&loop, &server, &poller_select, REQUESTS, &plan));
}

static struct request *comer(void)
{
    struct request *request = request_table_take(&loop.table);
    ck_assert_ptr_nonnull(request);
    return request;
}

/* One that has a place. */
static struct request *placed(void)
{
    struct request *request = comer();
    ck_assert(disk_take(disk, request, false));
    return request;
}

static struct request *waiter(bool needs_buffer)
{
    struct request *request = comer();
    request->needs_buffer = needs_buffer;
    ck_assert(!disk_take(disk, request, needs_buffer));
    disk_wait(disk, request);
    return request;
}

static enum event begin(struct request *request, int file)
{
    return disk_start(disk, request, file, memory[request->place->number], LENGTH, 0);
}

/* One whose read is in flight. */
static struct request *reader(void)
{
    struct request *request = placed();
    ck_assert_int_eq(begin(request, NO_FILE), NOTHING);
    return request;
}

/* The next one on the ready list has a TURN. */
static void demand_turn_of(const struct request *request)
{
    enum event event = NOTHING;
    ck_assert_ptr_eq(ready_take(&loop.ready, &event), request);
    ck_assert_int_eq(event, TURN);
}

static void demand_no_turn(void)
{
    ck_assert(list_is_empty(&loop.ready));
}

/* --- deliveries ----------------------------------------------------------------------------- */

static struct {
    struct request *request;
    enum event event;
} deliveries[DELIVERIES];
static unsigned delivered;

static void note(struct request *request, enum event event)
{
    ck_assert_uint_lt(delivered, DELIVERIES);
    deliveries[delivered].request = request;
    deliveries[delivered].event = event;
    delivered++;
}

static void sweep(void)
{
    delivered = 0;
    disk_sweep(disk, note);
}

static void demand_sweep_brings(const struct request *request, enum event event)
{
    sweep();
    ck_assert_uint_eq(delivered, 1);
    ck_assert_ptr_eq(deliveries[0].request, request);
    ck_assert_int_eq(deliveries[0].event, event);
}

static void demand_sweep_brings_nothing(void)
{
    sweep();
    ck_assert_uint_eq(delivered, 0);
}

/* --- places and buffers --------------------------------------------------------------------- */

START_TEST(places_are_never_exceeded)
{
    for (unsigned i = 0; i < PLACES; i++)
        placed();
    struct request *late = comer();
    ck_assert(!disk_take(disk, late, false));
    ck_assert_ptr_null(late->place);
    ck_assert_uint_eq(disk->places_taken, PLACES);
}
END_TEST

START_TEST(request_takes_one_place_however_often_it_asks)
{
    struct request *request = placed();
    ck_assert(disk_take(disk, request, true));
    ck_assert(disk_take(disk, request, true));
    ck_assert_uint_eq(disk->places_taken, 1);
    ck_assert_uint_eq(buffers_left(&disk->buffers), BUFFERS - 1);
}
END_TEST

START_TEST(place_and_buffer_are_taken_both_or_not_at_all)
{
    struct request *first = comer(), *second = comer();
    ck_assert(disk_take(disk, first, true));
    ck_assert(!disk_take(disk, second, true));
    ck_assert_ptr_null(second->place);
    ck_assert_ptr_null(second->buffer);
    ck_assert_uint_eq(disk->places_taken, 1);
}
END_TEST

START_TEST(turns_come_in_order_of_arrival)
{
    struct request *holders[PLACES];
    for (unsigned i = 0; i < PLACES; i++)
        holders[i] = placed();
    struct request *first = waiter(false), *second = waiter(false);
    demand_no_turn();
    disk_give_place(disk, holders[1]);
    demand_turn_of(first);
    ck_assert_ptr_nonnull(first->place);
    demand_no_turn();
    disk_give_place(disk, holders[0]);
    demand_turn_of(second);
    ck_assert_uint_eq(disk->places_taken, PLACES);
}
END_TEST

START_TEST(turn_is_posted_once)
{
    struct request *holders[PLACES];
    for (unsigned i = 0; i < PLACES; i++)
        holders[i] = placed();
    struct request *waiting = waiter(false);
    disk_give_place(disk, holders[0]);
    disk_give_place(disk, holders[1]);
    disk_give_place(disk, holders[1]); /* it has none any more */
    demand_turn_of(waiting);
    demand_no_turn();
    ck_assert_uint_eq(disk->places_taken, 2);
}
END_TEST

START_TEST(who_needs_a_buffer_is_passed_by_who_only_needs_a_place)
{
    struct request *streamer = comer(), *holders[PLACES - 1];
    ck_assert(disk_take(disk, streamer, true));
    for (unsigned i = 0; i < PLACES - 1; i++)
        holders[i] = placed();
    struct request *large = waiter(true), *small = waiter(false);
    disk_give_place(disk, holders[0]);
    demand_turn_of(small);
    ck_assert_ptr_null(large->place);
    disk_give_place(disk, holders[1]);
    demand_no_turn();
    ck_assert_ptr_null(large->place); /* who waits holds nothing */
    disk_give_buffer(disk, streamer);
    demand_turn_of(large);
    ck_assert_ptr_nonnull(large->place);
    ck_assert_ptr_nonnull(large->buffer);
}
END_TEST

START_TEST(who_leaves_the_queue_gets_no_turn)
{
    struct request *holders[PLACES];
    for (unsigned i = 0; i < PLACES; i++)
        holders[i] = placed();
    struct request *first = waiter(false), *second = waiter(false);
    list_remove(&first->link); /* as the machine does when its state changes */
    disk_give_place(disk, holders[0]);
    demand_turn_of(second);
    demand_no_turn();
}
END_TEST

/* --- one read ------------------------------------------------------------------------------- */

START_TEST(read_is_delivered_once_when_it_has_ended)
{
    struct request *request = reader();
    ck_assert(disk_is_busy(disk));
    demand_sweep_brings_nothing();
    end_read(request, LENGTH, 0);
    demand_sweep_brings(request, DISK_DONE);
    ck_assert(!disk_is_busy(disk));
    demand_sweep_brings_nothing();
    ck_assert_uint_eq(disk->counts.started, 1);
    ck_assert_uint_eq(disk->counts.done, 1);
    ck_assert_uint_eq(disk->counts.bytes, LENGTH);
}
END_TEST

START_TEST(short_read_goes_on_until_it_is_whole)
{
    struct request *request = reader();
    end_read(request, 40, 0);
    demand_sweep_brings_nothing();
    ck_assert_uint_eq(request->place->done, 40);
    end_read(request, 1, 0);
    demand_sweep_brings_nothing();
    end_read(request, LENGTH - 41, 0);
    demand_sweep_brings(request, DISK_DONE);
    ck_assert_uint_eq(fake.starts, 3);
    ck_assert_uint_eq(disk->counts.bytes, LENGTH);
}
END_TEST

/* The file has shrunk: asking again would bring nothing, for ever. */
START_TEST(nothing_where_bytes_are_owed_fails)
{
    struct request *request = reader();
    end_read(request, 40, 0);
    demand_sweep_brings_nothing();
    end_read(request, 0, 0);
    demand_sweep_brings(request, DISK_FAILED);
    ck_assert_uint_eq(disk->counts.failed, 1);
}
END_TEST

START_TEST(error_of_the_disk_fails)
{
    struct request *request = reader();
    end_read(request, 0, EIO);
    demand_sweep_brings(request, DISK_FAILED);
    ck_assert_uint_eq(disk->counts.failed, 1);
    ck_assert_uint_eq(disk->counts.done, 0);
    ck_assert(!disk_is_busy(disk));
}
END_TEST

/* glibc's way to say that the signal found no room; the file is all right. */
START_TEST(completed_eagain_is_read_again_without_a_signal)
{
    struct request *request = reader();
    ck_assert(!fake.reads[request->place->number].quiet);
    end_read(request, 0, EAGAIN);
    demand_sweep_brings_nothing();
    ck_assert(fake.reads[request->place->number].quiet);
    ck_assert_uint_eq(disk->counts.full, 1);
    end_read(request, LENGTH, 0);
    demand_sweep_brings(request, DISK_DONE);
}
END_TEST

START_TEST(full_queue_is_not_trusted_until_a_signal_comes)
{
    struct request *request = reader();
    ck_assert_int_eq(disk_look_ms(disk), DISK_LOOK_MS);
    end_read(request, 0, EAGAIN);
    demand_sweep_brings_nothing();
    ck_assert_int_eq(disk_look_ms(disk), DISK_DEAF_LOOK_MS);
    end_read(request, LENGTH, 0);
    demand_sweep_brings(request, DISK_DONE);
    ck_assert_int_eq(disk_look_ms(disk), DISK_DEAF_LOOK_MS);
    disk_hear(disk, 1);
    ck_assert_int_eq(disk_look_ms(disk), DISK_LOOK_MS);
}
END_TEST

START_TEST(next_read_in_the_place_has_a_signal_again)
{
    struct request *request = reader();
    end_read(request, 0, EAGAIN);
    demand_sweep_brings_nothing();
    end_read(request, LENGTH, 0);
    demand_sweep_brings(request, DISK_DONE);
    ck_assert_int_eq(begin(request, NO_FILE), NOTHING);
    ck_assert(!fake.reads[request->place->number].quiet);
}
END_TEST

START_TEST(interrupted_read_is_read_again)
{
    struct request *request = reader();
    end_read(request, 0, EINTR);
    demand_sweep_brings_nothing();
    ck_assert(!fake.reads[request->place->number].quiet);
    end_read(request, LENGTH, 0);
    demand_sweep_brings(request, DISK_DONE);
}
END_TEST

START_TEST(token_of_the_read_names_its_request)
{
    struct request *request = comer();
    request->row.state = LOADING;
    ck_assert(disk_take(disk, request, false));
    begin(request, NO_FILE);
    ck_assert_ptr_eq(request_table_find(&loop.table, (uint32_t)request->place->token), request);
}
END_TEST

/* --- a backend without room ----------------------------------------------------------------- */

START_TEST(read_without_room_waits_for_another_to_end)
{
    fake.room = 1;
    struct request *first = reader(), *second = reader();
    ck_assert_uint_eq(fake.in_flight, 1);
    demand_sweep_brings_nothing();
    end_read(first, LENGTH, 0);
    demand_sweep_brings(first, DISK_DONE);
    if (fake.in_flight == 0) /* it may be asked for in this sweep or in the next */
        demand_sweep_brings_nothing();
    ck_assert_uint_eq(fake.in_flight, 1);
    end_read(second, LENGTH, 0);
    demand_sweep_brings(second, DISK_DONE);
    ck_assert_uint_eq(disk->counts.fallbacks, 0);
    ck_assert_uint_eq(disk->counts.started, 2);
}
END_TEST

/* A file whose every byte tells where it stands. */
static int open_counting_file(void)
{
    char path[] = "/tmp/threeways-disk-XXXXXX";
    char bytes[2 * LENGTH];
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    unlink(path);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)i;
    ck_assert_int_eq(write(file, bytes, sizeof bytes), sizeof bytes);
    return file;
}

static void demand_counting_bytes(const char *bytes, size_t from)
{
    for (size_t i = 0; i < LENGTH; i++)
        ck_assert_int_eq(bytes[i], (char)(from + i));
}

START_TEST(without_room_and_company_the_file_is_read_plainly)
{
    struct request *request = placed();
    int file = open_counting_file();
    fake.room = 0;
    ck_assert_int_eq(
        disk_start(disk, request, file, memory[request->place->number], LENGTH, LENGTH / 2),
        DISK_DONE);
    demand_counting_bytes(memory[request->place->number], LENGTH / 2);
    ck_assert_uint_eq(disk->counts.fallbacks, 1);
    ck_assert(!disk_is_busy(disk));
    demand_sweep_brings_nothing();
}
END_TEST

START_TEST(plain_read_that_fails_is_told_at_once)
{
    struct request *request = placed();
    fake.room = 0;
    ck_assert_int_eq(begin(request, NO_FILE), DISK_FAILED);
    ck_assert(!disk_is_busy(disk));
}
END_TEST

START_TEST(plain_read_goes_on_where_a_short_read_has_ended)
{
    struct request *request = placed();
    ck_assert_int_eq(begin(request, open_counting_file()), NOTHING);
    memset(memory[request->place->number], 7, LENGTH);
    fake.room = 0;
    end_read(request, 40, 0);
    demand_sweep_brings(request, DISK_DONE);
    ck_assert_int_eq(memory[request->place->number][39], 7);
    ck_assert_int_eq(memory[request->place->number][40], 40);
    ck_assert_int_eq(memory[request->place->number][LENGTH - 1], LENGTH - 1);
}
END_TEST

/* The one that it waited for has gone, and still there is no room. */
START_TEST(read_without_room_is_read_plainly_when_its_company_has_gone)
{
    fake.room = 1;
    struct request *first = reader(), *second = placed();
    ck_assert_int_eq(begin(second, open_counting_file()), NOTHING);
    fake.room = 0;
    end_read(first, LENGTH, 0);
    sweep();
    if (delivered == 1)
        disk_sweep(disk, note);
    ck_assert_uint_eq(delivered, 2);
    ck_assert_ptr_eq(deliveries[1].request, second);
    ck_assert_int_eq(deliveries[1].event, DISK_DONE);
    demand_counting_bytes(memory[second->place->number], 0);
}
END_TEST

START_TEST(read_can_end_on_the_spot)
{
    struct request *request = placed();
    fake.on_the_spot = true;
    fake.spot_bytes = 30; /* four times, until it is whole */
    ck_assert_int_eq(begin(request, NO_FILE), DISK_DONE);
    ck_assert_uint_eq(fake.starts, 4);
    ck_assert(!disk_is_busy(disk));
    demand_sweep_brings_nothing();
}
END_TEST

START_TEST(read_can_fail_on_the_spot)
{
    struct request *request = placed();
    fake.on_the_spot = true;
    fake.spot_error = EIO;
    ck_assert_int_eq(begin(request, NO_FILE), DISK_FAILED);
    ck_assert(request->place->failed);
    ck_assert(!disk_is_busy(disk));
}
END_TEST

/* --- the sweep ------------------------------------------------------------------------------ */

START_TEST(sweep_delivers_what_has_ended_and_leaves_the_rest)
{
    struct request *first = reader(), *second = reader(), *third = reader();
    end_read(first, LENGTH, 0);
    end_read(third, 0, EIO);
    sweep();
    ck_assert_uint_eq(delivered, 2);
    ck_assert_ptr_eq(deliveries[0].request, first);
    ck_assert_int_eq(deliveries[0].event, DISK_DONE);
    ck_assert_ptr_eq(deliveries[1].request, third);
    ck_assert_int_eq(deliveries[1].event, DISK_FAILED);
    end_read(second, LENGTH, 0);
    demand_sweep_brings(second, DISK_DONE);
}
END_TEST

/* Starts the next read in the same place, and the disk has it ready at once. */
static void note_and_read_on(struct request *request, enum event event)
{
    note(request, event);
    ck_assert_int_eq(begin(request, NO_FILE), NOTHING);
    end_read(request, LENGTH, 0);
}

START_TEST(delivery_may_start_a_read_which_the_next_sweep_finds)
{
    struct request *first = reader(), *second = reader();
    end_read(first, LENGTH, 0);
    end_read(second, LENGTH, 0);
    delivered = 0;
    disk_sweep(disk, note_and_read_on);
    ck_assert_uint_eq(delivered, 2); /* not for ever, and not the same one twice */
    ck_assert_ptr_eq(deliveries[0].request, first);
    ck_assert_ptr_eq(deliveries[1].request, second);
    sweep();
    ck_assert_uint_eq(delivered, 2);
}
END_TEST

static struct request *next_in_line;

/* Gives its place back, and the one that waited for it reads in it at once. */
static void note_and_hand_over(struct request *request, enum event event)
{
    note(request, event);
    disk_give_place(disk, request);
    if (next_in_line == NULL)
        return;
    demand_turn_of(next_in_line);
    ck_assert_int_eq(begin(next_in_line, NO_FILE), NOTHING);
    next_in_line = NULL;
}

START_TEST(delivery_may_hand_its_place_over)
{
    struct request *readers[PLACES];
    for (unsigned i = 0; i < PLACES; i++)
        readers[i] = reader();
    struct request *late = next_in_line = waiter(false);
    for (unsigned i = 0; i < PLACES; i++)
        end_read(readers[i], LENGTH, 0);
    delivered = 0;
    disk_sweep(disk, note_and_hand_over);
    ck_assert_uint_eq(delivered, PLACES);
    ck_assert_uint_eq(disk->places_taken, 1);
    end_read(late, LENGTH, 0);
    demand_sweep_brings(late, DISK_DONE);
}
END_TEST

START_TEST(disk_is_not_destroyed_while_a_read_is_in_flight)
{
    struct request *request = reader();
    ck_assert(!disk_destroy(disk));
    ck_assert(fake.is_open);
    ck_assert_ptr_nonnull(disk->places);
    end_read(request, LENGTH, 0);
    demand_sweep_brings(request, DISK_DONE);
    ck_assert(disk_destroy(disk));
    ck_assert(!fake.is_open);
}
END_TEST

START_TEST(sweep_has_rescued_what_no_signal_told)
{
    struct request *first = reader(), *second = reader();
    end_read(first, LENGTH, 0);
    end_read(second, LENGTH, 0);
    disk_hear(disk, 1); /* the loop has had one signal */
    ck_assert_uint_eq(disk_rescued(disk), 0);
    sweep();
    ck_assert_uint_eq(disk_rescued(disk), 1);
    fake.room = 0;
    ck_assert_int_eq(begin(first, open_counting_file()),
                     DISK_DONE); /* a plain read has no signal */
    ck_assert_uint_eq(disk_rescued(disk), 1);
    disk->counts.told += 5; /* a stale signal rescues nobody */
    ck_assert_uint_eq(disk_rescued(disk), 0);
}
END_TEST

static TCase *places_case(void)
{
    TCase *tcase = tcase_create("disk_places");
    tcase_add_checked_fixture(tcase, set_up, NULL);
    tcase_add_test(tcase, places_are_never_exceeded);
    tcase_add_test(tcase, request_takes_one_place_however_often_it_asks);
    tcase_add_test(tcase, place_and_buffer_are_taken_both_or_not_at_all);
    tcase_add_test(tcase, turns_come_in_order_of_arrival);
    tcase_add_test(tcase, turn_is_posted_once);
    tcase_add_test(tcase, who_needs_a_buffer_is_passed_by_who_only_needs_a_place);
    tcase_add_test(tcase, who_leaves_the_queue_gets_no_turn);
    return tcase;
}

static TCase *reads_case(void)
{
    TCase *tcase = tcase_create("disk_reads");
    tcase_add_checked_fixture(tcase, set_up, NULL);
    tcase_add_test(tcase, read_is_delivered_once_when_it_has_ended);
    tcase_add_test(tcase, short_read_goes_on_until_it_is_whole);
    tcase_add_test(tcase, nothing_where_bytes_are_owed_fails);
    tcase_add_test(tcase, error_of_the_disk_fails);
    tcase_add_test(tcase, completed_eagain_is_read_again_without_a_signal);
    tcase_add_test(tcase, full_queue_is_not_trusted_until_a_signal_comes);
    tcase_add_test(tcase, next_read_in_the_place_has_a_signal_again);
    tcase_add_test(tcase, interrupted_read_is_read_again);
    tcase_add_test(tcase, token_of_the_read_names_its_request);
    return tcase;
}

static TCase *room_case(void)
{
    TCase *tcase = tcase_create("disk_room");
    tcase_add_checked_fixture(tcase, set_up, NULL);
    tcase_add_test(tcase, read_without_room_waits_for_another_to_end);
    tcase_add_test(tcase, without_room_and_company_the_file_is_read_plainly);
    tcase_add_test(tcase, plain_read_that_fails_is_told_at_once);
    tcase_add_test(tcase, plain_read_goes_on_where_a_short_read_has_ended);
    tcase_add_test(tcase, read_without_room_is_read_plainly_when_its_company_has_gone);
    tcase_add_test(tcase, read_can_end_on_the_spot);
    tcase_add_test(tcase, read_can_fail_on_the_spot);
    return tcase;
}

static TCase *sweep_case(void)
{
    TCase *tcase = tcase_create("disk_sweep");
    tcase_add_checked_fixture(tcase, set_up, NULL);
    tcase_add_test(tcase, sweep_delivers_what_has_ended_and_leaves_the_rest);
    tcase_add_test(tcase, delivery_may_start_a_read_which_the_next_sweep_finds);
    tcase_add_test(tcase, delivery_may_hand_its_place_over);
    tcase_add_test(tcase, disk_is_not_destroyed_while_a_read_is_in_flight);
    tcase_add_test(tcase, sweep_has_rescued_what_no_signal_told);
    return tcase;
}

Suite *disk_suite(void)
{
    Suite *suite = suite_create("disk");
    suite_add_tcase(suite, places_case());
    suite_add_tcase(suite, reads_case());
    suite_add_tcase(suite, room_case());
    suite_add_tcase(suite, sweep_case());
    return suite;
}
