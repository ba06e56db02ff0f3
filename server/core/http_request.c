#include "core/http_request.h"

#include <string.h>
#include <strings.h>

/* A line, or a part of one, while it is being looked at. */
struct text {
    const char *at;
    size_t length;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alphanumeric(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* tchar, RFC 9110 section 5.6.2. */
static bool is_token_char(char c)
{
    return is_alphanumeric(c) || c == '-' || (c != '\0' && strchr("!#$%&'*+.^_`|~", c) != NULL);
}

/* field-vchar, SP and HTAB, RFC 9110 section 5.5. Bytes above 0x7f are obs-text. */
static bool is_field_char(char c)
{
    unsigned char byte = (unsigned char)c;
    return (byte >= ' ' && byte != 0x7f) || byte == '\t';
}

/* What a request target may hold. Raw bytes above 0x7f are no URI, but clients send them. */
static bool is_target_char(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte > ' ' && byte != 0x7f && byte != '#';
}

/* uri-host and port, RFC 9110 section 7.2: no path, no user, no space. */
static bool is_host_char(char c)
{
    return is_alphanumeric(c) || c == '.' || c == ':' ||
           (c != '\0' && strchr("-_~%!$&'()*+,;=[]", c) != NULL);
}

static bool consists_of(struct text text, bool (*is_allowed)(char))
{
    for (size_t i = 0; i < text.length; i++)
        if (!is_allowed(text.at[i]))
            return false;
    return true;
}

static bool text_is(struct text text, const char *word)
{
    return text.length == strlen(word) && memcmp(text.at, word, text.length) == 0;
}

static bool text_is_ignoring_case(struct text text, const char *word)
{
    return strncasecmp(text.at, word, text.length) == 0 && word[text.length] == '\0';
}

/* Cuts `text` at the first `c`: returns what is before it, leaves what is after it. */
static struct text cut_at(struct text *text, char c)
{
    const char *found = memchr(text->at, c, text->length);
    struct text before = {text->at, found != NULL ? (size_t)(found - text->at) : text->length};
    size_t used = before.length + (found != NULL ? 1 : 0);
    text->at += used;
    text->length -= used;
    return before;
}

static struct text trimmed(struct text text)
{
    while (text.length > 0 && (*text.at == ' ' || *text.at == '\t')) {
        text.at++;
        text.length--;
    }
    while (text.length > 0 && (text.at[text.length - 1] == ' ' || text.at[text.length - 1] == '\t'))
        text.length--;
    return text;
}

static struct http_span span_of(const char *head, struct text text)
{
    return (struct http_span){(uint16_t)(text.at - head), (uint16_t)text.length};
}

static enum http_parse refuse(struct http_request *request, unsigned status)
{
    request->refusal = status;
    return HTTP_REFUSED;
}

/* --- the request line ------------------------------------------------------------------- */

static enum http_method method_of(struct text name)
{
    static const char *const others[] = {"POST",    "PUT",   "DELETE", "OPTIONS",
                                         "CONNECT", "TRACE", "PATCH"};
    if (text_is(name, "GET"))
        return HTTP_GET;
    if (text_is(name, "HEAD"))
        return HTTP_HEAD;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (text_is(name, others[i]))
            return HTTP_OTHER_METHOD;
    return HTTP_UNKNOWN_METHOD;
}

/* HTTP-version, RFC 9112 section 2.3: two digits, upper case. A later 1.x is read as 1.1. */
static enum http_parse parse_version(struct http_request *request, struct text version)
{
    const char *v = version.at;
    if (version.length != strlen("HTTP/1.1") || memcmp(v, "HTTP/", 5) != 0 || !is_digit(v[5]) ||
        v[6] != '.' || !is_digit(v[7]))
        return refuse(request, 400);
    if (v[5] != '1')
        return refuse(request, 505);
    request->minor_version = v[7] == '0' ? 0 : 1;
    return HTTP_COMPLETE;
}

/* Takes "http://host" off an absolute-form target (RFC 9112, section 3.2.2). */
static bool skip_origin(struct text *target)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t length = strlen(schemes[i]);
        if (target->length <= length || strncasecmp(target->at, schemes[i], length) != 0)
            continue;
        struct text rest = {target->at + length, target->length - length};
        struct text host = rest;
        host.length = 0;
        while (host.length < rest.length && is_host_char(rest.at[host.length]))
            host.length++;
        *target = (struct text){rest.at + host.length, rest.length - host.length};
        return host.length > 0;
    }
    return false;
}

