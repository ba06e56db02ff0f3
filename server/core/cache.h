/*
 * The page cache: whole files in the server's own memory, up to a limit.
 *
 * "If the request can be satisfied from the cache, fine." An entry that is being sent is pinned
 * and stays; of the others the one used longest ago goes first. Files are looked up by name and
 * compared with the disk at most once a second. A look-up that hits allocates nothing.
 *
 * Single flight: the first request that misses adds an entry and loads it; those that find it
 * loading join. An entry whose file changes is unlisted: nobody finds it any more, and it goes
 * when the last pin does.
 */
#ifndef CORE_CACHE_H
#define CORE_CACHE_H

#include "core/guard.h"
#include "core/list.h"
#include "core/representation.h"

enum cache_stage {
    CACHE_LOADING, /* the disk is filling `data` */
    CACHE_READY,
    CACHE_FAILED, /* it could not; the entry is not listed any more */
};

struct cache_entry {
    /* For everybody who has the entry pinned, to read. Atomic: whoever sees READY sees `data`. */
    _Atomic(enum cache_stage) stage;
    struct representation content;
    struct file_facts facts;
    char *data;         /* content.length_bytes of it */
    struct link joined; /* the requests that wait for it; the cache only starts the list */

    /* The cache's own. */
    char *name; /* NULL for a page that was never listed */
    size_t name_length, cost_bytes;
    uint32_t hash;
    unsigned pins;
    bool listed;
    int64_t checked_ms;
    struct cache_entry *next_in_bucket;
    struct link recency; /* in the cache's list while nobody has it pinned */
};

struct cache_counts {
    uint64_t hits, misses, joins, evictions;
    uint64_t entries, used_bytes, limit_bytes;
};

struct cache;

enum { CACHE_CHECK_INTERVAL_MS = 1000 };

/* Makes a cache that holds at most `limit_bytes` (0: nothing). NULL if there is no memory. */
struct cache *cache_create(size_t limit_bytes);

/* From now on several threads use the cache, each within the guard. To be called before they do. */
void cache_share(struct cache *cache, const struct guard *guard);

/* Frees the cache and every entry that nobody has pinned. */
void cache_destroy(struct cache *cache);

/*
 * Finds an entry by name and pins it; NULL if there is none, or if the file beneath `root` is no
 * longer the one that was read. Look at `stage`: it may still be loading.
 */
struct cache_entry *cache_find(struct cache *cache, const char *name, size_t length,
                               const struct docroot *root, int64_t now_ms);

/* Whether room for a file of this size could be made now, pinned entries staying. */
bool cache_could_hold(const struct cache *cache, uint64_t size_bytes);

/*
 * Adds a pinned entry for a file, to be filled: `data` is there, with undefined content. Makes
 * room by dropping entries. NULL when that does not help, or there is no memory. If another thread
 * has added the file since it was looked for, that entry is pinned, and `*is_new` is false.
 */
struct cache_entry *cache_add(struct cache *cache, const char *name, size_t length,
                              const struct file_facts *facts, int64_t now_ms, bool *is_new);

/* A pinned entry that is never listed, for a page made for one reply. NULL: no memory. */
struct cache_entry *cache_add_page(struct cache *cache, const char *type, size_t length);

/* `data` is complete. */
void cache_set_ready(struct cache_entry *entry);

/* `data` will never be complete: nobody finds the entry any more, and who has it pinned is told. */
void cache_set_failed(struct cache *cache, struct cache_entry *entry);

/* Nobody shall find the entry any more. */
void cache_unlist(struct cache *cache, struct cache_entry *entry);

/* One user of the entry less. The last one to unpin an unlisted entry frees it. */
void cache_unpin(struct cache *cache, struct cache_entry *entry);

/* For SIGUSR1. */
struct cache_counts cache_counts(const struct cache *cache);

#endif
