// SPDX-License-Identifier: GPL-2.0-only
/* Dies of SIGABRT (status 134): abort() raises, unblocks, raises again. */
#include "prog.h"

static void handler(int sig, siginfo_t *si, void *arg)
{
	static const char text[] = "handler ran\n";

	CHECK(write(2, text, sizeof(text) - 1) > 0);
}

int main(void)
{
	printf("time %llu\n", (unsigned long long)now_ns());
	fflush(stdout);
	on_signal(SIGABRT, handler, 0);
	abort();
}
