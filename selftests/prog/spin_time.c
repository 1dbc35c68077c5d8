// SPDX-License-Identifier: GPL-2.0-only
/* Spins until a clock has moved on: the number of turns is the clock's. */
#include "prog.h"
#include <x86intrin.h>

int main(void)
{
	uint64_t start, n = 0;

	start = now_ns();
	while (now_ns() - start < 1000000)
		n++;
	printf("%llu turns on the vDSO\n", (unsigned long long)n);
	start = __rdtsc();
	for (n = 0; __rdtsc() - start < 1000000; n++)
		;
	printf("%llu turns on RDTSC\n", (unsigned long long)n);
	start = time(NULL);
	for (n = 0; n < 1000 && time(NULL) == (time_t)start; n++)
		sched_yield();
	printf("%llu turns on time\n", (unsigned long long)n);
	return 0;
}
