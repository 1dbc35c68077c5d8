// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that name most of the address space, or all of it: what they cost goes by
 * what is there.
 */
#include "prog.h"

#define WIDE	(8ul << 40)
#define ALL	0x7ffffffff000ul

static char *reserve(size_t len)
{
	char *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static void *toucher(void *wide)
{
	((char *)wide)[WIDE / 2] = 1;
	return NULL;
}

int main(void)
{
	char *p = reserve(WIDE), *q;
	pthread_t thread;
	int status;
	pid_t pid;

	CHECK(!pthread_create(&thread, NULL, toucher, p) && !pthread_join(thread, NULL));
	p[4096] = 2;
	CHECK(!madvise(p + WIDE / 4, WIDE / 2, MADV_DONTNEED));
	printf("%d %d\n", p[4096], p[WIDE / 2]);
	CHECK(!mprotect(p, WIDE, PROT_READ));
	q = mremap(p, WIDE, WIDE, MREMAP_MAYMOVE | MREMAP_FIXED, p - WIDE - 4096);
	CHECK(q == p - WIDE - 4096);
	printf("%d\n", q[4096]);
	CHECK(reserve(WIDE) && !munmap(q, WIDE));
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		munmap(NULL, ALL);	/* with this code */
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	printf("without memory: signal %d\n", WTERMSIG(status));
	return 0;
}