static enum http_parse parse_target(struct http_request *request, const char *head,
                                    struct text target)
{
    if (target.length == 0 || !consists_of(target, is_target_char))
        return refuse(request, 400);
    if (request->method != HTTP_GET && request->method != HTTP_HEAD)
        return HTTP_COMPLETE; /* "*" and host:port are right for some; none is looked up */
    if (*target.at != '/' && !skip_origin(&target))
        return refuse(request, 400);
    if (target.length > 0 && *target.at != '/' && *target.at != '?')
        return refuse(request, 400);
    request->has_query = memchr(target.at, '?', target.length) != NULL;
    request->path = span_of(head, cut_at(&target, '?'));
    request->query = span_of(head, target);
    return HTTP_COMPLETE;
}

static enum http_parse parse_request_line(struct http_request *request, const char *head,
                                          struct text line)
{
    request->line = span_of(head, line);
    if (line.length > HTTP_LINE_MAX_BYTES)
        return refuse(request, 414);
    struct text method = cut_at(&line, ' ');
    struct text target = cut_at(&line, ' ');
    if (method.length == 0 || !consists_of(method, is_token_char))
        return refuse(request, 400);
    request->method = method_of(method);
    if (parse_version(request, line) == HTTP_REFUSED)
        return HTTP_REFUSED;
    return parse_target(request, head, target);
}

/* --- the fields --------------------------------------------------------------------------- */

/* Content-Length = 1*DIGIT, once (RFC 9112, section 6.3). A size beyond 2^63 is a lie. */
static enum http_parse parse_content_length(struct http_request *request, struct text value)
{
    if (request->has_length || value.length == 0 || value.length > 18 ||
        !consists_of(value, is_digit))
        return refuse(request, 400);
    request->has_length = true;
    for (size_t i = 0; i < value.length; i++)
        request->content_length = request->content_length * 10 + (uint64_t)(value.at[i] - '0');
    return HTTP_COMPLETE;
}

static enum http_parse parse_transfer_encoding(struct http_request *request, struct text value)
{
    if (request->has_coding)
        return refuse(request, 400);
    request->has_coding = true;
    request->chunked = text_is_ignoring_case(value, "chunked");
    return request->chunked ? HTTP_COMPLETE : refuse(request, 501);
}

static enum http_parse parse_host(struct http_request *request, struct text value)
{
    request->hosts++;
    return consists_of(value, is_host_char) ? HTTP_COMPLETE : refuse(request, 400);
}

/* A list; unknown and empty members are nobody's fault (RFC 9110, sections 5.6.1 and 7.6.1). */
static enum http_parse parse_connection(struct http_request *request, struct text value)
{
    while (value.length > 0) {
        struct text option = trimmed(cut_at(&value, ','));
        if (text_is_ignoring_case(option, "close"))
            request->says_close = true;
        if (text_is_ignoring_case(option, "keep-alive"))
            request->says_keep_alive = true;
    }
    return HTTP_COMPLETE;
}

static enum http_parse parse_expect(struct http_request *request, struct text value)
{
    if (request->minor_version == 0)
        return HTTP_COMPLETE; /* RFC 9110, section 10.1.1 */
    if (!text_is_ignoring_case(value, "100-continue"))
        return refuse(request, 417);
    request->expects_continue = true;
    return HTTP_COMPLETE;
}

/* clang-format off */
static const struct {
    const char *name;
    enum http_parse (*parse)(struct http_request *, struct text value);
} spoken_fields[] = {
    {"Connection",        parse_connection},
    {"Content-Length",    parse_content_length},
    {"Expect",            parse_expect},
    {"Host",              parse_host},
    {"Transfer-Encoding", parse_transfer_encoding},
};

static const char *const kept_fields[HTTP_KEPT_FIELDS] = {
    [HTTP_IF_MATCH]            = "If-Match",
    [HTTP_IF_MODIFIED_SINCE]   = "If-Modified-Since",
    [HTTP_IF_NONE_MATCH]       = "If-None-Match",
    [HTTP_IF_RANGE]            = "If-Range",
    [HTTP_IF_UNMODIFIED_SINCE] = "If-Unmodified-Since",
    [HTTP_RANGE]               = "Range",
};
/* clang-format on */

static void keep_field(struct http_request *request, const char *head, struct text name,
                       struct text value)
{
    for (size_t i = 0; i < HTTP_KEPT_FIELDS; i++)
        if (request->kept[i].length == 0 && text_is_ignoring_case(name, kept_fields[i]))
            request->kept[i] = span_of(head, value);
}

