// SPDX-License-Identifier: GPL-2.0-only
/*
 * rrtime FILE OUT CMD [ARG...]: runs CMD without input, with its output in OUT,
 * and appends to FILE "STATUS WALL CPU FAULTS": seconds; CPU and page faults of
 * the command and all it waited for.
 */
#include "prog.h"
#include <sys/resource.h>

#define PATIENCE	600	/* seconds */

int main(int argc, char **argv)
{
	uint64_t start, wall;
	struct rusage ru;
	int null, out, st;
	FILE *f;
	pid_t pid;

	CHECK(argc > 3);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	out = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	CHECK(null >= 0 && out >= 0);
	start = now_ns();
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		alarm(PATIENCE);
		dup2(null, 0);
		dup2(out, 1);
		execvp(argv[3], argv + 3);
		perror(argv[3]);
		_exit(127);
	}
	CHECK(wait4(pid, &st, 0, &ru) == pid);
	wall = now_ns() - start;
	f = fopen(argv[1], "ae");
	CHECK(f);
	fprintf(f, "%d %.6f %.6f %ld\n",
		WIFSIGNALED(st) ? 128 + WTERMSIG(st) : WEXITSTATUS(st), wall / 1e9,
		ru.ru_utime.tv_sec + ru.ru_stime.tv_sec +
		(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6,
		ru.ru_minflt + ru.ru_majflt);
	CHECK(!fclose(f));
	return 0;
}
