#include "event/disk.h"

#include "event/nowait.h"
#include "event/ready.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

bool disk_create(struct disk *disk, const struct disk_plan *plan, struct link *ready)
{
    *disk = (struct disk){.backend = plan->backend,
                          .place_count = plan->places,
                          .nowait = plan->nowait,
                          .ready = ready};
    list_init(&disk->free_places);
    list_init(&disk->in_flight);
    list_init(&disk->waiting);
    disk->places = calloc(plan->places, sizeof *disk->places);
    if (disk->places == NULL || !buffers_create(&disk->buffers, plan->buffers, DISK_BUFFER_BYTES))
        return false;
    for (unsigned i = 0; i < plan->places; i++) {
        disk->places[i].number = i;
        list_append(&disk->free_places, &disk->places[i].link);
    }
    return disk->backend->open(plan->places);
}

bool disk_destroy(struct disk *disk)
{
    if (disk_is_busy(disk))
        return false;
    disk->backend->close();
    buffers_destroy(&disk->buffers);
    free(disk->places);
    return true;
}

/* --- places and buffers ------------------------------------------------------------------- */

bool disk_take(struct disk *disk, struct request *request, bool needs_buffer)
{
    bool lacks_place = request->place == NULL;
    bool lacks_buffer = needs_buffer && request->buffer == NULL;
    if ((lacks_place && list_is_empty(&disk->free_places)) ||
        (lacks_buffer && buffers_left(&disk->buffers) == 0))
        return false;
    if (lacks_place) {
        struct link *first = list_first(&disk->free_places);
        list_remove(first);
        request->place = list_member(first, struct disk_read, link);
        disk->places_taken++;
    }
    if (lacks_buffer)
        request->buffer = buffers_take(&disk->buffers);
    return true;
}

void disk_wait(struct disk *disk, struct request *request)
{
    list_append(&disk->waiting, &request->link);
}

/* Gives what is free to those who wait, the first come first. */
static void grant(struct disk *disk)
{
    struct link *next;
    for (struct link *link = list_first(&disk->waiting);
         link != NULL && !list_is_empty(&disk->free_places); link = next) {
        struct request *request = list_member(link, struct request, link);
        next = list_next(&disk->waiting, link);
        if (disk_take(disk, request, request->needs_buffer))
            ready_post(disk->ready, request, TURN);
    }
}

void disk_give_place(struct disk *disk, struct request *request)
{
    if (request->place == NULL)
        return;
    list_append(&disk->free_places, &request->place->link);
    request->place = NULL;
    disk->places_taken--;
    grant(disk);
}

void disk_give_buffer(struct disk *disk, struct request *request)
{
    if (request->buffer == NULL)
        return;
    buffers_give(&disk->buffers, request->buffer);
    request->buffer = NULL;
    grant(disk);
}

/* --- one read ----------------------------------------------------------------------------- */

enum progress { UNDER_WAY, ENDED_WELL, ENDED_BADLY };

/* What the backend's answer means for the read. UNDER_WAY: the rest must be started. */
static enum progress take_answer(struct disk *disk, struct disk_read *read)
{
    if (read->error == EAGAIN) {
        /* glibc overwrites the result when the signal finds no room in the queue. Asking for a
           signal again would fail again, for ever; the sweep finds a quiet read as well. */
        disk->counts.full++;
        disk->is_deaf = true;
        read->quiet = true;
        return UNDER_WAY;
    }
    if (read->error == EINTR)
        return UNDER_WAY;
    if (read->error != 0 || read->bytes == 0) /* nothing where bytes are owed: the file shrank */
        return ENDED_BADLY;
    read->done += read->bytes;
    return read->done < read->length ? UNDER_WAY : ENDED_WELL;
}

static void read_plainly(struct disk *disk, struct disk_read *read)
{
    ssize_t bytes = pread(read->file, read->into + read->done, read->length - read->done,
                          (off_t)(read->offset + read->done));
    disk->counts.fallbacks++;
    read->error = bytes < 0 ? errno : 0;
    read->bytes = bytes > 0 ? (size_t)bytes : 0;
    if (read->error == EAGAIN)
        read->error = EIO; /* a regular file does not say so; if it did, never ask for ever */
}

