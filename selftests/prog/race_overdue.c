// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_overdue [WORK]: one thread takes a page from another, which computes on for long
 * without any event, on numbers that fill SSE registers only; and so does the first. In a
 * replay it waits until the other has come behind its last use of the page.
 */
#include "race.h"

static int word own_page, gate own_page;
static double result[2] own_page;
static int rounds;

/*
 * In registers only, and each time round with others. It begins with an instruction that is
 * as long as a jump, for it is stopped at such a one; an emulator stops at beginnings.
 */
static double compute(double x)
{
	double y = 1;

	for (int i = 0; i < rounds; i++) {
		asm volatile("movl $0x12345678, %%eax" : : : "eax");
		x += 1 / y;
		y += x * 1e-3;
	}
	return x + y;
}

static void thread(int me)
{
	meet(&gate, 2);
	if (me) {
		spin_until(&word, 1);
		WRITE_ONCE(word, 2);
	} else {
		WRITE_ONCE(word, 1);
	}
	result[me] = compute(me);
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 10000000, 1000000000);
	run_threads(2, thread);
	CHECK(word == 2);
	printf("%a %a\n", result[0], result[1]);
	return 0;
}
