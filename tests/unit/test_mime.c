/*
 * Endings of names to media types, as IANA has them registered.
 */
#include "core/mime.h"
#include "unit/unit.h"

static const struct {
    const char *name, *type;
} types[] = {
    {"a.html", "text/html; charset=utf-8"},
    {"a.htm", "text/html; charset=utf-8"},
    {"a.css", "text/css; charset=utf-8"},
    {"a.js", "text/javascript; charset=utf-8"}, /* RFC 9239 */
    {"a.mjs", "text/javascript; charset=utf-8"},
    {"a.txt", "text/plain; charset=utf-8"},
    {"a.md", "text/markdown; charset=utf-8"}, /* RFC 7763 */
    {"a.csv", "text/csv; charset=utf-8"},     /* RFC 4180 */
    {"a.json", "application/json"},           /* RFC 8259: no charset */
    {"a.svg", "image/svg+xml"},
    {"a.png", "image/png"},
    {"a.jpg", "image/jpeg"},
    {"a.jpeg", "image/jpeg"},
    {"a.gif", "image/gif"},
    {"a.webp", "image/webp"},
    {"a.pdf", "application/pdf"},
    {"a.gz", "application/gzip"}, /* RFC 6713 */
    {"a.wasm", "application/wasm"},
    {"a.woff2", "font/woff2"}, /* RFC 8081 */
    {"a.mp4", "video/mp4"},
    {"a.mp3", "audio/mpeg"},
    /* the last ending counts, in whatever case, and only that of the file */
    {"a.tar.gz", "application/gzip"},
    {"A.HTML", "text/html; charset=utf-8"},
    {"a.Png", "image/png"},
    {"sub/dir.png/a.html", "text/html; charset=utf-8"},
    {".html", "text/html; charset=utf-8"},
    {"dir.html/a", "application/octet-stream"},
    /* RFC 9110, section 8.3: what nobody knows */
    {"a", "application/octet-stream"},
    {"html", "application/octet-stream"},
    {"a.", "application/octet-stream"},
    {"a.htmlx", "application/octet-stream"},
    {"a.htm l", "application/octet-stream"},
    {"a.xhtml5", "application/octet-stream"},
    {"", "application/octet-stream"},
    {".", "application/octet-stream"},
    {"a/", "application/octet-stream"},
};

START_TEST(a_name_has_a_type)
{
    ck_assert_str_eq(mime_type_of(types[_i].name), types[_i].type);
}
END_TEST

Suite *mime_suite(void)
{
    Suite *suite = suite_create("mime");
    tcase_add_loop_test(unit_add_case(suite, "mime"), a_name_has_a_type, 0, ROWS(types));
    return suite;
}
