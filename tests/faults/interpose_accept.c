/*
 * A door that jams: while the file HOLD_WHILE is there, accept() fails with ACCEPT_FAILS_WITH.
 * The client goes on waiting, except for ECONNABORTED: then it is thrown out first, as a client
 * is that has reset its connection before it was accepted (S31).
 *
 * <sys/socket.h> is left out, because glibc's accept() takes a union there.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int (*real_accept)(int, void *, unsigned *);
int accept(int listener, void *address, unsigned *length);

__attribute__((constructor)) static void begin(void)
{
    void *found = dlsym(RTLD_NEXT, "accept");
    memcpy(&real_accept, &found, sizeof found);
}

static bool is_held(void)
{
    const char *file = getenv("HOLD_WHILE");
    return file != NULL && access(file, F_OK) == 0;
}

int accept(int listener, void *address, unsigned *length)
{
    const char *error = getenv("ACCEPT_FAILS_WITH");
    if (error == NULL || !is_held())
        return real_accept(listener, address, length);
    int number = (int)strtol(error, NULL, 10);
    if (number == ECONNABORTED) {
        int client = real_accept(listener, address, length);
        if (client < 0)
            return client;
        close(client);
    }
    errno = number;
    return -1;
}
