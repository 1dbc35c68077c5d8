// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_dekker [ROUNDS]: Dekker's lock, each of its variables in a page of its own.
 * It holds only if a store is seen by the other thread before the load behind it:
 * a recorder that lets both use a page at once breaks it.
 */
#include "race.h"

static struct {
	int value;
} own_page wants[2], turn;
static struct section section own_page;
static uint64_t conflicts[2];
static int rounds, gate;

static void lock(int me)
{
	/* Sequentially consistent: an XCHG. */
	WRITE_ONCE(wants[me].value, 1);
	if (READ_ONCE(wants[!me].value))
		conflicts[me]++;
	while (READ_ONCE(wants[!me].value)) {
		if (READ_ONCE(turn.value) == me) {
			relax();
			continue;
		}
		WRITE_ONCE(wants[me].value, 0);
		spin_until(&turn.value, me);
		WRITE_ONCE(wants[me].value, 1);
	}
}

static void unlock(int me)
{
	WRITE_ONCE(turn.value, !me);
	WRITE_ONCE(wants[me].value, 0);
}

static void player(int me)
{
	meet(&gate, 2);
	for (int i = 0; i < rounds; i++) {
		lock(me);
		section_pass(&section, me);
		unlock(me);
	}
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 1000, 10000000);
	run_threads(2, player);
	printf("conflicts %llu %llu, ", (unsigned long long)conflicts[0],
	       (unsigned long long)conflicts[1]);
	section_print(&section, 2ull * rounds);
	return 0;
}
