/*
 * The page cache. Time is an argument here, so nobody waits for a second to pass; and as long as
 * an entry was looked at lately nobody asks the disk, so most files need not be there.
 */
#include "core/cache.h"
#include "unit/unit.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern const struct beneath beneath_walk;

/* Three such files fit, with what the cache needs itself; four do not. */
enum { LIMIT_BYTES = 100000, FILE_BYTES = 30000, BEGIN_MS = 5000 };

static struct tree tree;
static struct docroot root;
static struct cache *cache;

static void make_tree(void)
{
    tree_make(&tree);
}

static void remove_tree(void)
{
    tree_remove(&tree);
}

static void make_cache(void)
{
    ck_assert(docroot_open(&root, tree.path, &beneath_walk));
    ck_assert_ptr_nonnull(cache = cache_create(LIMIT_BYTES));
}

static void destroy_cache(void)
{
    cache_destroy(cache);
    docroot_close(&root);
}

static struct cache_entry *add(const char *name, uint64_t size_bytes)
{
    struct file_facts facts = {.size_bytes = size_bytes};
    bool is_new;
    struct cache_entry *entry = cache_add(cache, name, strlen(name), &facts, BEGIN_MS, &is_new);
    ck_assert(is_new);
    return entry;
}

static struct cache_entry *find_at(const char *name, int64_t now_ms)
{
    return cache_find(cache, name, strlen(name), &root, now_ms);
}

static struct cache_entry *find(const char *name)
{
    return find_at(name, BEGIN_MS);
}

/* Adds a file that is read at once, and lets go of it. */
static void load(const char *name)
{
    struct cache_entry *entry = add(name, FILE_BYTES);
    ck_assert_ptr_nonnull(entry);
    memset(entry->data, *name, FILE_BYTES);
    cache_set_ready(entry);
    cache_unpin(cache, entry);
}

/* Whether it is there; counts as a use of it. */
static bool has(const char *name)
{
    struct cache_entry *entry = find(name);
    if (entry != NULL)
        cache_unpin(cache, entry);
    return entry != NULL;
}

static void load_three(void)
{
    load("a");
    load("b");
    load("c");
}

/* --- looking up ----------------------------------------------------------------------------- */

START_TEST(what_was_never_added_is_missed)
{
    ck_assert_ptr_null(find("a"));
    ck_assert_uint_eq(cache_counts(cache).misses, 1);
    ck_assert_uint_eq(cache_counts(cache).hits, 0);
    ck_assert_uint_eq(cache_counts(cache).entries, 0);
    ck_assert_uint_eq(cache_counts(cache).used_bytes, 0);
    ck_assert_uint_eq(cache_counts(cache).limit_bytes, LIMIT_BYTES);
}
END_TEST

START_TEST(what_was_loaded_is_hit)
{
    load("a.html");
    struct cache_entry *entry = find("a.html");
    ck_assert_ptr_nonnull(entry);
    ck_assert_int_eq(entry->stage, CACHE_READY);
    ck_assert_uint_eq(entry->content.length_bytes, FILE_BYTES);
    ck_assert_int_eq(entry->data[0], 'a');
    ck_assert_int_eq(entry->data[FILE_BYTES - 1], 'a');
    ck_assert_ptr_nonnull(strstr(entry->content.fields, "text/html"));
    ck_assert_uint_eq(cache_counts(cache).hits, 1);
    ck_assert_uint_eq(cache_counts(cache).joins, 0);
    cache_unpin(cache, entry);
}
END_TEST

START_TEST(what_is_being_loaded_is_joined)
{
    struct cache_entry *entry = add("a", FILE_BYTES);
    ck_assert_int_eq(entry->stage, CACHE_LOADING);
    ck_assert(list_is_empty(&entry->joined));
    ck_assert_ptr_eq(find("a"), entry);
    ck_assert_uint_eq(cache_counts(cache).joins, 1);
    ck_assert_uint_eq(cache_counts(cache).hits, 0);
    cache_unpin(cache, entry);
    cache_unpin(cache, entry);
}
END_TEST

/* Names are compared whole, by their length. */
START_TEST(names_are_told_apart)
{
    static const char *const others[] = {"", "a/", "a/bc", "A/b", "b/a", "a/b "};
    load("a/b");
    for (int i = 0; i < ROWS(others); i++)
        ck_assert_msg(!has(others[i]), "\"%s\" is not a/b", others[i]);
    ck_assert_ptr_null(cache_find(cache, "a/b", 2, &root, BEGIN_MS));
    struct cache_entry *entry = cache_find(cache, "a/bcd", 3, &root, BEGIN_MS);
    ck_assert_ptr_nonnull(entry);
    cache_unpin(cache, entry);
}
END_TEST

