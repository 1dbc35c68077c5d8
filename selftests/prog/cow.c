// SPDX-License-Identifier: GPL-2.0-only
/* After fork, parent and child change the same pages apart from each other. */
#include "prog.h"

#define PAGES 16

int main(void)
{
	unsigned char *m = map_pages(PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	static int data = 5;
	pid_t pid;

	for (int i = 0; i < PAGES; i++)
		m[i * 4096] = i;
	for (int gen = 0; gen < 3; gen++) {
		fflush(stdout);
		pid = fork();
		CHECK(pid >= 0);
		for (int i = 0; i < PAGES; i++)
			if ((i & 1) == !pid)
				m[i * 4096 + 1] += pid ? 3 : 100;
		data = data * 7 + !pid;
		printf("%s %d: %#llx %d\n", pid ? "parent" : "child", gen,
		       (unsigned long long)hash(m, PAGES * 4096), data);
		fflush(stdout);
		if (!pid)
			_exit(gen);
		reap(pid, "child");
	}
	return 0;
}