/*
 * Starts the read, or what is left of it. Where the system has no room for one more, it waits for
 * another to end; when there is no other, it is read plainly: better slow than never.
 */
static enum progress start(struct disk *disk, struct disk_read *read)
{
    enum progress progress = UNDER_WAY;
    read->started = false;
    while (progress == UNDER_WAY) {
        switch (disk->backend->start(read)) {
        case DISK_STARTED:
            read->started = true;
            disk->started++;
            return UNDER_WAY;
        case DISK_NO_ROOM:
            if (disk->started > 0)
                return UNDER_WAY;
            read_plainly(disk, read);
            break;
        case DISK_FINISHED: break;
        }
        progress = take_answer(disk, read);
    }
    return progress;
}

static enum event end(struct disk *disk, struct disk_read *read, enum progress progress)
{
    list_remove(&read->link);
    read->failed = progress == ENDED_BADLY;
    if (read->failed) {
        disk->counts.failed++;
        return DISK_FAILED;
    }
    disk->counts.done++;
    disk->counts.bytes += read->length;
    return DISK_DONE;
}

enum event disk_start(struct disk *disk, struct request *request, int file, char *into,
                      size_t length, uint64_t offset)
{
    struct disk_read *read = request->place;
    struct disk_read fresh = {.number = read->number,
                              .file = file,
                              .into = into,
                              .length = length,
                              .offset = offset,
                              .token = (int)request_token(request),
                              .request = request};
    *read = fresh;
    list_init(&read->link);
    list_append(&disk->in_flight, &read->link);
    disk->counts.started++;
    if (disk->nowait)
        read->done = disk_read_nowait(read);
    enum progress progress = read->done < length ? start(disk, read) : ENDED_WELL;
    return progress == UNDER_WAY ? NOTHING : end(disk, read, progress);
}

/* --- all of them -------------------------------------------------------------------------- */

bool disk_is_busy(const struct disk *disk)
{
    return !list_is_empty(&disk->in_flight);
}

int64_t disk_look_ms(const struct disk *disk)
{
    return disk->is_deaf ? DISK_DEAF_LOOK_MS : DISK_LOOK_MS;
}

void disk_hear(struct disk *disk, size_t signals)
{
    disk->counts.told += signals;
    disk->is_deaf = false;
}

/* One look at one read: has it ended, or can it be started at last? */
static enum progress look_at(struct disk *disk, struct disk_read *read)
{
    if (!read->started)
        return start(disk, read);
    if (!disk->backend->check(read))
        return UNDER_WAY;
    disk->started--;
    disk->counts.completions += !read->quiet;
    enum progress progress = take_answer(disk, read);
    return progress == UNDER_WAY ? start(disk, read) : progress;
}

void disk_sweep(struct disk *disk, void (*deliver)(struct request *request, enum event event))
{
    struct link ended;
    struct link *link, *next;
    list_init(&ended);
    /* First collect, then deliver: a delivery may start new reads and end others' waits. */
    for (link = list_first(&disk->in_flight); link != NULL; link = next) {
        struct disk_read *read = list_member(link, struct disk_read, link);
        next = list_next(&disk->in_flight, link);
        enum progress progress = look_at(disk, read);
        if (progress == UNDER_WAY)
            continue;
        end(disk, read, progress);
        list_append(&ended, &read->link);
    }
    while ((link = list_first(&ended)) != NULL) {
        struct disk_read *read = list_member(link, struct disk_read, link);
        list_remove(link);
        deliver(read->request, read->failed ? DISK_FAILED : DISK_DONE);
    }
}

uint64_t disk_rescued(const struct disk *disk)
{
    const struct disk_counts *counts = &disk->counts;
    return counts->completions > counts->told ? counts->completions - counts->told : 0;
}
