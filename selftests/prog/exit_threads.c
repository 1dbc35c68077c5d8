// SPDX-License-Identifier: GPL-2.0-only
/* Ends (status 42) while threads compute, sleep, and wait for a lock. */
#include "prog.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile uint64_t sink[2];
static int started;

static void *computer(void *arg)
{
	volatile uint64_t *s = arg;

	__atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
	for (;;)
		*s = work(*s) + 1;
	return NULL;
}

static void *sleeper(void *arg)
{
	__atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
	sleep_ms(100000);
	return NULL;
}

static void *locker(void *arg)
{
	__atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
	pthread_mutex_lock(&lock);
	return NULL;
}

int main(void)
{
	pthread_t t;

	pthread_mutex_lock(&lock);
	CHECK(!pthread_create(&t, NULL, computer, (void *)&sink[0]));
	CHECK(!pthread_create(&t, NULL, computer, (void *)&sink[1]));
	CHECK(!pthread_create(&t, NULL, sleeper, NULL));
	CHECK(!pthread_create(&t, NULL, locker, NULL));
	while (READ_ONCE(started) < 4)
		sleep_ms(1);
	sleep_ms(20);
	printf("computed %#llx %#llx\n", (unsigned long long)sink[0],
	       (unsigned long long)sink[1]);
	return 42;
}
