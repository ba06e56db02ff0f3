#include "tools/trace_lives.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS_AT_FIRST = 8 };

bool lives_create(struct lives *lives, unsigned slots, lives_hear *hear, void *context)
{
    *lives = (struct lives){.slots = slots, .hear = hear, .context = context};
    lives->of_slot = calloc(slots, sizeof *lives->of_slot);
    lives->is_alive = calloc(slots, sizeof *lives->is_alive);
    return lives->of_slot != NULL && lives->is_alive != NULL;
}

static bool is_part_of_life(unsigned state)
{
    return state != FREE && state != IDLE;
}

/* What comes then is between the server and the client's kernel, or the disk. */
static bool is_answered(unsigned state)
{
    return state == LINGERING || state == ABANDONED || !is_part_of_life(state);
}

static bool add_step(struct life *life, const struct trace_record *record)
{
    if (life->step_count == life->step_room) {
        size_t room = life->step_room == 0 ? STEPS_AT_FIRST : 2 * life->step_room;
        struct step *more = realloc(life->steps, room * sizeof *more);
        if (more == NULL)
            return false;
        life->steps = more;
        life->step_room = room;
    }
    life->steps[life->step_count++] = (struct step){record->time_ns, record->event, record->to};
    return true;
}

static void begin_life(struct lives *lives, const struct trace_record *record)
{
    struct life *life = &lives->of_slot[record->slot];
    *life = (struct life){.number = ++lives->begun,
                          .slot = record->slot,
                          .generation = record->generation,
                          .is_partial = is_part_of_life(record->from),
                          .begin_ns = record->time_ns,
                          .steps = life->steps,
                          .step_room = life->step_room};
    lives->is_alive[record->slot] = true;
}

static void end_life(struct lives *lives, unsigned slot, uint64_t end_ns)
{
    struct life *life = &lives->of_slot[slot];
    life->end_ns = end_ns;
    lives->is_alive[slot] = false;
    lives->hear(lives->context, life);
}

/* Records may have been lost: a life goes on only where the transition says that it was. */
static bool goes_on(const struct life *life, const struct trace_record *record)
{
    return life->generation == record->generation &&
           life->steps[life->step_count - 1].state == record->from;
}

static bool take_transition(struct lives *lives, const struct trace_record *record)
{
    struct life *life = &lives->of_slot[record->slot];
    bool *is_alive = &lives->is_alive[record->slot];
    if (*is_alive && !goes_on(life, record))
        *is_alive = false;
    if (!*is_alive && !is_part_of_life(record->to))
        return true;
    if (!*is_alive)
        begin_life(lives, record);
    if (life->answered_ns == 0 && is_answered(record->to))
        life->answered_ns = record->time_ns;
    if (!is_part_of_life(record->to))
        end_life(lives, (unsigned)record->slot, record->time_ns);
    else
        return add_step(life, record);
    return true;
}

static void take_title(struct lives *lives, const struct trace_record *record)
{
    struct life *life = &lives->of_slot[record->slot];
    if (lives->is_alive[record->slot] && life->generation == record->generation)
        memcpy(life->title, record->text, sizeof life->title);
}

bool lives_take(struct lives *lives, const struct trace_record *record)
{
    if (record->time_ns > lives->latest_ns)
        lives->latest_ns = record->time_ns;
    if (record->slot == TRACE_NO_SLOT)
        return true;
    if (record->kind == TRACE_TRANSITION)
        return take_transition(lives, record);
    if (record->kind == TRACE_REQUEST)
        take_title(lives, record);
    return true;
}

void lives_destroy(struct lives *lives)
{
    for (unsigned slot = 0; slot < lives->slots; slot++) {
        lives->of_slot[slot].is_unfinished = true;
        if (lives->is_alive[slot])
            end_life(lives, slot, lives->latest_ns);
        free(lives->of_slot[slot].steps);
    }
    free(lives->of_slot);
    free(lives->is_alive);
}

uint64_t life_step_end_ns(const struct life *life, size_t step)
{
    return step + 1 < life->step_count ? life->steps[step + 1].time_ns : life->end_ns;
}
