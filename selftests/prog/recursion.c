// SPDX-License-Identifier: GPL-2.0-only
/* The stack grows, in the main thread and in another, and shrinks again. */
#include "prog.h"

static noinline uint64_t deep(int n, uint64_t v)
{
	volatile char frame[500];

	for (size_t i = 0; i < sizeof(frame); i += 100)
		frame[i] = v + i;
	if (!n)
		return v * 3;
	v = deep(n - 1, v + frame[100]);
	return v * 31 + frame[200];
}

static void *thread(void *arg)
{
	return (void *)deep(2000, (uintptr_t)arg);
}

int main(void)
{
	pthread_t t;
	void *ret;

	for (int i = 1; i <= 3; i++)
		printf("%d: %#llx\n", i, (unsigned long long)deep(i * 3000, i));
	CHECK(!pthread_create(&t, NULL, thread, (void *)5));
	CHECK(!pthread_join(t, &ret));
	printf("thread: %p\n", ret);
	return 0;
}
