/*
 * The rooms of server/: which may include which, and which may wait. A rule about all code, also
 * the code that no other test gets to, is checked where it is: in the sources.
 */
#include "unit/guided_reading.h"
#include "unit/texts.h"
#include "unit/unit.h"

#include <fnmatch.h>
#include <glob.h>
#include <string.h>

enum { PATTERN_BYTES = 512 };

static char text[TEXT_BYTES];

/* Comments may speak of anything. */
static void blank_comments(void)
{
    for (char *begin = text; (begin = strstr(begin, "/*")) != NULL;) {
        const char *end = strstr(begin, "*/");
        ck_assert_ptr_nonnull(end);
        memset(begin, ' ', (size_t)(end + 2 - begin));
    }
}

static void search_file(const char *path, const char *pattern, struct faults *faults)
{
    char words[GROUPS][WORD_BYTES];
    struct search search;
    text_load(path, text);
    blank_comments();
    search_begin(&search, pattern, text);
    while (search_next(&search, words) != NULL)
        add_fault(faults, "%s: %s\n", path, words[0]);
}

/* No file of a room may have what the pattern describes, but for those of one kind of name. */
static void demand_none(const char *room, const char *pattern, const char *but)
{
    struct faults faults = {0};
    glob_t files;
    ck_assert_int_eq(glob(room, 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++)
        if (fnmatch(but, files.gl_pathv[i], FNM_EXTMATCH) != 0)
            search_file(files.gl_pathv[i], pattern, &faults);
    globfree(&files);
    demand_no(&faults, room);
}

/* --- arrows run downwards only ---------------------------------------------------------------- */

static const struct {
    const char *room, *forbidden, *except;
} arrows[] = {
    {"server/core/*.[ch]", "event|models|tools", ""},
    {"server/event/*.[ch]", "models|tools", ""},
    {"server/models/*.[ch]", "tools", ""},
    {"server/tools/*.[ch]", "models|event", "*/observe.c"}, /* a main(), which is above all */
};

START_TEST(rooms_include_only_what_is_below_them)
{
    char pattern[PATTERN_BYTES];
    snprintf(pattern, sizeof pattern, "^ *# *include +\"(%s)/[^\"]*", arrows[_i].forbidden);
    demand_none(arrows[_i].room, pattern, arrows[_i].except);
}
END_TEST

/* --- who may wait ----------------------------------------------------------------------------- */

/* Functions of the system that end when something happens, or when time has passed. */
#define WAITING                                                                                    \
    "(p?select|p?poll|epoll_p?wait|kevent|(|u|nano|clock_nano)sleep|pause|sigsuspend|"             \
    "sigwait(|info)|sigtimedwait|aio_suspend|wait(|pid|id)|pthread_(join|cond_(|timed)wait))"

/* A call of such a function, and not of a member or of another that has this ending. */
#define CALL_OF(functions) "(^|[^A-Za-z0-9_.>])" functions "\\("

START_TEST(core_waits_for_nobody)
{
    demand_none("server/core/*.[ch]", CALL_OF(WAITING), "");
}
END_TEST

/* A disk that is made of helper threads has them wait for work; the event thread does not. */
START_TEST(event_model_waits_in_its_poller_only)
{
    demand_none("server/event/*.[ch]", CALL_OF(WAITING), "*/@(poller|disk)_*.c");
    demand_none("server/event/disk*.c", CALL_OF("aio_suspend"), "");
}
END_TEST

/* Its answer is not the truth: a read that is called cancelled may still be running. */
START_TEST(no_read_is_ever_cancelled)
{
    demand_none("server/event/*.c", CALL_OF("aio_cancel"), "");
}
END_TEST

Suite *rooms_suite(void)
{
    Suite *suite = suite_create("rooms");
    TCase *tcase = unit_add_case(suite, "rooms");
    tcase_add_loop_test(tcase, rooms_include_only_what_is_below_them, 0, ROWS(arrows));
    tcase_add_test(tcase, core_waits_for_nobody);
    tcase_add_test(tcase, event_model_waits_in_its_poller_only);
    tcase_add_test(tcase, no_read_is_ever_cancelled);
    return suite;
}
