// SPDX-License-Identifier: GPL-2.0-only
/* Dies of SIGILL (status 132) with a second thread asleep. */
#include "prog.h"

static void *sleeper(void *arg)
{
	pause();
	return NULL;
}

int main(void)
{
	pthread_t t;

	CHECK(!pthread_create(&t, NULL, sleeper, NULL));
	printf("thread at %#lx\n", (unsigned long)t);
	fflush(stdout);
	__builtin_trap();
}
