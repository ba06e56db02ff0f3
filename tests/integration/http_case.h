/*
 * One raw request with its right answers, and the extra checks that such a case can name.
 */
#ifndef INTEGRATION_HTTP_CASE_H
#define INTEGRATION_HTTP_CASE_H

#include "support/http_client.h"

/* How the conversation ends, and thereby how the client knows that it has everything. */
enum case_ending {
    CLIENT_ENDS, /* the client half-closes after its last byte; the server answers and closes */
    SERVER_ENDS, /* the server must close by itself */
    GOES_ON,     /* after the first answer a second request, on the same connection, is answered */
};

struct http_case {
    const char *id, *about;
    const char *bytes;  /* "{a*9000}" stands for 9,000 times the letter a */
    size_t length;      /* bytes may be NUL */
    const char *accept; /* statuses in order, "405,200"; alternatives, "400|none" */
    enum case_ending ending;
    const char *methods; /* which requests are a HEAD, as in http_client.h; NULL for none */

    /* What the status cannot show: returns what is wrong, NULL if all is well. */
    const char *(*check)(const struct http_case *, const struct http_connection *);
    const char *expect; /* a word for the check */
};

/*
 * The checks. Most look at the first answer only; "whole" means that a 200 has the whole of
 * file.txt; where a case allows several statuses a check looks at those that it is about.
 */
typedef const char *http_case_check(const struct http_case *, const struct http_connection *);

http_case_check whole_file;           /* 200: file.txt */
http_case_check body_is;              /* 200: the text `expect` */
http_case_check body_is_nul_bin;      /* 200: the six bytes of nul.bin */
http_case_check first_body_is_empty;  /* 200: Content-Length: 0 */
http_case_check length_is;            /* 200: Content-Length as in `expect`; 206 to HEAD: 10 */
http_case_check range_is;             /* 206: Content-Range as `expect`, its bytes; 200: whole */
http_case_check range_is_end_of_big;  /* 206: Content-Range as in `expect`, and "END!" */
http_case_check range_is_refused;     /* 416: "bytes * / 1000" without spaces; 200: whole */
http_case_check names_get_and_head;   /* 405: Allow has GET and HEAD */
http_case_check location_ends_with;   /* 301: Location ends in `expect` */
http_case_check no_evil_field;        /* no field X-Evil */
http_case_check listing_is_escaped;   /* 200: no markup from file names, links encoded */
http_case_check type_is;              /* 200: Content-Type is `expect` */
http_case_check keeps_alive;          /* two answers: the first says "Connection: keep-alive" */
http_case_check date_is_valid_if_any; /* Last-Modified, if there: IMF-fixdate */

/* Looks at any case: nothing from outside the root has come. */
http_case_check nothing_from_outside;

#endif
