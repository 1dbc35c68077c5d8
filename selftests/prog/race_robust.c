// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_robust [ROUNDS]: of three threads that take a robust mutex one ends with it.
 * The kernel says so in the word, in memory that the others look at; whoever is next
 * gets EOWNERDEAD, finds what the dead one left half done and repairs it.
 */
#include "race.h"

#define THREADS 3

static pthread_mutex_t lock;
static struct section section;
static volatile int half_done;
static int recovered;
static uint64_t by_whom;

static void take(int me)
{
	int ret = pthread_mutex_lock(&lock);

	CHECK(!ret || ret == EOWNERDEAD);
	CHECK(half_done == (ret == EOWNERDEAD));
	if (!ret)
		return;
	half_done = 0;
	recovered++;
	by_whom = mix(by_whom, me);
	CHECK(!pthread_mutex_consistent(&lock));
}

static void *thread(void *arg)
{
	int me = (intptr_t)arg;

	for (int i = 0; i < 3; i++) {
		take(me);
		section_pass(&section, me);
		if (!me && i == 1) {
			half_done = 1;
			return NULL;
		}
		CHECK(!pthread_mutex_unlock(&lock));
	}
	return NULL;
}

int main(int argc, char **argv)
{
	int rounds = amount(argc, argv, 30, 100000);
	pthread_mutexattr_t attr;
	pthread_t t[THREADS];

	pthread_mutexattr_init(&attr);
	CHECK(!pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST));
	CHECK(!pthread_mutex_init(&lock, &attr));
	for (int r = 0; r < rounds; r++) {
		for (long i = 0; i < THREADS; i++)
			CHECK(!pthread_create(&t[i], NULL, thread, (void *)i));
		for (int i = 0; i < THREADS; i++)
			CHECK(!pthread_join(t[i], NULL));
		take(THREADS);
		CHECK(!pthread_mutex_unlock(&lock) && recovered == r + 1);
	}
	printf("%d recovered, by %016llx, ", recovered, (unsigned long long)by_whom);
	section_print(&section, (3 * THREADS - 1ull) * rounds);
	return 0;
}
