// SPDX-License-Identifier: GPL-2.0-only
/*
 * outlive FILE STEPS: prints a line and appends one to FILE every 20 ms, with
 * computing and a second thread in between; the last line is "done". For tests
 * that end a recording while the program runs: it must not notice.
 */
#include "prog.h"
#include <sys/prctl.h>
#include <x86intrin.h>

static volatile uint64_t sink;

static void *computer(void *arg)
{
	for (;;) {
		for (int i = 0; i < 1000; i++)
			sink = work(sink + 1);
		sleep_ms(3);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	int fd, n, tsc = 0, steps = argc > 2 ? atoi(argv[2]) : 3;
	const char *path = argc > 1 ? argv[1] : "/dev/null";
	uint64_t last = 0, now;
	char line[100];
	pthread_t t;

	fd = open(path, O_CREAT | O_WRONLY | O_APPEND, 0644);
	CHECK(fd >= 0 && !pthread_create(&t, NULL, computer, NULL));
	for (int i = 0; i < steps; i++) {
		now = __rdtsc();
		CHECK(now > last);
		last = now;
		n = snprintf(line, sizeof(line), "step %d at %llu\n", i,
			     (unsigned long long)now_ns());
		CHECK(write(fd, line, n) == n);
		/* The reader of standard output may be gone. */
		signal(SIGPIPE, SIG_IGN);
		n = write(1, line, n);
		sleep_ms(20);
	}
	CHECK(!prctl(PR_GET_TSC, &tsc) && tsc == PR_TSC_ENABLE);
	CHECK(write(fd, "done\n", 5) == 5);
	return 0;
}
