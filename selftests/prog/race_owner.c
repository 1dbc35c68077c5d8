// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_owner [ROUNDS]: a thread that computes in its pages and never enters the
 * kernel, so nothing makes it give them up; others read them and change one word in
 * each, until one of them raises a flag. What they found is the signature.
 */
#include "race.h"

#define PAGES	4
#define THREADS	3

static struct {
	uint64_t count, mark;
	volatile uint64_t data[64];
} own_page page[PAGES];
static int flag own_page;
static int rounds, begun, gone;
static uint64_t sig[THREADS], steps;

static void owner(int me)
{
	uint64_t seed = 1;
	int p = 0;

	WRITE_ONCE(begun, 1);
	while (!READ_ONCE(flag)) {
		seed = work(seed);
		page[p].data[seed % 64] = seed;
		WRITE_ONCE(page[p].count, page[p].count + 1);
		p = (p + 1) % PAGES;
		steps++;
	}
	sig[me] = seed;
}

static void visitor(int me)
{
	uint64_t last[PAGES] = { 0 }, seen;
	int p;

	while (!READ_ONCE(begun))
		sched_yield();
	for (int i = 0; i < rounds; i++) {
		p = i % PAGES;
		seen = READ_ONCE(page[p].count);
		CHECK(seen >= last[p]);
		last[p] = seen;
		sig[me] = mix(sig[me], seen ^ page[p].data[i % 64]);
		__atomic_fetch_add(&page[p].mark, 1, __ATOMIC_SEQ_CST);
		sched_yield();
	}
	/* The last to go tells it to stop. */
	if (__atomic_add_fetch(&gone, 1, __ATOMIC_SEQ_CST) == THREADS - 1)
		WRITE_ONCE(flag, 1);
}

static void player(int me)
{
	if (me == 1)
		owner(me);
	else
		visitor(me);
}

int main(int argc, char **argv)
{
	uint64_t marks = 0, counts = 0;

	rounds = amount(argc, argv, 100, 1000000);
	run_threads(THREADS, player);
	for (int p = 0; p < PAGES; p++) {
		marks += page[p].mark;
		counts += page[p].count;
	}
	/* Nothing that was written got lost with a page. */
	CHECK(counts == steps && marks == (THREADS - 1ull) * rounds);
	printf("signatures %016llx %016llx %016llx, pages %016llx\n",
	       (unsigned long long)sig[0], (unsigned long long)sig[1],
	       (unsigned long long)sig[2],
	       (unsigned long long)hash((const void *)page, sizeof(page)));
	return 0;
}
