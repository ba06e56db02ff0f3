/*
 * The floor: what no server over select() can go below. Waits, receives, sends a constant reply,
 * and looks at nothing. It is no web server; it is what ours is measured against.
 *
 * usage: floor BODY_BYTES      prints LISTENING 127.0.0.1:PORT
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BODY_MAX = 1 << 20, HEAD_MAX = 512, INPUT_BYTES = 16 * 1024, BACKLOG = 1024 };

/* As many bytes of head as our server sends. */
static const char head[] = "HTTP/1.1 200 OK\r\nServer: threeways\r\n"
                           "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
                           "ETag: \"000000-000-00000000.00000000\"\r\n"
                           "Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
                           "Content-Type: text/plain; charset=utf-8\r\n"
                           "Accept-Ranges: bytes\r\nContent-Length: %zu\r\n\r\n";

static char reply[HEAD_MAX + BODY_MAX];
static size_t reply_length;

static void make_reply(size_t body_bytes)
{
    int head_length = snprintf(reply, HEAD_MAX, head, body_bytes);
    memset(reply + head_length, 'x', body_bytes);
    reply_length = (size_t)head_length + body_bytes;
}

static int open_listener(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, BACKLOG) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
        perror("floor");
        exit(EXIT_FAILURE);
    }
    printf("LISTENING 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static int accept_client(int listener)
{
    static const int on = 1;
    int client = accept(listener, NULL, NULL);
    if (client < 0)
        return -1;
    fcntl(client, F_SETFL, O_NONBLOCK);
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return client;
}

/* Returns false when the client has gone. */
static int answer(int client)
{
    static char input[INPUT_BYTES];
    return recv(client, input, sizeof input, 0) > 0 &&
           send(client, reply, reply_length, MSG_NOSIGNAL) == (ssize_t)reply_length;
}

int main(int argc, char *argv[])
{
    size_t body_bytes = argc > 1 ? strtoul(argv[1], NULL, 10) : 1024;
    make_reply(body_bytes < BODY_MAX ? body_bytes : BODY_MAX);
    int listener = open_listener(), highest = listener;
    fd_set watched;
    FD_ZERO(&watched);
    FD_SET(listener, &watched);
    for (;;) {
        fd_set ready = watched;
        int count = select(highest + 1, &ready, NULL, NULL, NULL);
        for (int descriptor = 0; descriptor <= highest && count > 0; descriptor++) {
            if (!FD_ISSET(descriptor, &ready))
                continue;
            count--;
            int client = descriptor == listener ? accept_client(listener) : descriptor;
            if (descriptor == listener && client >= 0 && client < FD_SETSIZE) {
                FD_SET(client, &watched);
                highest = client > highest ? client : highest;
            } else if (descriptor != listener && !answer(client)) {
                FD_CLR(client, &watched);
                close(client);
            }
        }
    }
}
