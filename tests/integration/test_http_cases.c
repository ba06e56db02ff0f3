/*
 * Raw requests that have made other servers fail. They were collected from public bug reports;
 * the numbers have gaps. Each row is asked twice: whole, and (if short) one byte at a time.
 */
#include "integration/asking.h"
#include "integration/differences.h"
#include "integration/http_case.h"

#include <stdlib.h>
#include <string.h>

enum {
    SHORT_REQUEST_BYTES = 200, /* those below are also sent one byte at a time */
};

#define SEND(text)   (text), sizeof(text) - 1

/* GET of file.txt with a Range field: a third of the table. */
#define RANGE(range) SEND(GET("/file.txt", "Range: " range "\r\n"))

/* clang-format off */
static const struct http_case cases[] = {

/* ---- the request line ---- */
{"R001", "a request as in HTTP/0.9",
 SEND("GET /\r\n\r\n"), .accept = "400|none", .ending = SERVER_ENDS},
{"R002", "HTTP/1.0 is served, then the server closes",
 SEND("GET /file.txt HTTP/1.0\r\n\r\n"),
 .accept = "200", .ending = SERVER_ENDS, .check = whole_file},
{"R004", "a very long target",
 SEND(GET("/{a*9000}?{b*9000}", "")), .accept = "414|400|404|431"},
{"R005", "a line just as long as a buffer may be, and no end",
 SEND("GET /uri {a*9988}\nbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"),
 .accept = "400|414|431|none", .ending = SERVER_ENDS},
{"R007", "LF as a separator inside the request line",
 SEND("GET /\nHTTP/1.1\r\n" HOST "\r\n"), .accept = "400"},
{"R008", "two spaces before the version",
 SEND("GET /file.txt  HTTP/1.1\r\n" HOST "\r\n"), .accept = "400|200", .check = whole_file},
{"R010", "a version that only begins like one",
 SEND("GET / HTTP/1.32\r\n" HOST "\r\n"), .accept = "400|505"},
{"R011", "HTTP/2.0",
 SEND("GET / HTTP/2.0\r\n" HOST "\r\n"), .accept = "505|400"},
{"R013", "a method in lower case is another method, and unknown",
 SEND(ASK("get /file.txt", "")), .accept = "501"},
{"R014", "a known method that is not supported: the answer names those that are",
 SEND(ASK("DELETE /file.txt", "")), .accept = "405", .check = names_get_and_head},
{"R016", "a TLS hello on the plain port",
 SEND("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
      "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\r\n\r\n"),
 .accept = "400|none", .ending = SERVER_ENDS},
{"R017", "absolute form",
 SEND(GET("http://localhost/file.txt?q=1", "")), .accept = "200", .check = whole_file},
{"R019", "absolute form with another Host: the target's host counts",
 SEND("GET http://localhost/file.txt HTTP/1.1\r\nHost: other\r\n\r\n"), .accept = "200|400",
 .check = whole_file},
{"R020", "OPTIONS *",
 SEND(ASK("OPTIONS *", "")), .accept = "200|204|405", .check = names_get_and_head},

/* ---- header fields ---- */
{"R022", "a bare CR inside a value ends no line",
 SEND(GET("/file.txt", "Visible: :/\rSmuggled: :)\r\n")), .accept = "400"},
{"R023", "CR LF CR X ends no head",
 SEND("GET /file.txt HTTP/1.1\r\n" HOST "\r\rZ: x\r\n\r\n"), .accept = "400"},
{"R025", "a folded line where the first field should be",
 SEND("GET /file.txt HTTP/1.1\r\n " HOST "\r\n"), .accept = "400"},
{"R026", "a space before the colon",
 SEND(GET("/file.txt", "Content-Length : 34\r\n")), .accept = "400"},
{"R028", "a field without a name",
 SEND("GET /file.txt HTTP/1.1\r\n:\r\n" HOST "\r\n"), .accept = "400"},
{"R029", "control bytes in a field's name",
 SEND(GET("/file.txt", "X\x01\x02[]: v\r\n")), .accept = "400"},
{"R031", "NUL in the target",
 SEND(GET("/\0/", "")), .accept = "400"},
{"R032", "one huge value",
 SEND(GET("/file.txt", "X: {a*70000}\r\n")), .accept = "431|400", .ending = SERVER_ENDS},
{"R034", "an empty element in a Connection list; the connection stays",
 SEND(GET("/file.txt", "Connection: TE,,Keep-Alive\r\n")),
 .accept = "200", .ending = GOES_ON, .check = whole_file},
{"R035", "close among other elements of a Connection list",
 SEND(GET("/file.txt", "Connection: foo, CLOSE ,bar\r\n")), .accept = "200", .ending = SERVER_ENDS,
 .check = whole_file},

/* ---- Host ---- */
{"R037", "two Hosts",
 SEND(GET("/file.txt", "Host: example.com\r\n")), .accept = "400"},
{"R038", "a Host with a space",
 SEND("GET /file.txt HTTP/1.1\r\nHost: bad host\r\n\r\n"), .accept = "400"},
{"R040", "an empty Host does not make the root empty",
 SEND("GET /etc/passwd HTTP/1.1\r\nHost: \r\n\r\n"), .accept = "404|400"},
{"R041", "a Host that looks like a path",
 SEND("GET /file.txt HTTP/1.1\r\nHost: ../123.org\r\n\r\n"),
 .accept = "400|200", .check = whole_file},

/* ---- the length of a body ---- */
{"R043", "a large negative Content-Length",
 SEND("GET /index.html HTTP/1.0\r\nContent-Length: -268435455700\r\n\r\n"),
 .accept = "400", .ending = SERVER_ENDS},
{"R044", "a Content-Length that only begins like a number",
 SEND(GET("/file.txt", "Content-Length: 1Z\r\n") "Z"), .accept = "400", .ending = SERVER_ENDS},
{"R046", "a Content-Length beyond 64 bits",
 SEND(GET("/file.txt", "Content-Length: 18446744073709551617\r\n") "Z"),
 .accept = "400|413", .ending = SERVER_ENDS},
{"R047", "an empty Content-Length",
 SEND(GET("/file.txt", "Content-Length: \r\n")), .accept = "400", .ending = SERVER_ENDS},
{"R049", "Transfer-Encoding and Content-Length: what follows is not trusted",
 SEND(GET("/file.txt", "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n") "0\r\n\r\n"
      LAST_GET), .accept = "400|501|405|200", .ending = SERVER_ENDS},
{"R050", "an unknown coding: the body's end is not known",
 SEND(GET("/file.txt", "Transfer-Encoding: gzip\r\n") "abc" LAST_GET),
 .accept = "400|501", .ending = SERVER_ENDS},
{"R052", "a GET with a chunked body, then another GET",
 SEND(GET("/file.txt", "Transfer-Encoding: chunked\r\n") "5\r\nhello\r\n0\r\n\r\n" LAST_GET),
 .accept = "200,200|200|400|411|413|501", .ending = SERVER_ENDS, .check = whole_file},
{"R053", "a request inside a body is no request",
 SEND(ASK("POST /x", "Content-Length: 39\r\n") "GET /sub/ HTTP/1.1\r\n" HOST "\r\n" LAST_GET),
 .accept = "405|404|413|405,200|404,200", .ending = SERVER_ENDS},
{"R055", "Expect: 100-continue without a body",
 SEND(GET("/file.txt", "Expect: 100-continue\r\n")), .accept = "200", .check = whole_file},

/* ---- paths ---- */
{"R056", "dot-dot in plain sight",
 SEND("GET /../../../../../../etc/passwd HTTP/1.0\r\n\r\n"),
 .accept = "400|403|404", .ending = SERVER_ENDS},
{"R058", "dot-dot with encoded slashes",
 SEND(GET("/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd", "")), .accept = "400|403|404"},
{"R059", "a path is decoded once, not twice",
 SEND(GET("/.%252e/.%252e/.%252e/etc/passwd", "")), .accept = "404"},
{"R061", "a backslash separates nothing",
 SEND(GET("/%5C..%5C..%5Cetc%5Cpasswd", "")), .accept = "404"},
{"R062", "many slashes do not make an absolute path",
 SEND(GET("///etc/passwd", "")), .accept = "404"},
{"R064", "out of the root through a directory that exists",
 SEND(GET("/sub/../../www-secret/s.txt", "")), .accept = "400|403|404"},
{"R065", "%00 after a name ends no string",
 SEND(GET("/file.txt%00.html", "")), .accept = "400|404"},
{"R067", "a percent sign alone",
 SEND(GET("/%", "")), .accept = "400|404"},
{"R068", "a percent sign and no hexadecimal digits",
 SEND(GET("/file%zz.txt", "")), .accept = "400|404"},
{"R070", "a percent sign in a file's name",
 SEND(GET("/pct%2541.txt", "")), .accept = "200", .check = body_is, .expect = "p"},
{"R071", "plus stays plus",
 SEND(GET("/a+b.txt", "")), .accept = "200", .check = body_is, .expect = "plus"},
{"R073", "an encoded slash after a dot is the root, or nothing",
 SEND(GET("/.%2f", "")), .accept = "200|400|404", .check = body_is, .expect = DOCROOT_INDEX_TEXT},
{"R074", "a file is no directory",
 SEND(GET("/file.txt/", "")), .accept = "404"},
{"R076", "a directory that is a link out of the root",
 SEND(GET("/dirlink/secret.txt", "")), .accept = "403|404"},
{"R077", "an index file that is a link out of the root",
 SEND(GET("/idxlink/", "")), .accept = "403|404"},
{"R079", "a link to itself",
 SEND(GET("/loop", "")), .accept = "404|403"},
{"R080", "a hidden file",
 SEND(GET("/.secret", "")), .accept = "404"},
{"R082", "a name longer than a name may be",
 SEND(GET("/{n*300}", "")), .accept = "404|414"},
{"R083", "a FIFO: opening it must not block",
 SEND(GET("/fifo", "")), .accept = "403"},

/* ---- redirects and listings ---- */
{"R085", "a redirect keeps the query",
 SEND(GET("/sub?k=v", "")), .accept = "301", .check = location_ends_with, .expect = "/sub/?k=v"},
{"R086", "a redirect encodes the path again",
 SEND(GET("/dir%20sp", "")), .accept = "301", .check = location_ends_with, .expect = "/dir%20sp/"},
{"R088", "CR LF in a path becomes no field",
 SEND(GET("/sub%0d%0aX-Evil:%201", "")), .accept = "400|404", .check = no_evil_field},
{"R089", "names in a listing are escaped",
 SEND(GET("/noindex/", "")), .accept = "200", .check = listing_is_escaped},

/* ---- ranges ---- */
{"R091", "the first byte",
 RANGE("bytes=0-0"), .accept = "206", .check = range_is, .expect = "bytes 0-0/1000"},
{"R092", "an open end",
 RANGE("bytes=100-"), .accept = "206", .check = range_is, .expect = "bytes 100-999/1000"},
{"R094", "a suffix longer than the file",
 RANGE("bytes=-9999"), .accept = "206|200", .check = range_is, .expect = "bytes 0-999/1000"},
{"R095", "a suffix of no bytes",
 RANGE("bytes=-0"), .accept = "416|200", .check = range_is_refused},
{"R097", "a start just past the file",
 RANGE("bytes=1000-"), .accept = "416", .check = range_is_refused},
{"R098", "an end before the start",
 RANGE("bytes=20-10"), .accept = "200|416|400", .check = range_is_refused},
{"R100", "a start beyond 64 bits",
 RANGE("bytes=18446744073709551616-"), .accept = "416|200", .check = range_is_refused},
{"R101", "two suffixes whose sum overflows",
 RANGE("bytes=-1605,-9223372036854774203"), .accept = "200|206|416", .check = range_is,
 .expect = "bytes 0-999/1000"},
{"R103", "two parts: the whole file instead",
 RANGE("bytes=0-1,500-501"), .accept = "200", .check = whole_file},
{"R104", "letters",
 RANGE("bytes=abc-def"), .accept = "200|416", .check = range_is_refused},
{"R106", "an unknown unit",
 RANGE("lines=0-1"), .accept = "200", .check = whole_file},
{"R107", "the unit in upper case",
 RANGE("BYTES=0-1"), .accept = "206|200", .check = range_is, .expect = "bytes 0-1/1000"},
{"R109", "a suffix of an empty file",
 SEND(GET("/empty.txt", "Range: bytes=-5\r\n")), .accept = "200|416", .check = first_body_is_empty},
{"R110", "HEAD has no ranges",
 SEND(HEAD("/file.txt", "Range: bytes=0-9\r\n")), .accept = "200|206", .methods = "H",
 .check = length_is, .expect = "1000"},
{"R112", "the last bytes of 3 GiB",
 SEND(GET("/big3g.bin", "Range: bytes=3221225468-3221225471\r\n")), .accept = "206",
 .check = range_is_end_of_big, .expect = "bytes 3221225468-3221225471/3221225472"},
{"R113", "HEAD of 3 GiB",
 SEND(HEAD("/big3g.bin", "")),
 .accept = "200", .methods = "H", .check = length_is, .expect = "3221225472"},
{"R115", "If-Range with an old date",
 SEND(GET("/file.txt", "Range: bytes=0-9\r\nIf-Range: Mon, 01 Jan 2001 00:00:00 GMT\r\n")),
 .accept = "200",
 .check = whole_file},
{"R116", "a range asked for in HTTP/1.0",
 SEND("GET /file.txt HTTP/1.0\r\nRange: bytes=0-9\r\n\r\n"),
 .accept = "200|206", .ending = SERVER_ENDS,
 .check = range_is, .expect = "bytes 0-9/1000"},

/* ---- conditions ---- */
{"R118", "If-Modified-Since one second older than the file",
 SEND(GET("/file.txt", "If-Modified-Since: Tue, 02 Jan 2024 03:04:04 GMT\r\n")), .accept = "200",
 .check = whole_file},
{"R119", "If-Modified-Since later than the file",
 SEND(GET("/file.txt", "If-Modified-Since: Wed, 03 Jan 2024 00:00:00 GMT\r\n")),
 .accept = "304|200",
 .check = whole_file},
{"R121", "If-None-Match wins over If-Modified-Since",
 SEND(GET("/file.txt", "If-None-Match: \"nope\"\r\nIf-Modified-Since: " DOCROOT_FILE_DATE "\r\n")),
 .accept = "200", .check = whole_file},
{"R122", "If-None-Match: *",
 SEND(GET("/file.txt", "If-None-Match: *\r\n")), .accept = "304"},

/* ---- HEAD ---- */
{"R124", "HEAD of nothing, then GET: no body in between",
 SEND(HEAD("/nosuch", "") LAST_GET), .accept = "404,200", .ending = SERVER_ENDS, .methods = "HG"},
{"R125", "HEAD of a redirect, then GET: no body in between",
 SEND(HEAD("/sub", "") LAST_GET), .accept = "301,200", .ending = SERVER_ENDS, .methods = "HG"},
{"R127", "HEAD with a bad target: no body",
 SEND(HEAD("/%", "")), .accept = "400|404", .methods = "H"},

/* ---- several requests on one connection ---- */
{"R128", "two requests in one segment",
 SEND(GET("/file.txt", "") LAST_GET),
 .accept = "200,200", .ending = SERVER_ENDS, .check = whole_file},
{"R130", "what follows a bad request is not trusted",
 SEND("GET /a HTTP/1.1\r\n" HOST "bad header line\r\n\r\n" LAST_GET),
 .accept = "400", .ending = SERVER_ENDS},
{"R131", "keep-alive in HTTP/1.0 is granted aloud",
 SEND("GET /file.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
      "GET /file.txt HTTP/1.0\r\n\r\n"),
 .accept = "200,200", .ending = SERVER_ENDS, .check = keeps_alive},

/* ---- types and contents ---- */
{"R133", "an ending in upper case",
 SEND(HEAD("/pic.JPG", "")),
 .accept = "200", .methods = "H", .check = type_is, .expect = "image/jpeg"},
{"R134", "text says its character set",
 SEND(HEAD("/utf8.txt", "")), .accept = "200", .methods = "H", .check = type_is,
 .expect = "text/plain; charset=utf-8"},
{"R136", "a file with NUL bytes",
 SEND(GET("/nul.bin", "")), .accept = "200", .check = body_is_nul_bin},
{"R137", "an empty file, then the next request",
 SEND(GET("/empty.txt", "") LAST_GET),
 .accept = "200,200", .ending = SERVER_ENDS, .check = first_body_is_empty},
{"R139", "a file changed in the year 10000",
 SEND(HEAD("/y10k.txt", "")), .accept = "200", .methods = "H", .check = date_is_valid_if_any},
};
/* clang-format on */

