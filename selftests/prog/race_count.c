// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_count [ROUNDS]: a thread waits for work as redis' I/O threads do: it looks so many
 * times, counts, and makes a call if there was none; the other one waits for it without
 * counting. No state recurs, and no instruction in the loop is long.
 */
#include "race.h"

static uint64_t pending own_page, result;
static int rounds;

static void worker(void)
{
	for (int i = 0; i < rounds; ) {
		for (int n = 0; n < 1000000; n++)
			if (__atomic_load_n(&pending, __ATOMIC_ACQUIRE))
				break;
		if (!__atomic_load_n(&pending, __ATOMIC_ACQUIRE)) {
			getppid();
			continue;
		}
		result = mix(result, pending);
		__atomic_store_n(&pending, 0, __ATOMIC_RELEASE);
		i++;
	}
}

static void giver(void)
{
	for (int i = 0; i < rounds; i++) {
		__atomic_store_n(&pending, i + 1, __ATOMIC_RELEASE);
		while (__atomic_load_n(&pending, __ATOMIC_ACQUIRE))
			;
	}
}

static void player(int me)
{
	if (me)
		worker();
	else
		giver();
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 30, 1000000);
	run_threads(2, player);
	printf("result %016llx\n", (unsigned long long)result);
	return 0;
}
