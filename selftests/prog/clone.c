// SPDX-License-Identifier: GPL-2.0-only
/* clone without the usual sets of flags, clone3, pidfd. */
#include "prog.h"
#include <linux/sched.h>
#include <sched.h>

static volatile int value;
static int ptid, ctid;
static char stack[65536] __attribute__((aligned(16)));

static int child(void *arg)
{
	value += 5;
	printf("child: arg %s value %d ctid %d self %d\n", (char *)arg, value,
	       ctid == getpid(), getpid() == gettid());
	fflush(stdout);
	return 21;
}

static void try(const char *name, int flags)
{
	pid_t pid;

	ptid = 0;
	ctid = 0;
	fflush(stdout);
	pid = clone(child, stack + sizeof(stack), flags | SIGCHLD,
		    (void *)name, &ptid, NULL, &ctid);
	printf("%s: %s", name, pid < 0 ? strerror(errno) : "");
	if (pid > 0)
		reap(pid, "child");
	printf("value %d ptid %d ctid %d\n", value, ptid == pid, ctid);
}

int main(void)
{
	struct clone_args args = { .flags = CLONE_PIDFD | CLONE_PARENT_SETTID,
				   .exit_signal = SIGCHLD };
	siginfo_t si = { 0 };
	int pidfd = -1;
	pid_t pid;

	try("plain", 0);
	try("settid", CLONE_PARENT_SETTID | CLONE_CHILD_SETTID);
	try("files", CLONE_FILES | CLONE_FS);
	try("vfork", CLONE_VM | CLONE_VFORK);
	try("vm", CLONE_VM | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID |
	    CLONE_PARENT_SETTID);
	args.pidfd = (uintptr_t)&pidfd;
	args.parent_tid = (uintptr_t)&ptid;
	fflush(stdout);
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (!pid)
		_exit(13);
	printf("clone3: %s pidfd %d ptid %d\n", pid < 0 ? strerror(errno) : "",
	       pidfd, ptid == pid);
	if (pid > 0) {
		CHECK(!waitid(P_PIDFD, pidfd, &si, WEXITED));
		printf("status %d code %d pid %d\n", si.si_status, si.si_code,
		       si.si_pid == pid);
	}
	return 0;
}
