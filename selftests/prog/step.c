// SPDX-License-Identifier: GPL-2.0-only
/*
 * Single steps: a program that sets TF for itself, and one that steps its child
 * with ptrace(), over computing and over system calls, as a debugger does.
 */
#include "prog.h"
#include <sys/ptrace.h>
#include <sys/user.h>
#include <ucontext.h>

#define TF	0x100
#define STEPS	2000

static volatile sig_atomic_t steps;
static volatile uint64_t path, sink;

static void trap(int sig, siginfo_t *si, void *uc)
{
	greg_t *regs = ((ucontext_t *)uc)->uc_mcontext.gregs;

	(void)sig;
	path = path * 31 + (regs[REG_RIP] - (greg_t)(uintptr_t)trap) + si->si_code;
	if (++steps == STEPS)
		regs[REG_EFL] &= ~TF;
}

static void step_self(void)
{
	uint64_t seed = 1;

	on_signal(SIGTRAP, trap, 0);
	asm volatile("lea -128(%%rsp), %%rsp; pushf; orl %0, (%%rsp); popf; lea 128(%%rsp), %%rsp"
		     : : "i" (TF) : "memory", "cc");
	while (steps < STEPS)
		seed = work(seed);
	printf("self: %d steps, path %llx, seed %llx\n", (int)steps,
	       (unsigned long long)path, (unsigned long long)seed);
}

/* Inline, so that the first steps are over it. */
static inline long call(long nr)
{
	long ret;

	asm volatile("syscall; nop; nop" : "=a" (ret)
		     : "0" (nr), "D" (0), "S" (0), "d" (0) : "rcx", "r11", "memory");
	return ret;
}

static void child(void)
{
	CHECK(!ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	asm volatile("int3");
	for (int i = 0; i < 3; i++) {
		call(SYS_getppid);	/* made for the kernel, or answered for it */
		call(SYS_gettid);
		call(SYS_getcpu);
		call(SYS_sched_yield);
		sink = work(i);
	}
	_exit(3);
}

static void step_child(void)
{
	struct user_regs_struct regs;
	uint64_t sum = 0;
	int status, n = 0;
	pid_t pid = fork();

	if (!pid)
		child();
	CHECK(waitpid(pid, &status, 0) == pid);
	while (WIFSTOPPED(status) && n < 20000) {
		CHECK(!ptrace(PTRACE_GETREGS, pid, NULL, &regs));
		sum = sum * 31 + regs.rip + regs.rax + regs.eflags;
		CHECK(!ptrace(n < STEPS ? PTRACE_SINGLESTEP : PTRACE_CONT, pid, NULL, NULL));
		CHECK(waitpid(pid, &status, 0) == pid);
		n++;
	}
	printf("child: %d stops, sum %llx, status %x\n", n, (unsigned long long)sum, status);
}

int main(void)
{
	step_self();
	step_child();
	return 0;
}
