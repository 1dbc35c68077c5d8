// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_pingpong [ROUNDS]: two threads hand a flag, and a message with it, to each
 * other and back. No system call in it: each must get the page while the other
 * spins. How often it was there at the first look is up to the race.
 */
#include "race.h"

static struct {
	int turn;
	uint64_t message;
} own_page ball;
static uint64_t early[2];
static int rounds, gate;

static void player(int me)
{
	meet(&gate, 2);
	for (int i = 0; i < rounds; i++) {
		if (READ_ONCE(ball.turn) == me)
			early[me]++;
		spin_until(&ball.turn, me);
		CHECK((int)(ball.message & 0xffffff) == 2 * i + me);
		ball.message++;
		WRITE_ONCE(ball.turn, !me);
	}
}

int main(int argc, char **argv)
{
	rounds = amount(argc, argv, 2000, 8000000);
	run_threads(2, player);
	CHECK(ball.message == 2ull * rounds);
	printf("%d rounds, at once %llu %llu\n", rounds, (unsigned long long)early[0],
	       (unsigned long long)early[1]);
	return 0;
}
