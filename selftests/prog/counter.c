// SPDX-License-Identifier: GPL-2.0-only
/*
 * counter [THREADS [ITERATIONS]]: adds to one counter from several threads
 * without a lock. How many updates are lost depends on every switch.
 */
#include "prog.h"

static uint64_t counter;
static int iterations = 3000, ready;

static void *adder(void *arg)
{
	uint64_t seed = (uintptr_t)arg, v;

	__atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
	for (int i = 0; i < iterations; i++) {
		v = READ_ONCE(counter);
		seed = work(seed);
		WRITE_ONCE(counter, v + 1);
		if (i % 500 == 250)
			sched_yield();
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
		CHECK(!pthread_create(&t[i], NULL, adder, (void *)(i + 1)));
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
