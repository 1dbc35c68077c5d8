// SPDX-License-Identifier: GPL-2.0-only
/*
 * rrtime FILE CMD [ARG...]: runs CMD without input and output and appends to
 * FILE "STATUS WALL CPU": seconds, CPU of the command and all it waited for.
 */
#include "prog.h"
#include <sys/resource.h>

#define PATIENCE	600	/* seconds */

int main(int argc, char **argv)
{
	uint64_t start, wall;
	struct rusage ru;
	int null, st;
	FILE *f;
	pid_t pid;

	CHECK(argc > 2);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	CHECK(null >= 0);
	start = now_ns();
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		alarm(PATIENCE);
		dup2(null, 0);
		dup2(null, 1);
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	CHECK(wait4(pid, &st, 0, &ru) == pid);
	wall = now_ns() - start;
	f = fopen(argv[1], "ae");
	CHECK(f);
	fprintf(f, "%d %.6f %.6f\n",
		WIFSIGNALED(st) ? 128 + WTERMSIG(st) : WEXITSTATUS(st), wall / 1e9,
		ru.ru_utime.tv_sec + ru.ru_stime.tv_sec +
		(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6);
	CHECK(!fclose(f));
	return 0;
}
