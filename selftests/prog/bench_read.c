// SPDX-License-Identifier: GPL-2.0-only
/* 200,000 reads of 64 bytes. */
#include "prog.h"

int main(void)
{
	int fd = open("/dev/zero", O_RDONLY);
	char buf[64];

	for (int i = 0; i < 200000; i++)
		CHECK(read(fd, buf, sizeof(buf)) == sizeof(buf));
	return 0;
}
