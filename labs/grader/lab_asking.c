#include "grader/lab_inside.h"
#include "support/deadline.h"

#include <check.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TEXT_ROOM = 1000,
    SENT_BYTES = 500, /* all in all Check takes no more than 4096 */
    GOT_BYTES = 2500,
    LINE_ROOM = 200,
    TALKS_MAX = 4096,
    LOOK_AGAIN_MS = 20,
};

/* What was sent on each connection, for the messages: the file, or NULL. */
static struct {
    const struct http_connection *talk;
    const char *file;
} asked[TALKS_MAX];
static size_t asked_count;

/* --- the messages --------------------------------------------------------------------------- */

void demand(bool is_met, const char *sent, const char *got, const char *format, ...)
{
    char expected[TEXT_ROOM];
    if (is_met) {
        ck_assert(is_met); /* so that Check knows how far a test has come */
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(expected, sizeof expected, format, arguments);
    va_end(arguments);
    ck_abort_msg("sent:     %.*s\ngot:      %.*s\nexpected: %s", SENT_BYTES, sent, GOT_BYTES, got,
                 expected);
}

static void note_asked(const struct http_connection *talk, const char *file)
{
    asked[asked_count % TALKS_MAX].talk = talk;
    asked[asked_count++ % TALKS_MAX].file = file;
}

/* The last that had this address: an earlier one may have been closed. */
static const char *what_was_sent(const struct http_connection *talk)
{
    static char text[LINE_ROOM];
    size_t known = asked_count < TALKS_MAX ? asked_count : TALKS_MAX;
    for (size_t back = 1; back <= known; back++) {
        size_t i = (asked_count - back) % TALKS_MAX;
        if (asked[i].talk == talk) {
            snprintf(text, sizeof text, "GET /%s HTTP/1.1", asked[i].file);
            return text;
        }
    }
    return "a request";
}

/* --- asking --------------------------------------------------------------------------------- */

struct http_connection *lab_ask(const char *file)
{
    char request[LINE_ROOM];
    struct http_connection *talk = http_open(lab_server.program.port);
    note_asked(talk, file);
    talk->deadline = deadline_in(LAB_DEADLINE_MS);
    snprintf(request, sizeof request, "GET /%s HTTP/1.1\r\nHost: test\r\n\r\n", file);
    http_send_text(talk, request);
    return talk;
}

static bool has_answered(struct http_connection *talk)
{
    http_receive(talk);
    return talk->count > 0 || talk->input_length > 0 || talk->closed;
}

struct http_connection *lab_ask_cold(const char *file)
{
    unsigned before = lab_count_reads_of(file);
    struct http_connection *talk = lab_ask(file);
    bool is_held, is_answered;
    do {
        is_answered = has_answered(talk);
        is_held = lab_count_reads_of(file) > before;
    } while (!is_held && !is_answered && deadline_retry(talk->deadline));
    talk->timed_out |= !is_held && !is_answered;
    demand(is_held, what_was_sent(talk), http_describe(talk),
           "a read of this file from the disk (pread(2), or aio_read(3)), which is held there");
    return talk;
}

/* --- releasing ------------------------------------------------------------------------------ */

void lab_release(const char *file)
{
    lab_find_file(file)->is_released = true;
    slow_tell(lab_tree(), "release %s", file);
}

void lab_release_all(void)
{
    for (size_t i = 0; lab_file_at(i) != NULL; i++)
        lab_file_at(i)->is_released = true;
    slow_tell(lab_tree(), "release all");
}

void lab_release_one(void)
{
    slow_tell(lab_tree(), "release one");
}

void lab_let_go(void)
{
    slow_tell(lab_tree(), "go");
}

/* --- demanding answers ---------------------------------------------------------------------- */

/* Waits for the first answer. A file that was released may be read again: that must not wait. */
static void await_answer(struct http_connection *talk, struct lab_file *file)
{
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    do {
        talk->deadline = deadline_in(LOOK_AGAIN_MS);
        http_read_answers(talk, 1);
        if (file != NULL && talk->count == 0)
            lab_release_again(file);
    } while (talk->count == 0 && !talk->closed && deadline_left_ms(deadline) > 0);
    talk->deadline = deadline;
    talk->timed_out = talk->count == 0 && !talk->closed;
}

/* The first byte that is not as in the file, in words; NULL if there is none. */
static const char *find_difference(const struct http_answer *answer, const struct lab_file *file)
{
    static char text[LINE_ROOM];
    if (answer->body_length != file->length) {
        snprintf(text, sizeof text, "%zu bytes instead of %zu", answer->body_length, file->length);
        return text;
    }
    for (size_t i = 0; i < file->length; i++)
        if (answer->body[i] != file->bytes[i]) {
            snprintf(text, sizeof text, "byte %zu of %zu is 0x%02x instead of 0x%02x", i,
                     file->length, (unsigned char)answer->body[i], (unsigned char)file->bytes[i]);
            return text;
        }
    return NULL;
}

void demand_file(struct http_connection *talk, const char *file)
{
    char got[TEXT_ROOM];
    static const char expected[] = "one answer, 200, with the %zu bytes of %s";
    const char *sent = what_was_sent(talk);
    struct lab_file *known = lab_find_file(file);
    await_answer(talk, known);
    bool is_well = talk->count == 1 && talk->answers[0].status == 200 && http_is_tidy(talk);
    demand(is_well, sent, http_describe(talk), expected, known->length, file);
    const char *difference = find_difference(&talk->answers[0], known);
    snprintf(got, sizeof got, "200, but not the file: %s", difference != NULL ? difference : "");
    demand(difference == NULL, sent, got, expected, known->length, file);
}

void demand_hot(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct http_connection *talk = lab_ask("hot.txt");
        demand_file(talk, "hot.txt");
        http_close(talk);
    }
}

void demand_no_answer(struct http_connection *talk)
{
    bool is_answered = has_answered(talk);
    demand(!is_answered, what_was_sent(talk), http_describe(talk),
           "no answer yet: what it needs is still held");
}

void demand_status(struct http_connection *talk, int status)
{
    await_answer(talk, NULL);
    bool is_well = talk->count == 1 && talk->answers[0].status == status && http_is_tidy(talk);
    demand(is_well, what_was_sent(talk), http_describe(talk), "one answer, with status %d", status);
}