START_TEST(many_names_find_their_own_entries)
{
    enum { MANY = 200 }; /* more than there are buckets for so small a cache */
    char name[16];
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "file%d", i);
        struct cache_entry *entry = add(name, 1);
        ck_assert_ptr_nonnull(entry);
        entry->data[0] = (char)i;
        cache_set_ready(entry);
        cache_unpin(cache, entry);
    }
    ck_assert_uint_eq(cache_counts(cache).evictions, MANY - cache_counts(cache).entries);
    for (int i = MANY - (int)cache_counts(cache).entries; i < MANY; i++) {
        snprintf(name, sizeof name, "file%d", i);
        struct cache_entry *entry = find(name);
        ck_assert_ptr_nonnull(entry);
        ck_assert_int_eq(entry->data[0], (char)i);
        cache_unpin(cache, entry);
    }
}
END_TEST

/* --- what stays and what goes --------------------------------------------------------------- */

START_TEST(the_one_used_longest_ago_goes)
{
    load_three();
    ck_assert(has("a")); /* now b is the oldest */
    load("d");
    ck_assert(!has("b"));
    ck_assert(has("a"));
    ck_assert(has("c"));
    ck_assert(has("d"));
    ck_assert_uint_eq(cache_counts(cache).evictions, 1);
    ck_assert_uint_eq(cache_counts(cache).entries, 3);
}
END_TEST

START_TEST(a_large_file_drives_out_several)
{
    load_three();
    struct cache_entry *entry = add("d", 2 * FILE_BYTES);
    ck_assert_ptr_nonnull(entry);
    ck_assert_uint_eq(cache_counts(cache).evictions, 2);
    ck_assert(has("c"));
    cache_unpin(cache, entry);
}
END_TEST

START_TEST(pinned_entries_stay)
{
    load_three();
    struct cache_entry *oldest = find("a"), *next = find("b"), *last = find("c");
    ck_assert_ptr_null(add("d", FILE_BYTES));
    ck_assert(!cache_could_hold(cache, FILE_BYTES));
    cache_unpin(cache, next);
    ck_assert(cache_could_hold(cache, FILE_BYTES - TARGET_NAME_BYTES));
    load("d");
    ck_assert(!has("b"));
    ck_assert_int_eq(oldest->data[FILE_BYTES - 1], 'a');
    ck_assert_int_eq(last->data[FILE_BYTES - 1], 'c');
    cache_unpin(cache, oldest);
    cache_unpin(cache, last);
}
END_TEST

START_TEST(an_entry_is_pinned_until_the_last_pin_goes)
{
    struct cache_entry *entry = add("a", 3 * FILE_BYTES);
    cache_set_ready(entry);
    ck_assert_ptr_eq(find("a"), entry);
    ck_assert_ptr_eq(find("a"), entry);
    for (int pins = 3; pins > 0; pins--) {
        ck_assert_ptr_null(add("b", FILE_BYTES));
        cache_unpin(cache, entry);
    }
    load("b");
    ck_assert(!has("a"));
}
END_TEST

/* A long run of files, some of them kept pinned: at no moment is the bound exceeded. */
START_TEST(the_bound_is_never_exceeded)
{
    enum { RUN = 500, KEPT = 4 };
    struct cache_entry *kept[KEPT] = {NULL};
    char name[16];
    unsigned seed = 1;
    for (int i = 0; i < RUN; i++) {
        struct cache_entry **one = &kept[i % KEPT];
        if (*one != NULL)
            cache_unpin(cache, *one);
        seed = seed * 1103515245 + 12345;
        snprintf(name, sizeof name, "%d", i);
        *one = add(name, seed / 65536 % FILE_BYTES);
        ck_assert_uint_le(cache_counts(cache).used_bytes, LIMIT_BYTES);
    }
    for (int i = 0; i < KEPT; i++)
        if (kept[i] != NULL)
            cache_unpin(cache, kept[i]);
    ck_assert_uint_gt(cache_counts(cache).evictions, RUN / 2);
}
END_TEST

/* What could be held is then held; what is larger than the cache never is. */
START_TEST(could_hold_keeps_its_word)
{
    ck_assert(cache_could_hold(cache, 0));
    ck_assert(!cache_could_hold(cache, LIMIT_BYTES));
    ck_assert(!cache_could_hold(cache, UINT64_MAX));
    ck_assert_ptr_null(add("a", LIMIT_BYTES));
    for (uint64_t size = 0; size < LIMIT_BYTES; size += 1000) {
        struct cache_entry *entry = NULL;
        if (!cache_could_hold(cache, size))
            continue;
        ck_assert_ptr_nonnull(entry = add("a", size));
        cache_unlist(cache, entry);
        cache_unpin(cache, entry);
    }
}
END_TEST

