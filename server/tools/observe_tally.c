#include "tools/observe_tally.h"

#include <stdlib.h>
#include <string.h>

bool tally_create(struct tally *tally, const struct trace_header *header)
{
    *tally = (struct tally){.header = header};
    tally->slots = calloc(header->slots > 0 ? header->slots : 1, sizeof *tally->slots);
    tally->in_state[FREE] = header->slots;
    return tally->slots != NULL;
}

void tally_destroy(struct tally *tally)
{
    free(tally->slots);
}

static bool is_in_progress(unsigned state)
{
    return state != FREE && state != IDLE;
}

static void note_wait(struct tally_waits *waits, uint64_t ns)
{
    waits->ns[waits->count++ % TALLY_WAITS] = ns;
}

static void begin(struct tally_slot *slot, uint64_t now_ns)
{
    slot->begun_ns = now_ns;
    slot->is_cold = false;
    slot->title[0] = '\0';
}

/* The reply has been sent. What ends without a title has asked for nothing. */
static void end(struct tally *tally, struct tally_slot *slot, uint64_t now_ns)
{
    if (slot->title[0] == '\0')
        return;
    tally->answered++;
    note_wait(slot->is_cold ? &tally->cold : &tally->hot, now_ns - slot->begun_ns);
    slot->title[0] = '\0';
}

static void enter(struct tally *tally, struct tally_slot *slot, const struct trace_record *record)
{
    if (!is_in_progress(slot->state) && is_in_progress(record->to))
        begin(slot, record->time_ns);
    if (slot->state == SENDING && record->to != SENDING && record->to != LOADING)
        end(tally, slot, record->time_ns);
    if (record->to == LOADING || record->to == JOINED || record->to == WAITING)
        slot->is_cold = true;
    if (slot->state == record->to)
        return;
    tally->in_state[slot->state]--;
    tally->in_state[record->to]++;
    slot->state = record->to;
    slot->since_ns = record->time_ns;
}

void tally_take(struct tally *tally, const struct trace_record *record)
{
    if (record->slot == TRACE_NO_SLOT)
        return;
    struct tally_slot *slot = &tally->slots[record->slot];
    if (record->kind == TRACE_TRANSITION)
        enter(tally, slot, record);
    if (record->kind == TRACE_REQUEST)
        memcpy(slot->title, record->text, sizeof slot->title);
}

unsigned tally_in_flight(const struct tally *tally)
{
    unsigned count = 0;
    for (unsigned state = 0; state < tally->header->states; state++)
        count += is_in_progress(state) ? tally->in_state[state] : 0;
    return count;
}

static int compare(const void *a, const void *b)
{
    const uint64_t *first = a, *second = b;
    return (*first > *second) - (*first < *second);
}

uint64_t tally_percentile(const struct tally_waits *waits, unsigned percent)
{
    uint64_t sorted[TALLY_WAITS];
    size_t count = waits->count < TALLY_WAITS ? (size_t)waits->count : TALLY_WAITS;
    if (count == 0)
        return 0;
    memcpy(sorted, waits->ns, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare);
    size_t rank = (count * percent + 99) / 100; /* the nearest rank, from 1 */
    return sorted[rank > 0 ? rank - 1 : 0];
}
