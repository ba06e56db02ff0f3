#include "core/target.h"

#include "core/hex.h"

#include <string.h>

static const char index_name[] = "index.html";

/* The next byte of the path, decoded; 0, which is no byte of a name, for a broken escape. */
static char next_byte(const char **at, const char *end)
{
    if (**at != '%')
        return *(*at)++;
    int high = end - *at > 2 ? hex_value((*at)[1]) : HEX_NONE;
    int low = end - *at > 2 ? hex_value((*at)[2]) : HEX_NONE;
    if (high == HEX_NONE || low == HEX_NONE)
        return '\0';
    *at += 3;
    return (char)(high * 16 + low);
}

/* Takes the last part off "a/b/". Returns false when there is none: above the root is nothing. */
static bool climb(struct target *target)
{
    if (target->length == 0)
        return false;
    target->length--;
    while (target->length > 0 && target->name[target->length - 1] != '/')
        target->length--;
    return true;
}

/* The part that begins at `begin` is complete; `slash` says whether a slash follows it. */
static unsigned end_part(struct target *target, size_t begin, bool slash)
{
    const char *part = target->name + begin;
    size_t length = target->length - begin;
    bool dot = length == 1 && part[0] == '.';
    bool dots = length == 2 && memcmp(part, "..", 2) == 0;
    target->is_directory = slash || length == 0 || dot || dots;
    if (length == 0 || dot || dots) {
        target->length = begin;
        return dots && !climb(target) ? 400 : 0;
    }
    if (part[0] == '.' && !(length == 11 && memcmp(part, ".well-known", 11) == 0))
        return 404;
    if (slash)
        target->name[target->length++] = '/';
    return 0;
}

static unsigned append_index(struct target *target)
{
    target->directory_length = target->length;
    if (target->length + sizeof index_name > sizeof target->name)
        return 404;
    memcpy(target->name + target->length, index_name, sizeof index_name);
    target->length += sizeof index_name - 1;
    return 0;
}

unsigned target_decode(struct target *target, const char *path, size_t length)
{
    const char *at = path, *end = path + length;
    size_t begin = 0;
    target->length = 0;
    while (at < end) {
        char c = next_byte(&at, end);
        if (c == '\0')
            return 400;
        if (target->length + 2 >= sizeof target->name)
            return 404;
        if (c != '/') {
            target->name[target->length++] = c;
            continue;
        }
        unsigned status = end_part(target, begin, true);
        if (status != 0)
            return status;
        begin = target->length;
    }
    unsigned status = end_part(target, begin, false);
    target->name[target->length] = '\0';
    if (status == 0 && target->is_directory)
        return append_index(target);
    return status;
}

/* unreserved of RFC 3986, and the slash. */
static bool stays_plain(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("-._~/", c) != NULL);
}

size_t target_encode(char *uri, size_t size, const char *name, size_t length)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t written = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)name[i];
        bool is_plain = stays_plain(name[i]);
        if (written + (is_plain ? 1 : 3) > size)
            return 0;
        if (is_plain) {
            uri[written++] = name[i];
            continue;
        }
        uri[written++] = '%';
        uri[written++] = digits[byte >> 4];
        uri[written++] = digits[byte & 15];
    }
    return written;
}
