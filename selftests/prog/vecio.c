// SPDX-License-Identifier: GPL-2.0-only
/* Vectors, offsets, O_DIRECT, O_APPEND, sparse files. */
#include "prog.h"
#include <sys/uio.h>

static char a[5000], b[3000], c[10];

int main(void)
{
	struct iovec iov[4] = { { a, sizeof(a) }, { NULL, 0 }, { b, sizeof(b) },
				{ c, sizeof(c) } };
	int fd = open("vecio.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600), d;
	void *page = map_pages(2, PROT_READ | PROT_WRITE, MAP_PRIVATE);

	CHECK(fd >= 0);
	for (size_t i = 0; i < sizeof(a); i++)
		a[i] = i * 7;
	memset(b, 'b', sizeof(b));
	printf("writev %zd\n", writev(fd, iov, 4));
	printf("pwritev %zd\n", pwritev(fd, iov, 4, 100000));
	memset(a, 0, sizeof(a));
	printf("preadv %zd", preadv(fd, iov, 4, 99000));
	printf(" %#llx %#llx\n", (unsigned long long)hash(a, sizeof(a)),
	       (unsigned long long)hash(b, sizeof(b)));
	printf("preadv2 %zd\n", preadv2(fd, iov, 4, -1, RWF_NOWAIT));
	printf("lseek %lld\n", (long long)lseek(fd, -20, SEEK_END));
	printf("short readv %zd\n", readv(fd, iov, 4));
	printf("hole at %lld\n", (long long)lseek(fd, 0, SEEK_HOLE));
	CHECK(iov[0].iov_len == sizeof(a));
	d = open("vecio.tmp", O_RDONLY | O_DIRECT);
	if (d >= 0)
		printf("direct %zd %#llx\n", pread(d, page, 8192, 0),
		       (unsigned long long)hash(page, 8192));
	iov[1].iov_base = (void *)8;
	iov[1].iov_len = 10;
	printf("bad vector %zd", preadv(fd, iov, 4, 0));
	printf(" %#llx\n", (unsigned long long)hash(a, sizeof(a)));
	CHECK(!unlink("vecio.tmp"));
	return 0;
}
