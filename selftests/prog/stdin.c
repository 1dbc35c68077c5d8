// SPDX-License-Identifier: GPL-2.0-only
/* Reads standard input by several ways and prints digests of it. */
#include "prog.h"
#include <sys/stat.h>
#include <sys/uio.h>

int main(void)
{
	char a[100], b[900], line[200];
	struct iovec iov[2] = { { a, sizeof(a) }, { b, sizeof(b) } };
	struct stat st;
	ssize_t n;
	int lines = 0;

	CHECK(!fstat(0, &st));
	printf("size %lld mtime %lld\n", (long long)st.st_size,
	       (long long)st.st_mtime);
	n = readv(0, iov, 2);
	printf("readv %zd %#llx %#llx\n", n, (unsigned long long)hash(a, sizeof(a)),
	       (unsigned long long)hash(b, sizeof(b)));
	n = pread(0, b, sizeof(b), 5000);
	printf("pread %zd %#llx\n", n, (unsigned long long)hash(b, sizeof(b)));
	while (fgets(line, sizeof(line), stdin))
		if (++lines % 100 == 0)
			fputs(line, stdout);
	printf("%d lines\n", lines);
	return 0;
}
