// SPDX-License-Identifier: GPL-2.0-only
/* Random bytes from the kernel, by each way. */
#include "prog.h"
#include <sys/random.h>

int main(void)
{
	unsigned char buf[300];
	char uuid[64] = "";
	int fd;

	CHECK(getrandom(buf, sizeof(buf), 0) == sizeof(buf));
	printf("getrandom %#llx\n", (unsigned long long)hash(buf, sizeof(buf)));
	CHECK(!getentropy(buf, 16));
	printf("getentropy %#llx\n", (unsigned long long)hash(buf, 16));
	fd = open("/dev/urandom", O_RDONLY);
	CHECK(fd >= 0 && read(fd, buf, sizeof(buf)) == sizeof(buf));
	printf("urandom %#llx\n", (unsigned long long)hash(buf, sizeof(buf)));
	fd = open("/proc/sys/kernel/random/uuid", O_RDONLY);
	if (fd >= 0 && read(fd, uuid, sizeof(uuid) - 1) > 0)
		printf("uuid %s", uuid);
	return 0;
}
