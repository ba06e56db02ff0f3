/*
 * Bodies that are read only to find where they end. Each is fed whole, in two pieces cut at every
 * place, and byte by byte, with the beginning of a next request behind it that must stay unused.
 */
#include "core/http_body.h"
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#define NEXT "GET /next"

/* What came of a body: the answer, how many bytes belonged to it, and why it was refused. */
struct outcome {
    enum http_parse result;
    size_t used;
    unsigned refusal;
};

static struct outcome skip(const struct http_request *request, struct bytes bytes, size_t first,
                           size_t step)
{
    struct http_body body;
    struct outcome outcome = {.result = HTTP_PARTIAL};
    size_t fed = 0;
    http_body_begin(&body, request);
    for (size_t end = first; outcome.result == HTTP_PARTIAL && fed < bytes.length; end += step) {
        size_t used, length = (end < bytes.length ? end : bytes.length) - fed;
        outcome.result = http_body_skip(&body, bytes.at + fed, length, &used);
        ck_assert(outcome.result != HTTP_PARTIAL || used == length);
        outcome.used += used;
        fed += length;
    }
    outcome.refusal = body.refusal;
    return outcome;
}

static struct outcome skip_all_ways(const struct http_request *request, struct bytes bytes)
{
    struct outcome whole = skip(request, bytes, bytes.length, 1);
    for (size_t cut = 1; cut <= bytes.length; cut++) {
        size_t step = cut < bytes.length ? bytes.length : 1; /* the last time: byte by byte */
        struct outcome other = skip(request, bytes, cut < bytes.length ? cut : 1, step);
        ck_assert_int_eq(other.result, whole.result);
        ck_assert_uint_eq(other.used, whole.used);
        ck_assert_uint_eq(other.refusal, whole.refusal);
    }
    return whole;
}

static const struct http_request in_chunks = {.chunked = true};

/* --- a length ------------------------------------------------------------------------------- */

START_TEST(a_body_with_a_length_ends_there)
{
    const struct http_request request = {.content_length = (uint64_t)_i};
    struct bytes bytes = BYTES("0123456789" NEXT);
    struct outcome outcome = skip_all_ways(&request, bytes);
    ck_assert_int_eq(outcome.result, HTTP_COMPLETE);
    ck_assert_uint_eq(outcome.used, (uint64_t)_i);
}
END_TEST

START_TEST(a_body_with_a_length_is_partial_before)
{
    const struct http_request request = {.content_length = 12};
    ck_assert_int_eq(skip_all_ways(&request, (struct bytes)BYTES("0123\r\n\0\n890")).result,
                     HTTP_PARTIAL);
}
END_TEST

/* --- chunks (RFC 9112, section 7.1) --------------------------------------------------------- */

/* Whole bodies in chunks; NEXT is put behind them. */
static const char *const right_chunks[] = {
    "0\r\n\r\n",
    "00\r\n\r\n",
    "5\r\nhello\r\n0\r\n\r\n",
    "5\r\nhello\r\n06\r\n world\r\n0\r\n\r\n",
    "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
    "1F\r\n0123456789012345678901234567890\r\n0\r\n\r\n",
    "2\r\n\r\n\r\n0\r\n\r\n",        /* the data looks like framing */
    "5\r\n0\r\n\r\n\r\n0\r\n\r\n",   /* and here like an end */
    "1;name\r\nx\r\n0;last\r\n\r\n", /* section 7.1.1: unknown extensions are ignored */
    "1;name=value;other=\"a \\\" ;b\"\r\nx\r\n0\r\n\r\n",
    "1\r\nx\r\n0\r\nX: trailer\r\n\r\n", /* section 7.1.2: trailers may be discarded */
    "0\r\nX: 1\r\nY: 2\r\nZ:\r\n\r\n",
};

START_TEST(chunks_end_with_an_empty_one)
{
    char text[256];
    size_t length = strlen(right_chunks[_i]);
    snprintf(text, sizeof text, "%s%s", right_chunks[_i], NEXT);
    struct outcome outcome = skip_all_ways(&in_chunks, (struct bytes){text, strlen(text)});
    ck_assert_int_eq(outcome.result, HTTP_COMPLETE);
    ck_assert_uint_eq(outcome.used, length);
}
END_TEST

START_TEST(chunks_are_partial_until_their_last_byte)
{
    for (size_t length = 1; length < strlen(right_chunks[_i]); length++) {
        struct bytes bytes = {right_chunks[_i], length};
        ck_assert_int_eq(skip(&in_chunks, bytes, length, 1).result, HTTP_PARTIAL);
    }
}
END_TEST

