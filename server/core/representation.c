#include "core/representation.h"

#include "core/http_date.h"
#include "core/mime.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void append(struct representation *content, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    content->fields_length +=
        (size_t)vsnprintf(content->fields + content->fields_length,
                          sizeof content->fields - content->fields_length, format, arguments);
    va_end(arguments);
}

static void write_type_and_length(struct representation *content, const char *type)
{
    append(content, "Content-Type: %s\r\n", type);
    content->part_length = content->fields_length;
    append(content, "Content-Length: %llu\r\n", (unsigned long long)content->length_bytes);
}

static void write_validators(struct representation *content, const struct file_facts *facts)
{
    static const char before_etag[] = "ETag: ";
    char date[HTTP_DATE_LENGTH + 1];
    append(content, "%s\"%llx-%llx-%llx.%lx\"\r\n", before_etag, (unsigned long long)facts->inode,
           (unsigned long long)facts->size_bytes, (unsigned long long)facts->modified.tv_sec,
           (unsigned long)facts->modified.tv_nsec);
    content->etag = content->fields + sizeof before_etag - 1;
    content->etag_length = content->fields_length - (sizeof before_etag - 1) - strlen("\r\n");
    content->has_modified = content->has_modified && http_date_format(date, content->modified);
    if (content->has_modified)
        append(content, "Last-Modified: %s\r\n", date);
    content->validators_length = content->fields_length;
}

void representation_of_file(struct representation *content, const char *name,
                            const struct file_facts *facts, time_t now)
{
    content->fields_length = 0;
    content->length_bytes = facts->size_bytes;
    content->modified = facts->modified.tv_sec;
    content->has_modified = content->modified <= now;
    write_validators(content, facts);
    append(content, "Accept-Ranges: bytes\r\n");
    write_type_and_length(content, mime_type_of(name));
}

void representation_of_page(struct representation *content, const char *type, uint64_t length)
{
    *content = (struct representation){.length_bytes = length};
    write_type_and_length(content, type);
}
