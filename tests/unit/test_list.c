/*
 * The list that lives inside its members.
 */
#include "core/list.h"
#include "unit/unit.h"

#include <string.h>

struct letter {
    char name;
    struct link link; /* not the first member, so that list_member() has something to do */
};

static struct link list, other;
static struct letter letters[4];

static void make_lists(void)
{
    list_init(&list);
    list_init(&other);
    for (int i = 0; i < ROWS(letters); i++) {
        letters[i].name = (char)('a' + i);
        list_init(&letters[i].link);
    }
}

static void append(struct link *to, const char *names)
{
    for (; *names != '\0'; names++)
        list_append(to, &letters[*names - 'a'].link);
}

/* The names of the members, forwards; backwards they must be the same from behind. */
static void assert_list(const struct link *a_list, const char *names)
{
    size_t length = 0, expected = strlen(names);
    for (struct link *at = list_first(a_list); at != NULL; at = list_next(a_list, at)) {
        ck_assert_uint_lt(length, expected);
        ck_assert_int_eq(list_member(at, struct letter, link)->name, names[length++]);
    }
    ck_assert_uint_eq(length, expected);
    for (struct link *at = a_list->previous; at != a_list; at = at->previous)
        ck_assert_int_eq(list_member(at, struct letter, link)->name, names[--length]);
    ck_assert_uint_eq(length, 0);
    ck_assert_int_eq(list_is_empty(a_list), expected == 0);
}

START_TEST(a_new_list_is_empty)
{
    assert_list(&list, "");
    ck_assert_ptr_null(list_first(&list));
}
END_TEST

START_TEST(members_stay_in_order)
{
    append(&list, "cab");
    assert_list(&list, "cab");
}
END_TEST

static const struct {
    char removed;
    const char *left;
} removals[] = {{'a', "bcd"}, {'b', "acd"}, {'c', "abd"}, {'d', "abc"}};

START_TEST(any_member_can_leave)
{
    struct link *link = &letters[removals[_i].removed - 'a'].link;
    append(&list, "abcd");
    list_remove(link);
    assert_list(&list, removals[_i].left);
    list_remove(link); /* twice does no harm */
    assert_list(&list, removals[_i].left);
    list_append(&other, link);
    ck_assert_ptr_eq(list_first(&other), link);
}
END_TEST

START_TEST(the_last_member_leaves_an_empty_list)
{
    append(&list, "a");
    list_remove(&letters[0].link);
    assert_list(&list, "");
    append(&list, "a");
    assert_list(&list, "a");
}
END_TEST

static const struct {
    const char *to, *from, *all;
} joins[] = {
    {"", "", ""}, {"ab", "", "ab"}, {"", "ab", "ab"}, {"ab", "cd", "abcd"}, {"d", "a", "da"}};

START_TEST(lists_are_joined)
{
    append(&list, joins[_i].to);
    append(&other, joins[_i].from);
    list_append_all(&list, &other);
    assert_list(&list, joins[_i].all);
    assert_list(&other, "");
}
END_TEST

Suite *list_suite(void)
{
    Suite *suite = suite_create("list");
    TCase *tcase = unit_add_case(suite, "list");
    tcase_add_checked_fixture(tcase, make_lists, NULL);
    tcase_add_test(tcase, a_new_list_is_empty);
    tcase_add_test(tcase, members_stay_in_order);
    tcase_add_loop_test(tcase, any_member_can_leave, 0, ROWS(removals));
    tcase_add_test(tcase, the_last_member_leaves_an_empty_list);
    tcase_add_loop_test(tcase, lists_are_joined, 0, ROWS(joins));
    return suite;
}
