// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_straddle: processes beside each other, whose calls write to ordinary memory and on into
 * a page with a futex, which the kernel changes in place.
 */
#include "prog.h"
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define PAGE	4096
#define CHILDREN 4

/* What the call left, read by the program itself. */
static unsigned int sum(const char *p, size_t n)
{
	unsigned int h = 5381;

	while (n--)
		h = h * 33 + (unsigned char)*p++;
	return h;
}

/* Two pages, the second with a futex at its end; children inherit that. */
static char *map(void)
{
	char *at = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);

	CHECK(at != MAP_FAILED);
	CHECK(!syscall(SYS_futex, at + 2 * PAGE - 4, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	CHECK(!syscall(SYS_futex, at + 2 * PAGE - 4, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	return at;
}

static void child(int nr, int out, char *own, char *other)
{
	char text[64];
	struct iovec iov[3] = {
		{ other, 7 }, { other + PAGE + nr * 64 + 32, 9 }, { other + 100, 11 },
	};
	unsigned long spin = 0;
	int p[2], n;

	CHECK(!pipe(p));
	/* Touched, and so that all are in the middle of it. */
	memset(own, nr, PAGE);
	memset(other, nr, PAGE);
	for (int i = 0; i < 2000000; i++)
		spin += i ^ spin << 1;
	CHECK(write(p[1], "0123456789abcdefghijklmnopqrstuvwxyz", 36) == 36);
	CHECK(read(p[0], own + PAGE - 12, 20) == 20);
	CHECK(readv(p[0], iov, 3) == 16);
	CHECK(write(p[1], "over the border", 15) == 15);
	*own = spin;
	CHECK(read(p[0], own + PAGE - 9, 15) == 15);
	n = snprintf(text, sizeof(text), "%d: %#x %#x\n", nr, sum(own, 2 * PAGE), sum(other, 2 * PAGE));
	CHECK(write(out, text, n) == n);
	_exit(0);
}

int main(void)
{
	char buf[1024], *own = map(), *other = map();
	int p[2];
	pid_t pid[CHILDREN];
	ssize_t n;

	CHECK(!pipe(p));
	for (int i = 0; i < CHILDREN; i++) {
		pid[i] = fork();
		CHECK(pid[i] >= 0);
		if (!pid[i])
			child(i, p[1], own, other);
	}
	close(p[1]);
	while ((n = read(p[0], buf, sizeof(buf))) > 0)
		CHECK(write(1, buf, n) == n);
	for (int i = 0; i < CHILDREN; i++)
		reap(pid[i], "child");
	return 0;
}
