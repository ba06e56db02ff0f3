/*
 * The command line.
 */
#include "core/options.h"
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

/* --- a program with choices of its own ------------------------------------------------------ */

static const struct choice one = {"one", "the first thing"}, two = {"two", "the second thing"};
static const struct choice red = {"red", "a colour"}, *const colours[] = {&red, NULL};
static const struct choice *const numbers[] = {&one, &two, NULL};
static const struct option_choices choices = {numbers, colours, numbers, numbers};

enum { MOST_WORDS = 8, TEXT_BYTES = 16384 };

/* Parses words ended by NULL; what was said about them is in `said`. */
static bool parse(struct options *options, const char *const *words, char said[TEXT_BYTES])
{
    char *argv[MOST_WORDS + 2] = {strdup("threeways")};
    char *text = NULL;
    size_t length;
    int argc = 1;
    for (; *words != NULL; words++)
        argv[argc++] = (char *)(size_t)*words;
    FILE *errors = open_memstream(&text, &length);
    bool parsed = options_parse(options, argc, argv, &choices, errors);
    fclose(errors);
    snprintf(said, TEXT_BYTES, "%s", text);
    free(text);
    free(argv[0]);
    return parsed;
}

static struct options parse_well(const char *const *words)
{
    static char said[TEXT_BYTES];
    struct options options;
    ck_assert_msg(parse(&options, words, said), "%s", said);
    ck_assert_str_eq(said, "");
    return options;
}

#define WORDS(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

/* --- values --------------------------------------------------------------------------------- */

struct value {
    const char *text;
    uint64_t value;
};

/* Powers of two; and the last are the largest that 64 bits hold. */
static const struct value sizes[] = {
    {"0", 0},
    {"512", 512},
    {"1k", 1024},
    {"1K", 1024},
    {"64M", 67108864},
    {"1G", 1073741824},
    {"007", 7},
    {"0G", 0},
    {"17179869183G", UINT64_C(17179869183) << 30},
    {"18446744073709551615", UINT64_MAX},
};

static const struct value times[] = {
    {"0", 0},       {"10", 10000}, {"20ms", 20}, {"10s", 10000},
    {"2m", 120000}, {"1ms", 1},    {"0m", 0},    {"18446744073709551s", UINT64_MAX - 615},
};

START_TEST(a_size_has_a_unit)
{
    uint64_t value;
    ck_assert_msg(options_parse_size(sizes[_i].text, &value), "%s", sizes[_i].text);
    ck_assert_uint_eq(value, sizes[_i].value);
}
END_TEST

START_TEST(a_time_has_a_unit)
{
    uint64_t value;
    ck_assert_msg(options_parse_time(times[_i].text, &value), "%s", times[_i].text);
    ck_assert_uint_eq(value, times[_i].value);
}
END_TEST

static const char *const neither[] = {
    "",     " ",
    "K",    "ms",
    "-1",   "+1",
    " 1",   "1 ",
    "1 K",  "1.5M",
    "0x10", "1e3",
    "1KB",  "1kk",
    "1sec", "1mS",
    "1m s", "ten",
    "1,00", "1T",
    "1h",   "18446744073709551616",
};

START_TEST(what_is_no_value_is_refused)
{
    uint64_t value;
    ck_assert(!options_parse_size(neither[_i], &value));
    ck_assert(!options_parse_time(neither[_i], &value));
}
END_TEST

START_TEST(a_value_must_fit_into_64_bits)
{
    uint64_t value;
    ck_assert(!options_parse_size("17179869184G", &value));
    ck_assert(!options_parse_size("18446744073709551615K", &value));
    ck_assert(!options_parse_time("18446744073709552s", &value));
    ck_assert(!options_parse_time("18446744073709551615", &value));
    ck_assert(!options_parse_time("307445734561826m", &value));
}
END_TEST

/* --- options -------------------------------------------------------------------------------- */

