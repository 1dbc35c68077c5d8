// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that unmap what is in their way, and then fail, or map something else there than
 * was moved; and huge pages, of which a mapping has more than was asked for.
 */
#include "prog.h"
#include <setjmp.h>
#include <signal.h>

#define HUGE	(2ul << 20)
#define PAGE	4096

static sigjmp_buf out;

static void on_fault(int sig)
{
	siglongjmp(out, sig);
}

static void touch(const char *what, volatile char *p)
{
	int sig = sigsetjmp(out, 1);

	if (!sig)
		printf("%s: %d\n", what, *p);
	else
		printf("%s: signal %d\n", what, sig);
	fflush(stdout);
}

static void huge_pages(void)
{
	FILE *f = fopen("/proc/sys/vm/nr_hugepages", "w");
	char *p;

	if (f) {
		fprintf(f, "2\n");
		fclose(f);
	}
	p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	printf("huge: %s\n", p == MAP_FAILED ? strerror(errno) : "mapped");
	if (p != MAP_FAILED) {
		p[HUGE - 1] = 7;
		touch("behind what was asked for", p + HUGE - 1);
		CHECK(!munmap(p, HUGE));
	}
}

int main(void)
{
	char *area = map_pages(3 * HUGE / PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE), *p, *q;
	struct sigaction sa = { .sa_handler = on_fault };
	int fd = memfd_create("file", 0);

	sigaction(SIGSEGV, &sa, NULL);
	p = (char *)(((uintptr_t)area + HUGE - 1) & ~(HUGE - 1));
	memset(p, 1, HUGE);
	q = mmap(p, HUGE, PROT_READ | PROT_WRITE,
		 MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, fd, 0);
	printf("mmap in its place: %s\n", q == MAP_FAILED ? "failed" : "done");
	/* Without reservation SIGBUS, if there are no such pages. */
	sigaction(SIGBUS, &sa, NULL);
	touch("what was there", p);

	CHECK(fd >= 0 && !ftruncate(fd, 2 * PAGE) && pwrite(fd, "\x05", 1, PAGE) == 1);
	p = map_pages(4, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	memset(p, 2, 4 * PAGE);
	q = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(q != MAP_FAILED);
	q = mremap(q, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p);
	CHECK(q == p);
	touch("moved there", p);
	touch("more of the file", p + PAGE);
	touch("behind it", p + 2 * PAGE);
	/* Longer than what there is of it: the destination is unmapped before that is seen. */
	q = mremap(p, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area);
	printf("mremap of too much: %s\n", q == MAP_FAILED ? strerror(errno) : "done");
	touch("where it was to go", area);
	huge_pages();
	return 0;
}
