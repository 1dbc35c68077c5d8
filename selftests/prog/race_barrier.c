// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_barrier [ROUNDS]: a barrier on which threads spin. Nobody gets past it before
 * all have written what belongs before it; who came last, each time, is the
 * signature.
 */
#include "race.h"

#define THREADS 2

static int waiting, generation, gate;
static volatile int at[THREADS];
static uint64_t order;
static int rounds;

static void barrier(int me)
{
	int now = READ_ONCE(generation);

	if (__atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST) < THREADS) {
		while (READ_ONCE(generation) == now)
			relax();
		return;
	}
	order = mix(order, me);
	WRITE_ONCE(waiting, 0);
	WRITE_ONCE(generation, now + 1);
}

static void player(int me)
{
	uint64_t seed = me;

	meet(&gate, THREADS);
	for (int i = 1; i <= rounds; i++) {
		/* Sometimes one has more to do. */
		for (int n = (i + me) % 4; n--; )
			seed = work(seed);
		at[me] = i;
		barrier(me);
		for (int k = 0; k < THREADS; k++)
			CHECK(at[k] == i);
		barrier(me);
	}
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 300, 10000000);
	run_threads(THREADS, player);
	CHECK(generation == 2 * rounds);
	printf("%d rounds, last ones %016llx\n", rounds, (unsigned long long)order);
	return 0;
}
