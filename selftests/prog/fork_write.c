// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file that is mapped, and is written to while a child that has the mapping, too, has
 * not run yet.
 */
#include "prog.h"

int main(void)
{
	char name[] = "fork_write.XXXXXX";
	int fd = mkstemp(name), i;
	volatile char *p;
	pid_t pid;

	CHECK(fd >= 0 && !unlink(name) && !ftruncate(fd, 4096));
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	p[0] = 1;
	for (i = 0; i < 50; i++) {
		pid = fork();
		CHECK(pid >= 0);
		if (!pid)
			_exit(p[0] < 1);
		CHECK(pwrite(fd, &(char){ i + 2 }, 1, 0) == 1);
		reap(pid, "child");
	}
	printf("holds %d\n", p[0]);
	return 0;
}
