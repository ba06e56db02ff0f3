#include "support/http_client.h"

#include "support/deadline.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    RECEIVE_BYTES = 64 * 1024,
    FIRST_ANSWERS = 16,
    SHOWN_BYTES = 300, /* of a request or an answer, at either end */
    SHOWN_ANSWERS = 4,
    DESCRIPTION_BYTES = 4000, /* Check's messages may have 8192 bytes, no more */
    SMALL_TEXT = 256,
};

static const char status_line_start[] = "HTTP/1.";
static const size_t status_at = sizeof "HTTP/1.1 " - 1;
static const size_t status_line_least = sizeof "HTTP/1.1 200" - 1;

/* ---- memory ---- */

static void *must_have(void *memory)
{
    if (memory == NULL)
        ck_abort_msg("out of memory");
    return memory;
}

static char *copy_bytes(const char *bytes, size_t length)
{
    char *copy = must_have(length < SIZE_MAX ? malloc(length + 1) : NULL);
    memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

/* ---- opening and closing ---- */

static void answer_free(struct http_answer *answer)
{
    free(answer->head);
    free(answer->fields);
    free(answer->body);
}

static struct http_connection *open_connections;

static void close_all_connections(void)
{
    while (open_connections != NULL)
        http_close(open_connections);
}

static void list_add(struct http_connection *connection)
{
    static bool registered;
    if (!registered)
        registered = atexit(close_all_connections) == 0;
    connection->next = open_connections;
    open_connections = connection;
}

static void list_remove(const struct http_connection *connection)
{
    struct http_connection **link = &open_connections;
    while (*link != connection)
        link = &(*link)->next;
    *link = connection->next;
}

static void connect_to(int fd, int port, int64_t deadline)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int error = 0;
    socklen_t size = sizeof error;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return;
    if (errno != EINPROGRESS)
        ck_abort_msg("connect to port %d: %s", port, strerror(errno));
    if (deadline_wait(fd, POLLOUT, deadline) == 0)
        ck_abort_msg("connect to port %d: not done by the deadline", port);
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1 || error != 0)
        ck_abort_msg("connect to port %d: %s", port, strerror(error));
}

static struct http_connection *create_connection(void)
{
    struct http_connection *connection = must_have(calloc(1, sizeof *connection));
    int on = 1;
    list_add(connection);
    connection->segment = SIZE_MAX;
    connection->methods = "";
    connection->deadline = deadline_in(DEADLINE_USUAL_MS);
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connection->fd == -1)
        ck_abort_msg("socket: %s", strerror(errno));
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return connection;
}

struct http_connection *http_open(int port)
{
    struct http_connection *connection = create_connection();
    connect_to(connection->fd, port, connection->deadline);
    return connection;
}

/* Said before connecting: a window that is open already is not to be shrunk (RFC 9293, 3.8.6). */
struct http_connection *http_open_narrow(int port, int bytes)
{
    struct http_connection *connection = create_connection();
    if (setsockopt(connection->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes) == -1)
        ck_abort_msg("SO_RCVBUF: %s", strerror(errno));
    connect_to(connection->fd, port, connection->deadline);
    return connection;
}

void http_close(struct http_connection *connection)
{
    list_remove(connection);
    for (size_t i = 0; i < connection->count; i++)
        answer_free(&connection->answers[i]);
    free(connection->answers);
    free(connection->input);
    close(connection->fd);
    free(connection);
}

/* ---- fields ---- */

/* Every CR is a NUL and is followed by its LF; the line after the last field is empty. */
static const char *next_line(const char *line)
{
    return line + strlen(line) + sizeof "\n";
}

static const char *value_if_named(const char *line, const char *name)
{
    size_t length = strlen(name);
    if (strncasecmp(line, name, length) != 0 || line[length] != ':')
        return NULL;
    return line + length + 1 + strspn(line + length + 1, " \t");
}

const char *http_field(const struct http_answer *answer, const char *name)
{
    for (const char *line = next_line(answer->fields); *line; line = next_line(line)) {
        const char *value = value_if_named(line, name);
        if (value != NULL)
            return value;
    }
    return NULL;
}

size_t http_count_fields(const struct http_answer *answer, const char *name)
{
    size_t count = 0;
    for (const char *line = next_line(answer->fields); *line; line = next_line(line))
        count += value_if_named(line, name) != NULL;
    return count;
}

/* ---- making answers of bytes ---- */

static bool starts_like_an_answer(const struct http_connection *connection)
{
    size_t length = sizeof status_line_start - 1;
    if (length > connection->input_length)
        length = connection->input_length;
    return memcmp(connection->input, status_line_start, length) == 0;
}

