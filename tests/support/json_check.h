/*
 * Whether a text is JSON, by the grammar of RFC 8259; nothing more.
 */
#ifndef SUPPORT_JSON_CHECK_H
#define SUPPORT_JSON_CHECK_H

/* Returns NULL if it is, else where it stops to be. */
const char *json_find_fault(const char *text);

#endif