static enum http_parse parse_field(struct http_request *request, const char *head, struct text line)
{
    if (request->lines > HTTP_FIELDS_MAX)
        return refuse(request, 431);
    struct text value = line;
    struct text name = cut_at(&value, ':');
    bool has_colon = name.length < line.length;
    if (!has_colon || name.length == 0 || !consists_of(name, is_token_char) ||
        !consists_of(value, is_field_char))
        return refuse(request, 400);
    value = trimmed(value);
    for (size_t i = 0; i < sizeof spoken_fields / sizeof *spoken_fields; i++)
        if (text_is_ignoring_case(name, spoken_fields[i].name))
            return spoken_fields[i].parse(request, value);
    keep_field(request, head, name, value);
    return HTTP_COMPLETE;
}

/* --- the whole head ----------------------------------------------------------------------- */

/* The empty line has come: what only the whole head can tell. */
static enum http_parse finish(struct http_request *request)
{
    bool host_is_right = request->hosts == 1 || (request->hosts == 0 && !request->minor_version);
    bool framing_is_right =
        !request->has_coding || (!request->has_length && request->minor_version == 1);
    if (!host_is_right || !framing_is_right)
        return refuse(request, 400);
    if (request->content_length > HTTP_BODY_MAX_BYTES)
        return refuse(request, 413);
    request->keep_alive =
        !request->says_close && (request->minor_version == 1 || request->says_keep_alive);
    request->length = request->scanned;
    return HTTP_COMPLETE;
}

/* One line without its CR LF. PARTIAL: go on with the next line. */
static enum http_parse parse_line(struct http_request *request, const char *head, struct text line)
{
    if (line.length == 0 && request->lines == 0)
        return HTTP_PARTIAL; /* empty lines before a request are skipped, RFC 9112 section 2.2 */
    if (line.length == 0)
        return finish(request);
    enum http_parse result = request->lines == 0 ? parse_request_line(request, head, line)
                                                 : parse_field(request, head, line);
    request->lines++;
    return result == HTTP_COMPLETE ? HTTP_PARTIAL : result;
}

/* No whole line is there. Is what is there still within the limits? */
static enum http_parse check_limits(struct http_request *request, const char *head, size_t length)
{
    size_t line_length = length - request->line_begin;
    bool in_request_line = request->lines == 0;
    if (in_request_line && line_length > 0 && head[request->line_begin] != '\r' &&
        !is_token_char(head[request->line_begin]))
        return refuse(request, 400); /* a TLS hello has no line's end to wait for */
    if (in_request_line && line_length > HTTP_LINE_MAX_BYTES + 1) /* the CR is none of it */
        return refuse(request, 414);
    if (length >= HTTP_HEAD_MAX_BYTES)
        return refuse(request, 431);
    return HTTP_PARTIAL;
}

void http_request_begin(struct http_request *request)
{
    *request = (struct http_request){0};
}

enum http_parse http_request_parse(struct http_request *request, const char *head, size_t length)
{
    while (request->scanned < length) {
        const char *from = head + request->scanned;
        const char *line_feed = memchr(from, '\n', length - request->scanned);
        if (line_feed == NULL)
            break;
        request->scanned = (size_t)(line_feed - head) + 1;
        struct text line = {head + request->line_begin, 0};
        line.length = (size_t)(line_feed - line.at);
        if (request->lines == 0 && line.length > HTTP_LINE_MAX_BYTES + 1)
            return refuse(request, 414);
        if (request->scanned > HTTP_HEAD_MAX_BYTES)
            return refuse(request, 431);
        if (line.length == 0 || line.at[line.length - 1] != '\r')
            return refuse(request, 400);
        line.length--;
        request->line_begin = request->scanned;
        enum http_parse result = parse_line(request, head, line);
        if (result != HTTP_PARTIAL)
            return result;
    }
    request->scanned = length;
    return check_limits(request, head, length);
}

bool http_request_next_value(const struct http_request *request, const char *head,
                             enum http_field field, struct http_span *value)
{
    struct text rest = {head + value->begin, request->length - value->begin};
    cut_at(&rest, '\n');
    while (rest.length > 0) {
        struct text line = cut_at(&rest, '\n');
        struct text name = cut_at(&line, ':');
        if (!text_is_ignoring_case(name, kept_fields[field]))
            continue;
        line.length--; /* the CR */
        *value = span_of(head, trimmed(line));
        return true;
    }
    return false;
}

bool http_request_has_body(const struct http_request *request)
{
    return request->chunked || request->content_length > 0;
}