enum { CASE_COUNT = sizeof cases / sizeof *cases };

static struct site site;

/* ---- the request's bytes ---- */

struct request {
    char *bytes;
    size_t length;
};

/* Prints what "{a*9000}" at `text` stands for; returns what follows it. */
static const char *print_repeated(FILE *out, const char *text)
{
    char *rest;
    char letter = text[sizeof "{" - 1];
    unsigned long times = strtoul(text + sizeof "{a*" - 1, &rest, 10);
    for (unsigned long i = 0; i < times; i++)
        fputc(letter, out);
    return rest + sizeof "}" - 1;
}

static struct request build_request(const struct http_case *row)
{
    struct request request = {0};
    FILE *out = open_memstream(&request.bytes, &request.length);
    const char *end = row->bytes + row->length;
    ck_assert_ptr_nonnull(out);
    for (const char *next = row->bytes; next < end;) {
        if (*next == '{')
            next = print_repeated(out, next);
        else
            fputc(*next++, out);
    }
    fclose(out);
    return request;
}

/* ---- the conversation ---- */

static void hold_conversation(struct http_connection *talk, const struct http_case *row,
                              const struct request *request)
{
    if (row->methods != NULL)
        talk->methods = row->methods;
    http_send(talk, request->bytes, request->length);
    if (row->ending == CLIENT_ENDS)
        http_finish_sending(talk);
    if (row->ending == GOES_ON) {
        http_read_answers(talk, 1);
        http_send_text(talk, LAST_GET);
    }
    http_read_to_end(talk);
}

