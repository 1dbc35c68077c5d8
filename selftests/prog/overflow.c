// SPDX-License-Identifier: GPL-2.0-only
/* The end of the stack is met again and again, on an alternate stack. */
#include "prog.h"
#include <setjmp.h>
#include <sys/resource.h>

static char altstack[65536];
static sigjmp_buf out;
static volatile int depth;

static void handler(int sig, siginfo_t *si, void *arg)
{
	siglongjmp(out, si->si_code);
}

static noinline int forever(int n)
{
	volatile char frame[3000];

	depth = n;
	frame[0] = n;
	return n < 0 ? 0 : forever(n + 1) + frame[0];
}

int main(void)
{
	stack_t ss = { .ss_sp = altstack, .ss_size = sizeof(altstack) };
	struct rlimit rl = { 1 << 20, 1 << 20 };
	int code;

	CHECK(!setrlimit(RLIMIT_STACK, &rl));
	CHECK(!sigaltstack(&ss, NULL));
	on_signal(SIGSEGV, handler, SA_ONSTACK);
	for (int i = 0; i < 3; i++) {
		code = sigsetjmp(out, 1);
		if (!code)
			forever(i);
		printf("code %d at depth %d\n", code, depth);
	}
	return 0;
}
