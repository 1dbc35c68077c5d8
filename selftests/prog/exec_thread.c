// SPDX-License-Identifier: GPL-2.0-only
/* exec from a thread that is not the leader, while others compute and sleep. */
#include "prog.h"

static volatile uint64_t sink;
static char **args;

static void *computer(void *arg)
{
	for (;;)
		sink = work(sink);
	return NULL;
}

static void *sleeper(void *arg)
{
	pause();
	return NULL;
}

static void *execer(void *arg)
{
	sleep_ms(10);
	printf("tid %d of %d execs\n", gettid(), getpid());
	fflush(stdout);
	execv("/proc/self/exe", args);
	return NULL;
}

int main(int argc, char **argv)
{
	char *again[] = { argv[0], "again", NULL };
	pthread_t t;

	if (argc > 1) {
		printf("now tid %d of %d\n", gettid(), getpid());
		return 11 * (gettid() != getpid());
	}
	args = again;
	CHECK(!pthread_create(&t, NULL, computer, NULL));
	CHECK(!pthread_create(&t, NULL, sleeper, NULL));
	CHECK(!pthread_create(&t, NULL, execer, NULL));
	for (;;)
		pause();
}
