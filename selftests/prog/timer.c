// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timer signals into a loop that makes no system call. The handler prints the
 * loop's counter: the signal must come back at exactly the same instruction.
 */
#include "prog.h"
#include <sys/time.h>

#define SIGNALS 6

static volatile uint64_t counter, seed;
static volatile sig_atomic_t got;

static void tick(int sig, siginfo_t *si, void *uc)
{
	char line[100];
	int n;

	n = snprintf(line, sizeof(line), "signal %d code %d value %d at %llu seed %llx\n",
		     sig, si->si_code, sig == SIGALRM ? 0 : si->si_value.sival_int,
		     (unsigned long long)counter, (unsigned long long)seed);
	CHECK(write(1, line, n) == n);
	got++;
}

static void compute(void)
{
	while (got < SIGNALS) {
		seed = work(seed);
		counter++;
	}
	got = 0;
}

int main(void)
{
	struct itimerval it = { { 0, 40000 }, { 0, 40000 } };
	struct itimerspec its = { { 0, 30000000 }, { 0, 30000000 } };
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL,
			       .sigev_signo = SIGRTMIN + 3,
			       .sigev_value.sival_int = 4711 };
	timer_t id;

	on_signal(SIGALRM, tick, SA_RESTART);
	on_signal(SIGRTMIN + 3, tick, SA_RESTART);
	CHECK(!setitimer(ITIMER_REAL, &it, NULL));
	compute();
	memset(&it, 0, sizeof(it));
	CHECK(!setitimer(ITIMER_REAL, &it, NULL));
	CHECK(!timer_create(CLOCK_MONOTONIC, &ev, &id));
	CHECK(!timer_settime(id, 0, &its, NULL));
	compute();
	CHECK(!timer_settime(id, 0, &(struct itimerspec){ 0 }, &its));
	printf("overrun %d left %ld\n", timer_getoverrun(id),
	       its.it_value.tv_nsec);
	CHECK(!timer_delete(id));
	return 0;
}
