// SPDX-License-Identifier: GPL-2.0-only
/* 1,000,000 readings of the clock through the vDSO. */
#include "prog.h"

int main(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < 1000000; i++)
		sum += now_ns();
	return !sum;
}
