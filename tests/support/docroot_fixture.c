#include "support/docroot_fixture.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAX_DOCROOTS = 64, /* a server that does not start leaves its tree until the end */
    WALK_DESCRIPTORS = 16,
};

static const time_t one_second_before_1970 = -1;
static const time_t first_second_of_10000 = 253402300800;

/* The bases made by this process and not yet removed; for the end of the process. */
static struct {
    pid_t maker;
    char base[DOCROOT_PATH_ROOM];
} made[MAX_DOCROOTS];

static void demand(int result, const char *what)
{
    if (result == -1)
        ck_abort_msg("%s: %s", what, strerror(errno));
}

static void path_join(char *path, const char *directory, const char *name)
{
    int length = snprintf(path, DOCROOT_PATH_ROOM, "%s/%s", directory, name);
    ck_assert_int_lt(length, DOCROOT_PATH_ROOM);
}

/* ---- single things ---- */

void docroot_write(const struct docroot *docroot, const char *name, const void *bytes,
                   size_t length)
{
    char path[DOCROOT_PATH_ROOM];
    path_join(path, docroot->root, name);
    FILE *file = fopen(path, "w");
    if (file == NULL)
        ck_abort_msg("%s: %s", path, strerror(errno));
    size_t written = fwrite(bytes, 1, length, file);
    if (fclose(file) != 0 || written != length)
        ck_abort_msg("%s: not written", path);
    demand(chmod(path, 0644), path);
}

static void write_text(const struct docroot *docroot, const char *name, const char *text)
{
    docroot_write(docroot, name, text, strlen(text));
}

void docroot_make_directory(const struct docroot *docroot, const char *name)
{
    char path[DOCROOT_PATH_ROOM];
    path_join(path, docroot->root, name);
    demand(mkdir(path, 0755), path);
    demand(chmod(path, 0755), path); /* whatever the umask says: the server may be nobody */
}

void docroot_make_pipe(const struct docroot *docroot, const char *name)
{
    char path[DOCROOT_PATH_ROOM];
    path_join(path, docroot->root, name);
    demand(mkfifo(path, 0644), path);
}

void docroot_set_mtime(const struct docroot *docroot, const char *name, time_t when)
{
    char path[DOCROOT_PATH_ROOM];
    const struct timespec times[2] = {{.tv_sec = when}, {.tv_sec = when}};
    path_join(path, docroot->root, name);
    demand(utimensat(AT_FDCWD, path, times, 0), path);
}

static void make_link(const struct docroot *docroot, const char *name, const char *target)
{
    char path[DOCROOT_PATH_ROOM];
    path_join(path, docroot->root, name);
    demand(symlink(target, path), path);
}

static void make_big_file(const struct docroot *docroot)
{
    static const char end[] = "END!";
    const off_t end_length = sizeof end - 1;
    char path[DOCROOT_PATH_ROOM];
    write_text(docroot, "big3g.bin", "");
    path_join(path, docroot->root, "big3g.bin");
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    demand(fd, path);
    if (pwrite(fd, end, (size_t)end_length, DOCROOT_BIG_BYTES - end_length) != end_length)
        ck_abort_msg("%s: %s", path, strerror(errno));
    close(fd);
}

const char *docroot_file_text(void)
{
    static char text[DOCROOT_FILE_BYTES + 1];
    for (size_t i = 0; i < DOCROOT_FILE_BYTES; i++)
        text[i] = (char)('0' + i % 10);
    return text;
}

/* Marsaglia's xorshift: short, fast, and good enough to show a byte in the wrong place. */
void docroot_make_noise(char *bytes, size_t length, uint64_t seed)
{
    for (size_t i = 0; i < length; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        bytes[i] = (char)(seed >> 56);
    }
}

/* ---- the tree ---- */

static void make_plain_files(const struct docroot *docroot)
{
    write_text(docroot, "index.html", DOCROOT_INDEX_TEXT);
    write_text(docroot, "file.txt", docroot_file_text());
    docroot_set_mtime(docroot, "file.txt", DOCROOT_FILE_MTIME);
    write_text(docroot, "empty.txt", "");
    write_text(docroot, "README", "read me\n");
    write_text(docroot, "utf8.txt", "\xc3\xbc\n");
    write_text(docroot, "pic.JPG", "jpg");
    docroot_write(docroot, "nul.bin", "a\0b\nc\0", sizeof "a\0b\nc\0" - 1);
}

