// SPDX-License-Identifier: GPL-2.0-only
/* The main thread ends first; the last of the others ends the process. */
#include "prog.h"

static void *rest(void *arg)
{
	sleep_ms(10 + 10 * (intptr_t)arg);
	printf("thread %ld tid %d at %llu\n", (long)(intptr_t)arg, gettid(),
	       (unsigned long long)now_ns());
	return NULL;
}

int main(void)
{
	pthread_t t;

	for (long i = 0; i < 3; i++)
		CHECK(!pthread_create(&t, NULL, rest, (void *)i));
	pthread_exit(NULL);
}
