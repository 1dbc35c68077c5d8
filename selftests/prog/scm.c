// SPDX-License-Identifier: GPL-2.0-only
/* Descriptors and credentials in control messages. */
#include "prog.h"
#include <sys/socket.h>

static void send_fds(int s, int a, int b)
{
	char ctl[CMSG_SPACE(2 * sizeof(int))] = { 0 };
	struct iovec iov = { "two", 4 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = ctl, .msg_controllen = sizeof(ctl) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(2 * sizeof(int));
	memcpy(CMSG_DATA(c), (int[]){ a, b }, 2 * sizeof(int));
	CHECK(sendmsg(s, &m, 0) == 4);
}

int main(void)
{
	char ctl[256], data[16], buf[32] = "";
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = ctl, .msg_controllen = sizeof(ctl) };
	int sv[2], p[2], fds[2] = { -1, -1 }, one = 1;
	struct cmsghdr *c;
	pid_t pid;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	CHECK(!setsockopt(sv[0], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)));
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		CHECK(!pipe(p));
		CHECK(write(p[1], "through the pipe", 16) == 16);
		send_fds(sv[1], p[0], p[1]);
		_exit(0);
	}
	CHECK(recvmsg(sv[0], &m, MSG_CMSG_CLOEXEC) == 4);
	printf("%s flags %#x control %zu\n", data, m.msg_flags, m.msg_controllen);
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_type == SCM_RIGHTS)
			memcpy(fds, CMSG_DATA(c), sizeof(fds));
		if (c->cmsg_type == SCM_CREDENTIALS) {
			struct ucred u;

			memcpy(&u, CMSG_DATA(c), sizeof(u));
			printf("pid %d uid %d\n", u.pid, u.uid);
		}
	}
	CHECK(read(fds[0], buf, sizeof(buf)) == 16);
	printf("fds %d %d: %s\n", fds[0], fds[1], buf);
	reap(pid, "child");
	return 0;
}
