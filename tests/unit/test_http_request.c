/*
 * The parser of request heads. Every request of the tables is fed to it whole, in two pieces cut
 * at every place, and byte by byte: all must come to the same. What is fed is a copy that ends
 * where the piece ends, so that AddressSanitizer sees a look beyond it, and that lies elsewhere
 * each time, as the header allows.
 */
#include "core/http_request.h"
#include "unit/unit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* --- feeding -------------------------------------------------------------------------------- */

static enum http_parse parse_copy(struct http_request *request, struct bytes bytes, size_t length)
{
    char *copy = malloc(length);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, bytes.at, length);
    enum http_parse result = http_request_parse(request, copy, length);
    free(copy);
    return result;
}

/* Feeds the `first` bytes, then `step` more each time, until all are fed or it is decided. */
static enum http_parse feed(struct http_request *request, struct bytes bytes, size_t first,
                            size_t step)
{
    enum http_parse result = HTTP_PARTIAL;
    http_request_begin(request);
    for (size_t fed = first; result == HTTP_PARTIAL && fed < bytes.length; fed += step)
        result = parse_copy(request, bytes, fed);
    return result == HTTP_PARTIAL ? parse_copy(request, bytes, bytes.length) : result;
}

static void assert_same_spans(const struct http_request *a, const struct http_request *b)
{
    ck_assert(memcmp(&a->line, &b->line, sizeof a->line) == 0);
    ck_assert(memcmp(&a->path, &b->path, sizeof a->path) == 0);
    ck_assert(memcmp(&a->query, &b->query, sizeof a->query) == 0);
    ck_assert(memcmp(a->kept, b->kept, sizeof a->kept) == 0);
}

static void assert_same(const struct http_request *a, const struct http_request *b, size_t cut)
{
    ck_assert_msg(a->refusal == b->refusal, "whole %u, cut at %zu %u", a->refusal, cut, b->refusal);
    if (a->refusal != 0)
        return;
    assert_same_spans(a, b);
    ck_assert(a->method == b->method && a->minor_version == b->minor_version);
    ck_assert(a->keep_alive == b->keep_alive && a->expects_continue == b->expects_continue);
    ck_assert(a->has_query == b->has_query && a->chunked == b->chunked);
    ck_assert(a->content_length == b->content_length && a->length == b->length);
}

static bool is_near(size_t place, size_t other)
{
    enum { NEAR = 64 };
    return place < other + NEAR && other < place + NEAR;
}

/* The next place to cut at: every one, but for the thousands alike within a head at the limits. */
static size_t next_cut(size_t cut, size_t length)
{
    enum { LARGE = 4096, STRIDE = 61 };
    bool matters = length < LARGE || is_near(cut, 0) || is_near(cut, length) ||
                   is_near(cut, HTTP_LINE_MAX_BYTES) || is_near(cut, HTTP_HEAD_MAX_BYTES);
    return cut + (matters ? 1 : STRIDE);
}

/* Feeds the bytes in every way; `*request` is what comes of them whole. */
static enum http_parse parse_all_ways(struct http_request *request, struct bytes bytes)
{
    struct http_request other;
    enum http_parse result = feed(request, bytes, bytes.length, 1);
    for (size_t cut = 1; cut < bytes.length; cut = next_cut(cut, bytes.length)) {
        enum http_parse cut_result = feed(&other, bytes, cut, bytes.length);
        ck_assert_msg(result == cut_result, "whole %d, cut at %zu %d", result, cut, cut_result);
        assert_same(request, &other, cut);
    }
    ck_assert_int_eq(feed(&other, bytes, 1, 1), result);
    assert_same(request, &other, 1);
    return result;
}

static void assert_span(struct bytes head, struct http_span span, const char *expected)
{
    ck_assert_uint_eq(span.length, strlen(expected));
    ck_assert_mem_eq(head.at + span.begin, expected, span.length);
}

