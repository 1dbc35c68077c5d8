// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_rwlock [ROUNDS]: threads read and write a pair under a read-write lock. What
 * each of them read, and the order of the writers, is the signature.
 */
#include "race.h"

#define THREADS 4

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static struct section section;
static volatile uint64_t a, b;
static uint64_t sig[THREADS];
static int rounds;

static void write_pair(int me)
{
	CHECK(!pthread_rwlock_wrlock(&lock));
	a = a + 1;
	section_pass(&section, me);
	b = b + 1;
	CHECK(!pthread_rwlock_unlock(&lock));
}

static void read_pair(int me)
{
	uint64_t seen;

	CHECK(!pthread_rwlock_rdlock(&lock));
	seen = a;
	sig[me] = work(mix(sig[me], seen));
	CHECK(b == seen && !section.owner);
	CHECK(!pthread_rwlock_unlock(&lock));
}

static void player(int me)
{
	for (int i = 0; i < rounds; i++) {
		if (i % THREADS == me)
			write_pair(me);
		else
			read_pair(me);
	}
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 400, 10000000) / THREADS * THREADS;
	run_threads(THREADS, player);
	for (int i = 0; i < THREADS; i++)
		printf("%016llx ", (unsigned long long)sig[i]);
	section_print(&section, rounds);
	return 0;
}
