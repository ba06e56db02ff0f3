/*
 * The two ways to open a file beneath a directory and nowhere else. They are twins: one table of
 * paths holds for both. What is right is what open(2) does, and EXDEV for what leads out.
 */
#include "core/beneath.h"
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
extern const struct beneath beneath_openat2;
#define OPENAT2 &beneath_openat2
#else
#define OPENAT2 NULL
#endif
extern const struct beneath beneath_walk;
enum { TWINS = 2 };
static const struct beneath *const twins[TWINS] = {OPENAT2, &beneath_walk};

/* As many links as path_resolution(7) allows, and one more. */
enum { LINKS_MAX = 40 };

static struct tree tree; /* holds "root" and, beside it, "secret" */
static int root;

static void make_files(void)
{
    tree_make(&tree);
    tree_write(&tree, "secret", "secret");
    tree_add_directory(&tree, "outside");
    tree_write(&tree, "outside/file", "secret");
    tree_add_directory(&tree, "root");
    tree_add_directory(&tree, "root/sub");
    tree_add_directory(&tree, "root/sub/deep");
    tree_write(&tree, "root/file", "file");
    tree_write(&tree, "root/..odd", "odd");
    tree_write(&tree, "root/sub/file", "sub/file");
    tree_write(&tree, "root/sub/deep/file", "sub/deep/file");
    tree_add_pipe(&tree, "root/pipe");
}

static void make_links(void)
{
    tree_add_link(&tree, "root/inside", "file");
    tree_add_link(&tree, "root/below", "sub/deep/file");
    tree_add_link(&tree, "root/sub/up", "../file");
    tree_add_link(&tree, "root/sub/deep/upup", "../../sub/../file");
    tree_add_link(&tree, "root/dir", "sub");
    tree_add_link(&tree, "root/dirslash", "sub/");
    tree_add_link(&tree, "root/deepdir", "sub/deep");
    tree_add_link(&tree, "root/dots", "./sub/./file");
    tree_add_link(&tree, "root/here", ".");
    tree_add_link(&tree, "root/twice", "dir/up");
    tree_add_link(&tree, "root/dangling", "nothing");
    tree_add_link(&tree, "root/out", "../secret");
    tree_add_link(&tree, "root/outdir", "../outside");
    tree_add_link(&tree, "root/outandin", "../root/file");
    tree_add_link(&tree, "root/sub/out", "../../secret");
    tree_add_link(&tree, "root/absolute", "/etc/passwd");
    tree_add_link(&tree, "root/absolutehome", tree_path(&tree, "root/file"));
    tree_add_link(&tree, "root/slash", "/");
    tree_add_link(&tree, "root/self", "self");
    tree_add_link(&tree, "root/ping", "pong");
    tree_add_link(&tree, "root/pong", "ping");
    tree_add_link(&tree, "root/growing", "growing/x");
    tree_add_link(&tree, "root/pipelink", "pipe");
    tree_add_link(&tree, "root/dirnamed", "sub/file/");
}

/* chain1 leads to the file, each other one to the one before. */
static void make_chain(void)
{
    char name[32], text[32] = "file";
    for (int i = 1; i <= LINKS_MAX + 1; i++) {
        snprintf(name, sizeof name, "root/chain%d", i);
        tree_add_link(&tree, name, text);
        snprintf(text, sizeof text, "chain%d", i);
    }
}

static void make_tree(void)
{
    make_files();
    make_links();
    make_chain();
    root = open(tree_path(&tree, "root"), O_RDONLY | O_DIRECTORY);
    ck_assert_int_ge(root, 0);
}

static void remove_tree(void)
{
    close(root);
    tree_remove(&tree);
}

/* The twin that a test is for (of path _i / 2 in a table); NULL, after a message, where this system
 * has it not. */
static const struct beneath *twin(int number)
{
    const struct beneath *beneath = twins[number];
    if (beneath != NULL && beneath->works())
        return beneath;
    fprintf(stderr, "openat2 does not work here: its tests are skipped\n");
    return NULL;
}

/* --- what is there -------------------------------------------------------------------------- */

