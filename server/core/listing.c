#include "core/listing.h"

#include "core/target.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct names {
    char *name[LISTING_MAX_NAMES];
    size_t count;
    bool cut_off;
};

/* Text as HTML shows it; quotes too, so that it may stand in an attribute. */
static void print_escaped(FILE *page, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        switch (text[i]) {
        case '<': fputs("&lt;", page); break;
        case '>': fputs("&gt;", page); break;
        case '&': fputs("&amp;", page); break;
        case '"': fputs("&quot;", page); break;
        default: fputc(text[i], page);
        }
    }
}

static void print_entry(FILE *page, int directory, const char *name)
{
    char uri[3 * 256];
    struct stat status;
    size_t length = strlen(name);
    size_t uri_length = target_encode(uri, sizeof uri, name, length);
    bool is_directory =
        fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
    const char *slash = is_directory ? "/" : "";
    fprintf(page, "<li><a href=\"./%.*s%s\">", (int)uri_length, uri, slash);
    print_escaped(page, name, length);
    fprintf(page, "%s</a></li>\n", slash);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void collect(DIR *directory, struct names *names)
{
    struct dirent *entry;
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        if (names->count == LISTING_MAX_NAMES) {
            names->cut_off = true;
            break;
        }
        char *copy = strdup(entry->d_name);
        if (copy == NULL)
            break;
        names->name[names->count++] = copy;
    }
    qsort(names->name, names->count, sizeof *names->name, compare_names);
}

static void print_page(FILE *page, int directory, const char *name, size_t name_length,
                       const struct names *names)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>/", page);
    print_escaped(page, name, name_length);
    fputs("</title>\n<h1>/", page);
    print_escaped(page, name, name_length);
    fputs("</h1>\n<ul>\n", page);
    if (name_length > 0)
        fputs("<li><a href=\"../\">../</a></li>\n", page);
    for (size_t i = 0; i < names->count; i++)
        print_entry(page, directory, names->name[i]);
    fputs("</ul>\n", page);
    if (names->cut_off)
        fprintf(page, "<p>There are more than %d names; the rest is left out.</p>\n",
                LISTING_MAX_NAMES);
    fputs("</html>\n", page);
}

/* Writes the page into memory. Returns NULL if there is not enough. */
static char *write_page(int directory, const char *name, size_t name_length,
                        const struct names *names, size_t *length)
{
    char *text = NULL;
    FILE *page = open_memstream(&text, length);
    if (page == NULL)
        return NULL;
    print_page(page, directory, name, name_length, names);
    if (fclose(page) == 0)
        return text;
    free(text);
    return NULL;
}

char *listing_make(int descriptor, const char *name, size_t name_length, size_t *length)
{
    DIR *directory = fdopendir(descriptor);
    if (directory == NULL) {
        close(descriptor);
        return NULL;
    }
    struct names names = {.count = 0};
    collect(directory, &names);
    char *page = write_page(descriptor, name, name_length, &names, length);
    for (size_t i = 0; i < names.count; i++)
        free(names.name[i]);
    closedir(directory);
    return page;
}
