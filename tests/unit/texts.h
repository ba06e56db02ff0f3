/*
 * Looking at texts, those of the project's own sources among them: load one, search it, and tell
 * all faults at once. A test that looks at sources is run in the project's root.
 */
#ifndef UNIT_TEXTS_H
#define UNIT_TEXTS_H

#include <regex.h>
#include <stddef.h>
#include <stdio.h>

/* --- faults, all of them told at once --------------------------------------------------------- */

struct faults {
    char text[4096];
    size_t length;
};

/* Adds one, by printf's rules; what has no room is left out. */
void add_fault(struct faults *faults, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Fails the test if there are faults. */
void demand_no(const struct faults *faults, const char *path);

/* --- texts ------------------------------------------------------------------------------------ */

enum { TEXT_BYTES = 256 * 1024 }; /* room for a text and its NUL */

/* Reads all there is into TEXT_BYTES of memory, and closes the file. A longer text is a failure. */
void text_read(FILE *file, char *into);

/* The same by a path. */
void text_load(const char *path, char *into);

/* --- patterns --------------------------------------------------------------------------------- */

enum {
    WORD_BYTES = 128,
    GROUPS = 5, /* of a pattern, the whole match among them */
};

struct search {
    regex_t pattern;
    const char *at;
    regmatch_t groups[GROUPS];
};

/* Begins to search a text for an extended regular expression; "^" and "$" are lines' ends. */
void search_begin(struct search *search, const char *pattern, const char *where);

/*
 * Goes to the next match and writes its groups into `words`; returns where it is. NULL: there are
 * no more, and the search has ended.
 */
const char *search_next(struct search *search, char words[GROUPS][WORD_BYTES]);

#endif
