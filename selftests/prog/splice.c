// SPDX-License-Identifier: GPL-2.0-only
/* Bytes that move inside the kernel, and what then arrives in memory. */
#include "prog.h"
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

int main(void)
{
	int in = open("/proc/self/exe", O_RDONLY), sv[2], p[2], q[2];
	int out = open("splice.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	off_t off = 64;
	loff_t a = 0, b = 10000;
	char buf[8192];
	struct iovec iov = { "vmspliced", 9 };
	ssize_t n;

	CHECK(in >= 0 && out >= 0 && !pipe(p) && !pipe(q));
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	n = sendfile(sv[0], in, &off, 5000);
	printf("sendfile %zd to %lld\n", n, (long long)off);
	n = read(sv[1], buf, sizeof(buf));
	printf("got %zd %#llx\n", n, (unsigned long long)hash(buf, n));
	n = copy_file_range(in, &a, out, &b, 3000, 0);
	printf("copy_file_range %zd %lld %lld\n", n, (long long)a, (long long)b);
	a = 128;
	printf("splice in %zd\n", splice(in, &a, p[1], NULL, 4000, 0));
	printf("tee %zd\n", tee(p[0], q[1], 2000, 0));
	printf("vmsplice %zd\n", vmsplice(q[1], &iov, 1, 0));
	printf("splice out %zd\n", splice(p[0], NULL, out, &b, 3000, 0));
	n = read(q[0], buf, sizeof(buf));
	printf("tee'd %zd %#llx %.9s\n", n, (unsigned long long)hash(buf, n),
	       buf + n - 9);
	n = pread(out, buf, sizeof(buf), 9000);
	printf("file %zd %#llx\n", n, (unsigned long long)hash(buf, n > 0 ? n : 0));
	CHECK(!unlink("splice.tmp"));
	return 0;
}
