// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_sem [ROUNDS]: semaphores. Four threads pass one that lets two of them in, and
 * inside it one that lets one in. How many were inside, and in which order they went
 * on, is the result.
 */
#include "race.h"
#include <semaphore.h>

#define THREADS 4

static sem_t two, one;
static struct section section;
static int inside, most;
static uint64_t seen;
static int rounds;

static void player(int me)
{
	int n;

	for (int i = 0; i < rounds; i++) {
		CHECK(!sem_wait(&two));
		n = __atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST);
		CHECK(n >= 1 && n <= 2);
		CHECK(!sem_wait(&one));
		section_pass(&section, me);
		seen = mix(seen, n);
		most = n > most ? n : most;
		CHECK(!sem_post(&one));
		__atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
		CHECK(!sem_post(&two));
	}
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 250, 10000000);
	CHECK(!sem_init(&two, 0, 2) && !sem_init(&one, 0, 1));
	run_threads(THREADS, player);
	printf("at most %d, %016llx, ", most, (unsigned long long)seen);
	section_print(&section, (uint64_t)THREADS * rounds);
	return 0;
}
