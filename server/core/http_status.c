#include "core/http_status.h"

#include <stddef.h>

/* clang-format off */
static const struct row {
    unsigned status;
    const char *reason, *explanation;
} rows[] = {
    {200, "OK",                              "Here it is."},
    {206, "Partial Content",                 "Here is the part that was asked for."},
    {301, "Moved Permanently",               "This is a directory; its address ends in a slash."},
    {304, "Not Modified",                    "The copy that you have is still right."},
    {400, "Bad Request",                     "The request is not written as HTTP asks for."},
    {403, "Forbidden",                       "This is not for reading: not a regular file, not readable, or outside the root."},
    {404, "Not Found",                       "There is no file of this name here."},
    {405, "Method Not Allowed",              "Files answer GET and HEAD only."},
    {408, "Request Timeout",                 "The request did not arrive in time."},
    {412, "Precondition Failed",             "The file is not the one that the request names."},
    {413, "Content Too Large",               "The request's body is larger than this server cares to throw away."},
    {414, "URI Too Long",                    "The request line is longer than 8 KiB."},
    {416, "Range Not Satisfiable",           "The file ends before the part that was asked for."},
    {417, "Expectation Failed",              "Only 100-continue can be expected here."},
    {431, "Request Header Fields Too Large", "The request's head is larger than 16 KiB, or has more than 100 fields."},
    {500, "Internal Server Error",           "The disk could not read this file."},
    {501, "Not Implemented",                 "This server does not know how to do that."},
    {503, "Service Unavailable",             "Too much to do at the moment; please come back."},
    {505, "HTTP Version Not Supported",      "This server speaks HTTP/1.0 and HTTP/1.1."},
};
/* clang-format on */

static const struct row *find(unsigned status)
{
    static const struct row unknown = {0, "Unknown", "Something happened that has no name here."};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].status == status)
            return &rows[i];
    return &unknown;
}

const char *http_status_reason(unsigned status)
{
    return find(status)->reason;
}

const char *http_status_explanation(unsigned status)
{
    return find(status)->explanation;
}
