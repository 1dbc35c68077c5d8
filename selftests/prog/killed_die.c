// SPDX-License-Identifier: GPL-2.0-only
/* A thread kills its process (status 137) while two others compute. */
#include "prog.h"

static volatile uint64_t sink;

static void *computer(void *arg)
{
	for (;;)
		sink = work(sink);
	return NULL;
}

int main(void)
{
	pthread_t t;

	CHECK(!pthread_create(&t, NULL, computer, NULL));
	CHECK(!pthread_create(&t, NULL, computer, NULL));
	sleep_ms(15);
	printf("sink %#llx\n", (unsigned long long)sink);
	fflush(stdout);
	kill(getpid(), SIGKILL);
	return 1;
}
