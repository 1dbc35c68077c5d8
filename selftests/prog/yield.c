// SPDX-License-Identifier: GPL-2.0-only
/* Threads that wait with sched_yield(), and with membarrier in between. */
#include "prog.h"
#include <linux/membarrier.h>

static volatile int turn;
static uint64_t yields[3];

static void *player(void *arg)
{
	int me = (intptr_t)arg;

	for (int i = 0; i < 15; i++) {
		while (turn % 3 != me) {
			sched_yield();
			yields[me]++;
		}
		syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
		turn++;
	}
	return NULL;
}

int main(void)
{
	pthread_t t[3];

	syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
	for (long i = 0; i < 3; i++)
		CHECK(!pthread_create(&t[i], NULL, player, (void *)i));
	for (int i = 0; i < 3; i++)
		CHECK(!pthread_join(t[i], NULL));
	printf("turns %d, yields %llu %llu %llu\n", turn,
	       (unsigned long long)yields[0], (unsigned long long)yields[1],
	       (unsigned long long)yields[2]);
	return 0;
}
