// SPDX-License-Identifier: GPL-2.0-only
/* socketpair, TCP and UDP over the loopback, options and addresses. */
#include "prog.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static struct sockaddr_in addr = { .sin_family = AF_INET };

static int bound(int type)
{
	socklen_t len = sizeof(addr);
	int s = socket(AF_INET, type, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	addr.sin_port = 0;
	CHECK(s >= 0 && !bind(s, (void *)&addr, sizeof(addr)));
	CHECK(!getsockname(s, (void *)&addr, &len));
	printf("port %d\n", ntohs(addr.sin_port));
	return s;
}

static void *client(void *arg)
{
	char buf[100];
	int s = socket(AF_INET, SOCK_STREAM, 0);
	ssize_t n;

	CHECK(!connect(s, (void *)&addr, sizeof(addr)));
	for (int i = 0; i < 5; i++) {
		n = snprintf(buf, sizeof(buf), "request %d at %llu", i,
			     (unsigned long long)now_ns());
		CHECK(send(s, buf, n, MSG_NOSIGNAL) == n);
		n = recv(s, buf, sizeof(buf), 0);
		CHECK(n > 0);
	}
	close(s);
	return NULL;
}

static void tcp(void)
{
	struct tcp_info info;
	struct sockaddr_in peer;
	socklen_t len = sizeof(peer);
	char buf[100];
	pthread_t t;
	ssize_t n;
	int l = bound(SOCK_STREAM), s, v;

	CHECK(!listen(l, 5));
	CHECK(!pthread_create(&t, NULL, client, NULL));
	s = accept4(l, (void *)&peer, &len, SOCK_CLOEXEC);
	CHECK(s >= 0);
	printf("peer %s:%d\n", inet_ntoa(peer.sin_addr), ntohs(peer.sin_port));
	while ((n = recv(s, buf, sizeof(buf), 0)) > 0) {
		printf("%.*s\n", (int)n, buf);
		CHECK(send(s, buf, n, MSG_NOSIGNAL) == n);
	}
	len = sizeof(info);
	CHECK(!getsockopt(s, IPPROTO_TCP, TCP_INFO, &info, &len));
	printf("rtt %u state %u\n", info.tcpi_rtt, info.tcpi_state);
	len = sizeof(v);
	CHECK(!getsockopt(s, SOL_SOCKET, SO_RCVBUF, &v, &len));
	printf("rcvbuf %d\n", v);
	CHECK(!pthread_join(t, NULL));
	close(s);
	close(l);
}

static void udp(void)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	int a = bound(SOCK_DGRAM), b = socket(AF_INET, SOCK_DGRAM, 0);
	struct mmsghdr mm[3];
	struct iovec iov[3];
	char bufs[3][32];
	int n;

	for (int i = 0; i < 4; i++)
		CHECK(sendto(b, "datagram" + i, 9 - i, 0, (void *)&addr,
			     sizeof(addr)) == 9 - i);
	n = recvfrom(a, bufs[0], 32, MSG_TRUNC, (void *)&from, &len);
	printf("%d from port %d: %s\n", n, ntohs(from.sin_port), bufs[0]);
	memset(mm, 0, sizeof(mm));
	for (int i = 0; i < 3; i++) {
		iov[i] = (struct iovec){ bufs[i], 32 };
		mm[i].msg_hdr.msg_iov = &iov[i];
		mm[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(a, mm, 3, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		printf("%u: %s\n", mm[i].msg_len, bufs[i]);
	n = recv(a, bufs[0], 32, MSG_DONTWAIT);
	printf("empty: %d %s\n", n, strerror(errno));
	close(a);
	close(b);
}

int main(void)
{
	char buf[16] = "";
	int sv[2], s, n;

	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv));
	CHECK(write(sv[0], "packet", 7) == 7);
	n = recv(sv[1], buf, 3, MSG_PEEK | MSG_TRUNC);
	printf("%d %s\n", n, buf);
	n = read(sv[1], buf, 16);
	printf("%d %s\n", n, buf);
	tcp();
	udp();
	s = socket(AF_INET, SOCK_STREAM, 0);
	addr.sin_port = htons(1);
	n = connect(s, (void *)&addr, sizeof(addr));
	printf("refused: %d %s\n", n, strerror(errno));
	return 0;
}
