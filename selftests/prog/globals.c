// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads that count in variables to which no register points, until they are told
 * to end: a forced switch between them is found again by the variable that the code
 * names.
 */
#include "prog.h"

static volatile uint64_t a, b, c, d;
static volatile int stop;

#define COUNTS(name)			\
static void *count_##name(void *arg)	\
{					\
	while (!stop)			\
		name++;			\
	return arg;			\
}

COUNTS(a)
COUNTS(b)
COUNTS(c)
COUNTS(d)

int main(void)
{
	static void * (*const run[])(void *) = { count_a, count_b, count_c, count_d };
	pthread_t thread[4];

	for (int i = 0; i < 4; i++)
		CHECK(!pthread_create(&thread[i], NULL, run[i], NULL));
	usleep(200000);
	stop = 1;
	for (int i = 0; i < 4; i++)
		CHECK(!pthread_join(thread[i], NULL));
	printf("%llu %llu %llu %llu\n", (unsigned long long)a, (unsigned long long)b,
	       (unsigned long long)c, (unsigned long long)d);
	return 0;
}
