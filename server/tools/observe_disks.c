#include "tools/observe_disks.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What may be asked for, and what slowdisk is told. */
static const struct {
    const char *command, *line;
} commands[] = {
    {"hold", "hold\n"},
    {"go", "go\n"},
    {"release-one", "release one\n"},
    {"release-all", "release all\n"},
};

/* Does not wait: where nobody reads the pipe, opening it fails. */
static bool write_line(const char *pipe, const char *line)
{
    int file = open(pipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t length = (ssize_t)strlen(line);
    bool well = write(file, line, (size_t)length) == length;
    close(file);
    return well;
}

bool disks_tell(const struct disks *disks, const char *command)
{
    bool any = false;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        for (size_t disk = 0; disk < disks->count && strcmp(commands[i].command, command) == 0;
             disk++)
            any |= write_line(disks->control[disk], commands[i].line);
    return any;
}
