/*
 * File names to media types (RFC 9110, section 8.3; the types are registered with IANA).
 */
#ifndef CORE_MIME_H
#define CORE_MIME_H

/*
 * The Content-Type for a file of this name, by its ending, upper or lower case alike; text comes
 * with "charset=utf-8". "application/octet-stream" for an ending that nobody knows.
 */
const char *mime_type_of(const char *file_name);

#endif
