// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_mixer [ROUNDS [THREADS]]: threads mix one page of memory without a lock, in
 * the manner of "racey". Each round reads what any other may have written, so the
 * signature depends on every change of the order and differs run by run.
 */
#include "race.h"

#define SLOTS 64

static volatile struct {
	uint64_t value;
} own_line slot[SLOTS] own_page;
static uint64_t result[MAX_THREADS];
static int rounds, threads = 2, gate;

static void mixer(int me)
{
	uint64_t x = me + 1;

	meet(&gate, threads);
	for (int i = 0; i < rounds; i++) {
		x = mix(x, slot[x % SLOTS].value);
		slot[x / SLOTS % SLOTS].value = x + me;
	}
	result[me] = x;
}

int main(int argc, char **argv)
{
	uint64_t sig;

	rounds = amount(argc, argv, 100000, 100000000);
	if (argc > 2)
		threads = atoi(argv[2]);
	run_threads(threads, mixer);
	sig = hash((const void *)slot, sizeof(slot));
	for (int i = 0; i < threads; i++)
		sig = mix(sig, result[i]);
	printf("signature %016llx\n", (unsigned long long)sig);
	return 0;
}
