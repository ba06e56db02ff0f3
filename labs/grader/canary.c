/*
 * The canary: a server that is known to be good, beside which a student's is graded. It blocks in
 * each call, serves one client after another, reads the file anew for each, and does nothing else.
 * If it is not answered in time, the machine is too slow to grade anybody.
 *
 * usage: canary [OPTION]... ROOT     as for the server; all that it heeds is ROOT
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_BYTES = 4096, FILE_BYTES = 1 << 20, BACKLOG = 64 };

static void end_well(int signal)
{
    (void)signal;
    _exit(EXIT_SUCCESS);
}

static int listen_somewhere(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, BACKLOG) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        exit(EXIT_FAILURE);
    printf("LISTENING 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

/* Receives until the empty line at the end of a head. Returns whether it has come. */
static bool receive_head(int client, char *request)
{
    size_t length = 0;
    ssize_t count;
    while ((count = recv(client, request + length, REQUEST_BYTES - 1 - length, 0)) > 0) {
        length += (size_t)count;
        request[length] = '\0';
        if (strstr(request, "\r\n\r\n") != NULL)
            return true;
    }
    return false;
}

static void send_all(int client, const char *bytes, size_t length)
{
    ssize_t count;
    while (length > 0 && (count = send(client, bytes, length, MSG_NOSIGNAL)) > 0) {
        bytes += count;
        length -= (size_t)count;
    }
}

static void serve(int client)
{
    static char request[REQUEST_BYTES], bytes[FILE_BYTES], head[REQUEST_BYTES];
    if (!receive_head(client, request) || strncmp(request, "GET /", strlen("GET /")) != 0)
        return;
    char *name = request + strlen("GET /");
    name[strcspn(name, " ")] = '\0';
    int file = open(name, O_RDONLY | O_CLOEXEC);
    ssize_t length = file >= 0 ? pread(file, bytes, sizeof bytes, 0) : 0;
    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zd\r\n\r\n", length);
    send_all(client, head, strlen(head));
    send_all(client, bytes, length > 0 ? (size_t)length : 0);
    if (file >= 0)
        close(file);
}

int main(int argument_count, char **arguments)
{
    signal(SIGTERM, end_well);
    if (chdir(arguments[argument_count - 1]) != 0)
        return EXIT_FAILURE;
    int listener = listen_somewhere();
    for (;;) {
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0)
            continue;
        serve(client);
        close(client);
    }
}
