/*
 * Becomes the server, in such a way that it cannot harm who grades it.
 *
 * usage: cage DESCRIPTOR PROGRAM [ARGUMENT]...
 *        DESCRIPTOR: what becomes its standard error
 *
 * The server has the three standard descriptors and no other, is in a session of its own, so that
 * signals to its process group reach nobody else, and may send signals to nobody but itself. Root
 * becomes nobody, unless THREEWAYS_KEEP_USER is set.
 */
#include "grader/descriptors.h"

#include <errno.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { EXIT_NO_PROGRAM = 127, NOBODY = 65534 };

static void demand(int is_well, const char *what)
{
    if (is_well)
        return;
    fprintf(stderr, "cage: %s: %s\n", what, strerror(errno));
    exit(EXIT_NO_PROGRAM);
}

static void leave_root(void)
{
    if (geteuid() != 0 || getenv("THREEWAYS_KEEP_USER") != NULL)
        return;
    demand(setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY) == 0, "setuid");
}

/*
 * A call that sends a signal names a process first, and that must be its own; another process is
 * EPERM, as if it were somebody else's. (tkill(2) names a thread only, and is not needed.)
 */
static void forbid_signals_to_others(void)
{
#define IS_CALL(number, jump) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##number, jump, 0)
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        IS_CALL(tkill, 9),
        IS_CALL(pidfd_send_signal, 8),
        IS_CALL(kill, 4),
        IS_CALL(tgkill, 3),
        IS_CALL(rt_sigqueueinfo, 2),
        IS_CALL(rt_tgsigqueueinfo, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)getpid(), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
#undef IS_CALL
    struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
    demand(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "PR_SET_NO_NEW_PRIVS");
    demand(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0, "PR_SET_SECCOMP");
}

int main(int argument_count, char **arguments)
{
    if (argument_count < 3) {
        fputs("usage: cage DESCRIPTOR PROGRAM [ARGUMENT]...\n", stderr);
        return EXIT_NO_PROGRAM;
    }
    demand(dup2(atoi(arguments[1]), STDERR_FILENO) >= 0, "the standard error");
    demand(setsid() >= 0, "setsid");
    leave_root();
    descriptors_keep_from_children();
    forbid_signals_to_others();
    execv(arguments[2], arguments + 2);
    demand(0, arguments[2]);
    return EXIT_NO_PROGRAM;
}
