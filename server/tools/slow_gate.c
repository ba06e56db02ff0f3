#define _GNU_SOURCE
#include "tools/slow_gate.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CANNOT_EXECUTE = 127 }; /* as the shell says it */

static const struct gate_kind kinds[] = {
    {"pread64", SYS_pread64, 0}, {"preadv", SYS_preadv, 0}, {"preadv2", SYS_preadv2, 0},
    {"read", SYS_read, 0},       {"readv", SYS_readv, 0},   {"sendfile", SYS_sendfile, 1},
};

const struct gate_kind *gate_find_kind(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strlen(kinds[i].name) == length && memcmp(kinds[i].name, name, length) == 0)
            return &kinds[i];
    return NULL;
}

/* --- in the program's process, before it becomes the program -------------------------------- */

/*
 * Installs the filter: calls of our kinds are told to whoever holds the descriptor that this
 * returns, all others pass. Threads and children inherit it. Returns -1 with errno set.
 */
static int install_filter(const struct gate *gate)
{
    struct sock_filter code[2 * GATE_KINDS_MAX + 2];
    unsigned short length = 0;
    code[length++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < gate->kind_count; i++) {
        code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                                      (unsigned)gate->kinds[i]->number, 0, 1);
        code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
    }
    code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = length, .filter = code};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    /* With WAIT_KILLABLE_RECV a signal does not end a stopped call only to begin it again. */
    long notices = syscall(
        SYS_seccomp, SECCOMP_SET_MODE_FILTER,
        SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
    if (notices < 0 && errno == EINVAL) /* Linux before 5.19 does not know it */
        notices = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                          &program);
    return (int)notices;
}

/* One message with an errno and, if that is 0, a descriptor (unix(7), SCM_RIGHTS). */
union control {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
};

static void send_descriptor(int socket, int descriptor, int error)
{
    union control control = {.header = {.cmsg_len = CMSG_LEN(sizeof descriptor),
                                        .cmsg_level = SOL_SOCKET,
                                        .cmsg_type = SCM_RIGHTS}};
    struct iovec part = {&error, sizeof error};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (error == 0) {
        memcpy(CMSG_DATA(&control.header), &descriptor, sizeof descriptor);
        message.msg_control = control.room;
        message.msg_controllen = sizeof control.room;
    }
    sendmsg(socket, &message, 0);
}

static int receive_descriptor(int socket, int *descriptor)
{
    int error = EIO;
    union control control;
    struct iovec part = {&error, sizeof error};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof control.room};
    ssize_t got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (got != (ssize_t)sizeof error || (error == 0 && header == NULL))
        return EIO;
    if (error == 0)
        memcpy(descriptor, CMSG_DATA(header), sizeof *descriptor);
    return error;
}

static _Noreturn void become_program(const struct gate *gate, char *argv[], int input, int socket)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL); /* the program finds its signals as if we were not there */
    dup2(input, STDIN_FILENO);
    /* Without its keeper the gate is shut: the program could not even read its signals. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int notices = install_filter(gate);
    int error = notices < 0 ? errno : 0;
    send_descriptor(socket, notices, error);
    if (error != 0)
        _exit(CANNOT_EXECUTE);
    close(notices);
    close(socket);
    execvp(argv[0], argv);
    fprintf(stderr, "slowdisk: %s: %s; name a program after --\n", argv[0], strerror(errno));
    _exit(CANNOT_EXECUTE);
}

/* --- in our process ------------------------------------------------------------------------- */

int gate_start(struct gate *gate, char *argv[], int input)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return errno;
    gate->program = fork();
    if (gate->program == 0)
        become_program(gate, argv, input, ends[1]);
    int error = gate->program < 0 ? errno : 0;
    close(ends[1]);
    if (error == 0)
        error = receive_descriptor(ends[0], &gate->notices);
    close(ends[0]);
    if (error != 0 && gate->program > 0)
        waitpid(gate->program, NULL, 0);
    return error;
}

static const struct gate_kind *kind_of(const struct gate *gate, int number)
{
    for (size_t i = 0; i < gate->kind_count; i++)
        if (gate->kinds[i]->number == number)
            return gate->kinds[i];
    return NULL;
}

bool gate_next(const struct gate *gate, struct gate_call *call)
{
    struct seccomp_notif notice = {0};
    if (ioctl(gate->notices, SECCOMP_IOCTL_NOTIF_RECV, &notice) != 0)
        return false;
    call->id = notice.id;
    call->thread = (pid_t)notice.pid;
    call->kind = kind_of(gate, notice.data.nr);
    call->descriptor =
        call->kind != NULL ? (int)notice.data.args[call->kind->descriptor_argument] : -1;
    return true;
}

bool gate_is_stopped(const struct gate *gate, uint64_t id)
{
    return ioctl(gate->notices, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

void gate_let_go(const struct gate *gate, uint64_t id)
{
    struct seccomp_notif_resp response = {.id = id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    ioctl(gate->notices, SECCOMP_IOCTL_NOTIF_SEND, &response);
}
