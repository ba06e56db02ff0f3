#include "event/report.h"

#include "core/totals.h"

#include <inttypes.h>

static void print_disk(const struct loop *loop, FILE *out)
{
    const struct disk_counts *counts = &loop->disk.counts;
    char bytes[32];
    fprintf(out,
            "  disk: %u of %u places taken, %zu buffers left; %" PRIu64 " reads (%s), %" PRIu64
            " failed; %" PRIu64 " told by %s, %" PRIu64 " found by the sweep alone\n",
            loop->disk.places_taken, loop->disk.place_count, buffers_left(&loop->disk.buffers),
            counts->started, request_status_format_bytes(bytes, sizeof bytes, counts->bytes),
            counts->failed, counts->told,
            loop->disk.backend->bell != NULL ? "its bell" : "a signal", disk_rescued(&loop->disk));
}

void report_print(const struct loop *loop, FILE *out)
{
    fprintf(out, "\nRequest table (event, %s, %s, %s)\n", loop->poller->choice.name,
            loop->disk.backend->choice.name, loop->server->wakeup->choice.name);
    request_table_print(&loop->table, out, loop->now_ms);
    print_disk(loop, out);
    totals_print(loop->server, out);
}