/* ---- the judgement ---- */

static bool is_one_of(const char *statuses, const char *accept)
{
    size_t length = strlen(statuses);
    for (const char *next = accept; next != NULL; next = strchr(next, '|')) {
        next += *next == '|';
        if (strncmp(next, statuses, length) == 0 && strchr("|", next[length]) != NULL)
            return true;
    }
    return false;
}

static bool statuses_are_right(const struct http_case *row, const struct http_connection *talk)
{
    char came[STATUSES_BYTES], all[STATUSES_BYTES], expected[STATUSES_BYTES];
    const char *last_answer = row->ending == GOES_ON ? ",200" : "";
    http_copy_statuses(talk, came, sizeof came);
    snprintf(all, sizeof all, "%s%s", row->accept, last_answer);
    return is_one_of(came, statuses_to_expect(all, expected));
}

static const char *find_fault(const struct http_case *row, const struct http_connection *talk)
{
    const char *fault = nothing_from_outside(row, talk);
    if (fault == NULL && talk->timed_out)
        fault = "the server did not answer and close by the deadline";
    if (fault == NULL && talk->reset)
        fault = "the connection was reset: an answer may get lost";
    if (fault == NULL && talk->input_length > 0)
        fault = "bytes came that are no answer";
    if (fault == NULL && !statuses_are_right(row, talk))
        fault = "these are not the expected statuses";
    if (fault == NULL)
        fault = fault_of_ending(talk);
    if (fault == NULL && row->check != NULL)
        fault = row->check(row, talk);
    return fault;
}

