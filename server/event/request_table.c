#include "event/request_table.h"

#include "event/loop.h"

#include <stdlib.h>

enum {
    SLOT_MASK = (1 << TOKEN_SLOT_BITS) - 1,
    GENERATION_MASK = (1 << (31 - TOKEN_SLOT_BITS)) - 1
};

static void clear(struct request *request, struct loop *loop, unsigned generation)
{
    *request = (struct request){.loop = loop, .generation = generation & GENERATION_MASK};
    request->exchange.socket = EXCHANGE_NO_SOCKET;
    request->exchange.file = EXCHANGE_NO_FILE;
    list_init(&request->link);
}

bool request_table_create(struct request_table *table, unsigned count, struct loop *loop)
{
    *table = (struct request_table){.count = count};
    list_init(&table->free);
    table->slots = calloc(count, sizeof *table->slots);
    if (table->slots == NULL)
        return false;
    for (unsigned i = 0; i < count; i++) {
        clear(&table->slots[i], loop, 0);
        list_append(&table->free, &table->slots[i].link);
    }
    return true;
}

void request_table_destroy(struct request_table *table)
{
    free(table->slots);
}

struct request *request_table_take(struct request_table *table)
{
    struct link *first = list_first(&table->free);
    if (first == NULL)
        return NULL;
    list_remove(first);
    table->busy++;
    return list_member(first, struct request, link);
}

void request_table_give(struct request_table *table, struct request *request)
{
    list_remove(&request->link);
    clear(request, request->loop, request->generation + 1);
    list_append(&table->free, &request->link);
    table->busy--;
}

unsigned request_slot(const struct request *request)
{
    return (unsigned)(request - request->loop->table.slots);
}

uint32_t request_token(const struct request *request)
{
    return request->generation << TOKEN_SLOT_BITS | request_slot(request);
}

struct request *request_table_find(const struct request_table *table, uint32_t token)
{
    unsigned slot = token & SLOT_MASK;
    if (slot >= table->count)
        return NULL;
    struct request *request = &table->slots[slot];
    bool is_current = request->generation == token >> TOKEN_SLOT_BITS;
    return is_current && request->row.state != FREE ? request : NULL;
}

void request_table_print(const struct request_table *table, FILE *out, int64_t now_ms)
{
    request_status_print_heading(out);
    for (unsigned i = 0; i < table->count; i++)
        request_status_print(out, i, &table->slots[i].row, now_ms);
    fprintf(out, "  %u of %u slots in use\n", table->busy, table->count);
}
