/*
 * Pages that list a directory.
 */
#include "core/listing.h"
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct tree tree;

static void make_tree(void)
{
    tree_make(&tree);
    tree_add_directory(&tree, "some");
    tree_write(&tree, "some/b.txt", "");
    tree_write(&tree, "some/a.txt", "");
    tree_write(&tree, "some/C", "");
    tree_write(&tree, "some/.hidden", "");
    tree_add_directory(&tree, "some/sub");
    tree_add_pipe(&tree, "some/pipe");
    tree_add_link(&tree, "some/dangling", "nothing");
    tree_write(&tree, "some/<b>&\"'", "");
    tree_write(&tree, "some/a b%41", "");
    tree_write(&tree, "some/x:y", "");
    tree_add_directory(&tree, "empty");
}

static void remove_tree(void)
{
    tree_remove(&tree);
}

/* The page of a directory of the tree, ended by a NUL; the caller frees it. */
static char *make_page(const char *directory, const char *name)
{
    size_t length;
    int descriptor = open(tree_path(&tree, directory), O_RDONLY | O_DIRECTORY);
    ck_assert_int_ge(descriptor, 0);
    char *page = listing_make(descriptor, name, strlen(name), &length);
    ck_assert_ptr_nonnull(page);
    ck_assert_uint_eq(strlen(page), length);
    ck_assert_int_eq(fcntl(descriptor, F_GETFD), -1); /* it was taken over and closed */
    return page;
}

/* Links are relative, encoded (RFC 3986) and escaped (HTML); only directories get a slash. */
static const char *const links[] = {
    "<a href=\"./a.txt\">a.txt</a>",
    "<a href=\"./b.txt\">b.txt</a>",
    "<a href=\"./C\">C</a>",
    "<a href=\"./sub/\">sub/</a>",
    "<a href=\"./pipe\">pipe</a>",
    "<a href=\"./dangling\">dangling</a>",
    "<a href=\"./%3Cb%3E%26%22%27\">&lt;b&gt;&amp;&quot;'</a>",
    "<a href=\"./a%20b%2541\">a b%41</a>",
    "<a href=\"./x%3Ay\">x:y</a>",
};

START_TEST(every_name_has_a_link)
{
    char *page = make_page("some", "some/");
    ck_assert_msg(strstr(page, links[_i]) != NULL, "%s in:\n%s", links[_i], page);
    free(page);
}
END_TEST

START_TEST(hidden_names_are_left_out)
{
    char *page = make_page("some", "some/");
    ck_assert_ptr_null(strstr(page, "hidden"));
    ck_assert_ptr_null(strstr(page, "\"./.\""));
    ck_assert_ptr_null(strstr(page, "<b>"));
    free(page);
}
END_TEST

START_TEST(names_are_sorted)
{
    char *page = make_page("some", "some/");
    static const char *const order[] = {">C<",     ">a b%41<", ">a.txt<",
                                        ">b.txt<", ">pipe<",   ">sub/<"};
    const char *before = page;
    for (int i = 0; i < ROWS(order); i++) {
        const char *at = strstr(page, order[i]);
        ck_assert_ptr_nonnull(at);
        ck_assert(at > before);
        before = at;
    }
    free(page);
}
END_TEST

START_TEST(only_the_root_has_no_parent)
{
    char *page = make_page("empty", "");
    ck_assert_ptr_null(strstr(page, "../"));
    ck_assert_ptr_nonnull(strstr(page, "<title>/</title>"));
    free(page);
    page = make_page("empty", "a/empty/");
    ck_assert_ptr_nonnull(strstr(page, "<a href=\"../\">"));
    ck_assert_ptr_nonnull(strstr(page, "<title>/a/empty/</title>"));
    free(page);
}
END_TEST

START_TEST(the_name_is_escaped)
{
    char *page = make_page("empty", "<script>&/");
    ck_assert_ptr_null(strstr(page, "<script>"));
    ck_assert_ptr_nonnull(strstr(page, "/&lt;script&gt;&amp;/"));
    free(page);
}
END_TEST

static void add_names(int from, int to)
{
    char name[32];
    for (int i = from; i < to; i++) {
        snprintf(name, sizeof name, "many/%d", i);
        tree_write(&tree, name, "");
    }
}

static int count_links(const char *page)
{
    int count = 0;
    for (; (page = strstr(page, "<a href=\"./")) != NULL; page++)
        count++;
    return count;
}

START_TEST(a_long_list_is_cut_off_and_says_so)
{
    tree_add_directory(&tree, "many");
    add_names(0, LISTING_MAX_NAMES);
    char *page = make_page("many", "many/");
    ck_assert_int_eq(count_links(page), LISTING_MAX_NAMES);
    ck_assert_ptr_null(strstr(page, "left out"));
    free(page);
    add_names(LISTING_MAX_NAMES, LISTING_MAX_NAMES + 1);
    page = make_page("many", "many/");
    ck_assert_int_eq(count_links(page), LISTING_MAX_NAMES);
    ck_assert_ptr_nonnull(strstr(page, "left out"));
    free(page);
}
END_TEST

START_TEST(what_is_no_directory_has_no_page)
{
    size_t length;
    int descriptor = open(tree_path(&tree, "some/a.txt"), O_RDONLY);
    ck_assert_ptr_null(listing_make(descriptor, "a/", 2, &length));
    ck_assert_int_eq(fcntl(descriptor, F_GETFD), -1);
}
END_TEST

Suite *listing_suite(void)
{
    Suite *suite = suite_create("listing");
    TCase *tcase = unit_add_case(suite, "listing");
    tcase_add_unchecked_fixture(tcase, make_tree, remove_tree);
    tcase_add_loop_test(tcase, every_name_has_a_link, 0, ROWS(links));
    tcase_add_test(tcase, hidden_names_are_left_out);
    tcase_add_test(tcase, names_are_sorted);
    tcase_add_test(tcase, only_the_root_has_no_parent);
    tcase_add_test(tcase, the_name_is_escaped);
    tcase_add_test(tcase, a_long_list_is_cut_off_and_says_so);
    tcase_add_test(tcase, what_is_no_directory_has_no_page);
    return suite;
}
