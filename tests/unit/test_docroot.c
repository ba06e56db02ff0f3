/*
 * From a target to an open file, or to the reason why not; with both ways of opening.
 */
#include "core/docroot.h"
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static struct tree tree;

/* A socket lies about like a file; opening it is ENXIO. */
static void add_socket(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", tree_path(&tree, name));
    ck_assert_int_eq(bind(descriptor, (struct sockaddr *)&address, sizeof address), 0);
    close(descriptor);
}

static void make_tree(void)
{
    tree_make(&tree);
    chmod(tree.path, 0755);
    tree_write(&tree, "secret", "secret");
    tree_add_directory(&tree, "root");
    tree_write(&tree, "root/file", "12345");
    tree_write(&tree, "root/closed", "");
    chmod(tree_path(&tree, "root/closed"), 0);
    tree_add_directory(&tree, "root/sub");
    tree_write(&tree, "root/sub/index.html", "<!DOCTYPE html>");
    tree_add_directory(&tree, "root/empty");
    tree_add_directory(&tree, "root/odd");
    tree_add_directory(&tree, "root/odd/index.html");
    tree_add_pipe(&tree, "root/pipe");
    add_socket("root/socket");
    tree_add_link(&tree, "root/inside", "file");
    tree_add_link(&tree, "root/out", "../secret");
    tree_add_link(&tree, "root/null", "/dev/null");
    tree_add_link(&tree, "root/loop", "loop");
    tree_add_link(&tree, "root/dir", "sub");
}

static void remove_tree(void)
{
    tree_remove(&tree);
}

static size_t beneath_count(void)
{
    size_t count = 0;
    while (beneaths[count] != NULL)
        count++;
    return count;
}

static void open_root(struct docroot *root, const struct beneath *beneath)
{
    ck_assert(docroot_open(root, tree_path(&tree, "root"), beneath));
}

/* Asks for a path as a client would write it; what was opened is in `*descriptor`, or -1. */
static enum docroot_answer ask(const struct docroot *root, const char *path, int *descriptor,
                               struct file_facts *facts)
{
    struct target target;
    *descriptor = -1;
    ck_assert_uint_eq(target_decode(&target, path, strlen(path)), 0);
    return docroot_find(root, &target, descriptor, facts);
}

static bool is_open(int descriptor)
{
    return descriptor >= 0 && fcntl(descriptor, F_GETFD) >= 0;
}

static const struct {
    const char *path;
    enum docroot_answer answer;
} answers[] = {
    {"/file", DOCROOT_FILE},
    {"/inside", DOCROOT_FILE},
    {"/sub/", DOCROOT_FILE}, /* its index */
    {"/sub/index.html", DOCROOT_FILE},
    {"/dir/", DOCROOT_FILE},
    {"/", DOCROOT_DIRECTORY},
    {"/empty/", DOCROOT_DIRECTORY},
    {"/empty/.", DOCROOT_DIRECTORY},
    {"/sub", DOCROOT_NO_SLASH},
    {"/empty", DOCROOT_NO_SLASH},
    {"/dir", DOCROOT_NO_SLASH},
    {"/odd/index.html", DOCROOT_NO_SLASH},
    {"/nothing", DOCROOT_MISSING},
    {"/nothing/", DOCROOT_MISSING},
    {"/sub/nothing", DOCROOT_MISSING},
    {"/file/", DOCROOT_MISSING}, /* a file is no directory */
    {"/file/x", DOCROOT_MISSING},
    {"/loop", DOCROOT_MISSING},
    {"/out", DOCROOT_DENIED},
    {"/null", DOCROOT_DENIED},
    {"/pipe", DOCROOT_DENIED},
    {"/pipe/", DOCROOT_DENIED},
    {"/socket", DOCROOT_DENIED},
    {"/odd/", DOCROOT_DENIED}, /* its index is a directory: neither a file nor a list */
};

START_TEST(a_target_has_an_answer)
{
    for (size_t i = 0; i < beneath_count(); i++) {
        struct docroot root;
        struct file_facts facts;
        int descriptor;
        if (!beneaths[i]->works())
            continue;
        open_root(&root, beneaths[i]);
        enum docroot_answer answer = ask(&root, answers[_i].path, &descriptor, &facts);
        bool opens = answer == DOCROOT_FILE || answer == DOCROOT_DIRECTORY;
        ck_assert_msg(answer == answers[_i].answer, "%s: %s: %d instead of %d", beneaths[i]->name,
                      answers[_i].path, answer, answers[_i].answer);
        ck_assert_int_eq(is_open(descriptor), opens);
        if (opens)
            close(descriptor);
        docroot_close(&root);
    }
}
END_TEST

START_TEST(a_name_too_long_for_a_file_is_missing)
{
    char path[400] = "/";
    struct docroot root;
    struct file_facts facts;
    int descriptor;
    memset(path + 1, 'a', 300);
    open_root(&root, beneaths[0]);
    ck_assert_int_eq(ask(&root, path, &descriptor, &facts), DOCROOT_MISSING);
    strcat(path, "/");
    ck_assert_int_eq(ask(&root, path, &descriptor, &facts), DOCROOT_MISSING);
    docroot_close(&root);
}
END_TEST

