/*
 * Part by part: each directory is opened from the one before it and never through a link; a link
 * is read and its text put in the place of its name. Slower than openat2, and right everywhere.
 *
 * ".." is never given to the kernel, since a directory that is moved meanwhile would have
 * another parent: the last part is dropped, and the walk starts again from the root.
 */
#include "core/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_MAX = 40 }; /* as the kernel's own limit, path_resolution(7) */

struct walk {
    int root;
    int at;              /* the directory that the walk has come to */
    size_t done;         /* bytes of `path` that are behind it */
    char path[PATH_MAX]; /* relative to the root */
};

static int fail(int error)
{
    errno = error;
    return -1;
}

static bool walk_works(void)
{
    return true;
}

static void close_directory(struct walk *walk)
{
    if (walk->at != walk->root)
        close(walk->at);
    walk->at = walk->root;
}

/* Starts again from the root, with `before` bytes of the path kept, then `text`, then the rest. */
static int restart_with(struct walk *walk, size_t before, const char *text, const char *rest)
{
    char path[PATH_MAX];
    const char *slash = *rest != '\0' ? "/" : "";
    int length =
        snprintf(path, sizeof path, "%.*s%s%s%s", (int)before, walk->path, text, slash, rest);
    if (length < 0 || (size_t)length >= sizeof path)
        return fail(ENAMETOOLONG);
    memcpy(walk->path, path, (size_t)length + 1);
    close_directory(walk);
    walk->done = 0;
    return 0;
}

/* "a/b/../c" from "a/b/" on: "a/c". */
static int climb(struct walk *walk, const char *rest)
{
    size_t before = walk->done;
    while (before > 0 && walk->path[before - 1] == '/')
        before--;
    if (before == 0)
        return fail(EXDEV);
    while (before > 0 && walk->path[before - 1] != '/')
        before--;
    return restart_with(walk, before, "", rest);
}

/* If `part` is a link, puts its text in its place: 1. If it is none: 0. */
static int follow_link(struct walk *walk, const char *part, const char *rest)
{
    char text[PATH_MAX];
    ssize_t length = readlinkat(walk->at, part, text, sizeof text - 1);
    if (length < 0)
        return 0;
    text[length] = '\0';
    if (text[0] == '/')
        return fail(EXDEV);
    return restart_with(walk, walk->done, text, rest) == 0 ? 1 : -1;
}

static int enter_directory(struct walk *walk, const char *part)
{
    int next = openat(walk->at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0)
        return -1;
    close_directory(walk);
    walk->at = next;
    return 0;
}

/* Cuts the next part off the path: its name, and where the rest begins. */
static const char *next_part(struct walk *walk, char part[NAME_MAX + 1])
{
    const char *begin = walk->path + walk->done;
    size_t length = strcspn(begin, "/");
    if (length > NAME_MAX)
        return NULL;
    memcpy(part, begin, length);
    part[length] = '\0';
    return begin + length + strspn(begin + length, "/");
}

/* Takes the walk to its end. Returns the descriptor, or -1; `walk->at` is the caller's to close. */
static int walk_to_the_end(struct walk *walk, int flags)
{
    char part[NAME_MAX + 1];
    for (int links = 0; links <= LINKS_MAX;) {
        const char *rest = next_part(walk, part);
        if (rest == NULL)
            return fail(ENAMETOOLONG);
        bool is_last = *rest == '\0';
        if (is_last && rest > walk->path && rest[-1] == '/')
            flags |= O_DIRECTORY; /* what has a slash behind it must be a directory */
        bool stays = strcmp(part, ".") == 0 || *part == '\0';
        if (stays && !is_last) {
            memmove(walk->path + walk->done, rest, strlen(rest) + 1);
            continue;
        }
        if (strcmp(part, "..") == 0) {
            if (climb(walk, rest) != 0)
                return -1;
            continue;
        }
        int followed = stays ? 0 : follow_link(walk, part, rest);
        if (followed < 0)
            return -1;
        links += followed;
        if (followed > 0)
            continue;
        if (is_last)
            return openat(walk->at, stays ? "." : part, flags | O_NOFOLLOW);
        if (enter_directory(walk, part) != 0)
            return -1;
        walk->done = (size_t)(rest - walk->path);
    }
    return fail(ELOOP);
}

static int walk_open(int root, const char *path, int flags)
{
    struct walk walk = {.root = root, .at = root};
    if (strlen(path) >= sizeof walk.path)
        return fail(ENAMETOOLONG);
    if (*path == '/')
        return fail(EXDEV);
    if (*path == '\0')
        return fail(ENOENT);
    strcpy(walk.path, path);
    int descriptor = walk_to_the_end(&walk, flags);
    int error = errno;
    close_directory(&walk);
    errno = error;
    return descriptor;
}

const struct beneath beneath_walk = {
    .name = "walk",
    .works = walk_works,
    .open = walk_open,
};
