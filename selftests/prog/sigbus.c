// SPDX-License-Identifier: GPL-2.0-only
/* Touching a mapped file behind its end: SIGBUS, and the file grows again. */
#include "prog.h"
#include <setjmp.h>

static sigjmp_buf out;

static void handler(int sig, siginfo_t *si, void *arg)
{
	printf("signal %d code %d addr %p\n", sig, si->si_code, si->si_addr);
	siglongjmp(out, 1);
}

int main(void)
{
	int fd = memfd_create("bus", 0);
	volatile char *p;

	CHECK(fd >= 0 && !ftruncate(fd, 4096));
	p = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	on_signal(SIGBUS, handler, 0);
	p[100] = 42;
	if (!sigsetjmp(out, 1))
		p[5000] = 1;
	if (!sigsetjmp(out, 1))
		printf("read %d\n", p[9000]);
	CHECK(!ftruncate(fd, 8192));
	p[5000] = 7;
	printf("grown: %d %d\n", p[100], p[5000]);
	CHECK(!ftruncate(fd, 0));
	CHECK(!ftruncate(fd, 4096));
	printf("cut and grown: %d\n", p[100]);
	if (!sigsetjmp(out, 1))
		p[5000] = 1;
	return 0;
}
