#include "core/http_conditions.h"

#include "core/http_date.h"

#include <string.h>
#include <strings.h>

struct text {
    const char *at;
    size_t length;
};

static struct text text_of(const char *head, struct http_span span)
{
    return (struct text){head + span.begin, span.length};
}

static struct text value_of(const struct http_request *request, const char *head,
                            enum http_field field)
{
    return text_of(head, request->kept[field]);
}

static void skip(struct text *text, size_t count)
{
    text->at += count;
    text->length -= count;
}

static void skip_blanks_and_commas(struct text *text)
{
    while (text->length > 0 && (*text->at == ' ' || *text->at == '\t' || *text->at == ','))
        skip(text, 1);
}

/* --- entity tags (section 8.8.3) ---------------------------------------------------------- */

/* Takes one entity tag off a list. Returns false at its end, or where it is no list any more. */
static bool next_tag(struct text *list, struct text *tag, bool *is_weak)
{
    skip_blanks_and_commas(list);
    *is_weak = list->length >= 2 && memcmp(list->at, "W/", 2) == 0;
    if (*is_weak)
        skip(list, 2);
    if (list->length < 2 || *list->at != '"')
        return false;
    const char *quote = memchr(list->at + 1, '"', list->length - 1);
    if (quote == NULL)
        return false;
    *tag = (struct text){list->at, (size_t)(quote - list->at) + 1};
    skip(list, tag->length);
    return true;
}

/* Whether the content's tag is in a list, or the list is "*". */
static bool matches_any(struct text list, const struct representation *content, bool weakly)
{
    struct text tag;
    bool is_weak;
    if (list.length == 1 && *list.at == '*')
        return true;
    while (next_tag(&list, &tag, &is_weak))
        if ((weakly || !is_weak) && tag.length == content->etag_length &&
            memcmp(tag.at, content->etag, tag.length) == 0)
            return true;
    return false;
}

/* The same for a field, which may have been given several times. */
static bool field_matches(const struct http_request *request, const char *head,
                          enum http_field field, const struct representation *content, bool weakly)
{
    struct http_span value = request->kept[field];
    do {
        if (matches_any(text_of(head, value), content, weakly))
            return true;
    } while (http_request_next_value(request, head, field, &value));
    return false;
}

/* --- preconditions (section 13.2.2) ------------------------------------------------------- */

/* Whether the content was modified after the date in a field; false where that cannot be told. */
static bool modified_after(struct text field, const struct representation *content, time_t now,
                           bool *date_is_valid)
{
    time_t date;
    *date_is_valid = content->has_modified && http_date_parse(field.at, field.length, now, &date);
    return *date_is_valid && content->modified > date;
}

unsigned http_conditions_check(const struct http_request *request, const char *head,
                               const struct representation *content, time_t now)
{
    struct text match = value_of(request, head, HTTP_IF_MATCH);
    struct text none_match = value_of(request, head, HTTP_IF_NONE_MATCH);
    struct text since = value_of(request, head, HTTP_IF_MODIFIED_SINCE);
    struct text unmodified_since = value_of(request, head, HTTP_IF_UNMODIFIED_SINCE);
    bool valid;

    if (match.length > 0 && !field_matches(request, head, HTTP_IF_MATCH, content, false))
        return 412;
    if (match.length == 0 && unmodified_since.length > 0 &&
        modified_after(unmodified_since, content, now, &valid))
        return 412;
    if (none_match.length > 0)
        return field_matches(request, head, HTTP_IF_NONE_MATCH, content, true) ? 304 : 0;
    if (since.length > 0 && !modified_after(since, content, now, &valid) && valid)
        return 304;
    return 0;
}

/* --- ranges (section 14) ------------------------------------------------------------------ */

/* If-Range (section 13.1.5): a strong tag, or exactly the date that we gave. */
static bool range_still_applies(const struct http_request *request, const char *head,
                                const struct representation *content, time_t now)
{
    struct text condition = value_of(request, head, HTTP_IF_RANGE);
    time_t date;
    if (condition.length == 0)
        return true;
    bool is_tag =
        *condition.at == '"' || (condition.length >= 2 && memcmp(condition.at, "W/", 2) == 0);
    if (is_tag)
        return matches_any(condition, content, false);
    return content->has_modified && http_date_parse(condition.at, condition.length, now, &date) &&
           date == content->modified;
}

/* Takes digits off the text; a number too large for any file becomes the largest there is. */
static bool take_number(struct text *text, uint64_t *number)
{
    bool any = false;
    *number = 0;
    for (; text->length > 0 && *text->at >= '0' && *text->at <= '9'; skip(text, 1)) {
        uint64_t digit = (uint64_t)(*text->at - '0');
        *number = *number > (UINT64_MAX - digit) / 10 ? UINT64_MAX : *number * 10 + digit;
        any = true;
    }
    return any;
}

static const struct http_range whole = {.kind = HTTP_RANGE_WHOLE};
static const struct http_range unsatisfiable = {.kind = HTTP_RANGE_UNSATISFIABLE};

/* "bytes=-5": the last five. */
static struct http_range suffix_range(struct text text, uint64_t size)
{
    uint64_t count;
    if (!take_number(&text, &count) || text.length > 0)
        return whole;
    if (count == 0)
        return unsatisfiable;
    if (size == 0)
        return whole; /* satisfiable by its rule, and not to be written as first-last */
    return (struct http_range){HTTP_RANGE_PART, count < size ? size - count : 0, size - 1};
}

/* "bytes=5-" and "bytes=5-9". */
static struct http_range first_last_range(struct text text, uint64_t size)
{
    uint64_t first, last = UINT64_MAX;
    if (!take_number(&text, &first) || text.length == 0 || *text.at != '-')
        return whole;
    skip(&text, 1);
    bool open_ended = text.length == 0;
    if (!open_ended && (!take_number(&text, &last) || text.length > 0 || last < first))
        return whole;
    if (first >= size)
        return unsatisfiable;
    return (struct http_range){HTTP_RANGE_PART, first, last < size ? last : size - 1};
}

struct http_range http_conditions_range(const struct http_request *request, const char *head,
                                        const struct representation *content, time_t now)
{
    static const char unit[] = "bytes=";
    struct text text = value_of(request, head, HTTP_RANGE);
    bool in_bytes =
        text.length > sizeof unit - 1 && strncasecmp(text.at, unit, sizeof unit - 1) == 0;
    if (request->method != HTTP_GET || !in_bytes ||
        !range_still_applies(request, head, content, now))
        return whole;
    skip(&text, sizeof unit - 1);
    return *text.at == '-' ? (skip(&text, 1), suffix_range(text, content->length_bytes))
                           : first_last_range(text, content->length_bytes);
}
