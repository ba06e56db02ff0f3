#include "core/totals.h"

#include "core/request_status.h"

#include <inttypes.h>

static void print_cache(const struct cache *cache, FILE *out)
{
    struct cache_counts counts = cache_counts(cache);
    char used[32], limit[32];
    fprintf(out,
            "  page cache: %" PRIu64 " files, %s of %s; %" PRIu64 " hits, %" PRIu64
            " misses, %" PRIu64 " joined\n",
            counts.entries, request_status_format_bytes(used, sizeof used, counts.used_bytes),
            request_status_format_bytes(limit, sizeof limit, counts.limit_bytes), counts.hits,
            counts.misses, counts.joins);
}

void totals_print(const struct server *server, FILE *out)
{
    const struct stats *stats = &server->stats;
    char bytes[32];
    print_cache(server->cache, out);
    fprintf(out,
            "  %" PRIu64 " connections (%" PRIu64 " closed to seat others), %" PRIu64
            " replies, %" PRIu64 " broken off, %" PRIu64 " timeouts, %s sent\n\n",
            stats->accepted, stats->turned_away, stats->replies, stats->broken, stats->timeouts,
            request_status_format_bytes(bytes, sizeof bytes, stats->bytes_sent));
    fflush(out);
}
