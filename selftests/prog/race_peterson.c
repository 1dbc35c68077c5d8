// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_peterson [ROUNDS]: Peterson's lock, all in one cache line, with plain stores
 * and an MFENCE: mutual exclusion holds in the recording and the order in a replay.
 */
#include "race.h"

static struct {
	volatile int wants[2], turn;
	struct section section;
} own_line peterson;
static uint64_t conflicts[2];
static int rounds, gate;

static void lock(int me)
{
	peterson.wants[me] = 1;
	peterson.turn = !me;
	asm volatile("mfence" : : : "memory");
	if (!peterson.wants[!me])
		return;
	conflicts[me]++;
	while (peterson.wants[!me] && peterson.turn != me)
		relax();
}

static void unlock(int me)
{
	__atomic_store_n(&peterson.wants[me], 0, __ATOMIC_RELEASE);
}

static void player(int me)
{
	uint64_t seed = me;

	meet(&gate, 2);
	for (int i = 0; i < rounds; i++) {
		/* Or else they would take turns. */
		for (int n = mix(me, i) % 4; n--; )
			seed = work(seed);
		lock(me);
		section_pass(&peterson.section, me);
		unlock(me);
	}
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 1000, 10000000);
	run_threads(2, player);
	printf("conflicts %llu %llu, ", (unsigned long long)conflicts[0],
	       (unsigned long long)conflicts[1]);
	section_print(&peterson.section, 2ull * rounds);
	return 0;
}
