#include "event/report.h"

#include <inttypes.h>

static void print_disk(const struct loop *loop, FILE *out)
{
    const struct disk_counts *counts = &loop->disk.counts;
    char bytes[32];
    fprintf(out,
            "  disk: %u of %u places taken, %zu buffers left; %" PRIu64 " reads (%s), %" PRIu64
            " failed; %" PRIu64 " told by a signal, %" PRIu64 " found by the sweep alone\n",
            loop->disk.places_taken, loop->disk.place_count, buffers_left(&loop->disk.buffers),
            counts->started, request_status_format_bytes(bytes, sizeof bytes, counts->bytes),
            counts->failed, counts->signals, disk_rescued(&loop->disk));
}

static void print_cache(const struct loop *loop, FILE *out)
{
    struct cache_counts counts = cache_counts(loop->server->cache);
    char used[32], limit[32];
    fprintf(out,
            "  page cache: %" PRIu64 " files, %s of %s; %" PRIu64 " hits, %" PRIu64
            " misses, %" PRIu64 " joined\n",
            counts.entries, request_status_format_bytes(used, sizeof used, counts.used_bytes),
            request_status_format_bytes(limit, sizeof limit, counts.limit_bytes), counts.hits,
            counts.misses, counts.joins);
}

void report_print(const struct loop *loop, FILE *out)
{
    const struct stats *stats = &loop->server->stats;
    char bytes[32];
    fprintf(out, "\nRequest table (event, %s, %s, %s)\n", loop->poller->choice.name,
            loop->disk.backend->choice.name, loop->server->wakeup->choice.name);
    request_table_print(&loop->table, out, loop->now_ms);
    print_disk(loop, out);
    print_cache(loop, out);
    fprintf(out,
            "  %" PRIu64 " connections (%" PRIu64 " closed to seat others), %" PRIu64
            " replies, %" PRIu64 " broken off, %" PRIu64 " timeouts, %s sent\n\n",
            stats->accepted, stats->turned_away, stats->replies, stats->broken, stats->timeouts,
            request_status_format_bytes(bytes, sizeof bytes, stats->bytes_sent));
    fflush(out);
}
