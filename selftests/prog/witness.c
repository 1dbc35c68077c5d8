// SPDX-License-Identifier: GPL-2.0-only
/*
 * witness REPORT: whom the victim strikes. Listens on a port of the loopback,
 * counts packets, connections and SIGUSR1, and keeps REPORT up to date:
 * "PORT PID PACKETS CONNECTIONS SIGNALS". Ends with SIGTERM.
 */
#include "prog.h"
#include <arpa/inet.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

static struct sockaddr_in addr = { .sin_family = AF_INET };

static int bound(int type)
{
	socklen_t len = sizeof(addr);
	int s = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	CHECK(s >= 0 && !bind(s, (void *)&addr, sizeof(addr)));
	CHECK(!getsockname(s, (void *)&addr, &len));
	return s;
}

int main(int argc, char **argv)
{
	int counts[3] = { 0 };
	struct signalfd_siginfo si;
	struct pollfd p[3];
	char tmp[4096], buf[64];
	sigset_t set;
	FILE *f;

	CHECK(argc == 2);
	snprintf(tmp, sizeof(tmp), "%s.tmp", argv[1]);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	CHECK(!sigprocmask(SIG_BLOCK, &set, NULL));
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	p[0].fd = bound(SOCK_DGRAM);
	p[1].fd = bound(SOCK_STREAM);
	p[2].fd = signalfd(-1, &set, 0);
	CHECK(!listen(p[1].fd, 10));
	for (int i = 0; i < 3; i++)
		p[i].events = POLLIN;
	for (;;) {
		f = fopen(tmp, "we");
		CHECK(f);
		fprintf(f, "%d %d %d %d %d\n", ntohs(addr.sin_port), getpid(),
			counts[0], counts[1], counts[2]);
		CHECK(!fclose(f) && !rename(tmp, argv[1]));
		CHECK(poll(p, 3, -1) > 0);
		for (int i = 0; i < 3; i++)
			counts[i] += !!p[i].revents;
		if (p[0].revents)
			CHECK(recv(p[0].fd, buf, sizeof(buf), 0) >= 0);
		if (p[1].revents)
			close(accept(p[1].fd, NULL, NULL));
		if (p[2].revents)
			CHECK(read(p[2].fd, &si, sizeof(si)) == sizeof(si));
	}
}