static char *escape(const struct request *request)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(out);
    http_print_escaped(out, request->bytes, request->length);
    fclose(out);
    return text;
}

static void judge(const struct http_case *row, const struct request *request,
                  const struct http_connection *talk)
{
    const char *fault = find_fault(row, talk);
    if (fault != NULL)
        ck_abort_msg("%s (%s): %s\nsent: %s\nexpected: %s%s%s\ncame: %s", row->id, row->about,
                     fault, escape(request), row->accept, row->expect != NULL ? " with " : "",
                     row->expect != NULL ? row->expect : "", http_describe(talk));
}

static void demand_server_is_well(void)
{
    struct http_connection *talk = http_ask(site.server->port, GET("/file.txt", ""));
    ck_assert_int_eq(talk->answers[0].status, 200);
    http_close(talk);
}

static void run_case(const struct http_case *row, size_t segment)
{
    struct request request = build_request(row);
    struct http_connection *talk = http_open(site.server->port);
    talk->segment = segment;
    hold_conversation(talk, row, &request);
    judge(row, &request, talk);
    http_close(talk);
    free(request.bytes);
    demand_server_is_well();
}

/* ---- the tests ---- */

static bool is_short(const struct http_case *row)
{
    return row->length < SHORT_REQUEST_BYTES && memchr(row->bytes, '{', row->length) == NULL;
}

