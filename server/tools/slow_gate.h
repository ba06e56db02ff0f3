/*
 * A gate before certain system calls of another program and all its threads and children: each
 * such call stops until it is let go. By seccomp user notification (seccomp_unotify(2)): Linux
 * 5.5 and later, no privileges needed, no change to the program.
 *
 * The call itself is carried out by the kernel afterwards, as if nothing had happened. This makes
 * a disk slow; it is no sandbox, and nothing here is meant to keep anybody from anything.
 */
#ifndef TOOLS_SLOW_GATE_H
#define TOOLS_SLOW_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A kind of call that can be stopped. */
struct gate_kind {
    const char *name;
    int number;
    unsigned descriptor_argument; /* which of its arguments is the file that is read, from 0 */
};

/* The kind of this name, or NULL. */
const struct gate_kind *gate_find_kind(const char *name, size_t length);

enum { GATE_KINDS_MAX = 8 };

struct gate {
    int notices; /* readable when a call has been stopped */
    pid_t program;
    const struct gate_kind *kinds[GATE_KINDS_MAX];
    size_t kind_count;
};

/* A call that has been stopped. */
struct gate_call {
    uint64_t id;
    pid_t thread;
    const struct gate_kind *kind;
    int descriptor;
};

/*
 * Starts a program behind a gate for `gate->kinds`, with `input` as its standard input. Returns 0;
 * or an errno if the system does not allow it: then no program is running. A program that cannot
 * be executed ends with status 127 after a line on standard error.
 */
int gate_start(struct gate *gate, char *argv[], int input);

/* Takes the next stopped call, if there is one; does not wait if `notices` is readable. */
bool gate_next(const struct gate *gate, struct gate_call *call);

/* Whether the call is still stopped; else its thread has died, and the number is another's. */
bool gate_is_stopped(const struct gate *gate, uint64_t id);

/* Lets a call go on. If its thread has died meanwhile, nothing happens. */
void gate_let_go(const struct gate *gate, uint64_t id);

#endif