static const struct {
    const char *path, *text; /* NULL for a directory */
} found[] = {
    {"file", "file"},
    {"..odd", "odd"},
    {"sub/file", "sub/file"},
    {"sub/deep/file", "sub/deep/file"},
    {"sub//file", "sub/file"},
    {"./file", "file"},
    {"sub/./file", "sub/file"},
    {"././sub/.//./file", "sub/file"},
    {".", NULL},
    {"./", NULL},
    {"sub", NULL},
    {"sub/", NULL},
    {"sub/.", NULL},
    {"sub/deep", NULL},
    /* up, but never out */
    {"sub/..", NULL},
    {"sub/../file", "file"},
    {"sub/deep/../file", "sub/file"},
    {"sub/deep/../../file", "file"},
    {"sub/../sub/../file", "file"},
    {"sub//..//file", "file"},
    /* links that stay within */
    {"inside", "file"},
    {"below", "sub/deep/file"},
    {"sub/up", "file"},
    {"sub/deep/upup", "file"},
    {"dir", NULL},
    {"dir/file", "sub/file"},
    {"dir/deep/file", "sub/deep/file"},
    {"dir/up", "file"},
    {"dirslash/file", "sub/file"},
    {"dots", "sub/file"},
    {"here", NULL},
    {"here/here/file", "file"},
    {"twice", "file"},
    {"deepdir/../file", "sub/file"}, /* ".." is where the link leads, less one */
    {"dir/../file", "file"},
    {"chain1", "file"},
    {"chain40", "file"},
};

static void assert_content(int descriptor, const char *text)
{
    char content[64] = "";
    struct stat status;
    ck_assert_int_eq(fstat(descriptor, &status), 0);
    ck_assert_int_eq(S_ISDIR(status.st_mode), text == NULL);
    if (text == NULL)
        return;
    ck_assert_int_ge(read(descriptor, content, sizeof content - 1), 0);
    ck_assert_str_eq(content, text);
}

