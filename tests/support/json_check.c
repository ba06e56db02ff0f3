#include "support/json_check.h"

#include <stdbool.h>
#include <string.h>

/* Each function takes what it is named after, moves on, and returns false where it is not there. */
static bool take_value(const char **at, unsigned depth);

enum { DEPTH_MAX = 20 };

static void skip_space(const char **at)
{
    *at += strspn(*at, " \t\r\n");
}

static bool take(const char **at, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(*at, word, length) != 0)
        return false;
    *at += length;
    return true;
}

static bool take_escape(const char **at)
{
    if (strchr("\"\\/bfnrt", **at) != NULL && **at != '\0')
        return take(at, (char[]){**at, '\0'});
    if (!take(at, "u") || strspn(*at, "0123456789abcdefABCDEF") < 4)
        return false;
    *at += 4;
    return true;
}

static bool take_string(const char **at)
{
    if (!take(at, "\""))
        return false;
    while (**at != '"') {
        if ((unsigned char)**at < ' ')
            return false;
        if (take(at, "\\") ? !take_escape(at) : (++*at, false))
            return false;
    }
    return take(at, "\"");
}

static bool take_digits(const char **at)
{
    size_t length = strspn(*at, "0123456789");
    *at += length;
    return length > 0;
}

static bool take_number(const char **at)
{
    take(at, "-");
    if (!take(at, "0") && !take_digits(at))
        return false;
    if (take(at, ".") && !take_digits(at))
        return false;
    if (!take(at, "e") && !take(at, "E"))
        return true;
    if (!take(at, "+"))
        take(at, "-");
    return take_digits(at);
}

static bool take_member(const char **at, unsigned depth)
{
    skip_space(at);
    if (!take_string(at))
        return false;
    skip_space(at);
    return take(at, ":") && take_value(at, depth);
}

/* What stands between brackets or braces, with commas between. */
static bool take_list(const char **at, const char *end, unsigned depth,
                      bool (*take_one)(const char **at, unsigned depth))
{
    skip_space(at);
    if (take(at, end))
        return true;
    do {
        if (!take_one(at, depth))
            return false;
    } while (take(at, ","));
    return take(at, end);
}

static bool take_value(const char **at, unsigned depth)
{
    bool is_good = depth < DEPTH_MAX;
    skip_space(at);
    if (is_good && take(at, "{"))
        is_good = take_list(at, "}", depth + 1, take_member);
    else if (is_good && take(at, "["))
        is_good = take_list(at, "]", depth + 1, take_value);
    else if (**at == '"')
        is_good = take_string(at);
    else
        is_good = take(at, "true") || take(at, "false") || take(at, "null") || take_number(at);
    skip_space(at);
    return is_good;
}

const char *json_find_fault(const char *text)
{
    const char *at = text;
    return take_value(&at, 0) && *at == '\0' ? NULL : at;
}