static const struct bytes wrong_chunks[] = {
    BYTES("\r\n"),                         /* no size */
    BYTES(";x\r\n"),                       /* the same */
    BYTES("g\r\n"),                        /* no hexadecimal digit */
    BYTES("-1\r\n"),                       /* a sign */
    BYTES("0x1\r\nx\r\n0\r\n\r\n"),        /* C's way of writing */
    BYTES(" 1\r\nx\r\n0\r\n\r\n"),         /* a blank */
    BYTES("1\nx\n0\n\n"),                  /* bare line feeds */
    BYTES("1\r\rx"),                       /* a bare carriage return */
    BYTES("1\r\nx\n0\r\n\r\n"),            /* a bare line feed after the data */
    BYTES("1\r\nxy\r\n0\r\n\r\n"),         /* more data than announced */
    BYTES("2\r\nx\r\n0\r\n\r\n"),          /* less */
    BYTES("1;a\nx\r\n0\r\n\r\n"),          /* a bare line feed in an extension */
    BYTES("1;\0\r\n"),                     /* a NUL */
    BYTES("1;a\rb\r\nx\r\n"),              /* a carriage return in an extension */
    BYTES("0\r\n\n"),                      /* a bare line feed at the end */
    BYTES("0\r\nX: a\nY: b\r\n\r\n"),      /* one in a trailer */
    BYTES("0\r\n\rX"),                     /* a carriage return alone */
    BYTES("0\r\nX: \0\r\n\r\n"),           /* a NUL in a trailer */
    BYTES("10000000000000001\r\nx\r\n"),   /* 2^64 + 1, which must not become 1 */
    BYTES("ffffffffffffffffffff\r\nx\r\n") /* more still */
};

START_TEST(wrong_chunks_are_refused)
{
    struct outcome outcome = skip_all_ways(&in_chunks, wrong_chunks[_i]);
    ck_assert_int_eq(outcome.result, HTTP_REFUSED);
    ck_assert_uint_eq(outcome.refusal, 400);
}
END_TEST

START_TEST(a_wrong_body_stays_wrong)
{
    struct http_body body;
    size_t used;
    http_body_begin(&body, &in_chunks);
    ck_assert_int_eq(http_body_skip(&body, "x", 1, &used), HTTP_REFUSED);
    ck_assert_int_eq(http_body_skip(&body, "0\r\n\r\n", 5, &used), HTTP_REFUSED);
}
END_TEST

/* --- the limit ------------------------------------------------------------------------------ */

/* Feeds blocks of `block` over and over, until it is decided; returns the refusal. */
static unsigned refusal_of_endless(struct bytes block, uint64_t *consumed)
{
    struct http_body body;
    size_t used;
    enum http_parse result = HTTP_PARTIAL;
    http_body_begin(&body, &in_chunks);
    for (int i = 0; result == HTTP_PARTIAL && i < 2 * HTTP_BODY_MAX_BYTES; i++)
        result = http_body_skip(&body, block.at, block.length, &used);
    *consumed = body.consumed;
    return body.refusal;
}

static const struct bytes endless[] = {
    BYTES("1\r\nx\r\n"),
    BYTES("4\r\n0\r\n\r\r\n"),
    BYTES("1;an extension\r\nx\r\n"),
};

START_TEST(endless_chunks_are_refused)
{
    uint64_t consumed;
    ck_assert_uint_eq(refusal_of_endless(endless[_i], &consumed), 413);
    ck_assert_uint_gt(consumed, HTTP_BODY_MAX_BYTES);
    ck_assert_uint_le(consumed, HTTP_BODY_MAX_BYTES + endless[_i].length);
}
END_TEST

/* One chunk of so much data that the body has `total` bytes, framing included. */
static enum http_parse skip_chunk_of(size_t total, unsigned *refusal)
{
    static const char after[] = "\r\n0\r\n\r\n";
    size_t data = total - strlen("fffff\r\n") - strlen(after);
    char *text = malloc(total + 1);
    ck_assert_ptr_nonnull(text);
    snprintf(text, total + 1, "%05zx\r\n", data);
    memset(text + 7, 'x', data);
    memcpy(text + 7 + data, after, sizeof after);
    struct outcome outcome = skip(&in_chunks, (struct bytes){text, total}, total, 1);
    free(text);
    *refusal = outcome.refusal;
    return outcome.result;
}

START_TEST(the_largest_body_is_accepted)
{
    unsigned refusal;
    ck_assert_int_eq(skip_chunk_of(HTTP_BODY_MAX_BYTES, &refusal), HTTP_COMPLETE);
    ck_assert_int_eq(skip_chunk_of(HTTP_BODY_MAX_BYTES + 1, &refusal), HTTP_REFUSED);
    ck_assert_uint_eq(refusal, 413);
}
END_TEST

Suite *http_body_suite(void)
{
    Suite *suite = suite_create("http_body");
    TCase *sized = unit_add_case(suite, "body_with_length");
    tcase_add_loop_test(sized, a_body_with_a_length_ends_there, 1, 11);
    tcase_add_test(sized, a_body_with_a_length_is_partial_before);
    TCase *chunks = unit_add_case(suite, "body_in_chunks");
    tcase_add_loop_test(chunks, chunks_end_with_an_empty_one, 0, ROWS(right_chunks));
    tcase_add_loop_test(chunks, chunks_are_partial_until_their_last_byte, 0, ROWS(right_chunks));
    tcase_add_loop_test(chunks, wrong_chunks_are_refused, 0, ROWS(wrong_chunks));
    tcase_add_test(chunks, a_wrong_body_stays_wrong);
    TCase *limit = unit_add_case(suite, "body_limit");
    tcase_add_loop_test(limit, endless_chunks_are_refused, 0, ROWS(endless));
    tcase_add_test(limit, the_largest_body_is_accepted);
    return suite;
}
