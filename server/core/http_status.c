#include "core/http_status.h"

#include <stddef.h>

/* clang-format off */
static const struct row {
    unsigned status;
    const char *line, *reason, *explanation;
} rows[] = {
#define ROW(status, reason, explanation)                                                            \
    {status, "HTTP/1.1 " #status " " reason "\r\n", reason, explanation},
    ROW(200, "OK",                              "Here it is.")
    ROW(206, "Partial Content",                 "Here is the part that was asked for.")
    ROW(301, "Moved Permanently",               "This is a directory; its address ends in a slash.")
    ROW(304, "Not Modified",                    "The copy that you have is still right.")
    ROW(400, "Bad Request",                     "The request is not written as HTTP asks for.")
    ROW(403, "Forbidden",                       "This is not for reading: not a regular file, not readable, or outside the root.")
    ROW(404, "Not Found",                       "There is no file of this name here.")
    ROW(405, "Method Not Allowed",              "Files answer GET and HEAD only.")
    ROW(408, "Request Timeout",                 "The request did not arrive in time.")
    ROW(412, "Precondition Failed",             "The file is not the one that the request names.")
    ROW(413, "Content Too Large",               "The request's body is larger than this server cares to throw away.")
    ROW(414, "URI Too Long",                    "The request line is longer than 8 KiB.")
    ROW(416, "Range Not Satisfiable",           "The file ends before the part that was asked for.")
    ROW(417, "Expectation Failed",              "Only 100-continue can be expected here.")
    ROW(431, "Request Header Fields Too Large", "The request's head is larger than 16 KiB, or has more than 100 fields.")
    ROW(500, "Internal Server Error",           "The disk could not read this file.")
    ROW(501, "Not Implemented",                 "This server does not know how to do that.")
    ROW(503, "Service Unavailable",             "Too much to do at the moment; please come back.")
    ROW(505, "HTTP Version Not Supported",      "This server speaks HTTP/1.0 and HTTP/1.1.")
#undef ROW
};
/* clang-format on */

static const struct row *find(unsigned status)
{
    static const struct row unknown = {0, "HTTP/1.1 000 Unknown\r\n", "Unknown",
                                       "Something happened that has no name here."};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].status == status)
            return &rows[i];
    return &unknown;
}

const char *http_status_line(unsigned status)
{
    return find(status)->line;
}

const char *http_status_reason(unsigned status)
{
    return find(status)->reason;
}

const char *http_status_explanation(unsigned status)
{
    return find(status)->explanation;
}
