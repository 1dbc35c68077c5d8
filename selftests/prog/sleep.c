// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sleeping, interrupted: what is left; alarm, pause, absolute times. The timer goes off
 * again: the first time may be before the call that it is to interrupt.
 */
#include "prog.h"
#include <sys/time.h>

static volatile sig_atomic_t count;

static void handler(int sig, siginfo_t *si, void *arg)
{
	count++;
}

int main(void)
{
	const struct itimerval on = { { 0, 200000 }, { 0, 10000 } }, off = { 0 };
	struct timespec ts, rem;
	uint64_t start;

	on_signal(SIGALRM, handler, 0);
	for (int i = 0; i < 3; i++) {
		ts = (struct timespec){ 5, 0 };
		CHECK(!setitimer(ITIMER_REAL, &on, NULL));
		CHECK(nanosleep(&ts, &rem) == -1 && errno == EINTR);
		CHECK(!setitimer(ITIMER_REAL, &off, NULL));
		printf("left %ld.%09ld after %d\n", (long)rem.tv_sec,
		       rem.tv_nsec, count);
	}
	CHECK(!setitimer(ITIMER_REAL, &on, NULL));
	pause();
	CHECK(!setitimer(ITIMER_REAL, &off, NULL));
	printf("paused, %d\n", count);
	alarm(100);
	printf("alarm left %u\n", alarm(0));
	CHECK(!clock_gettime(CLOCK_MONOTONIC, &ts));
	start = now_ns();
	ts.tv_nsec += 5000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_nsec -= 1000000000;
		ts.tv_sec++;
	}
	CHECK(!clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL));
	printf("slept %llu ns\n", (unsigned long long)(now_ns() - start));
	usleep(1000);
	printf("and %llu ns\n", (unsigned long long)(now_ns() - start));
	return 0;
}
