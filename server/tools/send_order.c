#include "tools/send_order.h"

#include <stdio.h>
#include <stdlib.h>

/* Adds `count` requests of a kind, if they fit. */
static bool add(struct send_order *order, unsigned long count, char kind)
{
    if (count == 0 || count > SEND_MOST - order->count || (kind != 'c' && kind != 'h'))
        return false;
    while (count-- > 0)
        order->is_cold[order->count++] = kind == 'c';
    return true;
}

bool send_order_parse(struct send_order *order, const char *text)
{
    order->count = 0;
    while (*text >= '0' && *text <= '9') {
        char *end;
        unsigned long count = strtoul(text, &end, 10);
        if (!add(order, count, *end))
            return false;
        text = end + 1;
    }
    return *text == '\0' && order->count > 0;
}

size_t send_order_count_cold(const struct send_order *order)
{
    size_t cold = 0;
    for (size_t i = 0; i < order->count; i++)
        cold += order->is_cold[i];
    return cold;
}

void send_order_path(char path[SEND_PATH_BYTES], bool is_cold, size_t cold, unsigned run,
                     size_t number)
{
    int length = is_cold ? snprintf(path, SEND_PATH_BYTES, "/cold/%03u.txt",
                                    (unsigned)(cold % SEND_COLD_FILES) + 1)
                         : snprintf(path, SEND_PATH_BYTES, "/hot.txt");
    if (run > 0)
        snprintf(path + length, SEND_PATH_BYTES - (size_t)length, "?%u.%u", run, (unsigned)number);
}
