#include "core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    REQUEST_LINE_MAX = 1024, /* more of a request line than this tells nothing new */
    LOG_LINE_MAX = 4 * REQUEST_LINE_MAX + 256,
};

bool log_open(struct log *log, const char *path)
{
    log->length = 0;
    log->is_shared = false;
    log->descriptor = -1;
    if (path == NULL)
        return true;
    log->descriptor = strcmp(path, "-") == 0
                          ? dup(STDOUT_FILENO)
                          : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
    return log->descriptor >= 0;
}

static size_t escape(char *out, const char *line, size_t length)
{
    size_t written = 0;
    for (size_t i = 0; i < length && i < REQUEST_LINE_MAX; i++) {
        unsigned char byte = (unsigned char)line[i];
        if (byte == '"' || byte == '\\' || byte < ' ' || byte >= 0x7f)
            written += (size_t)sprintf(out + written, "\\x%02x", byte);
        else
            out[written++] = line[i];
    }
    out[written] = '\0';
    return written;
}

/* The address without its port, and without the brackets of IPv6. */
static int host_of(const char *peer, const char **host)
{
    const char *colon = strrchr(peer, ':');
    int length = colon != NULL ? (int)(colon - peer) : (int)strlen(peer);
    bool brackets = *peer == '[' && length >= 2;
    *host = brackets ? peer + 1 : peer;
    return brackets ? length - 2 : length;
}

static const char *time_now(void)
{
    static _Thread_local time_t second = -1;
    static _Thread_local char text[32];
    time_t now = time(NULL);
    struct tm tm;
    if (now != second && localtime_r(&now, &tm) != NULL) {
        strftime(text, sizeof text, "%d/%b/%Y:%H:%M:%S %z", &tm);
        second = now;
    }
    return text;
}

/* A full disk costs lines of the log, not replies. */
static void write_all(int descriptor, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t count = write(descriptor, text, length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return;
        text += count;
        length -= (size_t)count;
    }
}

static void add_line(struct log *log, const char *line, size_t length)
{
    if (log->is_shared) {
        write_all(log->descriptor, line, length);
        return;
    }
    if (log->length + length > sizeof log->lines)
        log_flush(log);
    memcpy(log->lines + log->length, line, length);
    log->length += length;
}

void log_request(struct log *log, const char *peer, const char *line, size_t line_length,
                 unsigned status, uint64_t bytes)
{
    char escaped[4 * REQUEST_LINE_MAX + 1], text[LOG_LINE_MAX];
    const char *host;
    if (log->descriptor < 0)
        return;
    escape(escaped, line, line_length);
    int host_length = host_of(peer, &host);
    int length = snprintf(text, sizeof text, "%.*s - - [%s] \"%s\" %u %llu\n", host_length, host,
                          time_now(), escaped, status, (unsigned long long)bytes);
    add_line(log, text, (size_t)length);
}

void log_flush(struct log *log)
{
    if (log->length > 0)
        write_all(log->descriptor, log->lines, log->length);
    log->length = 0;
}

void log_close(struct log *log)
{
    if (log->descriptor < 0)
        return;
    log_flush(log);
    close(log->descriptor);
    log->descriptor = -1;
}
