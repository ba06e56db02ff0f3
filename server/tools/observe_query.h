/*
 * The query of a URI, "model=event&from=12": what stands behind a name.
 */
#ifndef TOOLS_OBSERVE_QUERY_H
#define TOOLS_OBSERVE_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct query {
    const char *text;
    size_t length;
};

/*
 * Copies the value of `name`. Returns false if there is none, if it does not fit, or if it has
 * other characters than letters, digits, '-', '_', '.' and ':'. So nothing needs to be decoded.
 */
bool query_find(const struct query *query, const char *name, char *value, size_t size);

/* The same for a number; `missing` if there is none. */
uint64_t query_number(const struct query *query, const char *name, uint64_t missing);

#endif
