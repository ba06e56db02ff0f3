#include "integration/asking.h"
#include "integration/http_case.h"
#include "support/docroot_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const int range_length_of_r110 = 10; /* "bytes=0-9" */

static const struct http_answer *first_of(const struct http_connection *talk)
{
    static const struct http_answer none = {.head = "", .fields = "\0\n", .body = ""};
    return talk->count > 0 ? &talk->answers[0] : &none;
}

static bool body_equals(const struct http_answer *answer, const char *bytes, size_t length)
{
    return answer->body_length == length && memcmp(answer->body, bytes, length) == 0;
}

static const char *field_or_empty(const struct http_answer *answer, const char *name)
{
    const char *value = http_field(answer, name);
    return value != NULL ? value : "";
}

/* ---- bodies ---- */

const char *whole_file(const struct http_case *row, const struct http_connection *talk)
{
    (void)row;
    const struct http_answer *answer = first_of(talk);
    if (answer->status == 200 && !body_equals(answer, docroot_file_text(), DOCROOT_FILE_BYTES))
        return "the body is not the whole of file.txt";
    return NULL;
}

const char *body_is(const struct http_case *row, const struct http_connection *talk)
{
    const struct http_answer *answer = first_of(talk);
    if (answer->status == 200 && !body_equals(answer, row->expect, strlen(row->expect)))
        return "the body is not as expected";
    return NULL;
}

const char *body_is_nul_bin(const struct http_case *row, const struct http_connection *talk)
{
    static const char bytes[] = {'a', '\0', 'b', '\n', 'c', '\0'};
    (void)row;
    return body_equals(first_of(talk), bytes, sizeof bytes) ? NULL : "the body is not nul.bin";
}

const char *first_body_is_empty(const struct http_case *row, const struct http_connection *talk)
{
    (void)row;
    const struct http_answer *answer = first_of(talk);
    if (answer->status == 200 && strcmp(field_or_empty(answer, "Content-Length"), "0") != 0)
        return "an empty file has no Content-Length: 0";
    return NULL;
}

const char *length_is(const struct http_case *row, const struct http_connection *talk)
{
    const struct http_answer *answer = first_of(talk);
    const char *length = field_or_empty(answer, "Content-Length");
    if (answer->status == 200 && strcmp(length, row->expect) != 0)
        return "Content-Length is not as expected";
    if (answer->status == 206 && atoi(length) != range_length_of_r110)
        return "Content-Length is not that of the range";
    return NULL;
}

/* ---- ranges ---- */

/* The bytes of file.txt that "bytes FIRST-LAST/1000" names must be the body. */
static bool body_is_range_of_file(const struct http_answer *answer, const char *range)
{
    char *rest;
    size_t first = strtoul(range + strlen("bytes "), &rest, 10);
    size_t last = strtoul(rest + 1, NULL, 10);
    return last < DOCROOT_FILE_BYTES &&
           body_equals(answer, docroot_file_text() + first, last - first + 1);
}

const char *range_is(const struct http_case *row, const struct http_connection *talk)
{
    const struct http_answer *answer = first_of(talk);
    if (answer->status != 206)
        return answer->status == 416 ? range_is_refused(row, talk) : whole_file(row, talk);
    if (strcmp(field_or_empty(answer, "Content-Range"), row->expect) != 0)
        return "Content-Range is not as expected";
    return body_is_range_of_file(answer, row->expect) ? NULL : "the body is not the range";
}

const char *range_is_end_of_big(const struct http_case *row, const struct http_connection *talk)
{
    const struct http_answer *answer = first_of(talk);
    if (strcmp(field_or_empty(answer, "Content-Range"), row->expect) != 0)
        return "Content-Range is not as expected";
    return body_equals(answer, "END!", strlen("END!")) ? NULL : "the body is not END!";
}

const char *range_is_refused(const struct http_case *row, const struct http_connection *talk)
{
    const struct http_answer *answer = first_of(talk);
    if (answer->status != 416)
        return whole_file(row, talk);
    if (strcmp(field_or_empty(answer, "Content-Range"), "bytes */1000") != 0)
        return "Content-Range does not tell the length";
    return NULL;
}

/* ---- fields ---- */

const char *names_get_and_head(const struct http_case *row, const struct http_connection *talk)
{
    (void)row;
    const char *allow = field_or_empty(first_of(talk), "Allow");
    if (strstr(allow, "GET") == NULL || strstr(allow, "HEAD") == NULL)
        return "Allow does not name GET and HEAD";
    return NULL;
}

const char *location_ends_with(const struct http_case *row, const struct http_connection *talk)
{
    const char *location = field_or_empty(first_of(talk), "Location");
    size_t length = strlen(location);
    size_t end = strlen(row->expect);
    if (length < end || strcmp(location + length - end, row->expect) != 0)
        return "Location does not end as expected";
    return NULL;
}

const char *no_evil_field(const struct http_case *row, const struct http_connection *talk)
{
    (void)row;
    return http_field(first_of(talk), "X-Evil") == NULL ? NULL : "a field was smuggled in";
}

const char *type_is(const struct http_case *row, const struct http_connection *talk)
{
    const char *type = field_or_empty(first_of(talk), "Content-Type");
    return strcasecmp(type, row->expect) == 0 ? NULL : "Content-Type is not as expected";
}

const char *keeps_alive(const struct http_case *row, const struct http_connection *talk)
{
    (void)row;
    const char *connection = field_or_empty(first_of(talk), "Connection");
    if (talk->count == 2 && strcasecmp(connection, "keep-alive") != 0)
        return "kept the connection of an HTTP/1.0 client without saying so";
    return NULL;
}

const char *date_is_valid_if_any(const struct http_case *row, const struct http_connection *talk)
{
    (void)row;
    const char *date = http_field(first_of(talk), "Last-Modified");
    if (date != NULL && !text_matches(date, "^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} "
                                            "[0-9]{2}:[0-9]{2}:[0-9]{2} GMT$"))
        return "Last-Modified is no date";
    return NULL;
}

/* ---- the listing, and what must never come ---- */

static bool contains(const struct http_answer *answer, const char *text)
{
    return memmem(answer->body, answer->body_length, text, strlen(text)) != NULL;
}

const char *listing_is_escaped(const struct http_case *row, const struct http_connection *talk)
{
    (void)row;
    const struct http_answer *answer = first_of(talk);
    if (answer->status != 200)
        return NULL;
    if (contains(answer, "<img"))
        return "a file's name became markup";
    if (!contains(answer, "%3Cimg") || !contains(answer, "q%3Fx") || !contains(answer, "h%23x"))
        return "a link is not percent-encoded";
    if (contains(answer, "\"my:file"))
        return "a link reads as a URL with the scheme my:";
    return contains(answer, "plain.txt") ? NULL : "a plain file is not listed";
}

const char *nothing_from_outside(const struct http_case *row, const struct http_connection *talk)
{
    (void)row;
    for (size_t i = 0; i < talk->count; i++)
        if (contains(&talk->answers[i], DOCROOT_SECRET_TEXT) ||
            contains(&talk->answers[i], "root:x:0:0:"))
            return "bytes from outside the root have come";
    return NULL;
}
