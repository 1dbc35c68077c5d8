// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_seqlock [ROUNDS]: one thread writes a pair, another reads it and tries again
 * if it was written meanwhile. The pair is in two pages: what is seen in one must
 * fit what is seen in the other. Which values the reader gets is the signature.
 */
#include "race.h"

static struct {
	uint64_t value;
	unsigned int seq;
} own_page first, second;
static uint64_t sig, retries, different;
static int rounds, gate;

static void write_pair(uint64_t v)
{
	__atomic_store_n(&first.seq, first.seq + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	__atomic_store_n(&first.value, v, __ATOMIC_RELAXED);
	__atomic_store_n(&second.value, ~v, __ATOMIC_RELAXED);
	__atomic_store_n(&first.seq, first.seq + 1, __ATOMIC_RELEASE);
}

static bool try_read(uint64_t *a, uint64_t *b)
{
	unsigned int seq;

	while ((seq = __atomic_load_n(&first.seq, __ATOMIC_ACQUIRE)) & 1)
		relax();
	*b = __atomic_load_n(&second.value, __ATOMIC_RELAXED);
	*a = __atomic_load_n(&first.value, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&first.seq, __ATOMIC_RELAXED) == seq;
}

static void writer(void)
{
	uint64_t seed = 1;

	for (int i = 1; i <= rounds; i++) {
		write_pair(i);
		seed = work(seed);
	}
}

static void reader(void)
{
	uint64_t a, b, last = 0;

	for (int i = 0; i < rounds; i++) {
		while (!try_read(&a, &b))
			retries++;
		CHECK(a == ~b && a >= last);
		different += a != last;
		last = a;
		sig = work(mix(sig, a));
	}
}

static void player(int me)
{
	meet(&gate, 2);
	if (me)
		writer();
	else
		reader();
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 5000, 10000000);
	second.value = ~0ull;
	run_threads(2, player);
	CHECK(first.value == (uint64_t)rounds && first.seq == 2u * rounds);
	printf("%llu values, %llu retries, signature %016llx\n",
	       (unsigned long long)different, (unsigned long long)retries,
	       (unsigned long long)sig);
	return 0;
}
