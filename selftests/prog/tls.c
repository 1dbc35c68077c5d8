// SPDX-License-Identifier: GPL-2.0-only
/* Thread-local storage, keys with destructors, per-thread errno. */
#include "prog.h"

static __thread int counter = 7;
static __thread char big[20000];
static pthread_key_t key;

static void destroy(void *v)
{
	printf("destroyed %ld, counter %d\n", (long)(intptr_t)v, counter);
}

static void *thread(void *arg)
{
	long me = (intptr_t)arg;

	pthread_setspecific(key, (void *)me);
	for (int i = 0; i < 50; i++) {
		counter += me;
		big[i * 300] += me;
		errno = me * 100 + i;
		sched_yield();
		CHECK(errno == me * 100 + i);
	}
	printf("thread %ld counter %d at %p sum %#llx\n", me, counter,
	       &counter, (unsigned long long)hash(big, sizeof(big)));
	return NULL;
}

int main(void)
{
	pthread_t t[6];

	CHECK(!pthread_key_create(&key, destroy));
	for (long i = 0; i < 6; i++)
		CHECK(!pthread_create(&t[i], NULL, thread, (void *)(i + 1)));
	for (int i = 0; i < 6; i++)
		pthread_join(t[i], NULL);
	printf("main counter %d\n", counter);
	return 0;
}
