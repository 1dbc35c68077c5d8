// SPDX-License-Identifier: GPL-2.0-only
/*
 * rt_sigreturn() restores registers that look like those of a new handler, while a
 * signal is pending that does nothing: SSE registers must be restored, too.
 */
#include "prog.h"
#include <ucontext.h>

static void on_usr1(int sig, siginfo_t *info, void *context)
{
	greg_t *reg = ((ucontext_t *)context)->uc_mcontext.gregs;

	asm volatile("pxor %%xmm7, %%xmm7" : : : "xmm7");
	/* Blocked here, so it is kept; ignored as soon as it is not. */
	CHECK(!syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGURG));
	reg[REG_RDI] = SIGHUP;
	reg[REG_RDX] = reg[REG_RSP] + 8;
}

int main(void)
{
	struct sigaction sa = { .sa_sigaction = on_usr1, .sa_flags = SA_SIGINFO };
	uint64_t before = 0x123456789abcdef0, after = 0;
	long di = getpid(), si = syscall(SYS_gettid), dx = SIGUSR1, ax = SYS_tgkill;

	sigfillset(&sa.sa_mask);
	CHECK(!sigaction(SIGUSR1, &sa, NULL));
	asm volatile("movq %[before], %%xmm7\n\t"
		     "syscall\n\t"
		     "movq %%xmm7, %[after]"
		     : "+a"(ax), "+D"(di), "+S"(si), "+d"(dx), [after] "=r"(after)
		     : [before] "r"(before) : "rcx", "r11", "memory", "xmm7");
	printf("returned %ld, rdi %ld, xmm7 %#llx\n", ax, di, (unsigned long long)after);
	CHECK(after == before);
	return 0;
}
