// SPDX-License-Identifier: GPL-2.0-only
/*
 * forks [FILE]: children that read the TSC, one behind the other, until FILE exists, or ten.
 * There is memory to copy, so that it is in fork() for long. Reports those that die of it.
 */
#include "prog.h"
#include <sys/mman.h>
#include <x86intrin.h>

#define SIZE	(64UL << 20)

int main(int argc, char **argv)
{
	char *mem = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid;
	int st;

	CHECK(mem != MAP_FAILED);
	CHECK(!madvise(mem, SIZE, MADV_NOHUGEPAGE));
	memset(mem, 1, SIZE);
	for (int i = 0; argc < 2 ? i < 10 : access(argv[1], F_OK); i++) {
		printf("fork\n");
		fflush(stdout);
		pid = fork();
		CHECK(pid >= 0);
		if (!pid)
			_exit(__rdtsc() == 0);
		CHECK(waitpid(pid, &st, 0) == pid);
		if (st)
			printf("bad: status %#x\n", st);
	}
	return 0;
}
