/*
 * The forms in which a trace is printed: a file for each, chosen by --format.
 *
 * `begin` is called once, then `take` for each record in the trace's order, then `end`. All return
 * false if there is no memory; what cannot be written, stdio remembers (ferror(3)).
 */
#ifndef TOOLS_TRACE_OUTPUT_H
#define TOOLS_TRACE_OUTPUT_H

#include "tools/trace_reader.h"

#include <stdio.h>

struct trace_output {
    const char *name;
    bool (*begin)(const struct trace_reader *reader, FILE *out);
    bool (*take)(const struct trace_record *record);
    bool (*end)(void);
};

extern const struct trace_output trace_text, trace_chrome, trace_json, trace_summary;

#endif
