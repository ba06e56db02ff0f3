/*
 * No more memory: while the file HOLD_WHILE is there, whoever allocates ends the server, as abort()
 * does. So a test can say: from now on you have what you need.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* glibc's own names for its functions: they are there before dlsym() can find anything. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

static void forbid_while_held(const char *function)
{
    static const char message[] = " was called, and no memory may be allocated now\n";
    const char *file = getenv("HOLD_WHILE");
    if (file == NULL || access(file, F_OK) != 0)
        return;
    write(STDERR_FILENO, function, strlen(function));
    write(STDERR_FILENO, message, sizeof message - 1);
    abort();
}

void *malloc(size_t size)
{
    forbid_while_held("malloc()");
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    forbid_while_held("calloc()");
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    forbid_while_held("realloc()");
    return __libc_realloc(block, size);
}
