/* A trace as text: one line for each record. */
#include "tools/trace_output.h"

#include <ctype.h>
#include <inttypes.h>

static struct {
    const struct trace_reader *reader;
    FILE *out;
    uint64_t lost;
} text;

/* What clients send may not reach the terminal as it is. */
static void print_title(const char *title)
{
    fputs("asks ", text.out);
    for (; *title != '\0'; title++)
        fputc(isprint((unsigned char)*title) ? *title : '?', text.out);
}

static void print_transition(const struct trace_record *record)
{
    const char *event = trace_reader_event(text.reader, record->event);
    fprintf(text.out, "%-10s --%s%s> %s", trace_reader_state(text.reader, record->from), event,
            *event != '\0' ? "--" : "", trace_reader_state(text.reader, record->to));
}

static void print_what(const struct trace_record *record)
{
    switch ((enum trace_kind)record->kind) {
    case TRACE_TRANSITION: print_transition(record); break;
    case TRACE_REQUEST: print_title(record->text); break;
    case TRACE_HIT: fputs("hit: the page cache has it", text.out); break;
    case TRACE_MISS: fputs("miss: the disk is asked", text.out); break;
    case TRACE_WOKEN: fprintf(text.out, "woken, %" PRIu32 " ready", record->count); break;
    case TRACE_SIGNALS: fprintf(text.out, "signals from the disk: %" PRIu32, record->count); break;
    case TRACE_RESCUED: fprintf(text.out, "found without a signal: %" PRIu32, record->count); break;
    case TRACE_BLOCKED: fputs("blocks", text.out); break;
    case TRACE_RESUMED: fputs("goes on", text.out); break;
    }
}

static void tell_of_lost(void)
{
    if (text.reader->lost > text.lost)
        fprintf(text.out, "... %" PRIu64 " records lost ...\n", text.reader->lost - text.lost);
    text.lost = text.reader->lost;
}

static bool begin(const struct trace_reader *reader, FILE *out)
{
    const struct trace_header *header = reader->header;
    text.reader = reader;
    text.out = out;
    fprintf(out, "%s at %s, %" PRIu32 " slots: %s\n", header->model, header->address, header->slots,
            header->options);
    return true;
}

static bool take(const struct trace_record *record)
{
    double ms = (double)trace_reader_time_ns(text.reader, record) / 1e6;
    char slot[32] = "-";
    tell_of_lost();
    if (record->slot != TRACE_NO_SLOT)
        snprintf(slot, sizeof slot, "%" PRId32 ".%" PRIu32, record->slot, record->generation);
    fprintf(text.out, "%12.3f ms  thread %-3" PRIu32 " slot %-7s ", ms, record->thread, slot);
    print_what(record);
    fputc('\n', text.out);
    return true;
}

static bool end(void)
{
    tell_of_lost();
    return true;
}

const struct trace_output trace_text = {"text", begin, take, end};
