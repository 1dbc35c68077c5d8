// SPDX-License-Identifier: GPL-2.0-only
/* SIGILL and SIGTRAP, handled; UD2 is stepped over by changing the context. */
#include "prog.h"
#include <ucontext.h>

static void handler(int sig, siginfo_t *si, void *arg)
{
	ucontext_t *uc = arg;

	printf("signal %d code %d addr %p ip %#llx\n", sig, si->si_code,
	       sig == SIGILL ? si->si_addr : NULL,
	       (unsigned long long)uc->uc_mcontext.gregs[REG_RIP]);
	if (sig == SIGILL)
		uc->uc_mcontext.gregs[REG_RIP] += 2;
}

int main(void)
{
	on_signal(SIGILL, handler, 0);
	on_signal(SIGTRAP, handler, 0);
	for (int i = 0; i < 3; i++) {
		asm volatile("ud2" ::: "memory");
		asm volatile("int3" ::: "memory");
	}
	return 0;
}
