/*
 * Hexadecimal digits, as in percent-encoding and in the sizes of chunks.
 */
#ifndef CORE_HEX_H
#define CORE_HEX_H

enum { HEX_NONE = -1 };

/* The value of a hexadecimal digit of either case, or HEX_NONE. */
static inline int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return HEX_NONE;
}

#endif
