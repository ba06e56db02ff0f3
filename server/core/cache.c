#include "core/cache.h"

#include <stdlib.h>
#include <string.h>

struct cache {
    struct guard guard; /* entered by the functions that cache.h declares, and by no others */
    struct cache_entry **buckets;
    size_t bucket_mask;
    struct link recency; /* entries that nobody has pinned, used longest ago first */
    size_t pinned_bytes; /* what cannot be dropped now */
    struct cache_counts counts;
};

/* One bucket for each 4 KiB, within reason. */
static size_t bucket_count(size_t limit_bytes)
{
    size_t count = 64;
    while (count < limit_bytes / 4096 && count < 65536)
        count *= 2;
    return count;
}

struct cache *cache_create(size_t limit_bytes)
{
    struct cache *cache = calloc(1, sizeof *cache);
    if (cache == NULL)
        return NULL;
    cache->counts.limit_bytes = limit_bytes;
    cache->bucket_mask = bucket_count(limit_bytes) - 1;
    cache->buckets = calloc(cache->bucket_mask + 1, sizeof(struct cache_entry *));
    list_init(&cache->recency);
    if (cache->buckets != NULL)
        return cache;
    free(cache);
    return NULL;
}

/* FNV-1a (Fowler, Noll, Vo): short, and good enough for names of files. */
static uint32_t hash_of(const char *name, size_t length)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)name[i]) * 16777619u;
    return hash;
}

static struct cache_entry **bucket_of(const struct cache *cache, uint32_t hash)
{
    return &cache->buckets[hash & cache->bucket_mask];
}

static void free_entry(struct cache *cache, struct cache_entry *entry)
{
    cache->counts.used_bytes -= entry->cost_bytes;
    free(entry);
}

static void unlist(struct cache *cache, struct cache_entry *entry)
{
    if (!entry->listed)
        return;
    struct cache_entry **at = bucket_of(cache, entry->hash);
    while (*at != entry)
        at = &(*at)->next_in_bucket;
    *at = entry->next_in_bucket;
    entry->listed = false;
    cache->counts.entries--;
    if (entry->pins > 0)
        return;
    list_remove(&entry->recency);
    free_entry(cache, entry);
}

static void drop_oldest(struct cache *cache)
{
    struct link *oldest = list_first(&cache->recency);
    unlist(cache, list_member(oldest, struct cache_entry, recency));
    cache->counts.evictions++;
}

void cache_unlist(struct cache *cache, struct cache_entry *entry)
{
    guard_enter(&cache->guard);
    unlist(cache, entry);
    guard_leave(&cache->guard);
}

void cache_share(struct cache *cache, const struct guard *guard)
{
    cache->guard = *guard;
}

void cache_destroy(struct cache *cache)
{
    while (!list_is_empty(&cache->recency))
        drop_oldest(cache);
    free(cache->buckets);
    free(cache);
}

static void pin_in(struct cache *cache, struct cache_entry *entry)
{
    if (entry->pins++ > 0)
        return;
    list_remove(&entry->recency);
    cache->pinned_bytes += entry->cost_bytes;
}

static void unpin_in(struct cache *cache, struct cache_entry *entry)
{
    if (--entry->pins > 0)
        return;
    cache->pinned_bytes -= entry->cost_bytes;
    if (entry->listed)
        list_append(&cache->recency, &entry->recency);
    else
        free_entry(cache, entry);
}

void cache_unpin(struct cache *cache, struct cache_entry *entry)
{
    guard_enter(&cache->guard);
    unpin_in(cache, entry);
    guard_leave(&cache->guard);
}

/* --- looking up --------------------------------------------------------------------------- */

static struct cache_entry *find_listed(const struct cache *cache, const char *name, size_t length)
{
    uint32_t hash = hash_of(name, length);
    struct cache_entry *entry = *bucket_of(cache, hash);
    while (entry != NULL && (entry->hash != hash || entry->name_length != length ||
                             memcmp(entry->name, name, length) != 0))
        entry = entry->next_in_bucket;
    return entry;
}

/* Whether the disk must be asked before the entry is handed out. Who is told so is to ask. */
static bool is_due(struct cache_entry *entry, int64_t now_ms)
{
    bool asked_lately = now_ms - entry->checked_ms < CACHE_CHECK_INTERVAL_MS;
    if (asked_lately || entry->stage == CACHE_LOADING)
        return false;
    entry->checked_ms = now_ms;
    return true;
}

static void count(struct cache *cache, const struct cache_entry *entry)
{
    if (entry == NULL)
        cache->counts.misses++;
    else if (entry->stage == CACHE_LOADING)
        cache->counts.joins++;
    else
        cache->counts.hits++;
}

