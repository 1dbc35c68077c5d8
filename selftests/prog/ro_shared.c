// SPDX-License-Identifier: GPL-2.0-only
/* The kernel is the first to read memory that is shared, and read only. */
#include "prog.h"
#include <sys/socket.h>
#include <sys/uio.h>

int main(void)
{
	char text[8192], got[8192];
	int fd = memfd_create("shared", 0), sv[2];
	struct iovec iov = { .iov_len = sizeof(text) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	const char *p;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i * 31;
	CHECK(fd >= 0 && write(fd, text, sizeof(text)) == sizeof(text));
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	p = mmap(NULL, sizeof(text), PROT_READ, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	iov.iov_base = (void *)p;
	printf("sent %zd\n", sendmsg(sv[0], &msg, 0));
	printf("got %zd\n", recv(sv[1], got, sizeof(got), MSG_WAITALL));
	printf("%#llx %#llx\n", (unsigned long long)hash(got, sizeof(got)),
	       (unsigned long long)hash(p, sizeof(text)));
	return 0;
}
