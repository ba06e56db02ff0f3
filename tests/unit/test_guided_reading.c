/*
 * The guided reading (server/README.md), the guide to the tests (tests/README.md) and the manual
 * pages say what is in the code: files, functions, tests, options, transitions. Whoever renames one
 * of them is told here.
 *
 * THREEWAYS and SLOWDISK name the programs whose options are compared with the manual pages; the
 * default is the one in build/.
 */
#include "event/actions.h"
#include "unit/guided_reading.h"
#include "unit/texts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    OPTIONS_AT_LEAST = 5,
    MINUTES = 30,
    PATH_BYTES = 2 * WORD_BYTES,
    WORDS_MAX = 64,
};

static const struct guide {
    const char *path;
    const char *directory; /* where its names of files begin */
    int pairs_at_least;    /* fewer: it is the test that no longer finds them */
} guides[] = {{"server/README.md", "", 25}, {"tests/README.md", "tests/", 100}};

static const struct guide *const reading = &guides[0], *const tests = &guides[1];

static const char threeways_page[] = "server/threeways.1",
                  slowdisk_page[] = "server/tools/slowdisk.1";

static char text[TEXT_BYTES]; /* what the test in progress looks at */

/* Blocks of code show commands and output, not names to look up. */
static void blank_code(void)
{
    for (char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, "    ", 4) == 0)
            memset(line, ' ', strcspn(line, "\n"));
    }
}

static void load_guide(const struct guide *guide)
{
    text_load(guide->path, text);
    blank_code();
}

/* A manual page as its reader sees its hyphens. */
static void load_page(const char *path)
{
    text_load(path, text);
    for (char *escape = text; (escape = strstr(escape, "\\-")) != NULL;)
        memmove(escape, escape + 1, strlen(escape));
}

/* --- the code --------------------------------------------------------------------------------- */

static const char *after_parentheses(const char *open)
{
    int depth = 0;
    for (const char *at = open; *at != '\0'; at++) {
        depth += (*at == '(') - (*at == ')');
        if (depth == 0)
            return at + 1;
    }
    return open + strlen(open);
}

/* A definition begins at the line's first column, and a body follows: it is no call and no
   declaration. */
static bool begins_definition(const char *line, const char *function)
{
    char call[WORD_BYTES + 1];
    snprintf(call, sizeof call, "%s(", function);
    const char *name = strstr(line, call);
    if (name == NULL || name == line || name > line + strcspn(line, "\n") ||
        (!isalpha((unsigned char)*line) && *line != '_') || (name[-1] != ' ' && name[-1] != '*'))
        return false;
    const char *body = after_parentheses(name + strlen(function));
    return body[strspn(body, " \n")] == '{';
}

/* Check's tests are functions, too, with a definition of their own kind. */
static bool begins_test(const char *line, const char *test)
{
    char start[PATH_BYTES];
    snprintf(start, sizeof start, "START_TEST(%s)\n", test);
    return strncmp(line, start, strlen(start)) == 0;
}

static bool is_defined(const char *code, const char *function)
{
    for (const char *line = code; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (begins_definition(line, function) || begins_test(line, function))
            return true;
    }
    return false;
}

/* What is in backticks and has a slash is a file, or a file and its function. */
static const char quoted[] = "`([^`/ ]+/[^`]*)`";
static const char file_and_function[] = "^([A-Za-z0-9_./-]+\\.[a-z0-9]+)(:([A-Za-z0-9_]+))?$";

static bool check_name(const struct guide *guide, const char *name, struct faults *faults)
{
    static char code[TEXT_BYTES];
    char words[GROUPS][WORD_BYTES], path[PATH_BYTES];
    struct search search;
    search_begin(&search, file_and_function, name);
    if (search_next(&search, words) == NULL) {
        add_fault(faults, "%s is not written as file or file:function\n", name);
        return false;
    }
    regfree(&search.pattern);
    snprintf(path, sizeof path, "%s%s", guide->directory, words[1]);
    if (access(path, R_OK) != 0) {
        add_fault(faults, "%s: there is no such file\n", path);
        return false;
    }
    if (words[3][0] == '\0')
        return false;
    text_load(path, code);
    if (!is_defined(code, words[3]))
        add_fault(faults, "%s: %s() is not defined there\n", path, words[3]);
    return true;
}

START_TEST(every_file_and_function_is_where_the_guide_says)
{
    char words[GROUPS][WORD_BYTES];
    struct faults faults = {0};
    struct search search;
    const struct guide *guide = &guides[_i];
    int pairs = 0;
    load_guide(guide);
    search_begin(&search, quoted, text);
    while (search_next(&search, words) != NULL)
        pairs += check_name(guide, words[1], &faults);
    demand_no(&faults, guide->path);
    ck_assert_int_ge(pairs, guide->pairs_at_least);
}
END_TEST

