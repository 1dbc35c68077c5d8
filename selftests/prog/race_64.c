// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_64 [ROUNDS]: 64 threads, many more than lanes, want a few mutexes and change
 * a few words by atomic instructions. The order at each mutex is the result.
 */
#include "race.h"

#define LOCKS 4

static struct {
	pthread_mutex_t lock;
	struct section section;
} own_line place[LOCKS];
static uint64_t sum, all, biggest, sig[MAX_THREADS];
static int rounds;

static void keep_biggest(uint64_t v)
{
	uint64_t old = READ_ONCE(biggest);

	while (old < v && !__atomic_compare_exchange_n(&biggest, &old, v, false,
						       __ATOMIC_SEQ_CST,
						       __ATOMIC_SEQ_CST))
		;
}

static void player(int me)
{
	uint64_t old;
	int p;

	for (int i = 0; i < rounds; i++) {
		p = (me + i) % LOCKS;
		pthread_mutex_lock(&place[p].lock);
		section_pass(&place[p].section, me);
		pthread_mutex_unlock(&place[p].lock);
		old = __atomic_fetch_add(&sum, me, __ATOMIC_SEQ_CST);
		sig[me] = mix(sig[me], old);
		__atomic_fetch_or(&all, 1ull << me, __ATOMIC_SEQ_CST);
		keep_biggest(old + me);
	}
}

int main(int argc, char **argv)
{
	uint64_t entries = 0;

	rounds = amount(argc, argv, 20, 1000000);
	for (int i = 0; i < LOCKS; i++)
		CHECK(!pthread_mutex_init(&place[i].lock, NULL));
	run_threads(MAX_THREADS, player);
	for (int i = 0; i < LOCKS; i++) {
		entries += place[i].section.entries;
		section_print(&place[i].section, place[i].section.entries);
	}
	CHECK(entries == (uint64_t)MAX_THREADS * rounds && all == ~0ull);
	CHECK(sum == 63ull * 64 / 2 * rounds && biggest == sum);
	printf("atomics %016llx\n", (unsigned long long)hash(sig, sizeof(sig)));
	return 0;
}
