// SPDX-License-Identifier: GPL-2.0-only
/* What is left after madvise(): zeros, old contents, or either (MADV_FREE). */
#include "prog.h"

#ifndef MADV_PAGEOUT
#define MADV_COLD 20
#define MADV_PAGEOUT 21
#endif

/* The kernel may be given another advice; the register is as it was. */
static void register_kept(void *p)
{
	long ret = 28 /* madvise */, advice = MADV_FREE;

	__asm__ volatile("syscall" : "+a"(ret), "+d"(advice) : "D"(p), "S"(4096) :
			 "rcx", "r11", "memory");
	printf("madvise %ld, register %s\n", ret, advice == MADV_FREE ? "kept" : "changed");
}

/* Refused here; in a replay nothing is locked. Who sees it elsewhere has no page-in. */
static void remove_locked(void)
{
	int fd = memfd_create("removed", 0), ret;
	volatile char *p, *q;

	CHECK(fd >= 0 && !ftruncate(fd, 4096));
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	q = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED && q != MAP_FAILED);
	p[0] = 7;
	CHECK(q[0] == 7 && !mlock((void *)p, 4096));
	ret = madvise((void *)p, 4096, MADV_REMOVE);
	printf("remove, locked: %d, holds %d\n", ret, q[0]);
	CHECK(!munlock((void *)p, 4096));
	ret = madvise((void *)p, 4096, MADV_REMOVE);
	printf("remove: %d, holds %d\n", ret, q[0]);
}

int main(void)
{
	static const int advice[] = { MADV_DONTNEED, MADV_FREE, MADV_COLD,
				      MADV_PAGEOUT, MADV_WILLNEED,
				      MADV_HUGEPAGE, MADV_NOHUGEPAGE,
				      MADV_DONTFORK, MADV_WIPEONFORK };
	unsigned char *p;
	pid_t pid;

	for (size_t i = 0; i < ARRAY_SIZE(advice); i++) {
		int ret;

		p = map_pages(16, PROT_READ | PROT_WRITE, MAP_PRIVATE);
		memset(p, i + 1, 16 * 4096);
		ret = madvise(p + 4096, 8 * 4096, advice[i]);
		p[2 * 4096] = 0x55;
		printf("advice %d: %d %#llx\n", advice[i], ret,
		       (unsigned long long)hash(p, 16 * 4096));
		fflush(stdout);
		if (advice[i] != MADV_WIPEONFORK)
			continue;
		pid = fork();
		CHECK(pid >= 0);
		if (!pid) {
			printf("wiped: %#llx\n",
			       (unsigned long long)hash(p, 16 * 4096));
			fflush(stdout);
			_exit(0);
		}
		reap(pid, "child");
	}
	register_kept(p);
	remove_locked();
	return 0;
}
