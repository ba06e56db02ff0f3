#include "unit/texts.h"

#include <check.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

/* --- faults ----------------------------------------------------------------------------------- */

void add_fault(struct faults *faults, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t room = sizeof faults->text - faults->length;
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): clang-tidy 14 does not see va_start */
    int length = vsnprintf(faults->text + faults->length, room, format, arguments);
    va_end(arguments);
    faults->length += (size_t)length < room ? (size_t)length : room - 1;
}

void demand_no(const struct faults *faults, const char *path)
{
    ck_assert_msg(faults->length == 0, "%s:\n%s", path, faults->text);
}

/* --- texts ------------------------------------------------------------------------------------ */

void text_read(FILE *file, char *into)
{
    size_t length = fread(into, 1, TEXT_BYTES - 1, file);
    into[length] = '\0';
    fclose(file);
    ck_assert_uint_lt(length, TEXT_BYTES - 1);
}

void text_load(const char *path, char *into)
{
    FILE *file = fopen(path, "re");
    if (file != NULL)
        text_read(file, into);
    else
        ck_abort_msg("%s: %s; run the tests in the project's root", path, strerror(errno));
}

/* --- patterns --------------------------------------------------------------------------------- */

void search_begin(struct search *search, const char *pattern, const char *where)
{
    ck_assert_int_eq(regcomp(&search->pattern, pattern, REG_EXTENDED | REG_NEWLINE), 0);
    search->at = where;
}

const char *search_next(struct search *search, char words[GROUPS][WORD_BYTES])
{
    const char *from = search->at;
    if (regexec(&search->pattern, from, GROUPS, search->groups, 0) != 0) {
        regfree(&search->pattern);
        return NULL;
    }
    for (size_t i = 0; i < GROUPS; i++) {
        const regmatch_t *group = &search->groups[i];
        int length = group->rm_so < 0 ? 0 : (int)(group->rm_eo - group->rm_so);
        snprintf(words[i], WORD_BYTES, "%.*s", length, length > 0 ? from + group->rm_so : "");
    }
    search->at = from + search->groups[0].rm_eo;
    return from + search->groups[0].rm_so;
}
