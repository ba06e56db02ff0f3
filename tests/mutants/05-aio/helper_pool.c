/*
 * A pool of helper threads of one's own, with a bell: disk_helpers.c, handed in under another name.
 * It serves well; but the lab is about AIO and its signal.
 *
 * Fails: aio_makes_the_read_and_no_thread_of_yours
 * Says: no pool
 */
#include "event/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static struct job {
    struct disk_read *read;
    bool ended;
} jobs[DISK_PLACES_MAX]; /* one for each place */

static unsigned line[DISK_PLACES_MAX]; /* places whose reads nobody is at: a ring */
static unsigned line_begin, line_length;
static bool leaving;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all of these */
static pthread_cond_t work_came = PTHREAD_COND_INITIALIZER;

static pthread_t helpers[DISK_PLACES_MAX]; /* as many as there are places */
static unsigned helper_count;
static int bell[2] = {-1, -1};

static struct job *take_job(void)
{
    while (line_length == 0 && !leaving)
        pthread_cond_wait(&work_came, &lock);
    if (leaving)
        return NULL;
    struct job *job = &jobs[line[line_begin]];
    line_begin = (line_begin + 1) % DISK_PLACES_MAX;
    line_length--;
    return job;
}

static void *help(void *unused)
{
    struct job *job;
    (void)unused;
    pthread_mutex_lock(&lock);
    while ((job = take_job()) != NULL) {
        struct disk_read *read = job->read;
        pthread_mutex_unlock(&lock);
        ssize_t bytes = pread(read->file, read->into + read->done, read->length - read->done,
                              (off_t)(read->offset + read->done));
        read->error = bytes < 0 ? errno : 0;
        read->bytes = bytes > 0 ? (size_t)bytes : 0;
        pthread_mutex_lock(&lock);
        job->ended = true; /* from here on the read is the event thread's again */
        ssize_t rung = write(bell[1], "", 1);
        (void)rung; /* a full pipe has been rung enough: the sweep finds the rest */
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

static bool make_bell(void)
{
    if (pipe(bell) == -1)
        return false;
    for (int i = 0; i < 2; i++) {
        fcntl(bell[i], F_SETFD, FD_CLOEXEC);
        fcntl(bell[i], F_SETFL, O_NONBLOCK);
    }
    return true;
}

/* Signals are for the event thread: the helpers are born with all of them blocked. */
static bool aio_open(unsigned places)
{
    sigset_t all, before;
    if (places > DISK_PLACES_MAX || !make_bell())
        return false;
    leaving = false;
    line_begin = line_length = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (helper_count < places && pthread_create(&helpers[helper_count], NULL, help, NULL) == 0)
        helper_count++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return helper_count > 0;
}

static enum disk_start aio_start(struct disk_read *read)
{
    pthread_mutex_lock(&lock);
    jobs[read->number] = (struct job){.read = read};
    line[(line_begin + line_length) % DISK_PLACES_MAX] = read->number;
    line_length++;
    pthread_cond_signal(&work_came);
    pthread_mutex_unlock(&lock);
    return DISK_STARTED;
}

static bool aio_check(struct disk_read *read)
{
    pthread_mutex_lock(&lock);
    bool ended = jobs[read->number].ended;
    jobs[read->number].ended = false;
    pthread_mutex_unlock(&lock);
    return ended;
}

static int aio_bell(void)
{
    return bell[0];
}

static size_t aio_answer_bell(void)
{
    char rings[64];
    size_t count = 0;
    ssize_t got;
    while ((got = read(bell[0], rings, sizeof rings)) > 0)
        count += (size_t)got;
    return count;
}

static void aio_close(void)
{
    pthread_mutex_lock(&lock);
    leaving = true;
    pthread_cond_broadcast(&work_came);
    pthread_mutex_unlock(&lock);
    while (helper_count > 0)
        pthread_join(helpers[--helper_count], NULL);
    close(bell[0]);
    close(bell[1]);
}

const struct disk_backend disk_aio = {
    .choice = {"aio", "threads of our own read, and ring a bell (AMPED)"},
    .open = aio_open,
    .start = aio_start,
    .check = aio_check,
    .bell = aio_bell,
    .answer_bell = aio_answer_bell,
    .close = aio_close,
};
