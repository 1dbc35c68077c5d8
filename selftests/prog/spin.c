// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two threads wait for each other by spinning: nobody enters the kernel, so a
 * recorder that runs one thread at a time must take the CPU away by force.
 */
#include "prog.h"

#define ROUNDS 20

static volatile int turn;
static uint64_t spins[2];

static void *player(void *arg)
{
	int me = (intptr_t)arg;
	uint64_t seed = me;

	for (int i = 0; i < ROUNDS; i++) {
		while (turn != me) {
			seed = work(seed);
			spins[me]++;
		}
		turn = !me;
	}
	return (void *)seed;
}

int main(void)
{
	pthread_t t;
	void *a, *b;

	CHECK(!pthread_create(&t, NULL, player, (void *)1));
	a = player((void *)0);
	CHECK(!pthread_join(t, &b));
	printf("spins %llu %llu, seeds %p %p, turn %d\n",
	       (unsigned long long)spins[0], (unsigned long long)spins[1], a, b,
	       turn);
	return 0;
}