/* The README and --help tell these. */
START_TEST(without_options_there_are_defaults)
{
    struct options options = parse_well((const char *const[]){NULL});
    ck_assert_str_eq(options.address, "127.0.0.1");
    ck_assert_uint_eq(options.port, 8080);
    ck_assert_str_eq(options.root, ".");
    ck_assert_uint_eq(options.cache_bytes, 64 << 20);
    ck_assert_uint_eq(options.cache_file_max_bytes, 1 << 20);
    ck_assert_uint_eq(options.places, 64);
    ck_assert_uint_eq(options.buffers, 32);
    ck_assert_uint_eq(options.read_timeout_ms, 10000);
    ck_assert_uint_eq(options.load_timeout_ms, 30000);
    ck_assert_uint_eq(options.idle_timeout_ms, 15000);
    ck_assert_uint_eq(options.write_timeout_ms, 30000);
    ck_assert_uint_eq(options.grace_ms, 10000);
    ck_assert_uint_eq(options.model + options.poller + options.disk + options.wakeup, 0);
    ck_assert(!options.list && !options.verbose && !options.help && !options.version);
    ck_assert_ptr_null(options.log);
    ck_assert_ptr_null(options.print_fsm);
}
END_TEST

#define NUMBER_AT(member) offsetof(struct options, member)

/* Every option with a number, a size, a time or a choice; least and most where there are such. */
static const struct {
    const char *words[2];
    size_t member;
    uint64_t value;
} numeric[] = {
    {{"--port=0"}, NUMBER_AT(port), 0},
    {{"--port", "65535"}, NUMBER_AT(port), 65535},
    {{"-p", "81"}, NUMBER_AT(port), 81},
    {{"-p81"}, NUMBER_AT(port), 81},
    {{"--cache-size=0"}, NUMBER_AT(cache_bytes), 0},
    {{"-c", "16k"}, NUMBER_AT(cache_bytes), 16384},
    {{"--cache-size", "1024G"}, NUMBER_AT(cache_bytes), UINT64_C(1) << 40},
    {{"--cache-file-max", "2M"}, NUMBER_AT(cache_file_max_bytes), 2 << 20},
    {{"--max-connections", "1"}, NUMBER_AT(max_connections), 1},
    {{"--places", "1024"}, NUMBER_AT(places), 1024},
    {{"--buffers", "1"}, NUMBER_AT(buffers), 1},
    {{"--read-timeout", "20ms"}, NUMBER_AT(read_timeout_ms), 20},
    {{"--load-timeout", "2m"}, NUMBER_AT(load_timeout_ms), 120000},
    {{"--idle-timeout", "3"}, NUMBER_AT(idle_timeout_ms), 3000},
    {{"--write-timeout", "4s"}, NUMBER_AT(write_timeout_ms), 4000},
    {{"--grace-time", "0"}, NUMBER_AT(grace_ms), 0},
    {{"--model", "two"}, NUMBER_AT(model), 1},
    {{"-m", "one"}, NUMBER_AT(model), 0},
    {{"--poller", "red"}, NUMBER_AT(poller), 0},
    {{"--disk=two"}, NUMBER_AT(disk), 1},
    {{"--wakeup=two"}, NUMBER_AT(wakeup), 1},
    {{"-w", "two"}, NUMBER_AT(wakeup), 1},
};

START_TEST(an_option_sets_its_member)
{
    uint64_t value;
    struct options options =
        parse_well((const char *const[]){numeric[_i].words[0], numeric[_i].words[1], NULL});
    memcpy(&value, (const char *)&options + numeric[_i].member, sizeof value);
    ck_assert_uint_eq(value, numeric[_i].value);
}
END_TEST

START_TEST(texts_and_flags_are_taken)
{
    struct options options = parse_well(WORDS("-d", "dir", "-a", "::1", "--log", "-"));
    ck_assert_str_eq(options.root, "dir");
    ck_assert_str_eq(options.address, "::1");
    ck_assert_str_eq(options.log, "-");
    options = parse_well(WORDS("-lv", "--help", "--help-all", "--version"));
    ck_assert(options.list && options.verbose && options.help && options.help_all);
    ck_assert(options.version);
    options = parse_well(WORDS("--list", "-h"));
    ck_assert(options.list && !options.verbose && options.help && !options.help_all);
}
END_TEST

/* The root is an option, or the one word that is none, wherever it stands. */
START_TEST(a_root_is_a_word_of_its_own)
{
    struct options options = parse_well(WORDS("www", "-p", "1"));
    ck_assert_str_eq(options.root, "www");
    ck_assert_uint_eq(options.port, 1);
    options = parse_well(WORDS("-p", "1", "www"));
    ck_assert_str_eq(options.root, "www");
    options = parse_well(WORDS("--", "-www"));
    ck_assert_str_eq(options.root, "-www");
}
END_TEST

