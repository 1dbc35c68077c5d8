// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_cond [ITEMS]: two producers and two consumers with a mutex and two condition
 * variables. Each item arrives once; who got which, and how often one had to wait,
 * is the result.
 */
#include "race.h"

#define SIZE 8

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER;
static uint64_t ring[SIZE], order, sum, waits;
static int items, put, taken;

static void produce(int me)
{
	uint64_t seed = me;

	for (int i = 1; i <= items; i++) {
		seed = work(seed);
		pthread_mutex_lock(&lock);
		while (put - taken == SIZE) {
			waits++;
			pthread_cond_wait(&not_full, &lock);
		}
		ring[put++ % SIZE] = 2 * i + me;
		pthread_cond_signal(&not_empty);
		pthread_mutex_unlock(&lock);
	}
}

/* Returns false once all is consumed. */
static bool consume_one(int me)
{
	uint64_t item = 0;

	pthread_mutex_lock(&lock);
	while (put == taken && taken < 2 * items) {
		waits++;
		pthread_cond_wait(&not_empty, &lock);
	}
	if (taken < 2 * items) {
		item = ring[taken++ % SIZE];
		sum += item;
		order = mix(order, 2 * item + me);
		pthread_cond_signal(&not_full);
	}
	if (taken == 2 * items)
		pthread_cond_broadcast(&not_empty);
	pthread_mutex_unlock(&lock);
	return item;
}

static void player(int me)
{
	if (me < 2) {
		produce(me);
		return;
	}
	while (consume_one(me % 2))
		;
}

int main(int argc, char **argv)
{
	uint64_t n;

	n = items = amount(argc, argv, 500, 10000000);
	run_threads(4, player);
	CHECK(put == taken && sum == 2 * n * (n + 1) + n);
	printf("%d items, %llu waits, order %016llx\n", taken,
	       (unsigned long long)waits, (unsigned long long)order);
	return 0;
}