/* --- requests that are right ---------------------------------------------------------------- */

#define HOST "Host: a\r\n"
#define END  HOST "\r\n"

static const struct {
    struct bytes bytes;
    enum http_method method;
    unsigned minor_version;
    const char *path, *query; /* no query: NULL */
    bool keep_alive;
} rights[] = {
    {BYTES("GET / HTTP/1.1\r\n" END), HTTP_GET, 1, "/", NULL, true},
    {BYTES("HEAD /a/b.html HTTP/1.1\r\n" END), HTTP_HEAD, 1, "/a/b.html", NULL, true},
    {BYTES("GET / HTTP/1.0\r\n\r\n"), HTTP_GET, 0, "/", NULL, false},
    {BYTES("GET / HTTP/1.0\r\n" END), HTTP_GET, 0, "/", NULL, false},
    {BYTES("GET /a?k=v HTTP/1.1\r\n" END), HTTP_GET, 1, "/a", "k=v", true},
    {BYTES("GET /a? HTTP/1.1\r\n" END), HTTP_GET, 1, "/a", "", true},
    {BYTES("GET /a?b?c HTTP/1.1\r\n" END), HTTP_GET, 1, "/a", "b?c", true},
    {BYTES("GET /%41%2f HTTP/1.1\r\n" END), HTTP_GET, 1, "/%41%2f", NULL, true},
    {BYTES("GET //x HTTP/1.1\r\n" END), HTTP_GET, 1, "//x", NULL, true},
    {BYTES("GET /\xc3\xa4 HTTP/1.1\r\n" END), HTTP_GET, 1, "/\xc3\xa4", NULL, true},
    /* RFC 9112, section 3.2.2: a server must accept the absolute form, too */
    {BYTES("GET http://a/b?c HTTP/1.1\r\n" END), HTTP_GET, 1, "/b", "c", true},
    {BYTES("GET http://a:80/b HTTP/1.1\r\n" END), HTTP_GET, 1, "/b", NULL, true},
    {BYTES("GET http://[::1]:80/ HTTP/1.1\r\n" END), HTTP_GET, 1, "/", NULL, true},
    {BYTES("GET HTTP://A/b HTTP/1.1\r\n" END), HTTP_GET, 1, "/b", NULL, true},
    {BYTES("GET https://a/b HTTP/1.1\r\n" END), HTTP_GET, 1, "/b", NULL, true},
    {BYTES("GET http://a HTTP/1.1\r\n" END), HTTP_GET, 1, "", NULL, true},
    {BYTES("GET http://a?q HTTP/1.1\r\n" END), HTTP_GET, 1, "", "q", true},
    /* section 2.2: an empty line or more before the request line is skipped */
    {BYTES("\r\nGET / HTTP/1.1\r\n" END), HTTP_GET, 1, "/", NULL, true},
    {BYTES("\r\n\r\nGET / HTTP/1.1\r\n" END), HTTP_GET, 1, "/", NULL, true},
    /* RFC 9110, section 2.5: a later minor version is read as the latest that is known */
    {BYTES("GET / HTTP/1.9\r\n" END), HTTP_GET, 1, "/", NULL, true},
    /* RFC 9112, section 9.3; RFC 9110, sections 5.6.1 and 7.6.1 */
    {BYTES("GET / HTTP/1.1\r\nConnection: close\r\n" END), HTTP_GET, 1, "/", NULL, false},
    {BYTES("GET / HTTP/1.1\r\nconnection:CLOSE\r\n" END), HTTP_GET, 1, "/", NULL, false},
    {BYTES("GET / HTTP/1.1\r\nConnection: , x ,close,\r\n" END), HTTP_GET, 1, "/", NULL, false},
    {BYTES("GET / HTTP/1.1\r\nConnection: closed\r\n" END), HTTP_GET, 1, "/", NULL, true},
    {BYTES("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"), HTTP_GET, 0, "/", NULL, true},
    {BYTES("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n"), HTTP_GET, 0, "/", NULL,
     false},
    {BYTES("GET / HTTP/1.1\r\nConnection: x\r\nConnection: close\r\n" END), HTTP_GET, 1, "/", NULL,
     false},
    /* RFC 9112, section 5.1: blanks around a value are no part of it; values may be empty */
    {BYTES("GET / HTTP/1.1\r\nHost: \t a \t\r\n\r\n"), HTTP_GET, 1, "/", NULL, true},
    {BYTES("GET / HTTP/1.1\r\nHost:\r\n\r\n"), HTTP_GET, 1, "/", NULL, true},
    {BYTES("GET / HTTP/1.1\r\nHOST:a:8080\r\n\r\n"), HTTP_GET, 1, "/", NULL, true},
    {BYTES("GET / HTTP/1.1\r\nX: \x80\xff:\t\"\r\n" END), HTTP_GET, 1, "/", NULL, true},
    {BYTES("GET / HTTP/1.1\r\n!#$%&'*+-.^_`|~09azAZ: x\r\n" END), HTTP_GET, 1, "/", NULL, true},
};

