/*
 * Something that can be chosen by an option: a model, a poller, a disk, a wake-up.
 *
 * Each is one constant structure in a file of its own, whose first member is this. The build
 * makes the lists from the same list of objects that it links, so that a file swapped for
 * another is the whole of the change.
 */
#ifndef CORE_CHOICE_H
#define CORE_CHOICE_H

struct choice {
    const char *name;    /* what the option's value is */
    const char *summary; /* one line for --help-all */
};

#endif