START_TEST(the_last_of_several_counts)
{
    ck_assert_uint_eq(parse_well(WORDS("-p", "1", "--port=2")).port, 2);
}
END_TEST

START_TEST(the_machine_is_printed_as_asked)
{
    ck_assert_str_eq(parse_well(WORDS("--print-fsm")).print_fsm, "table");
    ck_assert_str_eq(parse_well(WORDS("--print-fsm=table")).print_fsm, "table");
    ck_assert_str_eq(parse_well(WORDS("--print-fsm=dot")).print_fsm, "dot");
}
END_TEST

/* Parsing starts anew each time, also after an error in the middle of a word. */
START_TEST(parsing_can_be_done_again)
{
    char said[TEXT_BYTES];
    struct options options;
    ck_assert(!parse(&options, WORDS("-lZv"), said));
    ck_assert(!parse_well(WORDS("-p", "5")).list);
    ck_assert_uint_eq(parse_well(WORDS("-p", "5")).port, 5);
}
END_TEST

/* --- errors --------------------------------------------------------------------------------- */

/* What one line must name: the option, its value, and the mend. */
static const struct {
    const char *words[3];
    const char *names[3];
} errors[] = {
    {{"--port", "65536"}, {"--port", "65536", "0 to 65535"}},
    {{"-p", "http"}, {"--port", "http", "0 to 65535"}},
    {{"-p", "-1"}, {"--port", "-1", "0 to 65535"}},
    {{"-p", "80 "}, {"--port", "80 ", "0 to 65535"}},
    {{"--port="}, {"--port", "", "0 to 65535"}},
    {{"--places", "0"}, {"--places", "0", "1 to 1024"}},
    {{"--places", "1025"}, {"--places", "1025", "1 to 1024"}},
    {{"--buffers", "0"}, {"--buffers", "0", "1 to 65536"}},
    {{"--max-connections", "0"}, {"--max-connections", "0", "1 to 1000000"}},
    {{"--cache-size", "big"}, {"--cache-size", "big", "64M"}},
    {{"-c", "1025G"}, {"--cache-size", "1025G", "64M"}},
    {{"--cache-file-max", "1T"}, {"--cache-file-max", "1T", "64M"}},
    {{"--read-timeout", "soon"}, {"--read-timeout", "soon", "10s"}},
    {{"--load-timeout", "1h"}, {"--load-timeout", "1h", "10s"}},
    {{"--idle-timeout", "-5s"}, {"--idle-timeout", "-5s", "10s"}},
    {{"--write-timeout", "0"}, {"--write-timeout", "0", ""}},
    {{"--grace-time", "1d"}, {"--grace-time", "1d", "10s"}},
    {{"--model", "three"}, {"--model", "three", "one two"}},
    {{"-m", "ONE"}, {"--model", "ONE", "one two"}},
    {{"--model", "on"}, {"--model", "on", "one two"}},
    {{"--poller", "one"}, {"--poller", "one", "red"}},
    {{"--disk="}, {"--disk", "", "one two"}},
    {{"--wakeup", "x"}, {"--wakeup", "x", "one two"}},
    {{"--print-fsm=svg"}, {"--print-fsm", "svg", "table dot"}},
    {{"--print-fsm="}, {"--print-fsm", "", "table dot"}},
    {{"--root="}, {"--root", "''", "give"}},
    {{"--address", ""}, {"--address", "''", "give"}},
    {{"--log", ""}, {"--log", "''", "give"}},
    /* a value that is missing, or that nobody wants */
    {{"-p"}, {"--port", "missing", "--port PORT"}},
    {{"www", "--port"}, {"--port", "missing", "--port PORT"}},
    {{"--model"}, {"--model", "missing", "--model MODEL"}},
    {{"--list=yes"}, {"--list", "no value", ""}},
    {{"--version=1"}, {"--version", "no value", ""}},
    /* what is no option */
    {{"--prot", "80"}, {"--prot", "no such option", "--help"}},
    {{"-Z"}, {"-Z", "no such option", "--help"}},
    {{"-lZ"}, {"Z", "no such option", "--help"}},
    {{"--p", "80"}, {"--p", "no such option", "--help"}}, /* of several: which one? */
    {{"--=x"}, {"--=x", "no such option", "--help"}},
    {{"www", "--prot"}, {"--prot", "no such option", "--help"}},
    {{"www", "-Z"}, {"-Z", "no such option", "--help"}},
    {{"www", "more"}, {"more", "one ROOT", "leave"}},
    {{"-d", "www", "--prot"}, {"--prot", "no such option", "--help"}},
};