START_TEST(a_right_request_is_understood)
{
    struct bytes bytes = rights[_i].bytes;
    struct http_request request;
    ck_assert_int_eq(parse_all_ways(&request, bytes), HTTP_COMPLETE);
    ck_assert_int_eq(request.method, rights[_i].method);
    ck_assert_uint_eq(request.minor_version, rights[_i].minor_version);
    assert_span(bytes, request.path, rights[_i].path);
    ck_assert_int_eq(request.has_query, rights[_i].query != NULL);
    assert_span(bytes, request.query, rights[_i].query != NULL ? rights[_i].query : "");
    ck_assert_int_eq(request.keep_alive, rights[_i].keep_alive);
    ck_assert_uint_eq(request.length, bytes.length);
    ck_assert(!http_request_has_body(&request));
}
END_TEST

START_TEST(what_follows_a_head_is_left_alone)
{
    char text[512];
    struct http_request request;
    size_t head = rights[_i].bytes.length;
    memcpy(text, rights[_i].bytes.at, head);
    memcpy(text + head, "\n\0 x\r\n\r\n", 8);
    ck_assert_int_eq(parse_all_ways(&request, (struct bytes){text, head + 8}), HTTP_COMPLETE);
    ck_assert_uint_eq(request.length, head);
}
END_TEST

START_TEST(a_right_request_is_partial_until_its_last_byte)
{
    struct http_request request;
    for (size_t length = 1; length < rights[_i].bytes.length; length++) {
        http_request_begin(&request);
        ck_assert_int_eq(parse_copy(&request, rights[_i].bytes, length), HTTP_PARTIAL);
    }
}
END_TEST

/* RFC 9110, section 9.1: known methods that files do not answer get 405, unknown ones 501. */
static const struct {
    const char *name;
    enum http_method method;
} methods[] = {
    {"GET", HTTP_GET},
    {"HEAD", HTTP_HEAD},
    {"POST", HTTP_OTHER_METHOD},
    {"PUT", HTTP_OTHER_METHOD},
    {"DELETE", HTTP_OTHER_METHOD},
    {"OPTIONS", HTTP_OTHER_METHOD},
    {"CONNECT", HTTP_OTHER_METHOD},
    {"TRACE", HTTP_OTHER_METHOD},
    {"get", HTTP_UNKNOWN_METHOD}, /* methods are case-sensitive */
    {"Head", HTTP_UNKNOWN_METHOD},
    {"GE", HTTP_UNKNOWN_METHOD},
    {"GETS", HTTP_UNKNOWN_METHOD},
    {"BREW", HTTP_UNKNOWN_METHOD},
    {"!#$%&'*+-.^_`|~", HTTP_UNKNOWN_METHOD},
};

