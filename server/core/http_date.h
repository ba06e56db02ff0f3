/*
 * HTTP's dates (RFC 9110, section 5.6.7).
 *
 * libc's strftime() follows the locale and has no inverse for all three formats, so the few
 * lines of calendar arithmetic are here.
 */
#ifndef CORE_HTTP_DATE_H
#define CORE_HTTP_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum { HTTP_DATE_LENGTH = sizeof "Sun, 06 Nov 1994 08:49:37 GMT" - 1 };

/*
 * Writes `when` as an IMF-fixdate and a final NUL. Returns false, and writes nothing, for a time
 * that the format cannot hold (before the year 0 or after 9999).
 */
bool http_date_format(char text[HTTP_DATE_LENGTH + 1], time_t when);

/*
 * Reads a date in any of the three formats that a recipient must accept: IMF-fixdate, RFC 850
 * and asctime. A two-digit year more than 50 years ahead of `now` is in the past, as the RFC
 * says. Returns false for anything else.
 */
bool http_date_parse(const char *text, size_t length, time_t now, time_t *when);

#endif
