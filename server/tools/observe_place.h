/*
 * Where the things are that belong to a program: beside it where it was built, or where `make
 * install` puts them.
 */
#ifndef TOOLS_OBSERVE_PLACE_H
#define TOOLS_OBSERVE_PLACE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Finds the directory that a program lies in, from the word it was called by: the part before the
 * last slash, or the first directory of PATH that has it. Returns false if there is none.
 */
bool place_of_program(const char *word, char *directory, size_t size);

/* Finds the page of the observer for a program in this directory. Returns false if it is not there.
 */
bool place_of_page(const char *directory, char *page, size_t size);

#endif
