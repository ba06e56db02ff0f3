#include "core/request_status.h"

#include <netdb.h>
#include <string.h>

void request_status_set_peer(struct request_status *row, const struct sockaddr *peer,
                             socklen_t length)
{
    char host[REQUEST_PEER_BYTES - sizeof "[]:65535"];
    char port[sizeof "65535"];
    if (getnameinfo(peer, length, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        strcpy(row->peer, "unknown");
        return;
    }
    const char *format = peer->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s";
    snprintf(row->peer, sizeof row->peer, format, host, port);
}

void request_status_set_title(struct request_status *row, const char *line, size_t length)
{
    size_t fits = length < sizeof row->title - 1 ? length : sizeof row->title - 1;
    memcpy(row->title, line, fits);
    row->title[fits] = '\0';
    if (fits < length)
        memcpy(row->title + fits - 3, "...", 3);
}

const char *request_status_format_bytes(char *text, size_t size, uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double amount = (double)bytes;
    size_t unit = 0;
    while (amount >= 1024 && unit + 1 < sizeof units / sizeof *units) {
        amount /= 1024;
        unit++;
    }
    snprintf(text, size, unit == 0 ? "%.0f %s" : "%.1f %s", amount, units[unit]);
    return text;
}

/* Milliseconds as a person reads them: "7 ms", "2.1 s", "3 min". */
static const char *format_age(char *text, size_t size, int64_t age_ms)
{
    if (age_ms < 1000)
        snprintf(text, size, "%d ms", (int)age_ms);
    else if (age_ms < 120 * 1000)
        snprintf(text, size, "%.1f s", (double)age_ms / 1000);
    else
        snprintf(text, size, "%lld min", (long long)(age_ms / 60000));
    return text;
}

/* What a client sent must not reach a terminal as it is. */
static const char *format_title(char *text, size_t size, const char *title)
{
    size_t i = 0;
    for (; title[i] != '\0' && i + 1 < size; i++)
        text[i] = (char)(title[i] >= ' ' && title[i] < 0x7f ? title[i] : '?');
    text[i] = '\0';
    return text;
}

void request_status_print_heading(FILE *out)
{
    fprintf(out, "  %4s  %-21s  %-10s  %7s  %-20s  %s\n", "slot", "client", "state", "for",
            "sent of total", "request");
}

void request_status_print(FILE *out, unsigned number, const struct request_status *row,
                          int64_t now_ms)
{
    char age[32], sent[32], total[32], progress[72] = "-", title[REQUEST_TITLE_BYTES];
    if (row->state == FREE)
        return;
    if (row->total_bytes > 0)
        snprintf(progress, sizeof progress, "%s of %s",
                 request_status_format_bytes(sent, sizeof sent, row->sent_bytes),
                 request_status_format_bytes(total, sizeof total, row->total_bytes));
    fprintf(out, "  %4u  %-21s  %-10s  %7s  %-20s  %-24s waits for %s\n", number, row->peer,
            request_state_name(row->state), format_age(age, sizeof age, now_ms - row->since_ms),
            progress, format_title(title, sizeof title, row->title),
            request_state_waits_for(row->state));
}
