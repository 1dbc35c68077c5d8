// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_disjoint [PASSES]: two threads compute, each on 2 MB of its own, which no
 * other touches until both are done. Its result is always the same; it should take
 * half the time of one thread.
 */
#include "race.h"

#define WORDS (2 << 20 >> 3)

static uint64_t memory[2][WORDS] own_page;
static uint64_t sum[2];
static int passes, gate;

static uint64_t add_up(const uint64_t *m)
{
	uint64_t s = 0;

	for (int i = 0; i < WORDS; i++)
		s = s * 31 + m[i];
	return s;
}

static void player(int me)
{
	uint64_t *m = memory[me], x = me + 1;

	meet(&gate, 2);
	for (int p = 0; p < passes; p++) {
		for (int i = 0; i < WORDS; i++) {
			x = mix(x, m[i] + i);
			m[i] = x;
		}
	}
	sum[me] = add_up(m);
}

int main(int argc, char **argv)
{
	passes = amount(argc, argv, 4, 1000000);
	run_threads(2, player);
	for (int i = 0; i < 2; i++)
		CHECK(add_up(memory[i]) == sum[i]);
	printf("sums %016llx %016llx\n", (unsigned long long)sum[0],
	       (unsigned long long)sum[1]);
	return 0;
}
