/*
 * A second signal comes at the worst moment: when the first one's note has been read out of the
 * pipe, and before the program has done anything about it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static ssize_t (*real_read)(int, void *, size_t);

__attribute__((constructor)) static void begin(void)
{
    void *found = dlsym(RTLD_NEXT, "read");
    memcpy(&real_read, &found, sizeof found);
}

static int has_handler(int signal)
{
    struct sigaction action;
    return sigaction(signal, NULL, &action) == 0 && action.sa_handler != SIG_DFL &&
           action.sa_handler != SIG_IGN;
}

static int is_pipe(int file)
{
    struct stat status;
    return fstat(file, &status) == 0 && S_ISFIFO(status.st_mode);
}

ssize_t read(int file, void *bytes, size_t length)
{
    static int has_come;
    ssize_t count = real_read(file, bytes, length);
    int error = errno;
    if (count > 0 && !has_come && is_pipe(file) && has_handler(SIGUSR1)) {
        has_come = 1;
        raise(SIGUSR1);
    }
    errno = error;
    return count;
}
