// SPDX-License-Identifier: GPL-2.0-only
/*
 * What FNSTENV leaves on a stack, word by word: the rest of it is written over. On some
 * processors its pointers are of the kernel, and other ones each time.
 */
#include "prog.h"

#define WORDS 7

/* Each environment with one word left of it. */
static noinline void leave_words(void)
{
	volatile uint32_t env[WORDS][WORDS];

	for (int i = 0; i < WORDS; i++) {
		__asm__ volatile("fnstenv %0" : "=m" (env[i]));
		for (int k = 0; k < WORDS; k++)
			if (k != i)
				env[i][k] = i * WORDS + k;
	}
}

int main(void)
{
	for (int i = 0; i < 20; i++) {
		leave_words();
		/* The kernel gives the processor to others, and looks at what was written. */
		usleep(1000);
		printf("%d\n", getppid() > 0);
		fflush(stdout);
	}
	return 0;
}
