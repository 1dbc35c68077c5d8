// SPDX-License-Identifier: GPL-2.0-only
/* Endless recursion: dies of SIGSEGV (status 139) at the end of the stack. */
#include "prog.h"
#include <sys/resource.h>

static volatile int depth;

static noinline int forever(int n)
{
	volatile char frame[3000];

	depth = n;
	frame[0] = n;
	return n < 0 ? 0 : forever(n + 1) + frame[0];
}

int main(void)
{
	struct rlimit rl = { 1 << 20, 1 << 20 };

	CHECK(!setrlimit(RLIMIT_STACK, &rl));
	printf("stack at %p\n", &rl);
	fflush(stdout);
	return forever(0);
}
