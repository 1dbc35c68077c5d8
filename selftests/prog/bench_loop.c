// SPDX-License-Identifier: GPL-2.0-only
/* Computes, 100 million steps: no event but the start and the end. */
#include "prog.h"

int main(void)
{
	uint64_t seed = 1;

	for (int i = 0; i < 400000; i++)
		seed = work(seed);
	return !seed;
}
