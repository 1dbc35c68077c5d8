// SPDX-License-Identifier: GPL-2.0-only
/* A tree of processes that report through one pipe, in the order they do. */
#include "prog.h"

static void tree(int depth, int id, int out)
{
	char line[64];
	pid_t pid;
	int n, st;

	n = snprintf(line, sizeof(line), "node %d pid %d of %d\n", id, getpid(),
		     getppid());
	CHECK(write(out, line, n) == n);
	for (int i = 0; depth && i < 2; i++) {
		pid = fork();
		CHECK(pid >= 0);
		if (!pid) {
			id = id * 2 + i;
			tree(depth - 1, id, out);
			_exit(id & 0x7f);
		}
	}
	while ((pid = wait(&st)) > 0) {
		n = snprintf(line, sizeof(line), "%d reaps %d: %#x\n", id, pid, st);
		CHECK(write(out, line, n) == n);
	}
}

int main(void)
{
	char buf[512];
	int p[2];
	ssize_t n;
	pid_t pid;

	CHECK(!pipe(p));
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		tree(3, 1, p[1]);
		_exit(1);
	}
	close(p[1]);
	while ((n = read(p[0], buf, sizeof(buf))) > 0)
		CHECK(write(1, buf, n) == n);
	reap(pid, "root");
	return 0;
}
