// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_pool [THREADS]: creates and joins that many threads, some of them at once.
 * Each draws a number and hashes its own stack, which another has had before it; who
 * drew which is the signature.
 */
#include "race.h"

#define AT_ONCE		16
#define MAX_POOL	10000

static int drawn[MAX_POOL], next;

static void *thread(void *arg)
{
	int me = (intptr_t)arg;
	char stack[2000];

	memset(stack, me, sizeof(stack));
	drawn[me] = __atomic_fetch_add(&next, 1, __ATOMIC_SEQ_CST);
	return (void *)(uintptr_t)hash(stack, sizeof(stack));
}

static void join(pthread_t t, int nr)
{
	char stack[2000];
	void *ret;

	CHECK(!pthread_join(t, &ret));
	memset(stack, nr, sizeof(stack));
	CHECK((uintptr_t)ret == hash(stack, sizeof(stack)));
}

int main(int argc, char **argv)
{
	int n = amount(argc, argv, 200, MAX_POOL), own = 0;
	pthread_t t[AT_ONCE];

	for (long i = 0; i < n + AT_ONCE; i++) {
		if (i >= AT_ONCE && i - AT_ONCE < n)
			join(t[i % AT_ONCE], i - AT_ONCE);
		if (i < n)
			CHECK(!pthread_create(&t[i % AT_ONCE], NULL, thread, (void *)i));
	}
	CHECK(next == n);
	for (int i = 0; i < n; i++)
		own += drawn[i] == i;
	printf("%d threads, %d drew their own number, all %016llx\n", n, own,
	       (unsigned long long)hash(drawn, n * sizeof(*drawn)));
	return 0;
}
