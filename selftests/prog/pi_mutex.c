// SPDX-License-Identifier: GPL-2.0-only
/* Priority-inheriting mutexes: the kernel writes the owner into the word. */
#include "prog.h"

static pthread_mutex_t lock;
static int order[40], pos;

static void *thread(void *arg)
{
	for (int i = 0; i < 5; i++) {
		pthread_mutex_lock(&lock);
		order[pos++] = (intptr_t)arg;
		if (i & 1)
			sched_yield();
		else
			sleep_ms(1);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

int main(void)
{
	struct timespec ts;
	pthread_mutexattr_t attr;
	pthread_t t[4];

	pthread_mutexattr_init(&attr);
	CHECK(!pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT));
	CHECK(!pthread_mutex_init(&lock, &attr));
	for (long i = 0; i < 4; i++)
		CHECK(!pthread_create(&t[i], NULL, thread, (void *)i));
	for (int i = 0; i < 4; i++)
		CHECK(!pthread_join(t[i], NULL));
	for (int i = 0; i < pos; i++)
		printf("%d ", order[i]);
	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec = 0;
	pthread_mutex_lock(&lock);
	printf("\nagain: %d\n", pthread_mutex_timedlock(&lock, &ts));
	return 0;
}
