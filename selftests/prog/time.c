// SPDX-License-Identifier: GPL-2.0-only
/* All the ways to read a clock: each value comes from outside the program. */
#include "prog.h"
#include <sched.h>
#include <sys/time.h>
#include <x86intrin.h>

static void clocks(void)
{
	static const clockid_t ids[] = {
		CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW,
		CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME,
		CLOCK_TAI, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID,
	};
	struct timespec ts, res;

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		CHECK(!clock_gettime(ids[i], &ts));
		CHECK(!clock_getres(ids[i], &res));
		printf("clock %d: %ld.%09ld res %ld\n", ids[i], (long)ts.tv_sec,
		       ts.tv_nsec, res.tv_nsec);
	}
}

static void once(void)
{
	unsigned int aux, cpu, node;
	struct timeval tv;
	struct timezone tz;
	uint64_t a, b;

	a = __rdtsc();
	b = __rdtscp(&aux);
	CHECK(b >= a);
	printf("rdtsc %#llx rdtscp %#llx aux %u\n", (unsigned long long)a,
	       (unsigned long long)b, aux);
	CHECK(!gettimeofday(&tv, &tz));
	printf("gettimeofday %ld.%06ld zone %d\n", (long)tv.tv_sec,
	       (long)tv.tv_usec, tz.tz_minuteswest);
	printf("time %ld\n", (long)time(NULL));
	CHECK(!getcpu(&cpu, &node));
	printf("getcpu %u %u sched_getcpu %d\n", cpu, node, sched_getcpu());
}

int main(void)
{
	uint64_t last = 0, t, sum = 0;

	for (int i = 0; i < 5; i++) {
		once();
		clocks();
	}
	for (int i = 0; i < 200; i++) {
		t = now_ns();
		CHECK(t >= last);
		last = t;
		sum = sum * 31 + t;
		sum = sum * 31 + __rdtsc();
	}
	printf("sum %#llx\n", (unsigned long long)sum);
	return 0;
}