static void make_oddly_named_files(const struct docroot *docroot)
{
    write_text(docroot, "a b.txt", "space");
    write_text(docroot, "a+b.txt", "plus");
    write_text(docroot, "q?x.txt", "question");
    write_text(docroot, "h#x.txt", "hash");
    write_text(docroot, "pct%41.txt", "p");
    write_text(docroot, ".secret", DOCROOT_SECRET_TEXT);
}

static void make_directories(const struct docroot *docroot)
{
    docroot_make_directory(docroot, "sub");
    write_text(docroot, "sub/index.html", "sub\n");
    docroot_make_directory(docroot, "dir sp");
    write_text(docroot, "dir sp/index.html", "dir sp\n");
    docroot_make_directory(docroot, "..dots");
    write_text(docroot, "..dots/x.txt", "dots\n");
    docroot_make_directory(docroot, "noindex");
    write_text(docroot, "noindex/plain.txt", "plain\n");
    write_text(docroot, "noindex/<img src=x onerror=alert(1)>.txt", "x");
    write_text(docroot, "noindex/my:file", "x");
    write_text(docroot, "noindex/q?x", "x");
    write_text(docroot, "noindex/h#x", "x");
}

static void make_links(const struct docroot *docroot)
{
    make_link(docroot, "link-out", "../outside/secret.txt");
    make_link(docroot, "dirlink", "../outside");
    make_link(docroot, "link-in", "file.txt");
    make_link(docroot, "loop", "loop");
    docroot_make_directory(docroot, "idxlink");
    make_link(docroot, "idxlink/index.html", "../../outside/secret.txt");
}

static void make_special_files(const struct docroot *docroot)
{
    char path[DOCROOT_PATH_ROOM];
    docroot_make_pipe(docroot, "fifo");
    write_text(docroot, "noperm.txt", DOCROOT_SECRET_TEXT);
    path_join(path, docroot->root, "noperm.txt");
    demand(chmod(path, 0), path);
    make_big_file(docroot);
    write_text(docroot, "y1969.txt", "y");
    docroot_set_mtime(docroot, "y1969.txt", one_second_before_1970);
    write_text(docroot, "y10k.txt", "y");
    docroot_set_mtime(docroot, "y10k.txt", first_second_of_10000);
}

static void make_neighbours(const struct docroot *docroot)
{
    docroot_make_directory(docroot, "../www-secret");
    write_text(docroot, "../www-secret/s.txt", DOCROOT_SECRET_TEXT);
    docroot_make_directory(docroot, "../outside");
    write_text(docroot, "../outside/secret.txt", DOCROOT_SECRET_TEXT);
}

/* ---- making and removing ---- */

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info, (void)kind, (void)where;
    return remove(path);
}

static void remove_tree(const char *base)
{
    nftw(base, remove_one, WALK_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
}

static void remove_my_trees(void)
{
    for (size_t i = 0; i < MAX_DOCROOTS; i++)
        if (made[i].maker == getpid())
            remove_tree(made[i].base);
}

static void remember(const struct docroot *docroot)
{
    static int registered;
    if (!registered)
        registered = atexit(remove_my_trees) == 0;
    for (size_t i = 0; i < MAX_DOCROOTS; i++)
        if (made[i].maker == 0) {
            made[i].maker = getpid();
            memcpy(made[i].base, docroot->base, sizeof docroot->base);
            return;
        }
    ck_abort_msg("more than %d trees at once", MAX_DOCROOTS);
}

void docroot_remove(struct docroot *docroot)
{
    remove_tree(docroot->base);
    for (size_t i = 0; i < MAX_DOCROOTS; i++)
        if (strcmp(made[i].base, docroot->base) == 0)
            made[i].maker = 0;
}

static void make_root(struct docroot *docroot, const char *parent)
{
    path_join(docroot->base, parent, "threeways-XXXXXX");
    if (mkdtemp(docroot->base) == NULL)
        ck_abort_msg("%s: %s", docroot->base, strerror(errno));
    demand(chmod(docroot->base, 0755), docroot->base);
    remember(docroot);
    path_join(docroot->root, docroot->base, "www");
    docroot_make_directory(docroot, "");
}

static const char *temporary_directory(void)
{
    const char *directory = getenv("TMPDIR");
    return directory != NULL ? directory : "/tmp";
}

void docroot_make_empty(struct docroot *docroot)
{
    make_root(docroot, temporary_directory());
}

void docroot_make(struct docroot *docroot)
{
    static const char in_memory[] = "/dev/shm";
    make_root(docroot, access(in_memory, W_OK) == 0 ? in_memory : temporary_directory());
    make_plain_files(docroot);
    make_oddly_named_files(docroot);
    make_directories(docroot);
    make_links(docroot);
    make_special_files(docroot);
    make_neighbours(docroot);
}
