/*
 * Makes the fault visible of a signal handler that does not leave errno alone.
 *
 * write(2) may set errno also when it succeeds. Here it always does, for a pipe. And a signal comes
 * at the worst moment: when a call has failed (accept(), for there is nobody left to accept), and
 * before the program has looked at errno. What the handler made of errno is told on standard error.
 *
 * <sys/socket.h> is left out, because glibc's accept() takes a union there.
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WRITTEN = ENOTTY };

static int (*real_accept)(int, void *, unsigned *);
static ssize_t (*real_write)(int, const void *, size_t);
int accept(int listener, void *address, unsigned *length);

__attribute__((constructor)) static void begin(void)
{
    void *accept_found = dlsym(RTLD_NEXT, "accept"), *write_found = dlsym(RTLD_NEXT, "write");
    memcpy(&real_accept, &accept_found, sizeof accept_found);
    memcpy(&real_write, &write_found, sizeof write_found);
}

ssize_t write(int file, const void *bytes, size_t length)
{
    struct stat status;
    ssize_t written = real_write(file, bytes, length);
    if (written >= 0 && fstat(file, &status) == 0 && S_ISFIFO(status.st_mode))
        errno = WRITTEN;
    return written;
}

static int has_handler(int signal)
{
    struct sigaction action;
    return sigaction(signal, NULL, &action) == 0 && action.sa_handler != SIG_DFL &&
           action.sa_handler != SIG_IGN;
}

int accept(int listener, void *address, unsigned *length)
{
    int client = real_accept(listener, address, length);
    int failed_with = errno;
    if (client >= 0 || !has_handler(SIGUSR1))
        return client;
    raise(SIGUSR1);
    fprintf(stderr, "errno before the signal: %d, after its handler: %d (%s)\n", failed_with, errno,
            errno == failed_with ? "the same" : "another");
    errno = failed_with;
    return client;
}
