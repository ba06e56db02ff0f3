/*
 * An experiment: is a file "ready" before its bytes are here?
 *
 *     cc -o ready labs/05-aio/ready.c
 *     build/labs/05-aio/slowdisk --hold -- ./ready README.md
 *
 * It opens the file with O_NONBLOCK, asks select() whether a read would wait, and reads.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int count, char **words)
{
    char bytes[100];
    fd_set readable;
    struct timeval for_ever_nearly = {.tv_sec = 3600};
    int file = count == 2 ? open(words[1], O_RDONLY | O_NONBLOCK) : -1;
    if (file == -1 || file >= FD_SETSIZE) {
        fprintf(stderr, "usage: %s FILE\n", words[0]);
        return 2;
    }
    FD_ZERO(&readable);
    FD_SET((unsigned)file, &readable);
    double begin = now_s();
    int ready = select(file + 1, &readable, NULL, NULL, &for_ever_nearly);
    printf("%9.4f s  select() says: %d ready\n", now_s() - begin, ready);
    fflush(stdout);
    ssize_t got = read(file, bytes, sizeof bytes);
    printf("%9.4f s  read() says: %zd bytes\n", now_s() - begin, got);
    return got < 0;
}
