// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals that come where there is no stack for them, at the end of a call and while it
 * computes: the kernel sends SIGSEGV, which has a stack of its own.
 */
#include "prog.h"
#include <sys/time.h>

static volatile sig_atomic_t faults, wrong;

static void never(int sig)
{
	wrong++;
}

static void on_fault(int sig, siginfo_t *si, void *context)
{
	faults++;
	printf("signal %d code %d address %p\n", sig, si->si_code, si->si_addr);
}

int main(void)
{
	char *none = map_pages(1, PROT_NONE, MAP_PRIVATE);
	stack_t alt = { .ss_sp = map_pages(16, PROT_READ | PROT_WRITE, MAP_PRIVATE),
			.ss_size = 16 * 4096 };
	struct itimerval soon = { .it_value.tv_usec = 20000 };
	long ret = SYS_kill;

	CHECK(!sigaltstack(&alt, NULL));
	on_signal(SIGSEGV, on_fault, SA_ONSTACK);
	CHECK(signal(SIGUSR1, never) != SIG_ERR && signal(SIGALRM, never) != SIG_ERR);
	asm volatile("mov %%rsp, %%rbx; mov %3, %%rsp; syscall; mov %%rbx, %%rsp"
		     : "+a" (ret)
		     : "D" ((long)getpid()), "S" ((long)SIGUSR1), "r" (none + 2048)
		     : "rbx", "rcx", "r11", "memory");
	printf("kill %ld, %d faults\n", ret, (int)faults);
	CHECK(!setitimer(ITIMER_REAL, &soon, NULL));
	asm volatile("mov %%rsp, %%rbx; mov %1, %%rsp; 1: cmpl $1, %0; jle 1b; mov %%rbx, %%rsp"
		     : : "m" (faults), "r" (none + 2048) : "rbx", "memory", "cc");
	printf("%d faults, %d delivered\n", (int)faults, (int)wrong);
	return faults != 2 || wrong;
}