struct cache_entry *cache_find(struct cache *cache, const char *name, size_t length,
                               const struct docroot *root, int64_t now_ms)
{
    guard_enter(&cache->guard);
    struct cache_entry *entry = find_listed(cache, name, length);
    if (entry != NULL)
        pin_in(cache, entry);
    if (entry != NULL && is_due(entry, now_ms)) {
        guard_leave(&cache->guard); /* the disk is asked outside */
        bool unchanged = docroot_is_unchanged(root, entry->name, &entry->facts);
        guard_enter(&cache->guard);
        if (!unchanged) {
            unlist(cache, entry);
            unpin_in(cache, entry);
            entry = NULL;
        }
    }
    count(cache, entry);
    guard_leave(&cache->guard);
    return entry;
}

/* --- adding ------------------------------------------------------------------------------- */

static size_t cost_of(size_t name_length, uint64_t size_bytes)
{
    return sizeof(struct cache_entry) + name_length + 1 + (size_t)size_bytes;
}

bool cache_could_hold(const struct cache *cache, uint64_t size_bytes)
{
    guard_enter(&cache->guard);
    bool could =
        size_bytes <= cache->counts.limit_bytes &&
        cost_of(TARGET_NAME_BYTES, size_bytes) + cache->pinned_bytes <= cache->counts.limit_bytes;
    guard_leave(&cache->guard);
    return could;
}

/* One allocation for the entry, its name and its data. It comes pinned once. */
static struct cache_entry *allocate(struct cache *cache, const char *name, size_t name_length,
                                    uint64_t size_bytes)
{
    size_t cost = cost_of(name_length, size_bytes);
    struct cache_entry *entry = malloc(cost);
    if (entry == NULL)
        return NULL;
    *entry = (struct cache_entry){.cost_bytes = cost, .name_length = name_length, .pins = 1};
    entry->name = (char *)(entry + 1);
    memcpy(entry->name, name, name_length);
    entry->name[name_length] = '\0';
    entry->data = entry->name + name_length + 1;
    list_init(&entry->joined);
    list_init(&entry->recency);
    cache->counts.used_bytes += cost;
    cache->pinned_bytes += cost;
    return entry;
}

static void list_in(struct cache *cache, struct cache_entry *entry)
{
    struct cache_entry **bucket;
    entry->hash = hash_of(entry->name, entry->name_length);
    bucket = bucket_of(cache, entry->hash);
    entry->next_in_bucket = *bucket;
    *bucket = entry;
    entry->listed = true;
    cache->counts.entries++;
}

static bool make_room(struct cache *cache, size_t cost)
{
    uint64_t limit = cache->counts.limit_bytes;
    while (cache->counts.used_bytes + cost > limit && !list_is_empty(&cache->recency))
        drop_oldest(cache);
    return cache->counts.used_bytes + cost <= limit;
}

static struct cache_entry *add(struct cache *cache, const char *name, size_t length,
                               const struct file_facts *facts, int64_t now_ms)
{
    struct cache_entry *entry = NULL;
    if (make_room(cache, cost_of(length, facts->size_bytes)))
        entry = allocate(cache, name, length, facts->size_bytes);
    if (entry == NULL)
        return NULL;
    entry->facts = *facts;
    entry->checked_ms = now_ms;
    representation_of_file(&entry->content, entry->name, facts, time(NULL));
    list_in(cache, entry);
    return entry;
}

struct cache_entry *cache_add(struct cache *cache, const char *name, size_t length,
                              const struct file_facts *facts, int64_t now_ms, bool *is_new)
{
    guard_enter(&cache->guard);
    struct cache_entry *entry = find_listed(cache, name, length);
    *is_new = entry == NULL;
    if (*is_new)
        entry = add(cache, name, length, facts, now_ms);
    else
        pin_in(cache, entry);
    guard_leave(&cache->guard);
    return entry;
}

struct cache_entry *cache_add_page(struct cache *cache, const char *type, size_t length)
{
    guard_enter(&cache->guard);
    struct cache_entry *entry = allocate(cache, "", 0, length);
    guard_leave(&cache->guard);
    if (entry == NULL)
        return NULL;
    representation_of_page(&entry->content, type, length);
    entry->stage = CACHE_READY;
    return entry;
}

void cache_set_ready(struct cache_entry *entry)
{
    entry->stage = CACHE_READY;
}

void cache_set_failed(struct cache *cache, struct cache_entry *entry)
{
    entry->stage = CACHE_FAILED;
    cache_unlist(cache, entry);
}

struct cache_counts cache_counts(const struct cache *cache)
{
    guard_enter(&cache->guard);
    struct cache_counts counts = cache->counts;
    guard_leave(&cache->guard);
    return counts;
}
