// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_pi [ROUNDS]: a priority-inheriting mutex. The kernel reads and writes its
 * word, hands it to a waiter, and user code takes it without the kernel if it is
 * free: all of them race.
 */
#include "race.h"

#define THREADS 4

static pthread_mutex_t lock;
static struct section section;
static uint64_t busy;
static int rounds;

static void player(int me)
{
	for (int i = 0; i < rounds; i++) {
		if (pthread_mutex_trylock(&lock)) {
			CHECK(!pthread_mutex_lock(&lock));
			busy++;
		}
		section_pass(&section, me);
		if (i % 16 == me)
			sched_yield();
		CHECK(!pthread_mutex_unlock(&lock));
	}
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 250, 10000000);
	init_pi(&lock);
	run_threads(THREADS, player);
	printf("busy %llu, ", (unsigned long long)busy);
	section_print(&section, (uint64_t)THREADS * rounds);
	return 0;
}
