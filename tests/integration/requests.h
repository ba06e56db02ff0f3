/*
 * Words for writing requests. They are string literals and join as such:
 *
 *     GET("/file.txt", "Range: bytes=0-0\r\n")
 */
#ifndef INTEGRATION_REQUESTS_H
#define INTEGRATION_REQUESTS_H

#define HOST               "Host: localhost\r\n"
#define CLOSE              "Connection: close\r\n"
#define ASK(line, fields)  line " HTTP/1.1\r\n" HOST fields "\r\n"
#define GET(path, fields)  ASK("GET " path, fields)
#define HEAD(path, fields) ASK("HEAD " path, fields)

/* The last request of a conversation: answered by 200 and the end of the connection. */
#define LAST_GET           GET("/file.txt", CLOSE)

#endif
