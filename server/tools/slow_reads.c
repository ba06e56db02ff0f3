#include "tools/slow_reads.h"

#include <stdlib.h>
#include <string.h>

void slow_reads_init(struct slow_reads *reads, int64_t delay_ms, unsigned heads, bool is_held)
{
    *reads = (struct slow_reads){
        .delay_ms = delay_ms, .heads = heads, .is_held = is_held, .held_delay_ms = delay_ms};
    list_init(&reads->waiting);
    list_init(&reads->served);
}

static struct slow_read *read_of(struct link *link)
{
    return list_member(link, struct slow_read, link);
}

bool slow_reads_add(struct slow_reads *reads, const struct slow_read *read)
{
    struct slow_read *copy = malloc(sizeof *copy);
    if (copy == NULL)
        return false;
    *copy = *read;
    copy->is_released = !reads->is_held;
    copy->delay_ms = reads->is_held ? reads->held_delay_ms : reads->delay_ms;
    list_init(&copy->link);
    list_append(&reads->waiting, &copy->link);
    return true;
}

/* Releases up to `most` held reads of a file, or of any if `file` is NULL. */
static unsigned release(struct slow_reads *reads, const char *file, unsigned most)
{
    unsigned count = 0;
    for (struct link *link = list_first(&reads->waiting); link != NULL && count < most;
         link = list_next(&reads->waiting, link)) {
        struct slow_read *read = read_of(link);
        if (read->is_released || (file != NULL && strcmp(read->file, file) != 0))
            continue;
        read->is_released = true;
        count++;
    }
    return count;
}

unsigned slow_reads_release_one(struct slow_reads *reads)
{
    return release(reads, NULL, 1);
}

unsigned slow_reads_release_all(struct slow_reads *reads)
{
    return release(reads, NULL, UINT32_MAX);
}

unsigned slow_reads_release_file(struct slow_reads *reads, const char *file)
{
    return release(reads, file, UINT32_MAX);
}

void slow_reads_hold(struct slow_reads *reads)
{
    reads->is_held = true;
    reads->held_delay_ms = 0;
}

void slow_reads_go(struct slow_reads *reads)
{
    reads->is_held = false;
    slow_reads_release_all(reads);
}

/* Gives free heads to released reads. */
static void serve(struct slow_reads *reads, int64_t now_ms)
{
    struct link *next;
    for (struct link *link = list_first(&reads->waiting); link != NULL; link = next) {
        struct slow_read *read = read_of(link);
        next = list_next(&reads->waiting, link);
        if (reads->heads != 0 && reads->serving == reads->heads)
            return;
        if (!read->is_released)
            continue;
        list_remove(link);
        list_append(&reads->served, link);
        read->due_ms = now_ms + read->delay_ms;
        reads->serving++;
    }
}

/* Of those that are served, the one that is done first. NULL: there is none. */
static struct slow_read *first_due(const struct slow_reads *reads)
{
    struct slow_read *first = NULL;
    for (struct link *link = list_first(&reads->served); link != NULL;
         link = list_next(&reads->served, link))
        if (first == NULL || read_of(link)->due_ms < first->due_ms)
            first = read_of(link);
    return first;
}

bool slow_reads_take_due(struct slow_reads *reads, int64_t now_ms, struct slow_read *read)
{
    serve(reads, now_ms);
    struct slow_read *first = first_due(reads);
    if (first == NULL || first->due_ms > now_ms)
        return false;
    list_remove(&first->link);
    reads->serving--;
    *read = *first;
    free(first);
    return true;
}

int64_t slow_reads_next_due_ms(const struct slow_reads *reads)
{
    const struct slow_read *first = first_due(reads);
    return first != NULL ? first->due_ms : SLOW_NO_DUE;
}

void slow_reads_forget_dead(struct slow_reads *reads,
                            bool (*is_stopped)(const void *context, uint64_t id),
                            const void *context)
{
    struct link *next;
    for (struct link *link = list_first(&reads->waiting); link != NULL; link = next) {
        next = list_next(&reads->waiting, link);
        if (is_stopped(context, read_of(link)->id))
            continue;
        list_remove(link);
        free(read_of(link));
    }
}

void slow_reads_print_held(const struct slow_reads *reads, FILE *out)
{
    unsigned number = 0;
    for (struct link *link = list_first(&reads->waiting); link != NULL;
         link = list_next(&reads->waiting, link)) {
        const struct slow_read *read = read_of(link);
        if (!read->is_released)
            fprintf(out, "slowdisk:   held %u: %s of %s by %s\n", ++number, read->call, read->file,
                    read->thread);
    }
}
