// SPDX-License-Identifier: GPL-2.0-only
/* Shared memory that comes and goes: what nobody has any more takes no room. */
#include "prog.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/statfs.h>

#define SIZE	(1UL << 20)
#define ROUNDS	16

/* Nobody else uses this file system. */
static unsigned long room(void)
{
	struct statfs fs;

	CHECK(!statfs(".", &fs));
	return fs.f_bfree * fs.f_bsize;
}

static unsigned char use(int round)
{
	int fd = open("segment", O_RDWR | O_CREAT, 0600);
	unsigned char *mem, sum = 0;

	CHECK(fd >= 0 && !ftruncate(fd, SIZE));
	mem = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(mem != MAP_FAILED);
	for (unsigned long i = 0; i < SIZE; i += 4096)
		mem[i] = round + i / 4096;
	CHECK(!unlink("segment") && !close(fd));
	for (unsigned long i = 0; i < SIZE; i += 4096)
		sum += mem[i];
	CHECK(!munmap(mem, SIZE));
	return sum;
}

int main(void)
{
	unsigned long before = room();

	for (int i = 0; i < ROUNDS; i++)
		printf("%d\n", use(i));
	CHECK(room() + 4 * SIZE > before);
	return 0;
}