START_TEST(an_error_is_one_line_that_helps)
{
    char said[TEXT_BYTES];
    struct options options;
    const char *const words[] = {errors[_i].words[0], errors[_i].words[1], errors[_i].words[2],
                                 NULL};
    ck_assert(!parse(&options, words, said));
    ck_assert_ptr_eq(strchr(said, '\n'), said + strlen(said) - 1);
    for (int i = 0; i < 3; i++)
        ck_assert_msg(strstr(said, errors[_i].names[i]) != NULL, "\"%s\" in: %s",
                      errors[_i].names[i], said);
}
END_TEST

/* --- help ----------------------------------------------------------------------------------- */

static void print_help(bool all, char text[TEXT_BYTES])
{
    memset(text, 0, TEXT_BYTES);
    FILE *out = fmemopen(text, TEXT_BYTES - 1, "w");
    options_print_help(out, all, &choices);
    ck_assert(!ferror(out));
    fclose(out);
}

static const struct {
    const char *text;
    bool for_students;
} helps[] = {
    {"-p, --port PORT", true},
    {"--root DIR", true},
    {"--model MODEL", true},
    {"--wakeup", true},
    {"--cache-size SIZE", true},
    {"--list", true},
    {"--log FILE", true},
    {"--verbose", true},
    {"--print-fsm", true},
    {"-h, --help", true},
    {"--help-all", true},
    {"SIGUSR1", true},
    {"the second thing", true},
    {"the first thing (the default)", true},
    {"--address", false},
    {"--poller", false},
    {"--disk", false},
    {"--cache-file-max", false},
    {"--max-connections", false},
    {"--places", false},
    {"--buffers", false},
    {"--read-timeout", false},
    {"--load-timeout", false},
    {"--idle-timeout", false},
    {"--write-timeout", false},
    {"--grace-time", false},
    {"--version", false},
    {"a colour (the default)", false},
};

START_TEST(help_lists_what_it_should)
{
    char text[TEXT_BYTES];
    print_help(false, text);
    ck_assert_int_eq(strstr(text, helps[_i].text) != NULL, helps[_i].for_students);
    print_help(true, text);
    ck_assert_ptr_nonnull(strstr(text, helps[_i].text));
}
END_TEST

/* A student reads it in a terminal of 24 lines. */
START_TEST(help_fits_on_a_screen)
{
    char text[TEXT_BYTES];
    int lines = 0;
    print_help(false, text);
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    ck_assert_int_gt(lines, 10);
    ck_assert_int_le(lines, 24);
}
END_TEST

Suite *options_suite(void)
{
    Suite *suite = suite_create("options");
    TCase *value = unit_add_case(suite, "option_values");
    tcase_add_loop_test(value, a_size_has_a_unit, 0, ROWS(sizes));
    tcase_add_loop_test(value, a_time_has_a_unit, 0, ROWS(times));
    tcase_add_loop_test(value, what_is_no_value_is_refused, 0, ROWS(neither));
    tcase_add_test(value, a_value_must_fit_into_64_bits);
    TCase *right = unit_add_case(suite, "options_right");
    tcase_add_test(right, without_options_there_are_defaults);
    tcase_add_loop_test(right, an_option_sets_its_member, 0, ROWS(numeric));
    tcase_add_test(right, texts_and_flags_are_taken);
    tcase_add_test(right, a_root_is_a_word_of_its_own);
    tcase_add_test(right, the_last_of_several_counts);
    tcase_add_test(right, the_machine_is_printed_as_asked);
    tcase_add_test(right, parsing_can_be_done_again);
    TCase *wrong = unit_add_case(suite, "options_wrong");
    tcase_add_loop_test(wrong, an_error_is_one_line_that_helps, 0, ROWS(errors));
    TCase *help = unit_add_case(suite, "options_help");
    tcase_add_loop_test(help, help_lists_what_it_should, 0, ROWS(helps));
    tcase_add_test(help, help_fits_on_a_screen);
    return suite;
}
