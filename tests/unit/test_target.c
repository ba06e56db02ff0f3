/*
 * Paths of URIs to names of files, and back.
 */
#include "core/target.h"
#include "unit/unit.h"

#include <string.h>

static unsigned decode(struct target *target, const char *path)
{
    return target_decode(target, path, strlen(path));
}

/* --- decoding ------------------------------------------------------------------------------- */

static const struct {
    const char *path, *name;
    const char *directory; /* for a directory; else NULL */
} names[] = {
    {"/", "index.html", ""},
    {"", "index.html", ""},
    {"/a", "a", NULL},
    {"/a.html", "a.html", NULL},
    {"/a/b/c", "a/b/c", NULL},
    {"/a/", "a/index.html", "a/"},
    {"/a/b/", "a/b/index.html", "a/b/"},
    /* RFC 3986, section 2.1: escapes are decoded, upper and lower case alike */
    {"/%61", "a", NULL},
    {"/%c3%A4", "\xc3\xa4", NULL},
    {"/a%20b", "a b", NULL},
    {"/a+b", "a+b", NULL},
    {"/%2B", "+", NULL},
    {"/%3F%23", "?#", NULL},
    /* section 2.4: once */
    {"/%2541", "%41", NULL},
    {"/%252e%252e/x", "%2e%2e/x", NULL},
    {"/%25", "%", NULL},
    /* section 5.2.4: dot segments, its two examples among them */
    {"/a/b/c/./../../g", "a/g", NULL},
    {"mid/content=5/../6", "mid/6", NULL},
    {"/.", "index.html", ""},
    {"/./", "index.html", ""},
    {"/./a", "a", NULL},
    {"/a/.", "a/index.html", "a/"},
    {"/a/./", "a/index.html", "a/"},
    {"/a/..", "index.html", ""},
    {"/a/../", "index.html", ""},
    {"/a/../b", "b", NULL},
    {"/a/b/..", "a/index.html", "a/"},
    {"/a/b/../..", "index.html", ""},
    /* written as escapes they are the same (section 6.2.2) */
    {"/a/%2e%2e/b", "b", NULL},
    {"/a/.%2E/b", "b", NULL},
    {"/a/%2e/b", "a/b", NULL},
    {"/a%2fb", "a/b", NULL},
    {"/a%2f..%2fb", "b", NULL},
    /* no name has an empty part */
    {"//", "index.html", ""},
    {"//a", "a", NULL},
    {"/a//b", "a/b", NULL},
    {"/a//..", "index.html", ""},
    /* dots elsewhere are plain */
    {"/a.", "a.", NULL},
    {"/a..", "a..", NULL},
    {"/a..b", "a..b", NULL},
    /* RFC 8615 */
    {"/.well-known", ".well-known", NULL},
    {"/.well-known/x", ".well-known/x", NULL},
    {"/%2ewell-known/x", ".well-known/x", NULL},
    {"/a/.well-known/", "a/.well-known/index.html", "a/.well-known/"},
};

START_TEST(a_path_becomes_a_name)
{
    struct target target;
    const char *directory = names[_i].directory;
    ck_assert_uint_eq(decode(&target, names[_i].path), 0);
    ck_assert_str_eq(target.name, names[_i].name);
    ck_assert_uint_eq(target.length, strlen(names[_i].name));
    ck_assert_int_eq(target.is_directory, directory != NULL);
    if (directory != NULL)
        ck_assert_uint_eq(target.directory_length, strlen(directory));
}
END_TEST

static const struct {
    struct bytes path;
    unsigned status;
} refusals[] = {
    /* broken escapes */
    {BYTES("/%"), 400},
    {BYTES("/%4"), 400},
    {BYTES("/%4g"), 400},
    {BYTES("/%g4"), 400},
    {BYTES("/%%41"), 400},
    {BYTES("/% 41"), 400},
    {BYTES("/a%"), 400},
    {BYTES("/a%/b"), 400},
    {BYTES("/%+1"), 400},
    {BYTES("/%0x41"), 400},
    /* a NUL would cut the name short */
    {BYTES("/%00"), 400},
    {BYTES("/a%00.html"), 400},
    {BYTES("/a\0b"), 400},
    /* above the root */
    {BYTES("/.."), 400},
    {BYTES("/../"), 400},
    {BYTES("/../a"), 400},
    {BYTES("/a/../.."), 400},
    {BYTES("/a/../../b"), 400},
    {BYTES("/./.."), 400},
    {BYTES("//.."), 400},
    {BYTES("/%2e%2e/etc/passwd"), 400},
    {BYTES("/..%2f..%2fetc/passwd"), 400},
    {BYTES("/%2e%2e%2f"), 400},
    {BYTES(".."), 400},
    /* hidden names */
    {BYTES("/.htaccess"), 404},
    {BYTES("/.git/config"), 404},
    {BYTES("/a/.b"), 404},
    {BYTES("/a/.b/c"), 404},
    {BYTES("/%2egit/config"), 404},
    {BYTES("/..."), 404},
    {BYTES("/..a"), 404},
    {BYTES("/.well-knowns"), 404},
    {BYTES("/.well-know"), 404},
    {BYTES("/.WELL-KNOWN"), 404},
    {BYTES("/.git/.."), 404}, /* its parts are looked at as they come */
};

