/*
 * A trace as JSON, for programs of ours: the page, and the step player.
 *
 *     {"version": 1,
 *      "model": "event", "colour": "#009E73",
 *      "address": "127.0.0.1:8080", "options": "threeways ...",
 *      "process": 4711, "slots": 918,
 *      "started": 1700000000000,                   milliseconds since 1970
 *      "begun": 81234567,                          the same, microseconds of CLOCK_MONOTONIC
 *      "states": [["FREE", "#FFFFFF"], ...],       name and colour; a number below is a place here
 *      "events": ["NOTHING", "ACCEPTED", ...],     none in the blocking models
 *      "edges": [[0, 1, 1], ...],                  from, event, to; none in the blocking models
 *      "kinds": ["", "transition", "request", ...],
 *      "records": [[1234567, 1, 0, 3, 1, 0, 1, 1], ...],
 *      "lost": 0}                                  records that the reader came too late for
 *
 * A record is [time, kind, thread, slot, generation, ...]: nanoseconds since the server's start,
 * the kind (a place in "kinds"), and the slot, -1 for none. Then come, for a transition: from,
 * event, to; for a request: its title; for the others: their count.
 */
#ifndef TOOLS_TRACE_JSON_H
#define TOOLS_TRACE_JSON_H

#include "tools/trace_reader.h"

#include <stdio.h>

/* Writes the members from "version" to "kinds", without the braces around them. */
void trace_json_header(FILE *out, const struct trace_reader *reader);

/* Writes one record as an array. */
void trace_json_record(FILE *out, const struct trace_reader *reader,
                       const struct trace_record *record);

/* Writes a string in its quotes. Bytes beyond ASCII are written as if they were Latin-1. */
void trace_json_string(FILE *out, const char *string);

#endif
