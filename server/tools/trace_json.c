#include "tools/trace_json.h"

#include "core/colours.h"
#include "tools/trace_output.h"

#include <inttypes.h>
#include <string.h>

static const char *const kinds[] = {
    "",
    [TRACE_TRANSITION] = "transition",
    [TRACE_REQUEST] = "request",
    [TRACE_HIT] = "hit",
    [TRACE_MISS] = "miss",
    [TRACE_WOKEN] = "woken",
    [TRACE_SIGNALS] = "signals",
    [TRACE_RESCUED] = "rescued",
    [TRACE_BLOCKED] = "blocked",
    [TRACE_RESUMED] = "resumed",
};

enum { KINDS = sizeof kinds / sizeof *kinds };

void trace_json_string(FILE *out, const char *string)
{
    fputc('"', out);
    for (; *string != '\0'; string++) {
        unsigned char byte = (unsigned char)*string;
        if (byte < ' ' || byte > '~')
            fprintf(out, "\\u%04x", byte);
        else if (byte == '"' || byte == '\\')
            fprintf(out, "\\%c", byte);
        else
            fputc(byte, out);
    }
    fputc('"', out);
}

static const char *comma(unsigned place)
{
    return place > 0 ? ", " : "";
}

static void print_member(FILE *out, const char *name, const char *string)
{
    fprintf(out, "\"%s\": ", name);
    trace_json_string(out, string);
    fputs(", ", out);
}

static const char *colour_of(const char *model)
{
    static const struct {
        const char *model, *colour;
    } colours[] = {{"single", COLOUR_SINGLE}, {"threads", COLOUR_THREADS}, {"event", COLOUR_EVENT}};
    for (size_t i = 0; i < sizeof colours / sizeof *colours; i++)
        if (strcmp(model, colours[i].model) == 0)
            return colours[i].colour;
    return "#777777";
}

static void print_states(FILE *out, const struct trace_header *header)
{
    fputs("\"states\": [", out);
    for (unsigned i = 0; i < header->states; i++)
        fprintf(out, "%s[\"%s\", \"%s\"]", comma(i), header->state_names[i],
                header->state_colours[i]);
    fputs("],\n", out);
}

static void print_events(FILE *out, const struct trace_header *header)
{
    fputs("\"events\": [", out);
    for (unsigned i = 0; i < header->events; i++)
        fprintf(out, "%s\"%s\"", comma(i), header->event_names[i]);
    fputs("],\n\"edges\": [", out);
    for (unsigned i = 0; i < header->edges; i++)
        fprintf(out, "%s[%u, %u, %u]", comma(i), header->edge[i].from, header->edge[i].event,
                header->edge[i].to);
    fputs("],\n", out);
}

void trace_json_header(FILE *out, const struct trace_reader *reader)
{
    const struct trace_header *header = reader->header;
    fprintf(out, "\"version\": %" PRIu32 ", ", header->version);
    print_member(out, "model", header->model);
    print_member(out, "colour", colour_of(header->model));
    print_member(out, "address", header->address);
    print_member(out, "options", header->options);
    fprintf(out,
            "\"process\": %" PRIu32 ", \"slots\": %" PRIu32 ", \"started\": %" PRId64
            ", \"begun\": %" PRIu64 ",\n",
            header->process, header->slots, header->started_real_ms, header->started_ns / 1000);
    print_states(out, header);
    print_events(out, header);
    fputs("\"kinds\": [", out);
    for (unsigned i = 0; i < KINDS; i++)
        fprintf(out, "%s\"%s\"", comma(i), kinds[i]);
    fputs("]", out);
}

void trace_json_record(FILE *out, const struct trace_reader *reader,
                       const struct trace_record *record)
{
    fprintf(out, "[%" PRIu64 ", %u, %" PRIu32 ", %" PRId32 ", %" PRIu32 ", ",
            trace_reader_time_ns(reader, record), record->kind, record->thread, record->slot,
            record->generation);
    if (record->kind == TRACE_TRANSITION)
        fprintf(out, "%u, %u, %u", record->from, record->event, record->to);
    else if (record->kind == TRACE_REQUEST)
        trace_json_string(out, record->text);
    else
        fprintf(out, "%" PRIu32, record->count);
    fputc(']', out);
}

/* --- the whole trace ---------------------------------------------------------------------- */

static struct {
    const struct trace_reader *reader;
    FILE *out;
    bool has_records;
} json;

static bool begin(const struct trace_reader *reader, FILE *out)
{
    json.reader = reader;
    json.out = out;
    fputc('{', out);
    trace_json_header(out, reader);
    fputs(",\n\"records\": [", out);
    return true;
}

static bool take(const struct trace_record *record)
{
    fputs(json.has_records ? ",\n" : "\n", json.out);
    trace_json_record(json.out, json.reader, record);
    json.has_records = true;
    return true;
}

static bool end(void)
{
    fprintf(json.out, "\n],\n\"lost\": %" PRIu64 "}\n", json.reader->lost);
    return true;
}

const struct trace_output trace_json = {"json", begin, take, end};
