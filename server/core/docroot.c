#include "core/docroot.h"

#include "core/file_times.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* O_NONBLOCK: open() of a FIFO would wait for a writer. O_NOCTTY: a terminal must not be ours. */
static const int file_flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;

bool docroot_open(struct docroot *root, const char *path, const struct beneath *beneath)
{
    root->beneath = beneath;
    root->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return root->directory >= 0;
}

void docroot_close(struct docroot *root)
{
    close(root->directory);
}

static enum docroot_answer answer_for_error(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
    case EMLINK: /* FreeBSD's word for a link that is not to be followed (open(2)) */
    case ELOOP: return DOCROOT_MISSING;
    case EACCES:
    case EPERM:
    case EXDEV: /* leads out of the root */
    case ENXIO: /* a socket, or a device without a driver */
    case ENODEV:
    case EBUSY: return DOCROOT_DENIED;
    case EAGAIN: /* openat2: a directory was moved meanwhile, too often */
    case EMFILE:
    case ENFILE:
    case ENOMEM: return DOCROOT_BUSY;
    default: return DOCROOT_FAILED;
    }
}

static void take_facts(const struct stat *status, struct file_facts *facts)
{
    *facts = (struct file_facts){
        .device = status->st_dev,
        .inode = status->st_ino,
        .size_bytes = (uint64_t)status->st_size,
        .modified = file_time_modified(status),
        .changed = file_time_changed(status),
    };
}

bool file_facts_of(int descriptor, struct file_facts *facts)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return false;
    take_facts(&status, facts);
    return true;
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool file_facts_equal(const struct file_facts *a, const struct file_facts *b)
{
    return a->device == b->device && a->inode == b->inode && a->size_bytes == b->size_bytes &&
           same_time(a->modified, b->modified) && same_time(a->changed, b->changed);
}

/* Opens a name and says what it is. Only a regular file or a directory stays open. */
static enum docroot_answer open_name(const struct docroot *root, const char *name, int *descriptor,
                                     struct file_facts *facts)
{
    struct stat status;
    *descriptor = root->beneath->open(root->directory, name, file_flags);
    if (*descriptor < 0)
        return answer_for_error(errno);
    enum docroot_answer answer = DOCROOT_DENIED;
    if (fstat(*descriptor, &status) != 0)
        answer = DOCROOT_FAILED;
    else if (S_ISREG(status.st_mode))
        answer = DOCROOT_FILE;
    else if (S_ISDIR(status.st_mode))
        answer = DOCROOT_DIRECTORY;
    if (answer == DOCROOT_FILE || answer == DOCROOT_DIRECTORY) {
        take_facts(&status, facts);
        return answer;
    }
    close(*descriptor);
    return answer;
}

/* The target was a directory's and its index is missing: is at least the directory there? */
static enum docroot_answer open_directory(const struct docroot *root, const struct target *target,
                                          int *descriptor, struct file_facts *facts)
{
    char name[TARGET_NAME_BYTES] = ".";
    if (target->directory_length > 0) {
        memcpy(name, target->name, target->directory_length);
        name[target->directory_length - 1] = '\0';
    }
    enum docroot_answer answer = open_name(root, name, descriptor, facts);
    if (answer != DOCROOT_FILE)
        return answer;
    close(*descriptor); /* "/file.txt/" */
    return DOCROOT_MISSING;
}

enum docroot_answer docroot_find(const struct docroot *root, const struct target *target,
                                 int *descriptor, struct file_facts *facts)
{
    enum docroot_answer answer = open_name(root, target->name, descriptor, facts);
    if (target->is_directory && answer == DOCROOT_MISSING)
        return open_directory(root, target, descriptor, facts);
    if (answer != DOCROOT_DIRECTORY)
        return answer;
    close(*descriptor);
    return target->is_directory ? DOCROOT_DENIED : DOCROOT_NO_SLASH; /* a directory "index.html" */
}

bool docroot_is_unchanged(const struct docroot *root, const char *name,
                          const struct file_facts *facts)
{
    int descriptor;
    struct file_facts now;
    enum docroot_answer answer = open_name(root, name, &descriptor, &now);
    if (answer == DOCROOT_FILE || answer == DOCROOT_DIRECTORY)
        close(descriptor);
    return answer == DOCROOT_FILE && file_facts_equal(&now, facts);
}
