// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_tls [ROUNDS]: thread-local counters, some of them in pages that threads share
 * by accident: no other thread changes them. What each got from a shared counter is
 * the signature, and the destructors of a key add up what they find.
 */
#include "race.h"

#define THREADS 4

static __thread uint64_t count, sig;
static __thread int self = -1;
static uint64_t tickets, total, sigs[THREADS];
static pthread_key_t key;
static int rounds;

static void at_end(void *arg)
{
	CHECK(arg == &count && self > 0);
	__atomic_fetch_add(&total, count, __ATOMIC_SEQ_CST);
}

static void player(int me)
{
	CHECK(self == -1 && !count);
	self = me;
	CHECK(!pthread_setspecific(key, &count));
	for (int i = 0; i < rounds; i++) {
		count++;
		if (i % 16)
			continue;
		sig = work(mix(sig, __atomic_fetch_add(&tickets, 1, __ATOMIC_SEQ_CST)));
	}
	CHECK(count == (uint64_t)rounds && self == me);
	sigs[me] = sig;
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 20000, 100000000);
	CHECK(!pthread_key_create(&key, at_end));
	run_threads(THREADS, player);
	CHECK(!self && total + count == (uint64_t)THREADS * rounds);
	printf("total %llu, signatures", (unsigned long long)(total + count));
	for (int i = 0; i < THREADS; i++)
		printf(" %016llx", (unsigned long long)sigs[i]);
	printf("\n");
	return 0;
}
