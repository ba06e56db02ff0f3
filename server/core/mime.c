#include "core/mime.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* clang-format off */
static const struct {
    const char *ending, *type;
} types[] = {
    {"avif",  "image/avif"},
    {"c",     "text/plain; charset=utf-8"},
    {"css",   "text/css; charset=utf-8"},
    {"csv",   "text/csv; charset=utf-8"},
    {"gif",   "image/gif"},
    {"gz",    "application/gzip"},
    {"h",     "text/plain; charset=utf-8"},
    {"htm",   "text/html; charset=utf-8"},
    {"html",  "text/html; charset=utf-8"},
    {"ico",   "image/x-icon"},
    {"jpeg",  "image/jpeg"},
    {"jpg",   "image/jpeg"},
    {"js",    "text/javascript; charset=utf-8"},
    {"json",  "application/json"},
    {"log",   "text/plain; charset=utf-8"},
    {"md",    "text/markdown; charset=utf-8"},
    {"mjs",   "text/javascript; charset=utf-8"},
    {"mp3",   "audio/mpeg"},
    {"mp4",   "video/mp4"},
    {"pdf",   "application/pdf"},
    {"png",   "image/png"},
    {"svg",   "image/svg+xml"},
    {"tar",   "application/x-tar"},
    {"txt",   "text/plain; charset=utf-8"},
    {"wasm",  "application/wasm"},
    {"webm",  "video/webm"},
    {"webp",  "image/webp"},
    {"woff",  "font/woff"},
    {"woff2", "font/woff2"},
    {"xml",   "application/xml"},
    {"zip",   "application/zip"},
};
/* clang-format on */

const char *mime_type_of(const char *file_name)
{
    const char *slash = strrchr(file_name, '/');
    const char *dot = strrchr(slash != NULL ? slash : file_name, '.');
    for (size_t i = 0; dot != NULL && i < sizeof types / sizeof *types; i++)
        if (strcasecmp(dot + 1, types[i].ending) == 0)
            return types[i].type;
    return "application/octet-stream";
}
