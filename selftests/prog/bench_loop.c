// SPDX-License-Identifier: GPL-2.0-only
/*
 * Computes, 400,000 times 256 steps, or as many times as its argument says: no event
 * but the start and the end.
 */
#include "prog.h"

int main(int argc, char **argv)
{
	uint64_t seed = 1;
	long n = argc > 1 ? strtol(argv[1], NULL, 0) : 400000;

	for (long i = 0; i < n; i++)
		seed = work(seed);
	return !seed;
}
