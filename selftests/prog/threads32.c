// SPDX-License-Identifier: GPL-2.0-only
/*
 * threads32 [N]: threads with a mutex, a condition, a barrier, a semaphore and
 * a read-write lock; the order in which they got each is the result.
 */
#include "prog.h"
#include <semaphore.h>

static int n = 32, arrived, order[3][64], pos[3];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_barrier_t barrier;
static sem_t sem;

static void first(void)
{
	printf("once at %llu\n", (unsigned long long)now_ns());
}

static void note(int list, int me)
{
	pthread_mutex_lock(&lock);
	order[list][pos[list]++] = me;
	pthread_mutex_unlock(&lock);
}

static void *thread(void *arg)
{
	int me = (intptr_t)arg;

	pthread_once(&once, first);
	note(0, me);
	pthread_mutex_lock(&lock);
	if (++arrived == n)
		pthread_cond_broadcast(&cond);
	while (arrived < n)
		pthread_cond_wait(&cond, &lock);
	pthread_mutex_unlock(&lock);
	sem_wait(&sem);
	note(1, me);
	sem_post(&sem);
	if (me % 4)
		pthread_rwlock_rdlock(&rwlock);
	else
		pthread_rwlock_wrlock(&rwlock);
	sched_yield();
	pthread_rwlock_unlock(&rwlock);
	pthread_barrier_wait(&barrier);
	note(2, me);
	return (void *)(uintptr_t)hash(&me, sizeof(me));
}

int main(int argc, char **argv)
{
	pthread_t t[64];
	void *ret;
	uint64_t sum = 0;

	if (argc > 1)
		n = atoi(argv[1]);
	CHECK(n > 0 && n <= 64);
	CHECK(!pthread_barrier_init(&barrier, NULL, n));
	CHECK(!sem_init(&sem, 0, 3));
	for (long i = 0; i < n; i++)
		CHECK(!pthread_create(&t[i], NULL, thread, (void *)i));
	for (int i = 0; i < n; i++) {
		CHECK(!pthread_join(t[i], &ret));
		sum += (uintptr_t)ret;
	}
	for (int l = 0; l < 3; l++) {
		for (int i = 0; i < n; i++)
			printf("%d ", order[l][i]);
		printf("\n");
	}
	printf("sum %#llx\n", (unsigned long long)sum);
	return 0;
}
