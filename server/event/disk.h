/*
 * The disk: who may read, in which order, and what happens when a read comes back short, or does
 * not even start. All of that is the same for every way of reading, and is here once; a backend
 * only starts one read and looks whether it has ended.
 *
 * A place is the right to one read in flight. Requests that find none wait in one queue, in order
 * of arrival, and hold nothing while they wait, but for a reply half sent: between two pieces of a
 * large file it keeps the file and its buffer. (Who needs a place only may pass those who also
 * need a buffer while there is none: else a few slow clients with large files, who hold the
 * buffers, would stop everybody's small files.)
 *
 * A read in flight owns its buffer, its control block and its file descriptor until it has ended:
 * closing the descriptor early would let the read fetch another file's bytes, since numbers are
 * used again. And the disk's signal is a hint: what has ended is found by asking, not by what a
 * signal says.
 */
#ifndef EVENT_DISK_H
#define EVENT_DISK_H

#include "core/buffers.h"
#include "core/choice.h"
#include "core/list.h"
#include "event/fsm.h"

#include <stddef.h>
#include <stdint.h>

enum {
    DISK_PLACES_MAX = 1024,
    DISK_BUFFER_BYTES = 256 * 1024, /* what is read at a time of a file that is not cached */
    DISK_LOOK_MS = 100, /* with reads in flight, look at least this often: a signal may be lost */
    DISK_DEAF_LOOK_MS = 5, /* and this often when one has been, until one comes again */
};

/* One place, and the read that is in it. */
struct disk_read {
    unsigned number; /* of the place, from 0 */
    int file;
    char *into;
    size_t length;   /* bytes wanted */
    size_t done;     /* bytes there: a read may come back short, and goes on */
    uint64_t offset; /* in the file, of into[0] */
    int token;       /* what the signal says */
    bool quiet;      /* no signal: the queue of signals was full */
    bool failed;     /* once it has ended */

    /* A backend's answer to `check`, and of a `start` that has finished on the spot. */
    size_t bytes;
    int error; /* an errno, or 0 */

    /* disk.c's own. */
    struct request *request;
    bool started; /* false: the backend had no room, and is asked again */
    struct link link;
};

enum disk_start {
    DISK_STARTED,
    DISK_FINISHED, /* on the spot: `bytes` and `error` are set */
    DISK_NO_ROOM,  /* not now (EAGAIN): ask again when another read has ended */
};

struct disk_backend {
    struct choice choice;

    /* Prepares for `places` reads in flight. Returns false with errno set. */
    bool (*open)(unsigned places);

    /* Starts to read the rest: from `offset + done` into `into + done`. */
    enum disk_start (*start)(struct disk_read *read);

    /* Looks, without waiting, whether a started read has ended; true once, with the answer set. */
    bool (*check)(struct disk_read *read);

    /*
     * Where signals do not tell that a read has ended: a descriptor that becomes readable, and how
     * to take what it says (how many reads have ended). Both NULL where signals do.
     */
    int (*bell)(void);
    size_t (*answer_bell)(void);

    void (*close)(void);

    /* How many reads it can have in flight; NULL: as many as there are places. */
    unsigned (*places_max)(void);
};

/*
 * The list to choose from, made by the build from the files that it links; NULL ends it, and the
 * first is the default. `disk_choices` is the same list seen as names and summaries.
 */
extern const struct disk_backend *const disks[];
extern const struct choice *const disk_choices[];

struct disk_plan {
    const struct disk_backend *backend;
    unsigned places, buffers;
    bool nowait; /* take at once what the kernel has in memory */
};

struct disk_counts {
    uint64_t started, done, failed, bytes;
    uint64_t completions; /* reads that had been started, and were found to have ended */
    uint64_t told;        /* signals (or rings of a bell) that said so */
    uint64_t full;        /* results lost to a full signal queue, and read again */
    uint64_t fallbacks;   /* plain reads on the spot, when nothing else went */
};

struct disk {
    const struct disk_backend *backend;
    struct disk_read *places;
    unsigned place_count, places_taken;
    unsigned started; /* reads that the backend is at */
    bool nowait;
    bool is_deaf; /* the queue of signals was full when a signal was last due */
    struct link free_places;
    struct link in_flight; /* reads that have not ended, started or not */
    struct link waiting;   /* requests, in order of arrival */
    struct link *ready;    /* where a TURN is posted */
    struct buffers buffers;
    struct disk_counts counts;
};

bool disk_create(struct disk *disk, const struct disk_plan *plan, struct link *ready);

/* Frees all. Returns false, and frees nothing, while reads are in flight. */
bool disk_destroy(struct disk *disk);

/*
 * Takes a place for the request, and a buffer if it needs one, unless it has them already: both
 * or nothing. Returns false if there are none to be had: then disk_wait().
 */
bool disk_take(struct disk *disk, struct request *request, bool needs_buffer);

/* Queues the request; it will be posted a TURN and then has its place (and its buffer). */
void disk_wait(struct disk *disk, struct request *request);

/* Gives back what the request has, which must have no read in flight; the next ones get it. */
void disk_give_place(struct disk *disk, struct request *request);
void disk_give_buffer(struct disk *disk, struct request *request);

/*
 * Starts a read in the request's place. NOTHING: it is in flight, and disk_sweep() will tell.
 * DISK_DONE or DISK_FAILED: it has ended on the spot.
 */
enum event disk_start(struct disk *disk, struct request *request, int file, char *into,
                      size_t length, uint64_t offset);

/* Whether reads are in flight: then the loop must wait no longer than disk_look_ms(). */
bool disk_is_busy(const struct disk *disk);
int64_t disk_look_ms(const struct disk *disk);

/* So many signals (or rings) have said that a read has ended. Which, is for the sweep to find. */
void disk_hear(struct disk *disk, size_t signals);

/* Looks for reads that have ended, and delivers DISK_DONE or DISK_FAILED for each. */
void disk_sweep(struct disk *disk, void (*deliver)(struct request *request, enum event event));

/* Completions that no signal has told of: what the sweep has rescued, once signals are drained. */
uint64_t disk_rescued(const struct disk *disk);

#endif
