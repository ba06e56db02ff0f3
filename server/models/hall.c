#include "models/hall.h"

#include "core/clock.h"
#include "core/totals.h"
#include "models/condition.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void enter_lock(void *lock)
{
    pthread_mutex_lock(lock);
}

static void leave_lock(void *lock)
{
    pthread_mutex_unlock(lock);
}

bool hall_create(struct hall *hall, const char *model, struct server *server, unsigned rows)
{
    struct guard guard = {enter_lock, leave_lock, &hall->cache_lock};
    hall->model = model;
    hall->server = server;
    hall->rows = rows;
    hall->leave_by_ms = INT64_MAX;
    hall->bell = hall->door = hall->bell_rope = hall->note_pin = HALL_NOTHING;
    hall->board = calloc(rows, sizeof *hall->board);
    pthread_mutex_init(&hall->cache_lock, NULL);
    pthread_mutex_init(&hall->board_lock, NULL);
    condition_init(&hall->loaded);
    cache_share(server->cache, &guard);
    server->log.is_shared = true;
    trace_describe(&server->trace, model, rows, NULL);
    return hall->board != NULL;
}

static void close_pipes(struct hall *hall)
{
    close(hall->bell);
    close(hall->door);
    close(hall->note_pin);
}

void hall_destroy(struct hall *hall)
{
    static const struct guard nobody;
    cache_share(hall->server->cache, &nobody);
    if (hall->has_pipes)
        close_pipes(hall);
    pthread_cond_destroy(&hall->loaded);
    pthread_mutex_destroy(&hall->board_lock);
    pthread_mutex_destroy(&hall->cache_lock);
    free(hall->board);
}

/* --- bell and door ------------------------------------------------------------------------ */

static bool make_pipe(int *readable, int *writable)
{
    int ends[2];
    if (pipe(ends) == -1)
        return false;
    for (int i = 0; i < 2; i++) {
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        fcntl(ends[i], F_SETFL, O_NONBLOCK);
    }
    *readable = ends[0];
    *writable = ends[1];
    return true;
}

bool hall_open_pipes(struct hall *hall)
{
    hall->has_pipes = true;
    return make_pipe(&hall->bell, &hall->bell_rope) && make_pipe(&hall->door, &hall->note_pin);
}

void hall_ring(struct hall *hall)
{
    close(hall->bell_rope);
}

static void put_note(struct hall *hall)
{
    if (!atomic_exchange(&hall->note_is_there, true) && write(hall->note_pin, "", 1) == -1)
        hall->note_is_there = false;
}

/* Says first that it is gone: a note put up meanwhile is one too many, and not one too few. */
bool hall_take_note(struct hall *hall)
{
    char note;
    hall->note_is_there = false;
    return read(hall->door, &note, 1) == 1;
}

/* Every time: the last note may have been about somebody who is served by now. */
void hall_set_crowded(struct hall *hall, bool is_crowded)
{
    hall->is_crowded = is_crowded;
    if (is_crowded)
        put_note(hall);
}

/* --- the board, and the end --------------------------------------------------------------- */

void hall_print(struct hall *hall, FILE *out)
{
    int64_t now_ms = clock_now_ms();
    unsigned busy = 0;
    fprintf(out, "\nRequest table (%s)\n", hall->model);
    request_status_print_heading(out);
    pthread_mutex_lock(&hall->board_lock);
    for (unsigned i = 0; i < hall->rows; i++) {
        request_status_print(out, i, &hall->board[i], now_ms);
        busy += hall->board[i].state != FREE;
    }
    pthread_mutex_unlock(&hall->board_lock);
    fprintf(out, "  %u of %u threads serve a client\n", busy, hall->rows);
    totals_print(hall->server, out);
}

bool hall_stop(struct hall *hall)
{
    bool is_first = !atomic_exchange(&hall->server->stopping, true);
    int64_t grace_ms = is_first ? (int64_t)hall->server->options.grace_ms : 0;
    hall->leave_by_ms = clock_now_ms() + grace_ms;
    return is_first;
}

bool hall_is_over(const struct hall *hall)
{
    return clock_now_ms() >= hall->leave_by_ms;
}

void hall_wait(struct hall *hall, pthread_cond_t *condition, pthread_mutex_t *lock)
{
    if (hall->server->stopping)
        condition_wait_until(condition, lock, hall->leave_by_ms);
    else
        pthread_cond_wait(condition, lock);
}
