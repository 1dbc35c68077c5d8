// SPDX-License-Identifier: GPL-2.0-only
/*
 * A debugger's hardware breakpoints: on a variable that is written to, and on a place
 * in the code, each in a loop.
 */
#include "prog.h"
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#define ROUNDS	40

static volatile uint64_t watched, sink;

static noinline void place(void)
{
	sink = work(sink);
}

static void child(void)
{
	CHECK(!ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	raise(SIGSTOP);
	for (int i = 0; i < ROUNDS; i++) {
		sink = work(sink + i);
		if (i % 3 == 0)
			watched += sink;
		place();
	}
	_exit(sink & 0x3f);
}

static void set(pid_t pid, int reg, uint64_t value)
{
	CHECK(!ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[reg]), value));
}

int main(void)
{
	struct user_regs_struct regs;
	uint64_t sum = 0;
	int status, n = 0;
	pid_t pid = fork();

	if (!pid)
		child();
	CHECK(waitpid(pid, &status, 0) == pid);
	set(pid, 0, (uintptr_t)&watched);
	set(pid, 1, (uintptr_t)place);
	/* Enabled are the first, for writing 8 bytes, and the second, for execution. */
	set(pid, 7, 0x1 | 0x4 | 0xdull << 16);
	for (;;) {
		CHECK(!ptrace(PTRACE_CONT, pid, NULL, 0));
		CHECK(waitpid(pid, &status, 0) == pid);
		if (!WIFSTOPPED(status))
			break;
		CHECK(!ptrace(PTRACE_GETREGS, pid, NULL, &regs));
		sum = sum * 31 + regs.rip - (uintptr_t)place + regs.rax +
		      ptrace(PTRACE_PEEKDATA, pid, &watched, NULL) +
		      ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user, u_debugreg[6]), NULL);
		n++;
	}
	printf("%d stops, sum %llx, status %x\n", n, (unsigned long long)sum, status);
	return n != ROUNDS + (ROUNDS + 2) / 3;
}
