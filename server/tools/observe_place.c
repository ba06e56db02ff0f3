#include "tools/observe_place.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool place_of_program(const char *word, char *directory, size_t size)
{
    char file[PATH_MAX];
    const char *slash = strrchr(word, '/');
    if (slash != NULL)
        return snprintf(directory, size, "%.*s", (int)(slash - word), word) < (int)size;
    const char *path = getenv("PATH");
    while (path != NULL && *path != '\0') {
        size_t length = strcspn(path, ":");
        snprintf(directory, size, "%.*s", (int)length, path);
        snprintf(file, sizeof file, "%s/%s", directory, word);
        if (access(file, X_OK) == 0)
            return true;
        path += length + (path[length] == ':');
    }
    return false;
}

bool place_of_page(const char *directory, char *page, size_t size)
{
    static const char *const places[] = {"observer", "../share/threeways/observer"};
    char file[PATH_MAX];
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(page, size, "%s/%s", directory, places[i]);
        snprintf(file, sizeof file, "%s/index.html", page);
        if (access(file, R_OK) == 0)
            return true;
    }
    return false;
}
