// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench_radix [KEYS]: radix sort by two threads, in the manner of SPLASH-2's radix.
 * For each digit a thread counts the digits of its half of the keys, waits at a
 * barrier, finds from all counts where its keys belong, and moves them there, which
 * is all over the other array: many pages are written by both.
 */
#include "race.h"

#define THREADS		2
#define BITS		8
#define BUCKETS		(1 << BITS)
#define MAX_KEYS	(1 << 24)

static uint32_t keys[2][MAX_KEYS] own_page;
static struct {
	uint32_t count[BUCKETS];
} own_page digits[THREADS];
static pthread_barrier_t barrier;
static int n;

static uint32_t digit(uint32_t key, int shift)
{
	return key >> shift & (BUCKETS - 1);
}

static void count(int me, const uint32_t *from, int first, int last, int shift)
{
	uint32_t *counts = digits[me].count;

	memset(counts, 0, sizeof(digits[me].count));
	for (int i = first; i < last; i++)
		counts[digit(from[i], shift)]++;
}

/* Before mine come all smaller digits, and the same ones of threads before me. */
static void find_places(int me, uint32_t *place)
{
	uint32_t sum = 0;

	for (int d = 0; d < BUCKETS; d++) {
		for (int t = 0; t < THREADS; t++) {
			if (t == me)
				place[d] = sum;
			sum += digits[t].count[d];
		}
	}
	CHECK(sum == (uint32_t)n);
}

static void permute(const uint32_t *from, uint32_t *to, int first, int last,
		    int shift, uint32_t *place)
{
	for (int i = first; i < last; i++)
		to[place[digit(from[i], shift)]++] = from[i];
}

static void player(int me)
{
	int first = (int64_t)n * me / THREADS, last = (int64_t)n * (me + 1) / THREADS;
	uint32_t place[BUCKETS], *from = keys[0], *to = keys[1], *swap;

	for (int shift = 0; shift < 32; shift += BITS) {
		count(me, from, first, last, shift);
		pthread_barrier_wait(&barrier);
		find_places(me, place);
		permute(from, to, first, last, shift, place);
		pthread_barrier_wait(&barrier);
		swap = from;
		from = to;
		to = swap;
	}
}

static uint64_t fill(void)
{
	uint64_t seed = 1, sum = 0;

	for (int i = 0; i < n; i++) {
		seed = mix(seed, i);
		keys[0][i] = seed;
		sum += keys[0][i];
	}
	return sum;
}

int main(int argc, char **argv)
{
	uint64_t sum;

	n = amount(argc, argv, 20000, MAX_KEYS);
	pthread_barrier_init(&barrier, NULL, THREADS);
	sum = fill();
	run_threads(THREADS, player);
	/* An even number of passes: it is where it began. */
	for (int i = 0; i < n; i++) {
		CHECK(!i || keys[0][i - 1] <= keys[0][i]);
		sum -= keys[0][i];
	}
	CHECK(!sum);
	printf("%d keys, checksum %016llx\n", n,
	       (unsigned long long)hash(keys[0], n * sizeof(keys[0][0])));
	return 0;
}
