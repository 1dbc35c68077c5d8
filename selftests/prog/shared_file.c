// SPDX-License-Identifier: GPL-2.0-only
/*
 * shared_file [PATH]: one file seen through two mappings, write() and read(),
 * in two processes. Default: a memfd.
 */
#include "prog.h"

static void show(const char *what, const volatile unsigned char *a,
		 const volatile unsigned char *b)
{
	printf("%s: %u %u %u %u\n", what, a[0], b[0], a[5000], b[5000]);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	int fd = argc > 1 ? open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600) :
		 memfd_create("shared", 0);
	volatile unsigned char *a, *b, *c;
	unsigned char byte;
	pid_t pid;

	CHECK(fd >= 0 && !ftruncate(fd, 16384));
	a = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	b = mmap(NULL, 16384, PROT_READ, MAP_SHARED, fd, 0);
	c = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(a != MAP_FAILED && b != MAP_FAILED && c != MAP_FAILED);
	show("fresh", a, b);
	a[0] = 1;
	show("stored", a, b);
	CHECK(pwrite(fd, "\x42", 1, 5000) == 1);
	show("pwrite", a, b);
	CHECK(pread(fd, &byte, 1, 0) == 1);
	printf("pread %u private %u %u\n", byte, c[0], c[5000]);
	c[0] = 9;
	a[0] = 2;
	printf("private %u\n", c[0]);
	fflush(stdout);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		a[0] = 33;
		c[0] = 44;
		CHECK(pwrite(fd, "\x07", 1, 5001) == 1);
		_exit(b[0]);
	}
	reap(pid, "child");
	show("child stored", a, b);
	printf("private %u, written by the child %u\n", c[0], b[5001]);
	CHECK(!ftruncate(fd, 4096));
	CHECK(!ftruncate(fd, 16384));
	show("cut", a, b);
	CHECK(!msync((void *)a, 16384, MS_SYNC));
	if (argc > 1)
		CHECK(!unlink(argv[1]));
	return 0;
}