START_TEST(what_is_beneath_is_opened)
{
    const struct beneath *beneath = twin(_i % TWINS);
    if (beneath == NULL)
        return;
    const char *path = found[_i / TWINS].path;
    int descriptor = beneath->open(root, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ck_assert_msg(descriptor >= 0, "%s: %s: %s", beneath->name, path, strerror(errno));
    assert_content(descriptor, found[_i / TWINS].text);
    close(descriptor);
}
END_TEST

/* --- what is not ---------------------------------------------------------------------------- */

#define A_50  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A_256 A_50 A_50 A_50 A_50 A_50 "aaaaaa"

static const struct {
    const char *path;
    int error;
} missing[] = {
    /* out of the root */
    {"..", EXDEV},
    {"../", EXDEV},
    {"../secret", EXDEV},
    {"../root/file", EXDEV}, /* though it comes back */
    {"./../secret", EXDEV},
    {"sub/../..", EXDEV},
    {"sub/../../secret", EXDEV},
    {"sub/deep/../../../secret", EXDEV},
    {"dir/../../secret", EXDEV},
    {"here/../secret", EXDEV},
    {"/", EXDEV},
    {"/etc/passwd", EXDEV},
    {"//", EXDEV},
    {"out", EXDEV},
    {"outdir", EXDEV},
    {"outdir/file", EXDEV},
    {"outandin", EXDEV},
    {"sub/out", EXDEV},
    {"dir/out", EXDEV},
    {"absolute", EXDEV},
    {"absolutehome", EXDEV},
    {"slash", EXDEV},
    {"slash/etc/passwd", EXDEV},
    /* round and round */
    {"self", ELOOP},
    {"self/file", ELOOP},
    {"ping", ELOOP},
    {"growing", ELOOP},
    {"chain41", ELOOP},
    /* not there */
    {"nothing", ENOENT},
    {"nothing/file", ENOENT},
    {"nothing/../file", ENOENT},
    {"sub/nothing", ENOENT},
    {"dangling", ENOENT},
    {"dangling/file", ENOENT},
    {"fil", ENOENT},
    {"FILE", ENOENT},
    {"...", ENOENT},
    {"", ENOENT},
    /* not a directory */
    {"file/file", ENOTDIR},
    {"file/..", ENOTDIR},
    {"file/../file", ENOTDIR},
    {"file/.", ENOTDIR},
    {"file/", ENOTDIR},
    {"inside/file", ENOTDIR},
    {"inside/", ENOTDIR},
    {"dirnamed", ENOTDIR},
    {"pipe/file", ENOTDIR},
    /* too long */
    {A_256, ENAMETOOLONG},
    {"sub/" A_256, ENAMETOOLONG},
    {A_256 "/file", ENAMETOOLONG},
};

static void assert_refused(const struct beneath *beneath, const char *path, int error)
{
    int descriptor = beneath->open(root, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    int why = errno;
    ck_assert_msg(descriptor < 0, "%s: \"%s\" was opened", beneath->name, path);
    ck_assert_msg(why == error, "%s: \"%s\": %s instead of %s", beneath->name, path, strerror(why),
                  strerror(error));
}

START_TEST(what_is_not_beneath_is_refused)
{
    const struct beneath *beneath = twin(_i % TWINS);
    if (beneath != NULL)
        assert_refused(beneath, missing[_i / TWINS].path, missing[_i / TWINS].error);
}
END_TEST

START_TEST(a_path_has_a_limit)
{
    const struct beneath *beneath = twin(_i);
    static char path[2 * PATH_MAX];
    if (beneath == NULL)
        return;
    for (size_t i = 0; i + 2 < sizeof path; i += 2)
        memcpy(path + i, "./", 3);
    assert_refused(beneath, path, ENAMETOOLONG);
    path[PATH_MAX] = '\0';
    assert_refused(beneath, path, ENAMETOOLONG);
    memcpy(path + PATH_MAX - 6, "file", 5); /* with its NUL it fits */
    int descriptor = beneath->open(root, path, O_RDONLY);
    ck_assert_msg(descriptor >= 0, "%s", strerror(errno));
    close(descriptor);
}
END_TEST

/* --- with what flags ------------------------------------------------------------------------ */

START_TEST(a_pipe_is_opened_without_waiting)
{
    const struct beneath *beneath = twin(_i);
    static const char *const paths[] = {"pipe", "pipelink"};
    struct stat status;
    for (int i = 0; beneath != NULL && i < ROWS(paths); i++) {
        int descriptor = beneath->open(root, paths[i], O_RDONLY | O_NONBLOCK);
        ck_assert_int_ge(descriptor, 0);
        ck_assert_int_eq(fstat(descriptor, &status), 0);
        ck_assert(S_ISFIFO(status.st_mode));
        close(descriptor);
    }
}
END_TEST

START_TEST(flags_reach_the_file)
{
    const struct beneath *beneath = twin(_i);
    if (beneath == NULL)
        return;
    int descriptor = beneath->open(root, "sub/file", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ck_assert_int_eq(fcntl(descriptor, F_GETFD), FD_CLOEXEC);
    ck_assert_int_eq(fcntl(descriptor, F_GETFL) & (O_NONBLOCK | O_ACCMODE), O_NONBLOCK | O_RDONLY);
    close(descriptor);
}
END_TEST

/* The next free descriptor is the same after all that was tried: nothing was left open. */
START_TEST(nothing_is_left_open)
{
    const struct beneath *beneath = twin(_i);
    if (beneath == NULL)
        return;
    int before = dup(root);
    close(before);
    for (int i = 0; i < ROWS(found); i++)
        close(beneath->open(root, found[i].path, O_RDONLY | O_NONBLOCK));
    for (int i = 0; i < ROWS(missing); i++) {
        int descriptor = beneath->open(root, missing[i].path, O_RDONLY | O_NONBLOCK);
        if (descriptor >= 0)
            close(descriptor); /* another test says that this is wrong */
    }
    int after = dup(root);
    ck_assert_int_eq(before, after);
    close(after);
}
END_TEST

START_TEST(the_last_of_the_list_works_everywhere)
{
    size_t i = 0;
    ck_assert_ptr_nonnull(beneaths[0]);
    while (beneaths[i + 1] != NULL)
        i++;
    ck_assert(beneaths[i]->works());
}
END_TEST

Suite *beneath_suite(void)
{
    Suite *suite = suite_create("beneath");
    TCase *tcase = unit_add_case(suite, "beneath");
    tcase_add_unchecked_fixture(tcase, make_tree, remove_tree);
    tcase_add_loop_test(tcase, what_is_beneath_is_opened, 0, TWINS * ROWS(found));
    tcase_add_loop_test(tcase, what_is_not_beneath_is_refused, 0, TWINS * ROWS(missing));
    tcase_add_loop_test(tcase, a_path_has_a_limit, 0, TWINS);
    tcase_add_loop_test(tcase, a_pipe_is_opened_without_waiting, 0, TWINS);
    tcase_add_loop_test(tcase, flags_reach_the_file, 0, TWINS);
    tcase_add_loop_test(tcase, nothing_is_left_open, 0, TWINS);
    tcase_add_test(tcase, the_last_of_the_list_works_everywhere);
    return suite;
}
