// SPDX-License-Identifier: GPL-2.0-only
/* poll, ppoll, select, pselect, epoll with pipes, eventfd and timerfd. */
#include "prog.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/timerfd.h>

static int pipes[3][2];

static void *writer(void *arg)
{
	unsigned int seed = now_ns();

	for (int i = 0; i < 12; i++) {
		sleep_ms(1);
		CHECK(write(pipes[rand_r(&seed) % 3][1], "ab", 2) == 2);
	}
	return NULL;
}

static void drain(int i)
{
	char buf[64];
	ssize_t n = read(pipes[i][0], buf, sizeof(buf));

	printf(" %d:%zd", i, n);
}

static void by_poll(void)
{
	struct pollfd p[3];
	int n;

	for (int i = 0; i < 3; i++)
		p[i] = (struct pollfd){ pipes[i][0], POLLIN, 0 };
	n = poll(p, 3, 5);
	printf("poll %d", n);
	for (int i = 0; i < 3; i++)
		if (p[i].revents)
			drain(i);
	printf("\n");
}

static void by_select(void)
{
	struct timeval tv = { 0, 5000 };
	fd_set r;
	int n;

	FD_ZERO(&r);
	for (int i = 0; i < 3; i++)
		FD_SET(pipes[i][0], &r);
	n = select(100, &r, NULL, NULL, &tv);
	printf("select %d left %ld", n, (long)tv.tv_usec);
	for (int i = 0; i < 3; i++)
		if (FD_ISSET(pipes[i][0], &r))
			drain(i);
	printf("\n");
}

static void by_epoll(int ep)
{
	struct epoll_event ev[8];
	uint64_t v;
	int n = epoll_wait(ep, ev, 8, 5);

	printf("epoll %d", n);
	for (int i = 0; i < n; i++) {
		if (ev[i].data.u32 < 3) {
			drain(ev[i].data.u32);
		} else {
			CHECK(read(ev[i].data.u32, &v, 8) == 8);
			printf(" %u=%llu", ev[i].data.u32, (unsigned long long)v);
		}
	}
	printf("\n");
}

int main(void)
{
	struct itimerspec its = { { 0, 2000000 }, { 0, 2000000 } };
	struct timespec ts = { 0, 1000000 };
	int ep = epoll_create1(0), ef = eventfd(5, EFD_NONBLOCK);
	int tf = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct epoll_event ev = { .events = EPOLLIN };
	uint64_t v = 1000;
	pthread_t t;

	for (int i = 0; i < 3; i++) {
		CHECK(!pipe(pipes[i]));
		ev.data.u32 = i;
		CHECK(!epoll_ctl(ep, EPOLL_CTL_ADD, pipes[i][0], &ev));
	}
	ev.data.u32 = ef;
	CHECK(!epoll_ctl(ep, EPOLL_CTL_ADD, ef, &ev));
	ev.data.u32 = tf;
	CHECK(!epoll_ctl(ep, EPOLL_CTL_ADD, tf, &ev));
	CHECK(!timerfd_settime(tf, 0, &its, NULL));
	CHECK(!pthread_create(&t, NULL, writer, NULL));
	for (int i = 0; i < 5; i++) {
		by_poll();
		by_select();
		by_epoll(ep);
		CHECK(write(ef, &v, 8) == 8);
	}
	CHECK(!pthread_join(t, NULL));
	printf("nothing: %d\n", ppoll(NULL, 0, &ts, NULL));
	printf("pselect: %d\n", pselect(0, NULL, NULL, NULL, &ts, NULL));
	return 0;
}
