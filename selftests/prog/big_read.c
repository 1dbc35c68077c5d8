// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that write more at once than may wait for the log's reader, in a process of
 * two threads. With an argument: begin when that file is there.
 */
#include "prog.h"
#include <sys/uio.h>

#define SIZE	(24u << 20)

static void *other(void *arg)
{
	pause();
	return arg;
}

static void show(const char *what, const char *buf)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < SIZE; i += 4096)
		sum = sum * 31 + hash(buf + i, 64);
	printf("%s %#llx\n", what, (unsigned long long)sum);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	char *buf = map_pages(SIZE / 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	struct iovec two[] = { { buf, SIZE / 2 }, { buf + SIZE / 2, SIZE / 2 } };
	int fd = memfd_create("big", 0);
	pthread_t t;

	for (size_t i = 0; i < SIZE; i += 8)
		*(uint64_t *)(buf + i) = i * 0x9e3779b97f4a7c15ull;
	CHECK(fd >= 0 && write(fd, buf, SIZE) == SIZE);
	CHECK(!pthread_create(&t, NULL, other, NULL));
	show("written", buf);
	while (argc > 1 && access(argv[1], F_OK))
		sleep_ms(50);
	memset(buf, 0, SIZE);
	CHECK(pread(fd, buf, SIZE, 0) == SIZE);
	show("read", buf);
	memset(buf, 0, SIZE);
	CHECK(preadv(fd, two, 2, 0) == SIZE);
	show("read in two", buf);
	return 0;
}