START_TEST(a_method_is_known_by_its_name)
{
    char text[128];
    struct http_request request;
    int length = snprintf(text, sizeof text, "%s /a HTTP/1.1\r\n" END, methods[_i].name);
    struct bytes bytes = {text, (size_t)length};
    ck_assert_int_eq(parse_all_ways(&request, bytes), HTTP_COMPLETE);
    ck_assert_int_eq(request.method, methods[_i].method);
}
END_TEST

/* RFC 9112, sections 3.2.3 and 3.2.4: forms of the target that are right for these methods. */
static const struct bytes other_targets[] = {
    BYTES("OPTIONS * HTTP/1.1\r\n" END),
    BYTES("CONNECT a:80 HTTP/1.1\r\n" END),
};

START_TEST(a_method_has_its_form_of_target)
{
    struct http_request request;
    ck_assert_int_eq(parse_all_ways(&request, other_targets[_i]), HTTP_COMPLETE);
    ck_assert_int_eq(request.method, HTTP_OTHER_METHOD);
}
END_TEST

/* --- requests with a body ------------------------------------------------------------------- */

#define POST "POST / HTTP/1.1\r\n" HOST

static const struct {
    struct bytes bytes;
    uint64_t content_length;
    bool chunked, expects_continue;
} bodies[] = {
    {BYTES(POST "Content-Length: 5\r\n\r\n"), 5, false, false},
    {BYTES(POST "content-length:\t0005 \r\n\r\n"), 5, false, false},
    {BYTES(POST "Content-Length: 1048576\r\n\r\n"), HTTP_BODY_MAX_BYTES, false, false},
    {BYTES(POST "Transfer-Encoding: chunked\r\n\r\n"), 0, true, false},
    {BYTES(POST "transfer-encoding: CHUNKED\r\n\r\n"), 0, true, false},
    {BYTES(POST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n"), 1, false, true},
    {BYTES("GET / HTTP/1.1\r\nContent-Length: 7\r\n" END), 7, false, false},
    /* RFC 9110, section 10.1.1: an expectation of HTTP/1.0 is ignored */
    {BYTES("POST / HTTP/1.0\r\nExpect: x\r\nContent-Length: 1\r\n\r\n"), 1, false, false},
};

START_TEST(a_body_is_announced)
{
    struct http_request request;
    ck_assert_int_eq(parse_all_ways(&request, bodies[_i].bytes), HTTP_COMPLETE);
    ck_assert_uint_eq(request.content_length, bodies[_i].content_length);
    ck_assert_int_eq(request.chunked, bodies[_i].chunked);
    ck_assert_int_eq(request.expects_continue, bodies[_i].expects_continue);
    ck_assert(http_request_has_body(&request));
}
END_TEST

START_TEST(a_length_of_0_is_no_body)
{
    struct http_request request;
    struct bytes bytes = BYTES(POST "Content-Length: 0\r\n\r\n");
    ck_assert_int_eq(parse_all_ways(&request, bytes), HTTP_COMPLETE);
    ck_assert(!http_request_has_body(&request));
}
END_TEST

/* --- refusals ------------------------------------------------------------------------------- */

#define GET "GET / HTTP/1.1\r\n"

static const struct {
    struct bytes bytes;
    unsigned status;
} refusals[] = {
    /* RFC 9112, section 2.2: a bare LF could be taken for a line's end by one and not by another */
    {BYTES("GET / HTTP/1.1\n" END), 400},
    {BYTES(GET "Host: a\n\r\n"), 400},
    {BYTES(GET "Host: a\r\n\n"), 400},
    {BYTES("\nGET / HTTP/1.1\r\n" END), 400},
    {BYTES("GET / HTTP/1.1\r\r\n" END), 400},
    /* section 3: method SP request-target SP HTTP-version */
    {BYTES("GET /\r\n\r\n"), 400},
    {BYTES("GET\r\n\r\n"), 400},
    {BYTES(" GET / HTTP/1.1\r\n" END), 400},
    {BYTES("GET  / HTTP/1.1\r\n" END), 400},
    {BYTES("GET /  HTTP/1.1\r\n" END), 400},
    {BYTES("GET / HTTP/1.1 \r\n" END), 400},
    {BYTES("GET /a b HTTP/1.1\r\n" END), 400},
    {BYTES("GET\t/ HTTP/1.1\r\n" END), 400},
    {BYTES("G(T / HTTP/1.1\r\n" END), 400},
    {BYTES("\x16\x03\x01\x02"), 400}, /* a TLS hello */
    {BYTES("G\0T / HTTP/1.1\r\n" END), 400},
    /* section 2.3: "HTTP/" DIGIT "." DIGIT, case-sensitive */
    {BYTES("GET / http/1.1\r\n" END), 400},
    {BYTES("GET / HTTP/1.10\r\n" END), 400},
    {BYTES("GET / HTTP/1\r\n" END), 400},
    {BYTES("GET / HTTP/1,1\r\n" END), 400},
    {BYTES("GET / HTTP/x.1\r\n" END), 400},
    {BYTES("GET / HTTP/1.x\r\n" END), 400},
    {BYTES("GET / HTTQ/1.1\r\n" END), 400},
    {BYTES("GET / HTTP/0.9\r\n" END), 505},
    {BYTES("GET / HTTP/2.0\r\n" END), 505},
    {BYTES("PRI * HTTP/2.0\r\n\r\n"), 505},
    /* section 3.2 and RFC 3986: what a target is not */
    {BYTES("GET * HTTP/1.1\r\n" END), 400},
    {BYTES("GET a HTTP/1.1\r\n" END), 400},
    {BYTES("GET /#f HTTP/1.1\r\n" END), 400},
    {BYTES("GET /\x01 HTTP/1.1\r\n" END), 400},
    {BYTES("GET /\x7f HTTP/1.1\r\n" END), 400},
    {BYTES("GET /\0 HTTP/1.1\r\n" END), 400},
    {BYTES("GET /\r HTTP/1.1\r\n" END), 400},
    {BYTES("OPTIONS \x01 HTTP/1.1\r\n" END), 400},
    {BYTES("GET ftp://a/b HTTP/1.1\r\n" END), 400},
    {BYTES("GET http:// HTTP/1.1\r\n" END), 400},
    {BYTES("GET http:///b HTTP/1.1\r\n" END), 400},    /* RFC 9110, section 4.2.1 */
    {BYTES("GET http://u@a/b HTTP/1.1\r\n" END), 400}, /* section 4.2.4 */
    /* RFC 9112, section 3.2: one Host, and a right one */
    {BYTES(GET "\r\n"), 400},
    {BYTES(GET HOST HOST "\r\n"), 400},
    {BYTES("GET / HTTP/1.0\r\n" HOST HOST "\r\n"), 400},
    {BYTES(GET "Host: a b\r\n\r\n"), 400},
    {BYTES(GET "Host: a/b\r\n\r\n"), 400},
    {BYTES(GET "Host: u@a\r\n\r\n"), 400},
    /* section 5: field-name ":" OWS field-value OWS */
    {BYTES(GET "Host : a\r\n\r\n"), 400},
    {BYTES(GET " Host: a\r\n\r\n"), 400},
    {BYTES(GET HOST " folded\r\n\r\n"), 400},
    {BYTES(GET HOST "\tfolded\r\n\r\n"), 400},
    {BYTES(GET HOST "X\r\n\r\n"), 400},
    {BYTES(GET HOST ": x\r\n\r\n"), 400},
    {BYTES(GET HOST "X(: x\r\n\r\n"), 400},
    {BYTES(GET HOST "X\x80: x\r\n\r\n"), 400},
    {BYTES(GET HOST "X\0: x\r\n\r\n"), 400},
    {BYTES(GET HOST "X: \0\r\n\r\n"), 400},
    {BYTES(GET HOST "X: a\rb\r\n\r\n"), 400},
    {BYTES(GET HOST "X: \x01\r\n\r\n"), 400},
    {BYTES(GET HOST "X: \x7f\r\n\r\n"), 400},
    /* section 6.3: a body whose end cannot be told */
    {BYTES(POST "Content-Length:\r\n\r\n"), 400},
    {BYTES(POST "Content-Length: -1\r\n\r\n"), 400},
    {BYTES(POST "Content-Length: +1\r\n\r\n"), 400},
    {BYTES(POST "Content-Length: 1 2\r\n\r\n"), 400},
    {BYTES(POST "Content-Length: 0x1\r\n\r\n"), 400},
    {BYTES(POST "Content-Length: 1, 2\r\n\r\n"), 400},
    {BYTES(POST "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400},
    {BYTES(POST "Content-Length: 0\r\nContent-Length: 0\r\n\r\n"), 400},
    {BYTES(POST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"), 400},
    {BYTES(POST "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"), 400},
    {BYTES(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"), 400},
    {BYTES("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400}, /* section 6.1 */
    /* RFC 9110, section 15.5.14 */
    {BYTES(POST "Content-Length: 1048577\r\n\r\n"), 413},
    {BYTES(POST "Content-Length: 99999999999999999\r\n\r\n"), 413},
    /* RFC 9112, section 6.1: a coding that the server does not understand */
    {BYTES(POST "Transfer-Encoding: gzip\r\n\r\n"), 501},
    {BYTES(POST "Transfer-Encoding: gzip, chunked\r\n\r\n"), 501},
    {BYTES(POST "Transfer-Encoding: chunkedx\r\n\r\n"), 501},
    {BYTES(POST "Transfer-Encoding: identity\r\n\r\n"), 501},
    /* RFC 9110, section 10.1.1 */
    {BYTES(POST "Expect: 200-ok\r\n\r\n"), 417},
};

START_TEST(a_wrong_request_is_refused)
{
    struct http_request request;
    ck_assert_int_eq(parse_all_ways(&request, refusals[_i].bytes), HTTP_REFUSED);
    ck_assert_uint_eq(request.refusal, refusals[_i].status);
}
END_TEST

/* RFC 9110, section 8.6: a number too large must not become another number. */
START_TEST(a_length_beyond_64_bits_is_refused)
{
    struct http_request request;
    struct bytes bytes = BYTES(POST "Content-Length: 18446744073709551617\r\n\r\n");
    ck_assert_int_eq(parse_all_ways(&request, bytes), HTTP_REFUSED);
    ck_assert(request.refusal == 400 || request.refusal == 413);
}
END_TEST

START_TEST(the_line_of_a_refused_request_is_there_for_the_log)
{
    struct http_request request;
    struct bytes bytes = BYTES("\r\nGET nowhere HTTP/1.1\r\n" END);
    ck_assert_int_eq(feed(&request, bytes, bytes.length, 1), HTTP_REFUSED);
    assert_span(bytes, request.line, "GET nowhere HTTP/1.1");
}
END_TEST

/* --- limits --------------------------------------------------------------------------------- */

static char large[2 * HTTP_HEAD_MAX_BYTES];

/* Writes "before", as many 'a' as make `length` bytes of it all, and "after". */
static size_t write_filled(char *at, const char *before, size_t length, const char *after)
{
    size_t filled = length - strlen(before) - strlen(after);
    memcpy(at, before, strlen(before));
    memset(at + strlen(before), 'a', filled);
    memcpy(at + strlen(before) + filled, after, strlen(after));
    return length;
}

static unsigned refusal_of(size_t length)
{
    struct http_request request;
    enum http_parse result = parse_all_ways(&request, (struct bytes){large, length});
    ck_assert_int_eq(result, request.refusal == 0 ? HTTP_COMPLETE : HTTP_REFUSED);
    return request.refusal;
}

static const struct {
    size_t length; /* of the request line, without its CR LF */
    unsigned refusal;
} line_limits[] = {
    {HTTP_LINE_MAX_BYTES - 1, 0},
    {HTTP_LINE_MAX_BYTES, 0},
    {HTTP_LINE_MAX_BYTES + 1, 414},
    {HTTP_HEAD_MAX_BYTES + 100, 414},
};

START_TEST(a_request_line_has_a_limit)
{
    size_t length = write_filled(large, "GET /", line_limits[_i].length, " HTTP/1.1");
    length += write_filled(large + length, "\r\n" END, strlen("\r\n" END), "");
    ck_assert_uint_eq(refusal_of(length), line_limits[_i].refusal);
}
END_TEST

START_TEST(an_endless_request_line_is_refused)
{
    struct http_request request;
    size_t length = write_filled(large, "GET /", HTTP_LINE_MAX_BYTES + 2, "");
    ck_assert_int_eq(feed(&request, (struct bytes){large, length}, 1, 1), HTTP_REFUSED);
    ck_assert_uint_eq(request.refusal, 414);
}
END_TEST

static const struct {
    size_t length; /* of the head */
    unsigned refusal;
} head_limits[] = {
    {HTTP_HEAD_MAX_BYTES - 1, 0},
    {HTTP_HEAD_MAX_BYTES, 0},
    {HTTP_HEAD_MAX_BYTES + 1, 431},
    {HTTP_HEAD_MAX_BYTES + 5000, 431},
};

START_TEST(a_head_has_a_limit)
{
    size_t length = write_filled(large, GET HOST "X: ", head_limits[_i].length, "\r\n\r\n");
    ck_assert_uint_eq(refusal_of(length), head_limits[_i].refusal);
}
END_TEST

START_TEST(an_endless_field_is_refused)
{
    struct http_request request;
    size_t length = write_filled(large, GET HOST "X: ", HTTP_HEAD_MAX_BYTES, "");
    ck_assert_int_eq(feed(&request, (struct bytes){large, length}, 1, 1), HTTP_REFUSED);
    ck_assert_uint_eq(request.refusal, 431);
}
END_TEST

static size_t write_fields(int count)
{
    size_t length = write_filled(large, GET, strlen(GET), "");
    for (int i = 1; i < count; i++)
        length += write_filled(large + length, "X:", 5, "\r\n");
    return length + write_filled(large + length, END, strlen(END), "");
}

START_TEST(fields_have_a_limit)
{
    ck_assert_uint_eq(refusal_of(write_fields(HTTP_FIELDS_MAX)), 0);
    ck_assert_uint_eq(refusal_of(write_fields(HTTP_FIELDS_MAX + 1)), 431);
}
END_TEST

/* --- fields that are kept ------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum http_field field;
} kept[] = {
    {"If-Match", HTTP_IF_MATCH},
    {"If-Modified-Since", HTTP_IF_MODIFIED_SINCE},
    {"If-None-Match", HTTP_IF_NONE_MATCH},
    {"If-Range", HTTP_IF_RANGE},
    {"Range", HTTP_RANGE},
    {"If-Unmodified-Since", HTTP_IF_UNMODIFIED_SINCE},
    {"iF-mATCH", HTTP_IF_MATCH},
    {"RANGE", HTTP_RANGE},
};

START_TEST(a_field_is_kept)
{
    char text[256];
    struct http_request request;
    int length = snprintf(text, sizeof text, GET HOST "%s: \t one two \r\nx%s: no\r\n%s: 2\r\n\r\n",
                          kept[_i].name, kept[_i].name, kept[_i].name);
    struct bytes bytes = {text, (size_t)length};
    ck_assert_int_eq(parse_all_ways(&request, bytes), HTTP_COMPLETE);
    for (enum http_field field = 0; field < HTTP_KEPT_FIELDS; field++)
        assert_span(bytes, request.kept[field], field == kept[_i].field ? "one two" : "");
}
END_TEST

START_TEST(values_of_a_repeated_field_come_one_by_one)
{
    struct http_request request;
    struct bytes bytes = BYTES(GET "If-Match: \"a\"\r\n" HOST "if-match:\"b\", \"c\" \r\nX: y\r\n"
                                   "If-Matches: no\r\nIF-MATCH:\r\nIf-Match: *\r\n\r\n");
    static const char *const values[] = {"\"a\"", "\"b\", \"c\"", "", "*"};
    ck_assert_int_eq(parse_all_ways(&request, bytes), HTTP_COMPLETE);
    struct http_span value = request.kept[HTTP_IF_MATCH];
    for (int i = 0; i < ROWS(values); i++) {
        assert_span(bytes, value, values[i]);
        bool has_next = http_request_next_value(&request, bytes.at, HTTP_IF_MATCH, &value);
        ck_assert_int_eq(has_next, i + 1 < ROWS(values));
    }
}
END_TEST

START_TEST(a_field_that_is_not_there_has_no_next_value)
{
    struct http_request request;
    struct bytes bytes = BYTES(GET HOST "If-Match: x\r\n\r\nRange: of the next request\r\n");
    ck_assert_int_eq(feed(&request, bytes, bytes.length, 1), HTTP_COMPLETE);
    struct http_span value = request.kept[HTTP_RANGE];
    ck_assert(!http_request_next_value(&request, bytes.at, HTTP_RANGE, &value));
}
END_TEST

/* --- the suite ------------------------------------------------------------------------------ */

static void add_limits(TCase *tcase)
{
    tcase_set_timeout(tcase, 60); /* 16 KiB cut at every byte, under a sanitizer */
    tcase_add_loop_test(tcase, a_request_line_has_a_limit, 0, ROWS(line_limits));
    tcase_add_test(tcase, an_endless_request_line_is_refused);
    tcase_add_loop_test(tcase, a_head_has_a_limit, 0, ROWS(head_limits));
    tcase_add_test(tcase, an_endless_field_is_refused);
    tcase_add_test(tcase, fields_have_a_limit);
}

static void add_kept_fields(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_field_is_kept, 0, ROWS(kept));
    tcase_add_test(tcase, values_of_a_repeated_field_come_one_by_one);
    tcase_add_test(tcase, a_field_that_is_not_there_has_no_next_value);
}

Suite *http_request_suite(void)
{
    Suite *suite = suite_create("http_request");
    TCase *right = unit_add_case(suite, "request_right");
    tcase_add_loop_test(right, a_right_request_is_understood, 0, ROWS(rights));
    tcase_add_loop_test(right, what_follows_a_head_is_left_alone, 0, ROWS(rights));
    tcase_add_loop_test(right, a_right_request_is_partial_until_its_last_byte, 0, ROWS(rights));
    tcase_add_loop_test(right, a_method_is_known_by_its_name, 0, ROWS(methods));
    tcase_add_loop_test(right, a_method_has_its_form_of_target, 0, ROWS(other_targets));
    TCase *body = unit_add_case(suite, "request_body");
    tcase_add_loop_test(body, a_body_is_announced, 0, ROWS(bodies));
    tcase_add_test(body, a_length_of_0_is_no_body);
    TCase *wrong = unit_add_case(suite, "request_refused");
    tcase_add_loop_test(wrong, a_wrong_request_is_refused, 0, ROWS(refusals));
    tcase_add_test(wrong, a_length_beyond_64_bits_is_refused);
    tcase_add_test(wrong, the_line_of_a_refused_request_is_there_for_the_log);
    add_limits(unit_add_case(suite, "request_limits"));
    add_kept_fields(unit_add_case(suite, "request_kept_fields"));
    return suite;
}
