// SPDX-License-Identifier: GPL-2.0-only
/* A seccomp filter: one call fails, one raises SIGSYS, one kills (159). */
#include "prog.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#define RULE(nr, action)						\
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),			\
	BPF_STMT(BPF_RET | BPF_K, action)

static void handler(int sig, siginfo_t *si, void *arg)
{
	printf("signal %d call %d errno %d\n", sig, si->si_syscall, si->si_errno);
}

int main(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		RULE(SYS_getpriority, SECCOMP_RET_ERRNO | ETIME),
		RULE(SYS_getppid, SECCOMP_RET_TRAP | 77),
		RULE(SYS_getpgid, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_SIZE(filter), filter };

	on_signal(SIGSYS, handler, 0);
	CHECK(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	CHECK(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog));
	errno = 0;
	printf("getpriority: %ld", syscall(SYS_getpriority, 0, 0));
	printf(" %s\n", strerror(errno));
	for (int i = 0; i < 2; i++)
		printf("getppid: %ld\n", syscall(SYS_getppid) > 0 ? 1l : 0l);
	fflush(stdout);
	syscall(SYS_getpgid, 0);
	return 1;
}