START_TEST(a_cache_of_size_0_holds_nothing)
{
    struct cache *none = cache_create(0);
    struct file_facts facts = {.size_bytes = 0};
    ck_assert(!cache_could_hold(none, 0));
    bool is_new;
    ck_assert_ptr_null(cache_add(none, "a", 1, &facts, BEGIN_MS, &is_new));
    ck_assert_ptr_null(cache_find(none, "a", 1, &root, BEGIN_MS));
    struct cache_entry *page = cache_add_page(none, "text/html", 10);
    ck_assert_ptr_nonnull(page); /* a page is no part of what is kept */
    cache_unpin(none, page);
    ck_assert_uint_eq(cache_counts(none).used_bytes, 0);
    cache_destroy(none);
}
END_TEST

/* --- leaving the list ----------------------------------------------------------------------- */

START_TEST(an_unlisted_entry_lives_as_long_as_it_is_pinned)
{
    load("a");
    struct cache_entry *entry = find("a");
    cache_unlist(cache, entry);
    cache_unlist(cache, entry); /* twice does no harm */
    ck_assert(!has("a"));
    ck_assert_uint_eq(cache_counts(cache).entries, 0);
    ck_assert_uint_gt(cache_counts(cache).used_bytes, FILE_BYTES);
    ck_assert_int_eq(entry->data[FILE_BYTES - 1], 'a');
    cache_unpin(cache, entry);
    ck_assert_uint_eq(cache_counts(cache).used_bytes, 0);
}
END_TEST

START_TEST(another_of_the_same_name_can_follow)
{
    struct cache_entry *old = add("a", 10);
    cache_unlist(cache, old);
    struct cache_entry *new = add("a", 20);
    ck_assert_ptr_nonnull(new);
    ck_assert_ptr_eq(find("a"), new);
    cache_unpin(cache, old);
    ck_assert_ptr_eq(find("a"), new);
    for (int pins = 3; pins > 0; pins--)
        cache_unpin(cache, new);
}
END_TEST

START_TEST(a_page_is_never_listed)
{
    struct cache_entry *page = cache_add_page(cache, "text/plain", 5);
    memcpy(page->data, "hello", 5);
    ck_assert_int_eq(page->stage, CACHE_READY);
    ck_assert_uint_eq(page->content.length_bytes, 5);
    ck_assert_uint_eq(page->content.etag_length, 0);
    ck_assert(!has(""));
    ck_assert_uint_eq(cache_counts(cache).entries, 0);
    cache_unpin(cache, page);
    ck_assert_uint_eq(cache_counts(cache).used_bytes, 0);
}
END_TEST

/* --- files that change ---------------------------------------------------------------------- */

/* Puts a real file of the tree into the cache, as it is now. */
static void load_real(const char *name)
{
    struct file_facts facts;
    int descriptor = open(tree_path(&tree, name), O_RDONLY);
    ck_assert_int_ge(descriptor, 0);
    ck_assert(file_facts_of(descriptor, &facts));
    close(descriptor);
    bool is_new;
    struct cache_entry *entry = cache_add(cache, name, strlen(name), &facts, BEGIN_MS, &is_new);
    ck_assert_ptr_nonnull(entry);
    cache_set_ready(entry);
    cache_unpin(cache, entry);
}

static bool has_at(const char *name, int64_t now_ms)
{
    struct cache_entry *entry = find_at(name, now_ms);
    if (entry != NULL)
        cache_unpin(cache, entry);
    return entry != NULL;
}

enum change { LONGER, REMOVED, REPLACED, TOUCHED, NO_FILE_ANY_MORE, CHANGES };

static void change_file(enum change change)
{
    static const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    switch (change) {
    case LONGER: tree_write(&tree, "file", "longer than before"); break;
    case REMOVED: unlink(tree_path(&tree, "file")); break;
    case REPLACED:
        tree_write(&tree, "new", "as long");
        ck_assert_int_eq(renameat(root.directory, "new", root.directory, "file"), 0);
        break;
    case TOUCHED: utimensat(AT_FDCWD, tree_path(&tree, "file"), times, 0); break;
    case NO_FILE_ANY_MORE:
        unlink(tree_path(&tree, "file"));
        tree_add_directory(&tree, "file");
        break;
    case CHANGES: break;
    }
}

