/*
 * Prints the name that gdb has for the disk's signal: its number is none that could be written
 * down (core/signals.h).
 */
#include "core/signals.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    printf("SIG%d\n", SIGNAL_DISK);
    return EXIT_SUCCESS;
}
