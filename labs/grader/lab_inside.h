/*
 * What the parts of lab.h know of each other.
 */
#ifndef GRADER_LAB_INSIDE_H
#define GRADER_LAB_INSIDE_H

#include "grader/lab.h"

#include <stdbool.h>
#include <stddef.h>

enum { LAB_NAME_BYTES = 32 };

/* A file that is served, and what the grader knows of it. */
struct lab_file {
    char name[LAB_NAME_BYTES];
    char *bytes;
    size_t length;
    bool is_released; /* its reads need not wait: neither those held now, nor later ones */
};

/* The file of this name; the test fails if there is none. */
struct lab_file *lab_find_file(const char *name);

/* All files that there are, until NULL comes: lab_file_at(0), lab_file_at(1), ... */
struct lab_file *lab_file_at(size_t index);

/* Makes the tree with hot.txt, before the first server of a test. */
const struct docroot *lab_tree(void);

/* Releases what is held of a file that was released before: a file may take several reads. */
void lab_release_again(struct lab_file *file);

/* How many reads of this file were held so far. */
unsigned lab_count_reads_of(const char *file);

/*
 * How the server ended, if it has: its status as in the shells, 128 + N for signal N; or -1 if it
 * runs, was not started, or the test itself has seen its end. Waits a moment for it.
 */
int lab_ending(void);

/* Whether it was asked to end. */
bool lab_was_asked_to_end(void);

/* Copies the last lines of the server's own standard error. */
void lab_copy_last_lines(char *text, size_t size);

#endif
