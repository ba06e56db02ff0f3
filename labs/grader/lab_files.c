#include "grader/lab_inside.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { FILES_MAX = 4096 };

static const char hot_text[] = "This file is asked for all the time.\n";

static struct docroot tree;
static struct lab_file files[FILES_MAX];
static size_t file_count;

static struct lab_file *add_file(const char *name, char *bytes, size_t length)
{
    ck_assert_msg(file_count < FILES_MAX, "more than %d files", FILES_MAX);
    struct lab_file *file = &files[file_count++];
    *file = (struct lab_file){.bytes = bytes, .length = length};
    snprintf(file->name, sizeof file->name, "%s", name);
    docroot_write(&tree, name, bytes, length);
    return file;
}

/* slowdisk, which may be nobody, makes its control pipe beside the root. */
const struct docroot *lab_tree(void)
{
    if (file_count > 0)
        return &tree;
    docroot_make_empty(&tree);
    slow_make_room(&tree);
    add_file("hot.txt", strdup(hot_text), strlen(hot_text));
    return &tree;
}

const char *lab_root(void)
{
    return lab_tree()->root;
}

struct lab_file *lab_file_at(size_t index)
{
    return index < file_count ? &files[index] : NULL;
}

struct lab_file *lab_find_file(const char *name)
{
    for (size_t i = 0; i < file_count; i++)
        if (strcmp(files[i].name, name) == 0)
            return &files[i];
    ck_abort_msg("%s: lab_new_file() has not made this file", name);
    abort(); /* ck_abort_msg() does not return, but not every Check says so */
}

/* Nobody can know it beforehand, and no two files are the same. */
static char *make_random_bytes(size_t length)
{
    uint64_t seed = 0;
    char *bytes = malloc(length + 1);
    ck_assert_msg(bytes != NULL, "out of memory");
    ck_assert_int_eq(getrandom(&seed, sizeof seed, 0), (int)sizeof seed);
    docroot_make_noise(bytes, length, seed | 1);
    return bytes;
}

const char *lab_new_file(size_t bytes)
{
    char name[LAB_NAME_BYTES];
    lab_tree();
    snprintf(name, sizeof name, "cold%zu.bin", file_count);
    return add_file(name, make_random_bytes(bytes), bytes)->name;
}