START_TEST(a_changed_file_is_noticed_after_a_while)
{
    tree_write(&tree, "file", "as long");
    load_real("file");
    change_file((enum change)_i);
    ck_assert(has_at("file", BEGIN_MS + CACHE_CHECK_INTERVAL_MS - 1));
    ck_assert(!has_at("file", BEGIN_MS + CACHE_CHECK_INTERVAL_MS));
    ck_assert_uint_eq(cache_counts(cache).entries, 0);
    ck_assert_uint_eq(cache_counts(cache).used_bytes, 0);
    remove(tree_path(&tree, "file"));
}
END_TEST

START_TEST(an_unchanged_file_stays)
{
    tree_write(&tree, "file", "text");
    load_real("file");
    for (int i = 1; i < 5; i++)
        ck_assert(has_at("file", BEGIN_MS + i * CACHE_CHECK_INTERVAL_MS));
    ck_assert_uint_eq(cache_counts(cache).hits, 4);
    unlink(tree_path(&tree, "file"));
}
END_TEST

/* A look at the disk is good for a whole interval, counted from that look. */
START_TEST(the_disk_is_asked_once_an_interval)
{
    tree_write(&tree, "file", "text");
    load_real("file");
    ck_assert(has_at("file", BEGIN_MS + CACHE_CHECK_INTERVAL_MS + 500));
    unlink(tree_path(&tree, "file"));
    ck_assert(has_at("file", BEGIN_MS + 2 * CACHE_CHECK_INTERVAL_MS + 499));
    ck_assert(!has_at("file", BEGIN_MS + 2 * CACHE_CHECK_INTERVAL_MS + 500));
}
END_TEST

START_TEST(who_is_sending_a_changed_file_goes_on)
{
    tree_write(&tree, "file", "text");
    load_real("file");
    struct cache_entry *entry = find("file");
    memcpy(entry->data, "text", 4);
    tree_write(&tree, "file", "another");
    ck_assert(!has_at("file", BEGIN_MS + CACHE_CHECK_INTERVAL_MS));
    ck_assert_mem_eq(entry->data, "text", 4);
    cache_unpin(cache, entry);
    ck_assert_uint_eq(cache_counts(cache).used_bytes, 0);
    unlink(tree_path(&tree, "file"));
}
END_TEST

/* The read that is under way looks at the file itself, when it ends. */
START_TEST(what_is_being_loaded_is_not_compared)
{
    struct cache_entry *entry = add("not there", 10);
    ck_assert_ptr_eq(find_at("not there", BEGIN_MS + 10 * CACHE_CHECK_INTERVAL_MS), entry);
    cache_unpin(cache, entry);
    cache_unpin(cache, entry);
}
END_TEST

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *tcase = unit_add_case(suite, name);
    tcase_add_unchecked_fixture(tcase, make_tree, remove_tree);
    tcase_add_checked_fixture(tcase, make_cache, destroy_cache);
    return tcase;
}

static void add_bounds(TCase *tcase)
{
    tcase_add_test(tcase, the_one_used_longest_ago_goes);
    tcase_add_test(tcase, a_large_file_drives_out_several);
    tcase_add_test(tcase, pinned_entries_stay);
    tcase_add_test(tcase, an_entry_is_pinned_until_the_last_pin_goes);
    tcase_add_test(tcase, the_bound_is_never_exceeded);
    tcase_add_test(tcase, could_hold_keeps_its_word);
    tcase_add_test(tcase, a_cache_of_size_0_holds_nothing);
}

Suite *cache_suite(void)
{
    Suite *suite = suite_create("cache");
    TCase *looking = add_case(suite, "cache_find");
    tcase_add_test(looking, what_was_never_added_is_missed);
    tcase_add_test(looking, what_was_loaded_is_hit);
    tcase_add_test(looking, what_is_being_loaded_is_joined);
    tcase_add_test(looking, names_are_told_apart);
    tcase_add_test(looking, many_names_find_their_own_entries);
    add_bounds(add_case(suite, "cache_bound"));
    TCase *leaving = add_case(suite, "cache_unlist");
    tcase_add_test(leaving, an_unlisted_entry_lives_as_long_as_it_is_pinned);
    tcase_add_test(leaving, another_of_the_same_name_can_follow);
    tcase_add_test(leaving, a_page_is_never_listed);
    TCase *changes = add_case(suite, "cache_changes");
    tcase_add_loop_test(changes, a_changed_file_is_noticed_after_a_while, 0, CHANGES);
    tcase_add_test(changes, an_unchanged_file_stays);
    tcase_add_test(changes, the_disk_is_asked_once_an_interval);
    tcase_add_test(changes, who_is_sending_a_changed_file_goes_on);
    tcase_add_test(changes, what_is_being_loaded_is_not_compared);
    return suite;
}