/* Root may read everything: it becomes nobody for a moment. */
START_TEST(a_file_that_may_not_be_read_is_denied)
{
    enum { NOBODY = 65534 };
    struct docroot root;
    struct file_facts facts;
    int descriptor;
    bool was_root = geteuid() == 0;
    open_root(&root, beneaths[0]);
    if (was_root)
        ck_assert_int_eq(seteuid(NOBODY), 0);
    enum docroot_answer answer = ask(&root, "/closed", &descriptor, &facts);
    if (was_root)
        ck_assert_int_eq(seteuid(0), 0);
    ck_assert_int_eq(answer, DOCROOT_DENIED);
    docroot_close(&root);
}
END_TEST

START_TEST(without_descriptors_the_server_is_busy)
{
    struct docroot root;
    struct file_facts facts;
    struct rlimit limit, none;
    int descriptor;
    open_root(&root, beneaths[0]);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = limit.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    enum docroot_answer answer = ask(&root, "/file", &descriptor, &facts);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_int_eq(answer, DOCROOT_BUSY);
    docroot_close(&root);
}
END_TEST

/* stat(2) is the other program. */
START_TEST(facts_are_those_of_stat)
{
    struct docroot root;
    struct file_facts facts, again;
    struct stat status;
    int descriptor;
    open_root(&root, beneaths[0]);
    ck_assert_int_eq(ask(&root, "/file", &descriptor, &facts), DOCROOT_FILE);
    ck_assert_int_eq(stat(tree_path(&tree, "root/file"), &status), 0);
    ck_assert_uint_eq(facts.inode, status.st_ino);
    ck_assert_uint_eq(facts.device, status.st_dev);
    ck_assert_uint_eq(facts.size_bytes, 5);
    ck_assert_int_eq(facts.modified.tv_sec, status.st_mtim.tv_sec);
    ck_assert_int_eq(facts.modified.tv_nsec, status.st_mtim.tv_nsec);
    ck_assert_int_eq(facts.changed.tv_nsec, status.st_ctim.tv_nsec);
    ck_assert(file_facts_of(descriptor, &again));
    ck_assert(file_facts_equal(&facts, &again));
    close(descriptor);
    ck_assert(!file_facts_of(descriptor, &again));
    ck_assert_int_eq(errno, EBADF);
    docroot_close(&root);
}
END_TEST

START_TEST(any_fact_makes_facts_unequal)
{
    struct file_facts a = {.inode = 1}, b = a;
    ck_assert(file_facts_equal(&a, &b));
    switch (_i) {
    case 0: b.device++; break;
    case 1: b.inode++; break;
    case 2: b.size_bytes++; break;
    case 3: b.modified.tv_sec++; break;
    case 4: b.modified.tv_nsec++; break;
    case 5: b.changed.tv_sec++; break;
    case 6: b.changed.tv_nsec++; break;
    }
    ck_assert(!file_facts_equal(&a, &b));
}
END_TEST

START_TEST(an_unchanged_file_is_known_as_such)
{
    struct docroot root;
    struct file_facts facts;
    int descriptor;
    open_root(&root, beneaths[0]);
    ck_assert_int_eq(ask(&root, "/file", &descriptor, &facts), DOCROOT_FILE);
    close(descriptor);
    ck_assert(docroot_is_unchanged(&root, "file", &facts));
    ck_assert(docroot_is_unchanged(&root, "inside", &facts)); /* a link to the very file */
    ck_assert(!docroot_is_unchanged(&root, "sub/index.html", &facts));
    ck_assert(!docroot_is_unchanged(&root, "sub", &facts));
    ck_assert(!docroot_is_unchanged(&root, "pipe", &facts));
    ck_assert(!docroot_is_unchanged(&root, "nothing", &facts));
    docroot_close(&root);
}
END_TEST

START_TEST(a_root_must_be_a_directory)
{
    struct docroot root;
    ck_assert(!docroot_open(&root, tree_path(&tree, "root/file"), beneaths[0]));
    ck_assert_int_eq(errno, ENOTDIR);
    ck_assert(!docroot_open(&root, tree_path(&tree, "nothing"), beneaths[0]));
    ck_assert_int_eq(errno, ENOENT);
}
END_TEST

Suite *docroot_suite(void)
{
    Suite *suite = suite_create("docroot");
    TCase *tcase = unit_add_case(suite, "docroot");
    tcase_add_unchecked_fixture(tcase, make_tree, remove_tree);
    tcase_add_loop_test(tcase, a_target_has_an_answer, 0, ROWS(answers));
    tcase_add_test(tcase, a_name_too_long_for_a_file_is_missing);
    tcase_add_test(tcase, a_file_that_may_not_be_read_is_denied);
    tcase_add_test(tcase, without_descriptors_the_server_is_busy);
    tcase_add_test(tcase, facts_are_those_of_stat);
    tcase_add_loop_test(tcase, any_fact_makes_facts_unequal, 0, 7);
    tcase_add_test(tcase, an_unchanged_file_is_known_as_such);
    tcase_add_test(tcase, a_root_must_be_a_directory);
    return suite;
}
