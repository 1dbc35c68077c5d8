// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_exit [CHILDREN]: a process ends while its second thread computes on a page that
 * the first has just written. The thread is killed wherever it is; what it wrote until
 * then it has written in a replay, too. The kernel writes to the thread's memory at its
 * end, which the first thread has looked at. The signature is how far they all came.
 */
#include "race.h"
#include <sys/wait.h>

static volatile uint64_t counter, scratch[64];
static int gate;

static void *compute(void *arg)
{
	(void)arg;
	WRITE_ONCE(gate, 1);
	for (;;) {
		volatile uint64_t mine[64];

		for (int i = 0; i < 64; i++)
			mine[i] = counter + i;
		for (int i = 0; i < 64; i++)
			scratch[i] = mine[i];
		counter++;
	}
	return NULL;
}

static void child(void)
{
	pthread_t t;

	CHECK(!pthread_create(&t, NULL, compute, NULL));
	spin_until(&gate, 1);
	for (int i = 0; i < 3; i++) {
		usleep(1000);
		counter++;
	}
	CHECK(pthread_tryjoin_np(t, NULL) == EBUSY);
	_exit(counter & 0x3f);
}

int main(int argc, char **argv)
{
	int n = amount(argc, argv, 8, 10000), st;
	uint64_t sig = 0;
	pid_t pid;

	for (int i = 0; i < n; i++) {
		pid = fork();
		CHECK(pid >= 0);
		if (!pid)
			child();
		CHECK(waitpid(pid, &st, 0) == pid && WIFEXITED(st));
		sig = mix(sig, WEXITSTATUS(st));
	}
	printf("%d children, signature %016llx\n", n, (unsigned long long)sig);
	return 0;
}
