// SPDX-License-Identifier: GPL-2.0-only
/* Large transfers in one call: 4 MiB into fresh memory, and through a pipe. */
#include "prog.h"

#define SIZE (4u << 20)

static char *buf;

static void *writer(void *arg)
{
	int fd = (intptr_t)arg;

	CHECK(write(fd, buf, SIZE / 4) == SIZE / 4);
	close(fd);
	return NULL;
}

int main(void)
{
	int fd = open("/dev/urandom", O_RDONLY), p[2], parts = 0;
	char *in = map_pages(SIZE / 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	size_t got = 0;
	pthread_t t;
	ssize_t n;

	buf = map_pages(SIZE / 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	n = read(fd, buf, SIZE - 100);
	CHECK(n == SIZE - 100);
	printf("read %zd %#llx\n", n, (unsigned long long)hash(buf, SIZE));
	CHECK(!pipe(p));
	CHECK(!pthread_create(&t, NULL, writer, (void *)(intptr_t)p[1]));
	while ((n = read(p[0], in + got, SIZE - got)) > 0) {
		got += n;
		parts++;
	}
	CHECK(!pthread_join(t, NULL));
	printf("piped %zu in %d parts %#llx\n", got, parts,
	       (unsigned long long)hash(in, SIZE));
	return 0;
}
