#include "tools/observe_query.h"

#include <stdlib.h>
#include <string.h>

static bool is_plain(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool is_alphanumeric =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_alphanumeric && (c == '\0' || strchr("-_.:", c) == NULL))
            return false;
    }
    return true;
}

/* How far it is to the next '&', or the end. */
static size_t pair_length(const char *text, size_t length)
{
    const char *end = length > 0 ? memchr(text, '&', length) : NULL;
    return end != NULL ? (size_t)(end - text) : length;
}

bool query_find(const struct query *query, const char *name, char *value, size_t size)
{
    size_t name_length = strlen(name), at = 0;
    while (at < query->length) {
        const char *pair = query->text + at;
        size_t length = pair_length(pair, query->length - at);
        at += length + 1;
        if (length <= name_length || memcmp(pair, name, name_length) != 0 ||
            pair[name_length] != '=')
            continue;
        size_t value_length = length - name_length - 1;
        if (value_length >= size || !is_plain(pair + name_length + 1, value_length))
            return false;
        memcpy(value, pair + name_length + 1, value_length);
        value[value_length] = '\0';
        return true;
    }
    return false;
}

uint64_t query_number(const struct query *query, const char *name, uint64_t missing)
{
    char digits[24], *end;
    if (!query_find(query, name, digits, sizeof digits) || digits[0] < '0' || digits[0] > '9')
        return missing;
    uint64_t number = strtoull(digits, &end, 10);
    return *end == '\0' ? number : missing;
}