/* The length of a complete head at the start of the input; 0 if there is none. */
static size_t head_length(const struct http_connection *connection)
{
    static const char end[] = "\r\n\r\n";
    const size_t end_length = sizeof end - 1;
    if (connection->input_length < status_line_least || !starts_like_an_answer(connection))
        return 0;
    const char *found = memmem(connection->input, connection->input_length, end, end_length);
    return found != NULL ? (size_t)(found - connection->input) + end_length : 0;
}

static void answer_take_head(struct http_answer *answer, const char *bytes, size_t length)
{
    answer->head = copy_bytes(bytes, length);
    answer->fields = copy_bytes(bytes, length);
    for (size_t i = 0; i < length; i++)
        if (answer->fields[i] == '\r')
            answer->fields[i] = '\0';
    answer->status = (int)strtol(answer->head + status_at, NULL, 10);
}

static bool answer_is_bodiless(const struct http_answer *answer, char method)
{
    return method == 'H' || answer->status / 100 == 1 || answer->status == 204 ||
           answer->status == 304;
}

/* Without a Content-Length the body is all that comes before the connection ends. */
static size_t answer_body_length(const struct http_connection *connection,
                                 const struct http_answer *answer, size_t head)
{
    const char *length = http_field(answer, "Content-Length");
    if (answer_is_bodiless(answer, connection->methods[0]))
        return 0;
    if (length != NULL)
        return strtoull(length, NULL, 10);
    return connection->closed ? connection->input_length - head : SIZE_MAX;
}

static void keep_answer(struct http_connection *connection, struct http_answer *answer)
{
    if (answer->status / 100 == 1) {
        connection->interim_count++;
        answer_free(answer);
        return;
    }
    if (connection->count == connection->answer_room) {
        size_t room = connection->answer_room == 0 ? FIRST_ANSWERS : connection->answer_room * 2;
        connection->answers =
            must_have(realloc(connection->answers, room * sizeof *connection->answers));
        connection->answer_room = room;
    }
    connection->answers[connection->count++] = *answer;
    if (*connection->methods != '\0')
        connection->methods++;
}

/* Makes one answer of the first bytes; returns how many, 0 if they are not complete. */
static size_t parse_answer(struct http_connection *connection)
{
    struct http_answer answer = {0};
    size_t head = head_length(connection);
    if (head == 0)
        return 0;
    answer_take_head(&answer, connection->input, head);
    answer.body_length = answer_body_length(connection, &answer, head);
    if (answer.body_length > connection->input_length - head) {
        answer_free(&answer);
        return 0;
    }
    answer.body = copy_bytes(connection->input + head, answer.body_length);
    keep_answer(connection, &answer);
    return head + answer.body_length;
}

void http_drop_input(struct http_connection *connection, size_t count)
{
    connection->input_length -= count;
    if (count > 0 && connection->input_length > 0)
        memmove(connection->input, connection->input + count, connection->input_length);
}

static void parse_answers(struct http_connection *connection)
{
    size_t used;
    while ((used = parse_answer(connection)) > 0)
        http_drop_input(connection, used);
}

/* ---- receiving ---- */

static void make_room(struct http_connection *connection)
{
    if (connection->input_room - connection->input_length >= RECEIVE_BYTES)
        return;
    connection->input_room = connection->input_room * 2 + RECEIVE_BYTES;
    connection->input = must_have(realloc(connection->input, connection->input_room));
}

static void note_end(struct http_connection *connection, bool reset)
{
    connection->closed = true;
    connection->reset |= reset;
}

void http_receive(struct http_connection *connection)
{
    make_room(connection);
    ssize_t count = recv(connection->fd, connection->input + connection->input_length,
                         connection->input_room - connection->input_length, 0);
    if (count > 0)
        connection->input_length += (size_t)count;
    else if (count == 0 || (errno != EAGAIN && errno != EINTR))
        note_end(connection, count != 0);
    if (!connection->unparsed && connection->input_length > 0)
        parse_answers(connection);
}

/* Waits for `events`, takes in what came. Returns the events; 0 after the deadline. */
static int await(struct http_connection *connection, int events)
{
    int ready = deadline_wait(connection->fd, events, connection->deadline);
    if (ready == 0)
        connection->timed_out = true;
    if (ready & (POLLIN | POLLHUP | POLLERR))
        http_receive(connection);
    return ready;
}

void http_read_answers(struct http_connection *connection, size_t count)
{
    while (connection->count < count && !connection->closed && await(connection, POLLIN) != 0)
        continue;
}

void http_read_to_end(struct http_connection *connection)
{
    while (!connection->closed && await(connection, POLLIN) != 0)
        continue;
}

