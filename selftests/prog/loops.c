// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads in loops whose only state is a counter in memory: a forced switch between
 * them is found again by that word alone. It lies where a hash of its address is
 * that of a part of the stack (rr_record_words()).
 */
#include "prog.h"

#define THREADS	4
#define PASSES	20000000

static uint64_t room[THREADS][4096] __attribute__((aligned(32)));

static unsigned int block_hash(const void *p)
{
	return ((uintptr_t)p & ~31ul) * 0x61c8864680b583ebul >> 54;
}

static uint64_t *pick(uint64_t *from, const char *stack)
{
	for (int i = 0; i < 4096; i += 4)
		for (int at = 0; at < 1024; at += 32)
			if (block_hash(from + i) == block_hash(stack + at))
				return from + i;
	return from;
}

static void *run(void *arg)
{
	register const char *stack asm("rsp");
	uint64_t *counter = pick(arg, stack);

	asm volatile("1: incq (%0); cmpq %1, (%0); jne 1b"
		     : : "b" (counter), "c" (PASSES + 0ul) : "memory", "cc");
	return (void *)*counter;
}

int main(void)
{
	pthread_t thread[THREADS];
	uint64_t sum = 0;
	void *got;

	for (int i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&thread[i], NULL, run, room[i]));
	for (int i = 0; i < THREADS; i++) {
		CHECK(!pthread_join(thread[i], &got));
		sum += (uintptr_t)got;
	}
	printf("%llu\n", (unsigned long long)sum);
	return 0;
}
