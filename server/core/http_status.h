/*
 * The status codes that this server sends (RFC 9110 section 15, RFC 6585), in one table.
 */
#ifndef CORE_HTTP_STATUS_H
#define CORE_HTTP_STATUS_H

/* The status line of a reply, "HTTP/1.1 404 Not Found" with its CR LF. */
const char *http_status_line(unsigned status);

/* The standard reason phrase, "Not Found" for 404. */
const char *http_status_reason(unsigned status);

/* One sentence for the page that a person sees, in plain words. */
const char *http_status_explanation(unsigned status);

#endif
