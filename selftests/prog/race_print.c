// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_print [LINES]: threads and a child print at the same time, with nothing that orders
 * them: what comes first is the result.
 */
#include "race.h"
#include <sys/wait.h>

static int gate own_page;
static int lines;

static void print(int who)
{
	char line[32];

	for (int i = 0; i < lines; i++) {
		int len = snprintf(line, sizeof(line), "%d %d\n", who, i);

		CHECK(write(i % 5 ? 1 : 2, line, len) == len);
	}
}

static void thread(int me)
{
	meet(&gate, 3);
	print(me);
}

int main(int argc, char **argv)
{
	pid_t child;

	lines = amount(argc, argv, 150, 100000);
	child = fork();
	CHECK(child >= 0);
	if (!child) {
		print(9);
		_exit(0);
	}
	run_threads(3, thread);
	CHECK(waitpid(child, NULL, 0) == child);
	return 0;
}