START_TEST(a_path_is_refused)
{
    struct target target;
    ck_assert_uint_eq(target_decode(&target, refusals[_i].path.at, refusals[_i].path.length),
                      refusals[_i].status);
}
END_TEST

/* Exactly `length` bytes count: an escape that goes on behind them is broken. */
START_TEST(a_path_is_read_no_further_than_its_length)
{
    struct target target;
    ck_assert_uint_eq(target_decode(&target, "/a%41", 2), 0);
    ck_assert_str_eq(target.name, "a");
    ck_assert_uint_eq(target_decode(&target, "/a%41", 3), 400);
    ck_assert_uint_eq(target_decode(&target, "/a%41", 4), 400);
    ck_assert_uint_eq(target_decode(&target, "/a%41", 5), 0);
}
END_TEST

/* Whatever its length: a path either fits, with its NUL, or names nothing. */
START_TEST(a_long_path_names_nothing)
{
    static char path[2 * TARGET_NAME_BYTES];
    struct target target;
    memset(path, 'a', sizeof path);
    path[0] = '/';
    for (size_t length = 4000; length < sizeof path; length += length < 4200 ? 1 : 97) {
        unsigned status = target_decode(&target, path, length);
        ck_assert(status == 404 || (status == 0 && length <= TARGET_NAME_BYTES));
        ck_assert(status == 404 || strlen(target.name) == length - 1);
    }
    ck_assert_uint_eq(target_decode(&target, path, 4000), 0);
}
END_TEST

START_TEST(a_long_directory_has_no_room_for_its_index)
{
    static char path[TARGET_NAME_BYTES + 8];
    struct target target;
    memset(path, 'a', sizeof path);
    path[0] = '/';
    for (size_t length = 4000; length < sizeof path; length++) {
        path[length - 1] = '/';
        unsigned status = target_decode(&target, path, length);
        ck_assert(status == 404 || strlen(target.name) == length - 1 + strlen("index.html"));
        path[length - 1] = 'a';
    }
}
END_TEST

/* --- encoding ------------------------------------------------------------------------------- */

static const struct {
    const char *name, *uri;
} encodings[] = {
    {"a", "a"},
    {"a/b/", "a/b/"},
    {"AZaz09-._~", "AZaz09-._~"}, /* RFC 3986, section 2.3 */
    {"a b", "a%20b"},
    {"%41", "%2541"},
    {"\xc3\xa4", "%C3%A4"}, /* section 2.1: upper-case digits */
    {"\x01\x7f\xff", "%01%7F%FF"},
    {"?#[]@!$&'()*+,;=:", "%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A"},
    {"\"<>\\^`{|}", "%22%3C%3E%5C%5E%60%7B%7C%7D"},
};

START_TEST(a_name_is_encoded)
{
    char uri[256];
    size_t length = target_encode(uri, sizeof uri, encodings[_i].name, strlen(encodings[_i].name));
    ck_assert_uint_eq(length, strlen(encodings[_i].uri));
    ck_assert_mem_eq(uri, encodings[_i].uri, length);
}
END_TEST

/* Just enough room is enough, and one byte less is not; nothing is written beyond it. */
START_TEST(encoding_needs_room)
{
    char uri[256];
    const char *name = encodings[_i].name;
    size_t needed = strlen(encodings[_i].uri);
    for (size_t size = 0; size < needed; size++) {
        memset(uri, '?', sizeof uri);
        ck_assert_uint_eq(target_encode(uri, size, name, strlen(name)), 0);
        ck_assert_int_eq(uri[size], '?');
    }
    ck_assert_uint_eq(target_encode(uri, needed, name, strlen(name)), needed);
}
END_TEST

START_TEST(an_encoded_name_decodes_to_itself)
{
    for (int byte = 1; byte < 256; byte++) {
        char name[4] = {'x', (char)byte, 'y', '\0'}, uri[16];
        struct target target;
        size_t length = target_encode(uri, sizeof uri, name, 3);
        ck_assert_uint_eq(target_decode(&target, uri, length), 0);
        ck_assert_str_eq(target.name, name);
    }
}
END_TEST

Suite *target_suite(void)
{
    Suite *suite = suite_create("target");
    TCase *decoding = unit_add_case(suite, "target_decode");
    tcase_add_loop_test(decoding, a_path_becomes_a_name, 0, ROWS(names));
    tcase_add_loop_test(decoding, a_path_is_refused, 0, ROWS(refusals));
    tcase_add_test(decoding, a_path_is_read_no_further_than_its_length);
    tcase_add_test(decoding, a_long_path_names_nothing);
    tcase_add_test(decoding, a_long_directory_has_no_room_for_its_index);
    TCase *encoding = unit_add_case(suite, "target_encode");
    tcase_add_loop_test(encoding, a_name_is_encoded, 0, ROWS(encodings));
    tcase_add_loop_test(encoding, encoding_needs_room, 0, ROWS(encodings));
    tcase_add_test(encoding, an_encoded_name_decodes_to_itself);
    return suite;
}
