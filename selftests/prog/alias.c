// SPDX-License-Identifier: GPL-2.0-only
/*
 * alias: memory that is seen at several addresses, written by calls at one that has not
 * been touched, or through its file, and read at the others.
 */
#include "prog.h"
#include <sys/mman.h>

#define PAGE	4096
#define WINDOWS	24

static char *map(int fd, int prot)
{
	char *at = mmap(NULL, PAGE, prot, MAP_SHARED, fd, 0);

	CHECK(at != MAP_FAILED);
	return at;
}

/* The kernel writes where nobody has been; elsewhere the page is known. */
static void write_untouched(int fd, int from)
{
	char *known = map(fd, PROT_READ | PROT_WRITE), *other = map(fd, PROT_READ | PROT_WRITE);

	strcpy(known, "as it was, and long enough");
	CHECK(pread(from, other, 10, 0) == 10);
	printf("%s\n", known);
	CHECK(!munmap(known, PAGE) && !munmap(other, PAGE));
}

/* All that was there is gone, and nobody has looked since. */
static void write_emptied(int fd, int from)
{
	char *known = map(fd, PROT_READ | PROT_WRITE);

	strcpy(known, "as it was, and long enough");
	CHECK(!ftruncate(fd, 0) && !ftruncate(fd, PAGE));
	CHECK(pread(from, known, 4, 0) == 4);
	printf("%s\n", known);
	CHECK(!munmap(known, PAGE));
}

/* A file in many mappings, all of them touched, then written to. */
static void write_file(int fd)
{
	char *window[WINDOWS], byte = 'a';

	for (int i = 0; i < WINDOWS; i++)
		window[i] = map(fd, PROT_READ);
	for (int round = 0; round < 3; round++, byte++) {
		CHECK(pwrite(fd, &byte, 1, 100) == 1);
		for (int i = 0; i < WINDOWS; i++)
			putchar(window[i][100]);
		putchar('\n');
	}
}

int main(void)
{
	int shared = memfd_create("alias", 0), file = memfd_create("file", 0);

	CHECK(shared >= 0 && file >= 0);
	CHECK(!ftruncate(shared, PAGE) && !ftruncate(file, PAGE));
	CHECK(pwrite(file, "0123456789", 10, 0) == 10);
	write_untouched(shared, file);
	write_emptied(shared, file);
	write_file(file);
	return 0;
}
