// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_madvise [ROUNDS]: one thread writes a number to some pages and throws most of
 * them away (MADV_DONTNEED), another reads them meanwhile: the number or zero, and
 * never again an earlier number. What it saw is the signature.
 */
#include "race.h"

#define PAGES	4
#define WORDS	(4096 / 8)

static volatile uint64_t *area;
static uint64_t sig, zeros, values;
static int rounds, gate, done;

static void writer(void)
{
	uint64_t seed = 1;

	for (int i = 1; i <= rounds; i++) {
		for (int p = 0; p < PAGES; p++)
			area[p * WORDS] = i;
		for (int n = 0; n < 16; n++)
			seed = work(seed);
		CHECK(!madvise((void *)(area + i % 2 * WORDS), (PAGES - 1) * 4096,
			       MADV_DONTNEED));
		CHECK(!area[WORDS]);
	}
	WRITE_ONCE(done, 1);
}

static void reader(void)
{
	uint64_t seen, now[PAGES] = { 0 }, last[PAGES] = { 0 };

	while (!READ_ONCE(done)) {
		for (int p = 0; p < PAGES; p++) {
			seen = area[p * WORDS];
			if (seen == now[p])
				continue;
			CHECK(!seen || (seen > last[p] && seen <= (uint64_t)rounds));
			sig = mix(sig, seen * PAGES + p);
			zeros += !seen;
			values += !!seen;
			now[p] = seen;
			last[p] = seen ? seen : last[p];
		}
	}
}

static void player(int me)
{
	meet(&gate, 2);
	if (me)
		reader();
	else
		writer();
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 150, 1000000);
	area = map_pages(PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	run_threads(2, player);
	printf("%llu zeros, %llu values, signature %016llx\n",
	       (unsigned long long)zeros, (unsigned long long)values,
	       (unsigned long long)sig);
	return 0;
}