/* ---- sending ---- */

/* EPIPE and ECONNRESET tell of a reset; what came before it may still be read. */
static size_t send_some(struct http_connection *connection, const char *bytes, size_t length)
{
    size_t part = length < connection->segment ? length : connection->segment;
    ssize_t count = send(connection->fd, bytes, part, MSG_NOSIGNAL);
    if (count >= 0)
        return (size_t)count;
    if (errno != EAGAIN && errno != EINTR)
        connection->reset = true;
    return 0;
}

void http_send(struct http_connection *connection, const void *bytes, size_t length)
{
    const char *next = bytes;
    while (length > 0 && !connection->closed && !connection->reset) {
        int ready = await(connection, POLLIN | POLLOUT);
        if (ready == 0)
            return;
        if ((ready & POLLOUT) == 0 || connection->closed)
            continue;
        size_t sent = send_some(connection, next, length);
        next += sent;
        length -= sent;
    }
}

void http_send_text(struct http_connection *connection, const char *text)
{
    http_send(connection, text, strlen(text));
}

void http_finish_sending(struct http_connection *connection)
{
    shutdown(connection->fd, SHUT_WR); /* fails only if the server has reset the connection */
}

/* ---- asking ---- */

static char *format_request(const char *format, va_list arguments)
{
    char *text = NULL;
    if (vasprintf(&text, format, arguments) == -1)
        ck_abort_msg("out of memory");
    return text;
}

static void demand_tidy(const struct http_connection *connection, const char *request)
{
    if (connection->count > 0 && http_is_tidy(connection))
        return;
    ck_abort_msg("asked:\n%.*s\ngot %s", SHOWN_BYTES, request, http_describe(connection));
}

struct http_connection *http_ask(int port, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *request = format_request(format, arguments);
    va_end(arguments);
    struct http_connection *connection = http_open(port);
    connection->methods = strncmp(request, "HEAD ", strlen("HEAD ")) == 0 ? "H" : "";
    http_send_text(connection, request);
    http_finish_sending(connection);
    http_read_to_end(connection);
    demand_tidy(connection, request);
    free(request);
    return connection;
}

/* ---- telling ---- */

bool http_is_tidy(const struct http_connection *connection)
{
    return !connection->timed_out && !connection->reset && connection->input_length == 0;
}

void http_copy_statuses(const struct http_connection *connection, char *text, size_t size)
{
    size_t used = 0;
    snprintf(text, size, "none");
    for (size_t i = 0; i < connection->count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%d", i > 0 ? "," : "",
                                 connection->answers[i].status);
}

static void print_byte(FILE *out, unsigned char byte)
{
    if (byte == '\r')
        fputs("\\r", out);
    else if (byte == '\n')
        fputs("\\n", out);
    else if (byte >= ' ' && byte < 0x7f)
        fputc(byte, out);
    else
        fprintf(out, "\\x%02x", byte);
}

void http_print_escaped(FILE *out, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (i == SHOWN_BYTES && length > 2 * SHOWN_BYTES) {
            i = length - SHOWN_BYTES;
            fprintf(out, " ... (%zu bytes in all) ... ", length);
        }
        print_byte(out, (unsigned char)bytes[i]);
    }
}

static void describe_answer(FILE *out, const struct http_answer *answer)
{
    fputs("\n  answer: ", out);
    http_print_escaped(out, answer->head, strlen(answer->head));
    fprintf(out, "\n  body of %zu bytes: ", answer->body_length);
    http_print_escaped(out, answer->body, answer->body_length);
}

static void describe_all(FILE *out, const struct http_connection *connection)
{
    char statuses[SMALL_TEXT];
    http_copy_statuses(connection, statuses, sizeof statuses);
    fprintf(out, "%s%s%s%s", statuses, connection->closed ? ", closed" : ", not closed",
            connection->reset ? ", reset" : "", connection->timed_out ? ", deadline passed" : "");
    if (connection->input_length > 0) {
        fprintf(out, "\n  %zu bytes of no answer: ", connection->input_length);
        http_print_escaped(out, connection->input, connection->input_length);
    }
    for (size_t i = 0; i < connection->count && i < SHOWN_ANSWERS; i++)
        describe_answer(out, &connection->answers[i]);
}

char *http_describe(const struct http_connection *connection)
{
    char *text = NULL;
    size_t size;
    FILE *out = must_have(open_memstream(&text, &size));
    describe_all(out, connection);
    fclose(out);
    if (size > DESCRIPTION_BYTES)
        text[DESCRIPTION_BYTES] = '\0';
    return text;
}
