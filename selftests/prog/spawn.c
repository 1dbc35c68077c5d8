// SPDX-License-Identifier: GPL-2.0-only
/* vfork, posix_spawn and a chain of execs, each link printing its pid. */
#include "prog.h"
#include <spawn.h>

extern char **environ;

static volatile int shared_with_vfork;

int main(int argc, char **argv)
{
	char *self = "/proc/self/exe", left[16];
	char *args[] = { "spawn", left, NULL };
	posix_spawn_file_actions_t fa;
	pid_t pid;
	int p[2];

	if (argc > 1) {
		int n = atoi(argv[1]);

		printf("link %d pid %d stack %p\n", n, getpid(), &n);
		fflush(stdout);
		if (!n)
			return 5;
		snprintf(left, sizeof(left), "%d", n - 1);
		execv(self, args);
		return 1;
	}
	pid = vfork();
	CHECK(pid >= 0);
	if (!pid) {
		shared_with_vfork = 77;
		_exit(3);
	}
	printf("vfork wrote %d\n", shared_with_vfork);
	reap(pid, "vfork");
	fflush(stdout);
	pid = vfork();
	CHECK(pid >= 0);
	if (!pid) {
		strcpy(left, "2");
		execv(self, args);
		_exit(1);
	}
	reap(pid, "vfork and exec");
	pid = vfork();
	CHECK(pid >= 0);
	if (!pid) {
		execv("/does/not/exist", args);
		_exit(errno);
	}
	reap(pid, "failed exec");
	fflush(stdout);
	CHECK(!pipe(p));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, p[1], 1);
	strcpy(left, "1");
	CHECK(!posix_spawn(&pid, self, &fa, NULL, args, environ));
	close(p[1]);
	while (read(p[0], left, 1) == 1)
		putchar(left[0]);
	reap(pid, "posix_spawn");
	return 0;
}
