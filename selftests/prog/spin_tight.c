// SPDX-License-Identifier: GPL-2.0-only
/* The smallest spin loops there are: load and jump, and with PAUSE. */
#include "prog.h"

static volatile int flag[8];

static void *setter(void *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(flag); i += 2) {
		while (!flag[i])
			;
		flag[i + 1] = 1;
	}
	return NULL;
}

int main(void)
{
	pthread_t t;

	CHECK(!pthread_create(&t, NULL, setter, NULL));
	for (size_t i = 0; i < ARRAY_SIZE(flag); i += 2) {
		flag[i] = 1;
		while (!flag[i + 1])
			asm volatile("pause");
		printf("round %zu at %llu\n", i / 2,
		       (unsigned long long)now_ns());
	}
	CHECK(!pthread_join(t, NULL));
	return 0;
}
