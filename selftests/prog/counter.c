// SPDX-License-Identifier: GPL-2.0-only
/*
 * counter [THREADS [ITERATIONS]]: adds to one counter from several threads
 * without a lock. How many updates are lost depends on every switch, and to
 * have some of them between the load and the store, a thread yields there now
 * and then, when its generator says so, which began with the time.
 */
#include "prog.h"

static uint64_t counter;
static int iterations = 3000;

static void *adder(void *arg)
{
	uint64_t seed = now_ns() * (uintptr_t)arg, v;

	for (int i = 0; i < iterations; i++) {
		v = READ_ONCE(counter);
		seed = work(seed);
		if (!(seed >> 56))
			sched_yield();
		WRITE_ONCE(counter, v + 1);
	}
	return (void *)seed;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 4;
	uint64_t want, sum = 0;
	pthread_t t[64];
	void *seed;

	CHECK(n > 0 && n <= (int)ARRAY_SIZE(t));
	if (argc > 2)
		iterations = atoi(argv[2]);
	for (long i = 0; i < n; i++)
		CHECK(!pthread_create(&t[i], NULL, adder, (void *)(2 * i + 1)));
	for (int i = 0; i < n; i++) {
		CHECK(!pthread_join(t[i], &seed));
		sum ^= (uintptr_t)seed;
	}
	want = (uint64_t)n * iterations;
	printf("%d threads, %llu additions, counter %llu, %llu lost (%#llx)\n",
	       n, (unsigned long long)want, (unsigned long long)counter,
	       (unsigned long long)(want - counter), (unsigned long long)sum);
	return counter > want;
}
