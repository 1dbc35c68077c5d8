// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads where a device may be, below 4 GiB: no log can tell when that changes, and
 * a recording says so; the program itself notices nothing.
 */
#include "prog.h"

#define NO_MEMORY	0xf7000000

int main(void)
{
	volatile uint32_t *regs;
	int fd = open("/dev/mem", O_RDONLY | O_SYNC);

	CHECK(fd >= 0);
	regs = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, NO_MEMORY);
	CHECK(regs != MAP_FAILED);
	printf("read %u\n", regs[0]);
	return 0;
}