/* "main()" may be written once `server/main.c:main` has been. */
START_TEST(every_function_is_named_with_its_file_first)
{
    char words[GROUPS][WORD_BYTES], in_full[WORD_BYTES + 2];
    struct faults faults = {0};
    struct search search;
    const char *here;
    load_guide(reading);
    search_begin(&search, "([A-Za-z_][A-Za-z0-9_]*)\\(\\)", text);
    while ((here = search_next(&search, words)) != NULL) {
        snprintf(in_full, sizeof in_full, ":%s`", words[1]);
        const char *first = strstr(text, in_full);
        if (first == NULL || first > here)
            add_fault(&faults, "%s() is named before it is named with its file\n", words[1]);
    }
    demand_no(&faults, reading->path);
}
END_TEST

static int count(const char *part)
{
    int times = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
        times++;
    return times;
}

START_TEST(stops_take_thirty_minutes_and_ask_a_question_each)
{
    char words[GROUPS][WORD_BYTES];
    struct search search;
    int stops = 0, minutes = 0;
    load_guide(reading);
    search_begin(&search, "^## ([0-9]+)\\. .+ \\(([0-9]+) minutes?\\)$", text);
    while (search_next(&search, words) != NULL) {
        ck_assert_int_eq(strtol(words[1], NULL, 10), ++stops);
        minutes += (int)strtol(words[2], NULL, 10);
    }
    ck_assert_int_eq(count("\n## "), stops);
    ck_assert_int_eq(minutes, MINUTES);
    ck_assert_int_eq(count("\n<details><summary>"), stops);
    ck_assert_int_eq(count("\n</details>"), stops);
}
END_TEST

/* --- rules and traps, each with the tests that show it -----------------------------------------
 */

static const struct {
    const char *row; /* its number, what it says, and its tests or why there is none */
    int last;
} tables[] = {
    {"^\\| R([0-9]+) \\| [^|]+ \\| [^|]+ \\|$", 17},
    {"^\\| T([0-9]+) \\| [^|]+ \\| [^|]+ \\|$", 27},
};

START_TEST(every_rule_and_every_trap_has_a_row)
{
    char words[GROUPS][WORD_BYTES];
    struct search search;
    int rows = 0;
    load_guide(tests);
    search_begin(&search, tables[_i].row, text);
    while (search_next(&search, words) != NULL)
        ck_assert_int_eq(strtol(words[1], NULL, 10), ++rows);
    ck_assert_int_eq(rows, tables[_i].last);
}
END_TEST

/* --- transitions, as --verbose tells them ----------------------------------------------------- */

static bool is_transition(const char *from, const char *on, const char *action, const char *to)
{
    for (int state = 0; state < REQUEST_STATE_COUNT; state++)
        for (int event = 0; event < EVENT_COUNT; event++) {
            const struct fsm_cell *cell = &fsm_table[state].on[event];
            if (cell->action != impossible &&
                strcmp(request_state_name((enum request_state)state), from) == 0 &&
                strcmp(event_name((enum event)event), on) == 0 &&
                strcmp(actions[cell->action].name, action) == 0 &&
                strcmp(request_state_name((enum request_state)cell->next), to) == 0)
                return true;
        }
    return false;
}

static void check_transitions(const char *path)
{
    char words[GROUPS][WORD_BYTES];
    struct faults faults = {0};
    struct search search;
    int transitions = 0;
    load_page(path);
    search_begin(&search, "([A-Z]+) +--([A-Z_]+) / ([a-z0-9_]+)--> ([A-Z]+)", text);
    for (; search_next(&search, words) != NULL; transitions++)
        if (!is_transition(words[1], words[2], words[3], words[4]))
            add_fault(&faults, "%s: the machine has no such cell\n", words[0]);
    demand_no(&faults, path);
    ck_assert_int_gt(transitions, 0);
}

START_TEST(transitions_that_are_shown_are_the_table_s)
{
    check_transitions(reading->path);
    check_transitions(threeways_page);
}
END_TEST

/* --- options ---------------------------------------------------------------------------------- */

struct options_named {
    char at[WORDS_MAX][WORD_BYTES]; /* "-p, --port" or "--places" */
    size_t count;
};

static void find_options(struct options_named *options, const char *pattern, const char *where)
{
    char words[GROUPS][WORD_BYTES];
    struct search search;
    options->count = 0;
    search_begin(&search, pattern, where);
    while (search_next(&search, words) != NULL) {
        ck_assert_uint_lt(options->count, WORDS_MAX);
        snprintf(options->at[options->count++], WORD_BYTES, "%s", words[1]);
    }
}

