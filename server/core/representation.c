#include "core/representation.h"

#include "core/http_date.h"
#include "core/mime.h"

#include <stdio.h>
#include <string.h>

static void write_type(struct representation *content, const char *type)
{
    char *at = content->fields + content->validators_length;
    size_t left = sizeof content->fields - content->validators_length;
    content->fields_length =
        content->validators_length + (size_t)snprintf(at, left, "Content-Type: %s\r\n", type);
}

static void write_etag(struct representation *content, const struct file_facts *facts)
{
    static const char prefix[] = "ETag: ";
    int length = snprintf(
        content->fields, sizeof content->fields, "%s\"%llx-%llx-%llx.%lx\"\r\n", prefix,
        (unsigned long long)facts->inode, (unsigned long long)facts->size_bytes,
        (unsigned long long)facts->modified.tv_sec, (unsigned long)facts->modified.tv_nsec);
    content->etag = content->fields + sizeof prefix - 1;
    content->etag_length = (size_t)length - (sizeof prefix - 1) - strlen("\r\n");
    content->validators_length = (size_t)length;
}

static void write_modified(struct representation *content)
{
    char date[HTTP_DATE_LENGTH + 1];
    content->has_modified = content->has_modified && http_date_format(date, content->modified);
    if (!content->has_modified)
        return;
    char *at = content->fields + content->validators_length;
    size_t left = sizeof content->fields - content->validators_length;
    content->validators_length += (size_t)snprintf(at, left, "Last-Modified: %s\r\n", date);
}

void representation_of_file(struct representation *content, const char *name,
                            const struct file_facts *facts, time_t now)
{
    content->length_bytes = facts->size_bytes;
    content->modified = facts->modified.tv_sec;
    content->has_modified = content->modified <= now;
    write_etag(content, facts);
    write_modified(content);
    write_type(content, mime_type_of(name));
}

void representation_of_page(struct representation *content, const char *type, uint64_t length)
{
    *content = (struct representation){.length_bytes = length};
    write_type(content, type);
}
