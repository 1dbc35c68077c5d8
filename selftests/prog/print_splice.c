// SPDX-License-Identifier: GPL-2.0-only
/* Prints with vmsplice() and tee() if it may, else as others do. */
#include "prog.h"
#include <sys/uio.h>

static void print(const char *text)
{
	struct iovec iov = { (char *)text, strlen(text) };

	if (vmsplice(1, &iov, 1, 0) < 0)
		CHECK(write(1, text, iov.iov_len) == (ssize_t)iov.iov_len);
}

int main(void)
{
	char buf[64];
	ssize_t n;
	int p[2];

	print("spliced from memory\n");
	CHECK(!pipe(p) && write(p[1], "from a pipe\n", 12) == 12);
	n = tee(p[0], 1, 12, 0);
	if (n < 0) {
		n = read(p[0], buf, sizeof(buf));
		CHECK(write(1, buf, n) == n);
	}
	return 0;
}