/* Those that have an entry of their own in the page that is in `text`. */
static void find_entries(struct options_named *options)
{
    static char section[TEXT_BYTES];
    const char *begin = strstr(text, "\n.SH OPTIONS");
    ck_assert_ptr_nonnull(begin);
    const char *end = strstr(begin + 1, "\n.SH ");
    ck_assert_ptr_nonnull(end);
    snprintf(section, sizeof section, "%.*s", (int)(end - begin), begin);
    find_options(options, "^\\.BI? \"?((-[A-Za-z], )?--[a-z][a-z-]*)", section);
}

static void check_lacking(const struct options_named *some, const struct options_named *all,
                          const char *where, struct faults *faults)
{
    for (size_t i = 0; i < some->count; i++) {
        size_t j = 0;
        while (j < all->count && strcmp(some->at[i], all->at[j]) != 0)
            j++;
        if (j == all->count)
            add_fault(faults, "%s is not in %s\n", some->at[i], where);
    }
}

static const char *program(const char *variable, const char *otherwise)
{
    const char *value = getenv(variable);
    return value != NULL && *value != '\0' ? value : otherwise;
}

/* What a program prints when it is asked for help. */
static void ask(const char *path, const char *option, char *answer)
{
    int ends[2];
    int status = -1;
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl(path, path, option, (char *)NULL);
        _exit(EXIT_FAILURE);
    }
    close(ends[1]);
    text_read(fdopen(ends[0], "r"), answer);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(status == 0, "%s %s: failed; build it first", path, option);
}

static void compare_options(const char *page, const char *path, const char *help)
{
    static struct options_named told, known;
    static char answer[TEXT_BYTES];
    struct faults faults = {0};
    load_page(page);
    find_entries(&told);
    ask(path, help, answer);
    find_options(&known, "^ +((-[A-Za-z], )?--[a-z][a-z-]*)", answer);
    ck_assert_uint_ge(known.count, OPTIONS_AT_LEAST);
    check_lacking(&told, &known, help, &faults);
    check_lacking(&known, &told, "OPTIONS", &faults);
    demand_no(&faults, page);
}

START_TEST(threeways_1_has_the_options_that_help_all_shows)
{
    compare_options(threeways_page, program("THREEWAYS", "build/threeways"), "--help-all");
}
END_TEST

START_TEST(slowdisk_1_has_the_options_that_help_shows)
{
    const char *path = program("SLOWDISK", "build/slowdisk");
    if (access(path, X_OK) == 0) /* it is made on Linux only */
        compare_options(slowdisk_page, path, "--help");
}
END_TEST

static bool has_option(const struct options_named *options, const char *name)
{
    for (size_t i = 0; i < options->count; i++)
        if (strcmp(strstr(options->at[i], "--"), name) == 0)
            return true;
    return false;
}

/* Elsewhere in the pages, in the examples above all. */
static void check_mentions(const char *page)
{
    static struct options_named server, disk;
    char words[GROUPS][WORD_BYTES];
    struct faults faults = {0};
    struct search search;
    load_page(threeways_page);
    find_entries(&server);
    load_page(slowdisk_page);
    find_entries(&disk);
    load_page(page);
    search_begin(&search, "--[a-z][a-z-]*", text);
    while (search_next(&search, words) != NULL)
        if (!has_option(&server, words[0]) && !has_option(&disk, words[0]))
            add_fault(&faults, "%s is an option of neither program\n", words[0]);
    demand_no(&faults, page);
}

START_TEST(options_in_the_pages_are_options_of_our_programs)
{
    check_mentions(threeways_page);
    check_mentions(slowdisk_page);
}
END_TEST

Suite *guided_reading_suite(void)
{
    Suite *suite = suite_create("guided_reading");
    TCase *guide = tcase_create("guide");
    TCase *pages = tcase_create("manual_pages");
    tcase_add_loop_test(guide, every_file_and_function_is_where_the_guide_says, 0,
                        sizeof guides / sizeof *guides);
    tcase_add_test(guide, every_function_is_named_with_its_file_first);
    tcase_add_test(guide, stops_take_thirty_minutes_and_ask_a_question_each);
    tcase_add_loop_test(guide, every_rule_and_every_trap_has_a_row, 0,
                        sizeof tables / sizeof *tables);
    tcase_add_test(guide, transitions_that_are_shown_are_the_table_s);
    tcase_add_test(pages, threeways_1_has_the_options_that_help_all_shows);
    tcase_add_test(pages, slowdisk_1_has_the_options_that_help_shows);
    tcase_add_test(pages, options_in_the_pages_are_options_of_our_programs);
    suite_add_tcase(suite, guide);
    suite_add_tcase(suite, pages);
    return suite;
}