static int count_short_cases(void)
{
    int count = 0;
    for (size_t i = 0; i < CASE_COUNT; i++)
        count += is_short(&cases[i]);
    return count;
}

static const struct http_case *short_case(int number)
{
    const struct http_case *row = cases;
    while (!is_short(row) || number-- > 0)
        row++;
    return row;
}

START_TEST(request_at_once_is_answered_rightly)
{
    run_case(&cases[_i], SIZE_MAX);
}
END_TEST

START_TEST(request_byte_by_byte_is_answered_rightly)
{
    run_case(short_case(_i), 1);
}
END_TEST

static void open_site(void)
{
    static const char *const options[] = {"--list", "--read-timeout", "3s", NULL};
    site_open(&site, options);
}

static void close_site(void)
{
    site_close(&site);
}

Suite *http_cases_suite(void)
{
    Suite *suite = suite_create("http_cases");
    TCase *at_once = create_site_case("at_once", open_site, close_site);
    tcase_add_loop_test(at_once, request_at_once_is_answered_rightly, 0, CASE_COUNT);
    suite_add_tcase(suite, at_once);

    TCase *byte_by_byte = create_site_case("byte_by_byte", open_site, close_site);
    tcase_add_loop_test(byte_by_byte, request_byte_by_byte_is_answered_rightly, 0,
                        count_short_cases());
    suite_add_tcase(suite, byte_by_byte);
    return suite;
}
