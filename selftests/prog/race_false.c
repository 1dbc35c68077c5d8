// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_false [ROUNDS]: false sharing. Two counters in one cache line, each written by
 * one thread with plain instructions: none of the additions may get lost with the
 * page. Now and then a thread looks at the other's counter: the signature.
 */
#include "race.h"

static struct {
	volatile uint64_t count[2];
} own_line shared;
static uint64_t sig[2];
static int rounds, gate;

static void player(int me)
{
	uint64_t last = 0, seen;

	meet(&gate, 2);
	for (int i = 0; i < rounds; i++) {
		shared.count[me]++;
		if (i % 64)
			continue;
		seen = shared.count[!me];
		CHECK(seen >= last && seen <= (uint64_t)rounds);
		last = seen;
		sig[me] = mix(sig[me], seen);
	}
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 50000, 100000000);
	run_threads(2, player);
	for (int i = 0; i < 2; i++)
		CHECK(shared.count[i] == (uint64_t)rounds);
	printf("%d each, signatures %016llx %016llx\n", rounds,
	       (unsigned long long)sig[0], (unsigned long long)sig[1]);
	return 0;
}
