// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_split [ROUNDS]: a thread stores 16 bytes over the border of two pages, another
 * reads the first page and writes to the second. Under emulation the store's first
 * half may be made, and seen, when its second half has yet to get its page.
 */
#include "race.h"

static struct {
	uint64_t first[511];
	volatile uint64_t low;
	volatile uint64_t high;
	volatile uint64_t count;
} own_page pages;
static uint64_t sig;
static int rounds, gate, done;

static void store(uint64_t value)
{
	uint64_t both[2] __attribute__((aligned(16))) = { value, value };

	asm volatile("movdqa %1, %%xmm0\n\tmovdqu %%xmm0, %0"
		     : "=m" (*(uint64_t (*)[2])&pages.low) : "m" (both) : "xmm0");
}

static void player(int me)
{
	volatile uint64_t *count = &pages.count;
	uint64_t low, seen = 0;

	meet(&gate, 2);
	for (int i = 1; !me && i <= rounds; i++)
		store(i);
	if (!me)
		WRITE_ONCE(done, 1);
	while (me && !READ_ONCE(done)) {
		/* A register points to what tells the passages apart. */
		asm volatile("" : "+r" (count));
		(*count)++;
		low = pages.low;
		CHECK(low >= seen && low <= (uint64_t)rounds);
		if (low != seen)
			sig = mix(mix(sig, low), pages.high);
		seen = low;
	}
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 100000, 100000000);
	run_threads(2, player);
	CHECK(pages.low == (uint64_t)rounds && pages.high == (uint64_t)rounds);
	printf("%d stores, signature %016llx\n", rounds, (unsigned long long)sig);
	return 0;
}
