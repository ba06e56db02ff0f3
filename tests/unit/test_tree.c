#define _XOPEN_SOURCE 700
#include "unit/unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void tree_make(struct tree *tree)
{
    const char *where = getenv("TMPDIR");
    if (where == NULL || strlen(where) > 40)
        where = "/tmp";
    snprintf(tree->path, sizeof tree->path, "%s/threeways-XXXXXX", where);
    ck_assert_ptr_nonnull(mkdtemp(tree->path));
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove(path);
}

void tree_remove(const struct tree *tree)
{
    enum { DESCRIPTORS = 16 };
    nftw(tree->path, remove_one, DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
}

const char *tree_path(const struct tree *tree, const char *name)
{
    static char path[512];
    int length = snprintf(path, sizeof path, "%s/%s", tree->path, name);
    ck_assert_int_lt(length, sizeof path);
    return path;
}

void tree_write(const struct tree *tree, const char *name, const char *text)
{
    FILE *file = fopen(tree_path(tree, name), "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

void tree_add_directory(const struct tree *tree, const char *name)
{
    ck_assert_int_eq(mkdir(tree_path(tree, name), 0755), 0);
}

void tree_add_link(const struct tree *tree, const char *name, const char *text)
{
    ck_assert_int_eq(symlink(text, tree_path(tree, name)), 0);
}

void tree_add_pipe(const struct tree *tree, const char *name)
{
    ck_assert_int_eq(mkfifo(tree_path(tree, name), 0644), 0);
}

void tree_read(const struct tree *tree, const char *name, char *text, size_t size)
{
    FILE *file = fopen(tree_path(tree, name), "r");
    ck_assert_ptr_nonnull(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}
